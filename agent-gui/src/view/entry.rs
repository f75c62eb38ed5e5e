//! Server and code.

use beckon_desk::theme::space;
use beckon_desk::widgets::{self, Tone};
use beckon_protocol::InvitationLink;
use egui::{Event, Ui};

use crate::input::User;
use crate::model::{Entry, Now, WhyNot};
use crate::text;

pub(super) fn draw(ui: &mut Ui, entry: &Entry, now: Now, done: &mut Vec<User>) {
    ui.spacing_mut().item_spacing.y = space::M;
    take_pasted_link(ui, done);
    widgets::heading(ui, text::ENTRY);
    widgets::body(ui, text::ENTRY_HOW);
    ui.add_enabled_ui(entry.joining.is_none(), |ui| fields(ui, entry, done));
    let ready = entry.ready(now);
    match (&ready, &entry.problem) {
        (Err(WhyNot::Wait(left)), _) => {
            widgets::banner(ui, Tone::Warning, &text::wait(*left));
        }
        (Err(WhyNot::Wrong(why)), _) => {
            widgets::banner(ui, Tone::Problem, why);
        }
        (_, Some(problem)) => {
            widgets::banner(ui, Tone::Problem, problem);
        }
        (_, None) => {
            if let Some(ticket) = &entry.ticket {
                attempts(ui, entry, ticket.attempts_left);
            }
        }
    }
    if let Some(joining) = &entry.joining {
        widgets::body(ui, &text::reaching(&joining.server.to_string()));
        widgets::buttons(ui, |ui| {
            if widgets::plain(ui, text::CANCEL, true).clicked() {
                done.push(User::Cancels);
            }
        });
        return;
    }
    if let Some(server) = entry.address() {
        widgets::body(ui, &text::connecting_to(&server.to_string()));
    }
    widgets::buttons(ui, |ui| {
        if widgets::primary(ui, text::START, ready.is_ok()).clicked() {
            done.push(User::Starts);
        }
    });
    widgets::muted(ui, text::ENTRY_WARNING);
}

fn attempts(ui: &mut Ui, entry: &Entry, left: u32) {
    if entry.is_refused() {
        widgets::banner(ui, Tone::Problem, &text::wrong_code(left));
    } else {
        widgets::muted(ui, &text::attempts_left(left));
    }
}

fn fields(ui: &mut Ui, entry: &Entry, done: &mut Vec<User>) {
    let (mut server, mut code) = (entry.server.clone(), entry.code.clone());
    widgets::field(ui, text::SERVER, &mut server, text::SERVER_HINT);
    widgets::code_field(ui, text::CODE, &mut code);
    if server != entry.server {
        done.push(User::TypesServer(server));
    }
    if code != entry.code {
        done.push(User::TypesCode(code));
    }
}

/// A link fills both fields, wherever it is pasted.
fn take_pasted_link(ui: &Ui, done: &mut Vec<User>) {
    ui.ctx().input_mut(|input| {
        input.events.retain(|event| match event {
            Event::Paste(pasted) if pasted.parse::<InvitationLink>().is_ok() => {
                done.push(User::TypesServer(pasted.clone()));
                false
            }
            _ => true,
        });
    });
}

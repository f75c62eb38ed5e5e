//! The question: who asks, and for what.

use beckon_desk::theme::space;
use beckon_desk::widgets::{self, Tone};
use egui::Ui;

use super::end_session;
use crate::input::User;
use crate::model::{Dialog, Now, Request, Session};
use crate::text;

pub(super) fn draw(
    ui: &mut Ui,
    session: &Session,
    request: &Request,
    now: Now,
    done: &mut Vec<User>,
) {
    let Some(dialog) = &request.dialog else { return };
    ui.spacing_mut().item_spacing.y = space::M;
    let ready = dialog.is_armed(now) && session.online;
    if dialog.continues {
        widgets::heading(ui, &text::continue_with(&dialog.who.name));
        widgets::body(ui, &text::helps(&dialog.who.name, &dialog.who.company));
        widgets::body(ui, &text::as_before(dialog.ticked));
    } else {
        widgets::heading(ui, &text::asks(&dialog.who.name, &dialog.who.company));
        widgets::banner(ui, Tone::Warning, text::APPROVE_WARNING);
        widgets::body(ui, text::TICK_WHAT);
        ticks(ui, request, dialog, done);
    }
    let yes = if dialog.continues { text::CONTINUE_WITH } else { text::APPROVE };
    widgets::buttons(ui, |ui| {
        if widgets::primary(ui, yes, ready).clicked() {
            done.push(User::Approves);
        }
        if widgets::plain(ui, text::REJECT, true).clicked() {
            done.push(User::Rejects);
        }
    });
    widgets::muted(ui, &text::lapses_in(request.lapses.saturating_sub(now.up)));
    ui.add_space(space::M);
    end_session(ui, done);
}

fn ticks(ui: &mut Ui, request: &Request, dialog: &Dialog, done: &mut Vec<User>) {
    for action in request.actions.iter() {
        let mut ticked = dialog.ticked.contains(action);
        if ui.checkbox(&mut ticked, text::action(action)).changed() {
            done.push(User::Ticks(action));
        }
    }
}

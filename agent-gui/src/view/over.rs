//! The last page.

use beckon_desk::theme::space;
use beckon_desk::widgets::{self, Tone};
use egui::Ui;
use time::UtcOffset;

use crate::input::User;
use crate::model::{How, Over, Removal, Told};
use crate::text;

pub(super) fn draw(ui: &mut Ui, over: &Over, zone: UtcOffset, done: &mut Vec<User>) {
    ui.spacing_mut().item_spacing.y = space::S;
    match over.how {
        How::Ended { by, why } => {
            widgets::heading(ui, text::ENDED);
            widgets::body(ui, text::ended_by(by, why));
        }
        How::Expired => {
            widgets::heading(ui, text::EXPIRED);
            widgets::body(ui, text::EXPIRED_NEXT);
        }
    }
    if let Some(who) = &over.helper {
        widgets::body(ui, &text::helped(&who.name, &who.company));
    }
    if let Some(began) = over.began {
        widgets::body(ui, &text::lasted(began, over.ended, zone));
    }
    widgets::body(ui, &text::used(over.used));
    ui.separator();
    if let Some(removal) = &over.removal {
        removed(ui, removal);
    }
    match over.told {
        Told::Trying(_) => widgets::muted(ui, text::TELLING),
        Told::Yes => widgets::muted(ui, text::TOLD),
        Told::No => widgets::banner(ui, Tone::Warning, text::NOT_TOLD),
    };
    widgets::buttons(ui, |ui| {
        if widgets::primary(ui, text::CLOSE, !over.leaving).clicked() {
            done.push(User::Closes);
        }
    });
}

fn removed(ui: &mut Ui, removal: &Removal) {
    if !removal.removed.is_empty() {
        widgets::body(ui, text::REMOVED);
        paths(ui, &removal.removed);
    }
    if !removal.left.is_empty() {
        widgets::body(ui, text::LEFT);
        paths(ui, &removal.left);
    } else if !removal.program_stays {
        widgets::body(ui, text::NOTHING_LEFT);
    }
    if removal.program_stays {
        widgets::body(ui, text::PROGRAM_STAYS);
    }
}

fn paths(ui: &mut Ui, paths: &[String]) {
    for path in paths {
        widgets::muted(ui, path);
    }
}

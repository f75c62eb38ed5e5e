//! The last page.

use beckon_desk::theme::space;
use beckon_desk::widgets::{self, Tone};
use beckon_events::Committed;
use egui::Ui;
use time::UtcOffset;

use crate::input::User;
use crate::model::{Fate, How, Keepsake, Over, Removal, Saved, Told};
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
    match (over.told, &over.refused) {
        (Told::Trying, _) => widgets::muted(ui, text::TELLING),
        (Told::Yes, _) => widgets::muted(ui, text::TOLD),
        (Told::No, Some(why)) => widgets::banner(ui, Tone::Warning, &text::not_recorded(why)),
        (Told::No, None) => widgets::banner(ui, Tone::Warning, text::NOT_TOLD),
    };
    let save = keepsake(ui, over);
    widgets::buttons(ui, |ui| {
        if let Some(save) = save
            && widgets::primary(ui, save, !over.leaving).clicked()
        {
            done.push(User::SavesReceipt);
        }
        let close = if save.is_some() { widgets::plain } else { widgets::primary };
        if close(ui, text::CLOSE, !over.leaving).clicked() {
            done.push(User::Closes);
        }
    });
}

/// What there is to keep, and the words of the button that keeps it.
fn keepsake(ui: &mut Ui, over: &Over) -> Option<&'static str> {
    let save = match &over.keepsake {
        Keepsake::Awaited => {
            if over.told == Told::Yes {
                widgets::muted(ui, text::RECEIPT_AWAITED);
            }
            None
        }
        Keepsake::Missing => {
            widgets::muted(ui, text::NO_RECEIPT);
            None
        }
        Keepsake::Receipt { .. } => {
            widgets::body(ui, &text::receipt(&over.company));
            Some(text::SAVE_RECEIPT)
        }
        Keepsake::Wrong { note, .. } => {
            widgets::banner(ui, Tone::Problem, &text::wrong_receipt(note));
            Some(text::SAVE_NOTE)
        }
    };
    match &over.saved {
        Saved::NotYet => save,
        Saved::At(path) => {
            widgets::banner(ui, Tone::Good, &text::saved(path));
            None
        }
        Saved::Failed(why) => {
            widgets::banner(ui, Tone::Warning, &text::not_saved(why));
            save
        }
    }
}

fn removed(ui: &mut Ui, removal: &Removal) {
    if !removal.removed.is_empty() {
        widgets::body(ui, text::REMOVED);
        paths(ui, &removal.removed);
    }
    if !removal.left.is_empty() {
        widgets::body(ui, text::LEFT);
        paths(ui, &removal.left);
    }
    let is_all = removal.left.is_empty();
    let lines: &[&str] = match removal.program {
        Fate::Gone if is_all => &[text::NOTHING_LEFT],
        Fate::Gone => &[],
        Fate::GoesAtClose if is_all => &[text::PROGRAM_GOES, text::THEN_NOTHING_LEFT],
        Fate::GoesAtClose => &[text::PROGRAM_GOES],
        Fate::Stays => &[text::PROGRAM_STAYS],
    };
    for line in lines {
        widgets::body(ui, line);
    }
}

fn paths(ui: &mut Ui, paths: &[Committed]) {
    for path in paths {
        widgets::muted(ui, &path.value);
    }
}

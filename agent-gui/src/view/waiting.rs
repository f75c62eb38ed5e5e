//! Joined: nobody is connected yet.

use beckon_desk::theme::space;
use beckon_desk::widgets::{self, Tone};
use egui::Ui;

use super::{end_session, tick};
use crate::input::User;
use crate::model::{Phase, Session};
use crate::text;

pub(super) fn draw(ui: &mut Ui, session: &Session, done: &mut Vec<User>) {
    ui.spacing_mut().item_spacing.y = space::M;
    if session.online {
        ui.horizontal(|ui| {
            tick(ui);
            widgets::heading(ui, &text::ready(&session.company));
        });
        widgets::body(ui, text::READY_SAFE);
    } else {
        widgets::heading(ui, text::RECONNECTING);
        widgets::body(ui, text::RECONNECTING_SAFE);
    }
    match &session.phase {
        Phase::Asked(_) => {
            widgets::banner(ui, Tone::Plain, text::SOMEBODY_COMES);
        }
        Phase::Recording(_) => {
            widgets::banner(ui, Tone::Plain, text::RECORDING);
        }
        Phase::Ready | Phase::Active(_) => {}
    }
    if let Some(notice) = &session.notice {
        widgets::banner(ui, Tone::Plain, notice);
    }
    ui.add_space(space::M);
    end_session(ui, done);
}

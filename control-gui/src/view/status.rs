//! What is known of the connection and of the picture.

use std::time::Duration;

use beckon_desk::theme::Palette;
use beckon_desk::widgets;
use egui::{RichText, Ui};

use crate::model::{Active, Session, Tunnel};
use crate::text;

/// Up to this age a picture counts as live: what changes comes at once, what does not is asked
/// for every second.
const LIVE: Duration = Duration::from_millis(1_500);
/// From so long on it is worth saying that the picture is on its way.
const LOADING: Duration = Duration::from_secs(1);

pub(super) fn show(ui: &mut Ui, session: &Session, active: &Active, now: Duration) {
    ui.horizontal_wrapped(|ui| {
        if session.tunnel == Tunnel::Up {
            widgets::muted(ui, text::ENCRYPTED).on_hover_text(text::ENCRYPTED_HOVER);
        } else {
            widgets::muted(ui, text::NOT_ENCRYPTED);
        }
        if let Some(latency) = active.latency {
            widgets::muted(ui, &text::latency(latency)).on_hover_text(text::LATENCY_HOVER);
        }
        picture(ui, session, active, now);
        widgets::muted(ui, &text::device(&session.door.device));
    });
}

fn picture(ui: &mut Ui, session: &Session, active: &Active, now: Duration) {
    let Some(known_at) = active.freshness.known_at.filter(|_| !active.paused) else { return };
    let age = now.saturating_sub(known_at);
    let shows = session.tunnel == Tunnel::Up && active.viewing && active.lost.is_none();
    let palette = Palette::of(ui);
    let loading = active.freshness.loading_since.map(|since| now.saturating_sub(since));
    let (color, words) = if shows && loading.is_some_and(|loading| loading >= LOADING) {
        (palette.muted, text::LOADING.to_owned())
    } else if shows && age < LIVE {
        (palette.good, text::LIVE.to_owned())
    } else {
        (palette.muted, text::picture_age(age))
    };
    let words = RichText::new(words).color(color).size(beckon_desk::theme::SMALL);
    ui.label(words).on_hover_text(text::PICTURE_AGE_HOVER);
}

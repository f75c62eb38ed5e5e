//! What the operator is told while the session goes on.

use std::time::Duration;

use beckon_desk::widgets::{self, Tone};
use egui::{Frame, Margin, Ui};

use crate::model::{Active, LineState, Model, Session, Tunnel};
use crate::text;

pub(super) fn show(ui: &mut Ui, model: &Model, both: (&Session, &Active), now: Duration) {
    for (tone, words) in all(model, both, now) {
        widgets::banner(ui, tone, &words);
    }
}

/// A few words that stay in sight and cover little.
pub(super) fn reminder(ui: &mut Ui, words: &str) {
    let small = Frame::popup(ui.style()).inner_margin(Margin::symmetric(12, 4));
    ui.vertical_centered(|ui| small.show(ui, |ui| widgets::muted(ui, words)));
}

/// Every banner, from above.
pub(super) fn all(
    model: &Model,
    (session, active): (&Session, &Active),
    now: Duration,
) -> Vec<(Tone, String)> {
    let mut all = Vec::new();
    let mut say = |tone, words: &str| all.push((tone, words.to_owned()));
    if model.ending.is_some() {
        say(Tone::Plain, text::ENDING);
    }
    if let LineState::Down { why, again_at } = &model.line {
        let again_in = again_at.saturating_sub(now);
        say(Tone::Warning, &text::line_down(why, again_in));
    } else if session.agent_lost {
        say(Tone::Warning, text::RECONNECTING_AGENT);
    } else if session.tunnel != Tunnel::Up {
        say(Tone::Warning, text::RECONNECTING);
    }
    if active.paused {
        say(Tone::Warning, text::PAUSED);
    } else if let Some(why) = active.lost {
        say(Tone::Warning, text::lost(why));
    }
    if model.owes_proof() && model.line == LineState::Up {
        say(Tone::Plain, text::CHECKING_LOG);
    }
    if let Some((notice, _)) = &active.notice {
        say(Tone::Plain, &text::notice(notice));
    }
    all
}

//! The screens before and after a session.

use std::time::Duration;

use beckon_desk::theme::space;
use beckon_desk::widgets::{self, Tone};
use beckon_protocol::LaunchLink;
use egui::Ui;

use crate::input::{Input, Wish};
use crate::model::{Answer, Asking, Keepsake, LineState, Model, Over};
use crate::text;

pub(super) fn start(ui: &mut Ui, inputs: &mut Vec<Input>) {
    widgets::page(ui, |ui| {
        widgets::heading(ui, text::START_HEADING);
        widgets::body(ui, text::START);
        ui.add_space(space::L);
        close_button(ui, inputs);
    });
}

pub(super) fn trust(ui: &mut Ui, link: &LaunchLink, inputs: &mut Vec<Input>) {
    widgets::page(ui, |ui| {
        widgets::heading(ui, text::TRUST_HEADING);
        widgets::code(ui, &link.server().to_string());
        widgets::body(ui, &text::trust(&link.server().to_string()));
        ui.add_space(space::L);
        widgets::buttons(ui, |ui| {
            if widgets::primary(ui, text::TRUST, true).clicked() {
                inputs.push(Input::Trust);
            }
            if widgets::plain(ui, text::DO_NOT_TRUST, true).clicked() {
                inputs.push(Input::DoNotTrust);
            }
        });
    });
}

pub(super) fn opening(ui: &mut Ui, model: &Model, now: Duration, inputs: &mut Vec<Input>) {
    widgets::page(ui, |ui| {
        let server = model.server.as_ref().map(ToString::to_string).unwrap_or_default();
        widgets::heading(ui, &text::opening(&server));
        if model.proving.is_some() {
            widgets::body(ui, text::CHECKING_LOG);
        }
        line_banner(ui, model, now);
        ui.add_space(space::L);
        if widgets::plain(ui, text::CANCEL, true).clicked() {
            inputs.push(Input::Cancel);
        }
    });
}

pub(super) fn asking(
    ui: &mut Ui,
    model: &Model,
    asking: Asking,
    now: Duration,
    inputs: &mut Vec<Input>,
) {
    widgets::page(ui, |ui| {
        widgets::heading(ui, text::WAITING);
        session_text(ui, model);
        if let Some(lapses_at) = asking.lapses_at {
            widgets::muted(ui, &text::lapses_in(lapses_at.saturating_sub(now)));
        }
        line_banner(ui, model, now);
        ui.add_space(space::L);
        if asking.cancelling {
            widgets::muted(ui, text::CANCELLING);
        }
        let possible = !asking.cancelling && model.line == LineState::Up;
        if widgets::plain(ui, text::CANCEL, possible).clicked() {
            inputs.push(Input::Cancel);
        }
    });
}

pub(super) fn answered(
    ui: &mut Ui,
    model: &Model,
    answer: &Answer,
    now: Duration,
    inputs: &mut Vec<Input>,
) {
    widgets::page(ui, |ui| {
        let (heading, body) = text::answer(answer);
        widgets::heading(ui, heading);
        widgets::body(ui, &body);
        session_text(ui, model);
        line_banner(ui, model, now);
        ui.add_space(space::L);
        widgets::buttons(ui, |ui| {
            let possible = model.line == LineState::Up && !model.owes_proof();
            if widgets::primary(ui, text::ASK_AGAIN, possible).clicked() {
                inputs.push(Input::AskAgain);
            }
            close_button(ui, inputs);
        });
    });
}

pub(super) fn over(ui: &mut Ui, model: &Model, over: &Over, inputs: &mut Vec<Input>) {
    widgets::page(ui, |ui| {
        let server = model.server.as_ref().map(ToString::to_string).unwrap_or_default();
        let (heading, body) = text::over(over, &server);
        widgets::heading(ui, heading);
        if matches!(over, Over::Distrust(_) | Over::Alarm(_)) {
            widgets::banner(ui, Tone::Problem, &body);
        } else {
            widgets::body(ui, &body);
        }
        match over {
            Over::Alarm(alarm) => {
                widgets::body(ui, text::asked_so_far(alarm.asked));
                evidence(ui, model, alarm.checkpoints);
                widgets::body(ui, text::TELL_AUDITOR);
            }
            _ => receipt(ui, model),
        }
        ui.add_space(space::L);
        close_button(ui, inputs);
    });
}

/// What became of the receipt.
fn receipt(ui: &mut Ui, model: &Model) {
    let Some(farewell) = &model.farewell else { return };
    match &farewell.receipt {
        Keepsake::Awaited | Keepsake::Keeping => {
            widgets::muted(ui, text::RECEIPT_AWAITED);
        }
        Keepsake::Missing => {
            widgets::muted(ui, text::NO_RECEIPT);
        }
        Keepsake::Kept(path) => {
            widgets::muted(ui, &text::receipt_kept(path));
        }
        Keepsake::NotKept(why) => {
            widgets::banner(ui, Tone::Warning, &text::receipt_not_kept(why));
        }
        Keepsake::Wrong(note) => {
            widgets::banner(ui, Tone::Problem, &text::wrong_receipt(note));
            evidence(ui, model, 0);
        }
    }
}

/// Where it is kept, once it is.
fn evidence(ui: &mut Ui, model: &Model, checkpoints: usize) {
    match &model.evidence {
        Some(Ok(folder)) => {
            widgets::body(ui, &text::evidence_kept(checkpoints, folder));
        }
        Some(Err(why)) => {
            widgets::banner(ui, Tone::Warning, &text::evidence_not_kept(why));
        }
        None => {}
    }
}

/// Who is asked and for what.
fn session_text(ui: &mut Ui, model: &Model) {
    if let Some(era) = model.restored {
        widgets::banner(ui, Tone::Plain, &text::restored(era));
    }
    if let Some(session) = &model.session {
        widgets::body(ui, &text::asks_for(session.actions));
        widgets::muted(ui, &text::device(&session.door.device));
        if session.agent_lost {
            widgets::banner(ui, Tone::Warning, text::RECONNECTING_AGENT);
        }
    }
}

fn line_banner(ui: &mut Ui, model: &Model, now: Duration) {
    if let LineState::Down { why, again_at } = &model.line {
        let again_in = again_at.saturating_sub(now);
        widgets::banner(ui, Tone::Warning, &text::line_down(why, again_in));
    }
}

fn close_button(ui: &mut Ui, inputs: &mut Vec<Input>) {
    if widgets::plain(ui, text::CLOSE, true).clicked() {
        inputs.push(Input::Close(Wish::CloseWindow));
    }
}

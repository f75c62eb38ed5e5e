//! Questions that are answered before anything else.

use beckon_desk::widgets::{self, Tone};
use egui::Context;

use crate::input::Input;
use crate::model::{LineState, Model, Question};
use crate::text;

pub(super) fn show(ctx: &Context, model: &Model, question: &Question, inputs: &mut Vec<Input>) {
    widgets::dialog(ctx, "question", |ui| match question {
        Question::Leaving(_) => {
            let can_end = model.line == LineState::Up;
            widgets::heading(ui, text::LEAVING_HEADING);
            widgets::body(ui, text::LEAVING);
            if !can_end {
                widgets::banner(ui, Tone::Warning, text::CANNOT_END);
            }
            widgets::buttons(ui, |ui| {
                if widgets::primary(ui, text::LEAVE, true).clicked() {
                    inputs.push(Input::Leave);
                }
                if widgets::danger(ui, text::END_SESSION, can_end).clicked() {
                    inputs.push(Input::EndSession);
                }
                if widgets::plain(ui, text::CANCEL, true).clicked() {
                    inputs.push(Input::Stay);
                }
            });
        }
        Question::Switch(_) => {
            widgets::heading(ui, text::SWITCH_HEADING);
            widgets::body(ui, text::SWITCH);
            widgets::buttons(ui, |ui| {
                if widgets::primary(ui, text::LEAVE_AND_OPEN, true).clicked() {
                    inputs.push(Input::Leave);
                }
                if widgets::plain(ui, text::CANCEL, true).clicked() {
                    inputs.push(Input::Stay);
                }
            });
        }
    });
}

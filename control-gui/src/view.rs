//! Draws the model and says what was done to it.

mod page;
mod question;
mod screen;
#[cfg(test)]
mod tests;
mod toolbar;

use std::time::Duration;

use egui::Ui;

use crate::input::Input;
use crate::keys::EguiKeys;
use crate::model::{Model, Stage};
use crate::picture::Canvas;
use crate::pointer::Pointer;

/// What the window itself remembers from one drawing to the next.
#[derive(Default)]
pub struct Panes {
    /// The picture.
    pub canvas: Canvas,
    /// What is held on the keyboard.
    pub keys: EguiKeys,
    /// What is held on the mouse.
    pub pointer: Pointer,
    /// Whether mouse and keyboard over the picture went to the agent the last time.
    pub(crate) sending: bool,
    /// Whether the keyboard was the picture's the last time.
    pub(crate) focused: bool,
}

/// Shows `model` at `now` (since this computer was started).
pub fn show(ui: &mut Ui, model: &Model, now: Duration, panes: &mut Panes) -> Vec<Input> {
    let mut inputs = Vec::new();
    match (&model.stage, model.active()) {
        (_, Some((session, active))) => {
            toolbar::show(ui, model, (session, active), now, &mut inputs);
            toolbar::status(ui, session, active, now);
            screen::show(ui, model, active, panes, &mut inputs);
        }
        (Stage::Asking(asking), None) => page::asking(ui, model, *asking, now, &mut inputs),
        (Stage::Answered(answer), None) => page::answered(ui, model, answer, now, &mut inputs),
        (Stage::Over(over), None) => page::over(ui, model, over, &mut inputs),
        (Stage::Opening, None) => page::opening(ui, model, now, &mut inputs),
        (Stage::Trust { link }, None) => page::trust(ui, link, &mut inputs),
        (Stage::Start | Stage::Active(_), None) => page::start(ui, &mut inputs),
    }
    if let Some(question) = &model.question {
        question::show(ui.ctx(), model, question, &mut inputs);
    }
    inputs
}

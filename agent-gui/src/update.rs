//! What follows from what happened: `update(model, input, now) -> effects`, without any I/O.

mod clipboard;
mod consent;
mod control;
mod entry;
mod line;
mod link;
mod over;
mod session;
#[cfg(test)]
pub(crate) mod tests;

use crate::effect::Effect;
use crate::input::{Input, Line};
use crate::model::{Model, Now, Stage};
use crate::outward::Outward;

/// Changes the model and says what is to be done, in this order: what stops, what is said, what
/// begins.
pub fn update(model: &mut Model, input: Input, now: Now) -> Vec<Effect> {
    if let Input::Line(number, Line::Up { now: told, .. }) = &input
        && *number == model.line
    {
        model.server_time = Some((*told, now.up));
    }
    let now = model.by_server(now);
    // Time alone can end something: a grant, or the calm after a dialog.
    let mut effects = settle(model, now, Vec::new());
    let mut said = Vec::new();
    match &model.stage {
        Stage::Entry(_) => entry::step(model, input, now, &mut said),
        Stage::Session(_) => session::step(model, input, now, &mut said),
        Stage::Over(_) => over::step(model, input, now, &mut said),
        Stage::Gone => {}
    }
    effects.extend(settle(model, now, said));
    effects
}

fn settle(model: &mut Model, now: Now, said: Vec<Effect>) -> Vec<Effect> {
    let is = Outward::of(model, now);
    let (mut effects, starts) = std::mem::replace(&mut model.outward, is).changes(is);
    effects.extend(said);
    effects.extend(starts);
    effects
}

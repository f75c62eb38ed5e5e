//! Draws the model and says what was done to it.

mod banners;
mod clipboard;
mod cursor;
mod full_screen;
mod monitors;
mod page;
mod question;
mod screen;
mod special_keys;
mod status;
#[cfg(test)]
mod tests;
mod toolbar;
mod touch;
mod zoom;

use std::time::Duration;

use beckon_peer::InputEvent;
use egui::{Context, Ui};

use crate::input::Input;
use crate::keys::{Keyboard, Keys};
use crate::model::{Model, Stage};
use crate::picture::Canvas;
use crate::pointer::Pointer;
use cursor::Cursor;
use full_screen::FullScreen;
use zoom::Zoom;

/// What the window itself remembers from one drawing to the next.
#[derive(Default)]
pub struct Panes {
    /// The picture.
    pub canvas: Canvas,
    /// The keyboard, and what is held on it.
    pub keys: Keyboard,
    /// What is held on the mouse.
    pub pointer: Pointer,
    /// Whether mouse and keyboard over the picture went to the agent the last time.
    pub(crate) sending: bool,
    /// Whether the keyboard was the picture's the last time.
    pub(crate) focused: bool,
    /// Where the picture was drawn last.
    pub(crate) zoom: Zoom,
    /// The pointer of the other computer.
    pub(crate) cursor: Cursor,
    pub(crate) full_screen: FullScreen,
    /// Whether the window fills the screen.
    pub(crate) on_whole_screen: bool,
}

/// Shows `model` at `now` (since this computer was started).
pub fn show(ui: &mut Ui, model: &Model, now: Duration, panes: &mut Panes) -> Vec<Input> {
    let mut inputs = Vec::new();
    panes.on_whole_screen = panes.full_screen.is_on(ui.ctx());
    match (&model.stage, model.active()) {
        (_, Some((session, active))) => {
            let both = (session, active);
            if FullScreen::is_toggled(ui.ctx()) {
                panes.full_screen.toggled = true;
            }
            if panes.on_whole_screen {
                screen::show(ui, model, active, panes, &mut inputs);
                toolbar::over_picture(ui, model, both, now, panes, &mut inputs);
            } else {
                toolbar::show(ui, model, both, now, panes, &mut inputs);
                screen::show(ui, model, active, panes, &mut inputs);
            }
            panes.after_toolbar(ui.ctx(), &mut inputs);
        }
        (Stage::Asking(asking), None) => page::asking(ui, model, *asking, now, &mut inputs),
        (Stage::Answered(answer), None) => page::answered(ui, model, answer, now, &mut inputs),
        (Stage::Over(over), None) => page::over(ui, model, over, &mut inputs),
        (Stage::Opening, None) => page::opening(ui, model, now, &mut inputs),
        (Stage::Trust { link }, None) => page::trust(ui, link, &mut inputs),
        (Stage::Start | Stage::Active(_), None) => page::start(ui, &mut inputs),
    }
    if model.active().is_none() && panes.on_whole_screen {
        panes.full_screen.set(ui.ctx(), false);
    }
    if !model.sends_input() && panes.keys.sends_all() {
        panes.keys.release();
    }
    if let Some(question) = &model.question {
        question::show(ui.ctx(), model, question, &mut inputs);
    }
    inputs
}

impl Panes {
    /// Lets go of all where the window is not drawn any more: it would not hear what comes up.
    pub fn unseen(&mut self, ctx: &Context) -> Option<Input> {
        let (visible, focused) = ctx.input(|input| {
            let viewport = input.viewport();
            (viewport.visible(), viewport.focused)
        });
        let stops = match visible {
            Some(visible) => !visible && self.sending,
            // Not every window system says so. Without the keyboard it is of no use to wait.
            None => focused == Some(false) && self.focused && !self.keys.sends_all(),
        };
        stops.then(|| {
            self.sending = false;
            self.lets_go()
        })
    }

    /// Nothing is held any more, here and there.
    fn lets_go(&mut self) -> Input {
        self.keys.release();
        self.pointer.release();
        self.focused = false;
        Input::Did(InputEvent::ReleaseAll)
    }

    /// What the toolbar asked of the window.
    fn after_toolbar(&mut self, ctx: &Context, inputs: &mut Vec<Input>) {
        if std::mem::take(&mut self.full_screen.toggled) {
            self.full_screen.set(ctx, !self.on_whole_screen);
            // The keys of the combination may be held there.
            if self.sending {
                inputs.push(self.lets_go());
                self.sending = false;
            }
        }
        let looks = |input: &Input| matches!(input, Input::Show(_) | Input::SelectMonitor(_));
        if inputs.iter().any(looks) && ctx.input(|input| input.pointer.any_click()) {
            // Who looks at something else with the mouse goes on typing there.
            self.sending = false;
        }
    }
}

//! The model between the window and the worker.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use beckon_desk::clock;
use tokio::sync::mpsc::UnboundedSender;

use crate::effect::Effect;
use crate::hands::Turn;
use crate::input::{Input, Link};
use crate::model::{Model, Now};
use crate::update::update;

/// Takes inputs from anywhere, changes the model, and hands the effects to the worker in the
/// order in which they follow.
pub struct Shared {
    model: Mutex<Model>,
    effects: UnboundedSender<Effect>,
    turn: Turn,
    window: OnceLock<egui::Context>,
}

impl Shared {
    /// The model in the middle; nothing has happened yet.
    pub fn new(model: Model, effects: UnboundedSender<Effect>) -> Self {
        let turn = Turn::default();
        Self { model: Mutex::new(model), effects, turn, window: OnceLock::new() }
    }

    /// Until when input is carried out: it ends where the release follows, whatever the worker is
    /// at.
    pub fn turn(&self) -> Turn {
        self.turn.clone()
    }

    /// The window to be drawn anew when something changes.
    pub fn draw_on(&self, window: egui::Context) {
        drop(self.window.set(window));
    }

    /// Something happened. Never blocks for longer than an update takes.
    pub fn feed(&self, input: Input) {
        let silent = matches!(input, Input::Passed | Input::Link(_, Link::Message(_)));
        let mut model = self.lock();
        let effects = update(&mut model, input, now());
        let drawn = !silent || effects.iter().any(is_seen);
        for effect in effects {
            if effect == Effect::ReleaseHands {
                self.turn.end();
            }
            // Within the lock: effects reach the worker in the order of the updates.
            if self.effects.send(effect).is_err() {
                tracing::debug!("the worker has ended");
            }
        }
        drop(model);
        if let (true, Some(window)) = (drawn, self.window.get()) {
            window.request_repaint();
        }
    }

    /// The model as it is now.
    pub fn model(&self) -> Model {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Model> {
        self.model.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The time by both clocks.
pub fn now() -> Now {
    Now { at: clock::now(), up: clock::uptime() }
}

/// Whether an effect may change what the window shows.
fn is_seen(effect: &Effect) -> bool {
    !matches!(
        effect,
        Effect::Inject(_)
            | Effect::Acked(_)
            | Effect::Pong(_)
            | Effect::Tell(_)
            | Effect::ReleaseAll
            | Effect::PutClip(_)
            | Effect::SendClip(..)
    )
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;
    use crate::input::User;
    use crate::update::tests::World;

    #[test]
    fn the_turn_of_the_hands_is_over_before_the_worker_does_anything() {
        let (effects, mut to_do) = unbounded_channel();
        let shared = Shared::new(World::controlled().model, effects);
        let turn = shared.turn();
        let before = turn.number();
        shared.feed(Input::User(User::Pauses));
        assert_eq!(turn.number(), before + 1);
        assert_eq!(to_do.try_recv(), Ok(Effect::ReleaseHands));
    }
}

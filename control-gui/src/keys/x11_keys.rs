//! Keys of an X server: what egui reports, and what it does not tell.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use beckon_peer::{InputEvent, Key, KeyCode, Press};
use egui::Event;
use x11rb::protocol::xproto::Window;

use super::board::Board;
use super::grab::Grab;
use super::heard::ENTERS;
use super::held::Stroke;
use super::{EguiKeys, Keys};

/// Text and shortcuts come from egui, which knows input methods; the place of a key, and keys that
/// egui does not know, from the X server.
pub struct X11Keys {
    egui: EguiKeys,
    board: Board,
    display: Option<String>,
    window: Window,
    grab: Option<Grab>,
    /// INVARIANT: whether Down of the number pad's Enter was sent and Up was not.
    pad_enter: bool,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl X11Keys {
    /// For `window` on `display`, or on the one of this program; `None` where there is none.
    pub fn open(
        display: Option<&str>,
        window: Window,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> Option<Self> {
        let board = Board::open(display, window)?;
        let (egui, display) = (EguiKeys::default(), display.map(str::to_owned));
        let wake = Arc::new(wake);
        Some(Self { egui, board, display, window, grab: None, pad_enter: false, wake })
    }

    fn one(&mut self, event: &Event) -> Vec<InputEvent> {
        let Event::Key { key: egui::Key::Enter, pressed, repeat, modifiers, .. } = event else {
            return self.egui.typed(std::slice::from_ref(event));
        };
        let press = if *pressed { Press::Down } else { Press::Up };
        let place = if *repeat { None } else { self.board.heard().enter(press) };
        let pad = place == Some(ENTERS[1]);
        match press {
            Press::Down if pad && modifiers.is_none() => {
                self.pad_enter = true;
                physical(Stroke { code: ENTERS[1], press })
            }
            Press::Down if *repeat && self.pad_enter => Vec::new(),
            // Whatever its place is said to be, the one that is down is the one that came up.
            Press::Up if self.pad_enter && (pad || !self.egui.holds(Key::Enter)) => {
                self.pad_enter = false;
                physical(Stroke { code: ENTERS[1], press })
            }
            Press::Down | Press::Up => self.egui.typed(std::slice::from_ref(event)),
        }
    }
}

impl Keys for X11Keys {
    fn typed(&mut self, events: &[Event]) -> Vec<InputEvent> {
        if let Some(grab) = &self.grab {
            let (strokes, over) = grab.strokes();
            let mut typed: Vec<InputEvent> = strokes.into_iter().flat_map(physical).collect();
            if over {
                self.grab = None;
                typed.push(InputEvent::ReleaseAll);
            }
            return typed;
        }
        self.board.listen(true);
        if events.is_empty() || events.iter().any(|event| matches!(event, Event::Key { .. })) {
            self.board.take_in();
        }
        let mut typed: Vec<InputEvent> =
            self.board.heard().silent().into_iter().flat_map(physical).collect();
        for event in events {
            typed.extend(self.one(event));
        }
        typed
    }

    fn release(&mut self) {
        self.egui.release();
        self.board.listen(false);
        self.grab = None;
        self.pad_enter = false;
    }

    fn sends_all(&self) -> bool {
        self.grab.is_some()
    }

    fn can_send_all(&self) -> bool {
        true
    }

    fn send_all(&mut self, on: bool) {
        self.release();
        if on {
            self.grab = Grab::take(self.display.as_deref(), self.window, Arc::clone(&self.wake));
        }
    }
}

fn physical(Stroke { code, press }: Stroke) -> Vec<InputEvent> {
    KeyCode::new(code).map(|code| InputEvent::Physical { code, press }).into_iter().collect()
}

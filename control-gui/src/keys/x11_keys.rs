//! Keys of an X server: what egui reports, and what it does not tell.

use std::sync::Arc;

use beckon_peer::{InputEvent, KeyCode, Press};
use egui::Event;
use x11rb::protocol::xproto::Window;

use super::board::{Board, ENTERS, Stroke};
use super::grab::Grab;
use super::{EguiKeys, Keys};

/// Text and shortcuts come from egui, which knows input methods; the place of a key, and keys that
/// egui does not know, from the X server.
pub struct X11Keys {
    egui: EguiKeys,
    board: Board,
    window: Window,
    grab: Option<Grab>,
    /// INVARIANT: whether Down of the number pad's Enter was sent and Up was not.
    pad_enter: bool,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl X11Keys {
    /// For `window`; `None` where it is not one of an X server.
    pub fn open(window: Window, wake: impl Fn() + Send + Sync + 'static) -> Option<Self> {
        let board = Board::open(window)?;
        let egui = EguiKeys::default();
        Some(Self { egui, board, window, grab: None, pad_enter: false, wake: Arc::new(wake) })
    }

    fn one(&mut self, event: &Event) -> Vec<InputEvent> {
        let Event::Key { key: egui::Key::Enter, pressed, repeat, modifiers, .. } = event else {
            return self.egui.typed(std::slice::from_ref(event));
        };
        let press = if *pressed { Press::Down } else { Press::Up };
        let place = if *repeat { None } else { self.board.enter(press) };
        let pad = place == Some(ENTERS[1]);
        match press {
            Press::Down if pad && modifiers.is_none() => {
                self.pad_enter = true;
                physical(Stroke { code: ENTERS[1], press })
            }
            Press::Down if *repeat && self.pad_enter => Vec::new(),
            Press::Up if self.pad_enter && (pad || place.is_none()) => {
                self.pad_enter = false;
                physical(Stroke { code: ENTERS[1], press })
            }
            Press::Down | Press::Up => self.egui.typed(std::slice::from_ref(event)),
        }
    }
}

impl Keys for X11Keys {
    fn typed(&mut self, events: &[Event]) -> Vec<InputEvent> {
        if let Some(grab) = &mut self.grab {
            if let Some(strokes) = grab.strokes() {
                return strokes.into_iter().flat_map(physical).collect();
            }
            self.grab = None;
            return vec![InputEvent::ReleaseAll];
        }
        self.board.listen(true);
        if events.is_empty() || events.iter().any(|event| matches!(event, Event::Key { .. })) {
            self.board.take_in();
        }
        let mut typed: Vec<InputEvent> =
            self.board.silent().into_iter().flat_map(physical).collect();
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
            self.grab = Grab::take(self.window, Arc::clone(&self.wake));
        }
    }
}

fn physical(Stroke { code, press }: Stroke) -> Vec<InputEvent> {
    KeyCode::new(code).map(|code| InputEvent::Physical { code, press }).into_iter().collect()
}

//! Keys of Windows: what egui reports, or all of them by their places.

use std::sync::Arc;

use beckon_peer::{InputEvent, KeyCode};
use egui::Event;

use super::hook::Hook;
use super::{EguiKeys, Keys};

/// Text and shortcuts come from egui, which knows input methods; while all keys are sent, they
/// come from Windows.
pub struct WindowsKeys {
    egui: EguiKeys,
    window: u64,
    hook: Option<Hook>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl WindowsKeys {
    /// For the window with this HWND.
    pub fn new(window: u64, wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self { egui: EguiKeys::default(), window, hook: None, wake: Arc::new(wake) }
    }
}

impl Keys for WindowsKeys {
    fn typed(&mut self, events: &[Event]) -> Vec<InputEvent> {
        let Some(hook) = &self.hook else { return self.egui.typed(events) };
        let (strokes, over) = hook.strokes();
        let physical = |code| KeyCode::new(code);
        let mut typed: Vec<_> = strokes
            .into_iter()
            .filter_map(|stroke| {
                physical(stroke.code).map(|code| InputEvent::Physical { code, press: stroke.press })
            })
            .collect();
        if over {
            self.hook = None;
            typed.push(InputEvent::ReleaseAll);
        }
        typed
    }

    fn release(&mut self) {
        self.egui.release();
        self.hook = None;
    }

    fn sends_all(&self) -> bool {
        self.hook.is_some()
    }

    fn can_send_all(&self) -> bool {
        true
    }

    fn send_all(&mut self, on: bool) {
        self.release();
        if on {
            self.hook = Hook::take(self.window, Arc::clone(&self.wake));
        }
    }
}

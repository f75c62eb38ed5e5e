//! From what is typed here to what is meant there.

#[cfg(target_os = "linux")]
mod board;
mod egui_keys;
#[cfg(target_os = "linux")]
mod grab;
#[cfg(target_os = "linux")]
mod heard;
#[cfg(any(target_os = "linux", target_os = "windows"))]
mod held;
#[cfg(target_os = "windows")]
mod hook;
#[cfg(any(target_os = "windows", test))]
mod places;
mod table;
#[cfg(target_os = "windows")]
mod windows_keys;
#[cfg(target_os = "linux")]
mod x11_keys;

use beckon_peer::{InputEvent, KeyCode, Modifiers, Press};
use egui::Event;

pub use egui_keys::EguiKeys;
pub use table::is_modifier;
#[cfg(target_os = "linux")]
pub use x11_keys::X11Keys;

/// A source of typed text, shortcuts and keys.
pub trait Keys {
    /// What `events`, in their order, mean for the other computer.
    fn typed(&mut self, events: &[Event]) -> Vec<InputEvent>;
    /// Forgets what is held: the picture no longer has the keyboard.
    fn release(&mut self);
    /// Whether every key goes to the other computer by its place, also what this one would keep
    /// for itself.
    fn sends_all(&self) -> bool {
        false
    }
    /// Whether that is possible.
    fn can_send_all(&self) -> bool {
        false
    }
    /// Begins or ends that. Beginning fails where another program has the keyboard.
    fn send_all(&mut self, _on: bool) {}
}

/// The keyboard of the operator.
pub struct Keyboard(Box<dyn Keys>);

impl Keyboard {
    /// That of the window with this number, where there is one; `wake` is called when a key was
    /// pressed that the window itself does not hear of.
    pub fn of_window(number: Option<u64>, wake: impl Fn() + Send + Sync + 'static) -> Self {
        #[cfg(target_os = "linux")]
        let keys = number
            .and_then(|number| u32::try_from(number).ok())
            .and_then(|number| X11Keys::open(None, number, wake));
        #[cfg(target_os = "windows")]
        let keys = number.map(|number| windows_keys::WindowsKeys::new(number, wake));
        #[cfg(not(any(target_os = "linux", target_os = "windows")))]
        let keys: Option<EguiKeys> = {
            drop((number, wake));
            None
        };
        match keys {
            Some(keys) => Self(Box::new(keys)),
            None => Self::default(),
        }
    }

    #[cfg(test)]
    pub fn made_up(keys: impl Keys + 'static) -> Self {
        Self(Box::new(keys))
    }
}

impl Default for Keyboard {
    fn default() -> Self {
        Self(Box::new(EguiKeys::default()))
    }
}

impl Keys for Keyboard {
    fn typed(&mut self, events: &[Event]) -> Vec<InputEvent> {
        self.0.typed(events)
    }
    fn release(&mut self) {
        self.0.release();
    }
    fn sends_all(&self) -> bool {
        self.0.sends_all()
    }
    fn can_send_all(&self) -> bool {
        self.0.can_send_all()
    }
    fn send_all(&mut self, on: bool) {
        self.0.send_all(on);
    }
}

/// A key at a place, pressed and released.
fn tap(code: u16) -> Vec<InputEvent> {
    let pressed = |code| [Press::Down, Press::Up].map(|press| InputEvent::Physical { code, press });
    KeyCode::new(code).map(pressed).into_iter().flatten().collect()
}

/// The modifiers that egui reports.
pub fn held(modifiers: egui::Modifiers) -> Modifiers {
    [
        (modifiers.shift, Modifiers::SHIFT),
        (modifiers.ctrl, Modifiers::CONTROL),
        (modifiers.alt, Modifiers::ALT),
        (modifiers.mac_cmd, Modifiers::SUPER),
    ]
    .into_iter()
    .filter(|(held, _)| *held)
    .fold(Modifiers::EMPTY, |set, (_, modifier)| set.with(modifier))
}

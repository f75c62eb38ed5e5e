//! Mouse and keyboard through `enigo`: where there is no X server.

use beckon_peer::{Button, Key, KeyCode, Press};
use enigo::{Axis, Coordinate, Direction, Enigo, Keyboard, Mouse, Settings};

use super::hand::Injector;
use super::key_table;

/// One connection for as long as the hands live: foreign characters are typed over key codes that
/// it borrows and gives back when it is dropped.
pub(super) struct EnigoInjector(Enigo);

impl EnigoInjector {
    /// Connects; the error is for the user.
    pub(super) fn new() -> Result<Self, String> {
        let settings = Settings { open_prompt_to_get_permissions: false, ..Settings::default() };
        Enigo::new(&settings).map(Self).map_err(|error| error.to_string())
    }
}

impl Injector for EnigoInjector {
    fn move_to(&mut self, (x, y): (i32, i32)) -> Result<(), String> {
        told(self.0.move_mouse(x, y, Coordinate::Abs))
    }

    fn location(&self) -> Option<(i32, i32)> {
        self.0.location().ok()
    }

    fn button(&mut self, button: Button, press: Press) -> Result<(), String> {
        let button = match button {
            Button::Left => enigo::Button::Left,
            Button::Middle => enigo::Button::Middle,
            Button::Right => enigo::Button::Right,
            Button::Back => enigo::Button::Back,
            Button::Forward => enigo::Button::Forward,
        };
        told(self.0.button(button, direction(press)))
    }

    fn scroll(&mut self, right: i32, down: i32) -> Result<(), String> {
        if right != 0 {
            told(self.0.scroll(right, Axis::Horizontal))?;
        }
        if down != 0 {
            told(self.0.scroll(down, Axis::Vertical))?;
        }
        Ok(())
    }

    fn text(&mut self, text: &str, _goes_on: &dyn Fn() -> bool) -> Result<(), String> {
        told(self.0.text(text))
    }

    fn key(&mut self, key: Key, press: Press) -> Result<(), String> {
        told(self.0.key(named(key), direction(press)))
    }

    fn symbol(
        &mut self,
        symbol: char,
        press: Press,
        _goes_on: &dyn Fn() -> bool,
    ) -> Result<(), String> {
        told(self.0.key(enigo::Key::Unicode(symbol), direction(press)))
    }

    /// By name, or by the symbol that an American keyboard has there.
    fn physical(&mut self, code: KeyCode, press: Press) -> Result<(), String> {
        match (key_table::named(code), key_table::american_symbol(code)) {
            (Some(key), _) => self.key(key, press),
            (None, Some(symbol)) => self.symbol(symbol, press, &|| true),
            (None, None) => Err("this key has no name".to_owned()),
        }
    }
}

fn told(done: Result<(), enigo::InputError>) -> Result<(), String> {
    done.map_err(|error| error.to_string())
}

fn direction(press: Press) -> Direction {
    match press {
        Press::Down => Direction::Press,
        Press::Up => Direction::Release,
    }
}

fn named(key: Key) -> enigo::Key {
    use enigo::Key as To;
    match key {
        Key::Enter => To::Return,
        Key::Escape => To::Escape,
        Key::Tab => To::Tab,
        Key::Backspace => To::Backspace,
        Key::Delete => To::Delete,
        Key::Home => To::Home,
        Key::End => To::End,
        Key::PageUp => To::PageUp,
        Key::PageDown => To::PageDown,
        Key::Left => To::LeftArrow,
        Key::Right => To::RightArrow,
        Key::Up => To::UpArrow,
        Key::Down => To::DownArrow,
        Key::Space => To::Space,
        Key::Shift => To::Shift,
        Key::Control => To::Control,
        Key::Alt => To::Alt,
        Key::Super => To::Meta,
        Key::CapsLock => To::CapsLock,
        Key::F1 => To::F1,
        Key::F2 => To::F2,
        Key::F3 => To::F3,
        Key::F4 => To::F4,
        Key::F5 => To::F5,
        Key::F6 => To::F6,
        Key::F7 => To::F7,
        Key::F8 => To::F8,
        Key::F9 => To::F9,
        Key::F10 => To::F10,
        Key::F11 => To::F11,
        Key::F12 => To::F12,
        Key::F13 => To::F13,
        Key::F14 => To::F14,
        Key::F15 => To::F15,
        Key::F16 => To::F16,
        Key::F17 => To::F17,
        Key::F18 => To::F18,
        Key::F19 => To::F19,
        Key::F20 => To::F20,
        Key::F21
        | Key::F22
        | Key::F23
        | Key::F24
        | Key::Insert
        | Key::AltGr
        | Key::NumLock
        | Key::ScrollLock
        | Key::PrintScreen
        | Key::Pause
        | Key::Menu => To::Other(code(key)),
    }
}

/// What the window system calls the keys for which enigo has no name everywhere: X11 by keysym.
#[cfg(not(target_os = "windows"))]
fn code(key: Key) -> u32 {
    match key {
        Key::F21 => 0xFFD2,
        Key::F22 => 0xFFD3,
        Key::F23 => 0xFFD4,
        Key::F24 => 0xFFD5,
        Key::Insert => 0xFF63,
        Key::AltGr => 0xFE03,
        Key::NumLock => 0xFF7F,
        Key::ScrollLock => 0xFF14,
        Key::PrintScreen => 0xFF61,
        Key::Pause => 0xFF13,
        Key::Menu => 0xFF67,
        _ => 0,
    }
}

/// What the window system calls the keys for which enigo has no name everywhere: by virtual key.
#[cfg(target_os = "windows")]
fn code(key: Key) -> u32 {
    match key {
        Key::F21 => 0x84,
        Key::F22 => 0x85,
        Key::F23 => 0x86,
        Key::F24 => 0x87,
        Key::Insert => 0x2D,
        Key::AltGr => 0xA5,
        Key::NumLock => 0x90,
        Key::ScrollLock => 0x91,
        Key::PrintScreen => 0x2C,
        Key::Pause => 0x13,
        Key::Menu => 0x5D,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_name_or_a_code_of_its_own() {
        let mut names: Vec<enigo::Key> = Key::ALL.iter().map(|key| named(*key)).collect();
        assert!(!names.contains(&enigo::Key::Other(0)));
        let all = names.len();
        names.sort_by_key(|name| format!("{name:?}"));
        names.dedup();
        assert_eq!(names.len(), all);
    }
}

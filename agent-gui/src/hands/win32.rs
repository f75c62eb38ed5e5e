//! Mouse and keyboard of Windows: keys by their places, text as text.

mod last_release;
mod send;

use beckon_peer::{Button, Key, KeyCode, Press};

use super::enigo_injector::EnigoInjector;
use super::hand::Injector;
use super::key_table;
use super::scan_code::ScanCode;

/// The wheel and text go through `enigo`. Keys go by scan codes, as from a keyboard: what
/// looks at them (shortcuts, remote desktops, games) sees no difference, and Alt Gr is Alt Gr.
pub(super) struct Win32Injector {
    enigo: EnigoInjector,
    /// The keys that were pressed to reach a symbol.
    around: Vec<Key>,
}

impl Win32Injector {
    /// With everything else through `enigo`.
    pub(super) fn new(enigo: EnigoInjector) -> Self {
        last_release::prepare();
        Self { enigo, around: Vec::new() }
    }

    /// The keys to hold for a symbol, by what `VkKeyScanExW` says: Shift is 1, Control with Alt 6;
    /// `None` where that cannot be held.
    fn held_for(state: u8) -> Option<&'static [Key]> {
        match state {
            0 => Some(&[]),
            1 => Some(&[Key::Shift]),
            6 => Some(&[Key::AltGr]),
            7 => Some(&[Key::Shift, Key::AltGr]),
            _ => None,
        }
    }
}

impl Injector for Win32Injector {
    fn move_to(&mut self, place: (i32, i32)) -> Result<(), String> {
        send::pointer(place)
    }

    fn location(&self) -> Option<(i32, i32)> {
        self.enigo.location()
    }

    fn button(&mut self, button: Button, press: Press) -> Result<(), String> {
        send::button(button, press)
    }

    fn scroll(&mut self, right: i32, down: i32) -> Result<(), String> {
        self.enigo.scroll(right, down)
    }

    fn text(&mut self, text: &str, goes_on: &dyn Fn() -> bool) -> Result<(), String> {
        // `enigo` presses Enter and Tab for these and types them as well.
        for piece in text.split_inclusive(['\n', '\t']) {
            let letters = piece.trim_end_matches(['\n', '\t']).replace('\r', "");
            self.enigo.text(&letters, goes_on)?;
            let ending = match piece.chars().next_back() {
                Some('\n') => Key::Enter,
                Some('\t') => Key::Tab,
                _ => continue,
            };
            if !goes_on() {
                break;
            }
            self.key(ending, Press::Down)?;
            self.key(ending, Press::Up)?;
        }
        Ok(())
    }

    fn key(&mut self, key: Key, press: Press) -> Result<(), String> {
        match key_table::place(key).and_then(ScanCode::at) {
            Some(scan) => send::key(scan, press),
            None => self.enigo.key(key, press),
        }
    }

    fn symbol(
        &mut self,
        symbol: char,
        press: Press,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<(), String> {
        let key = send::key_of(symbol);
        let Some((scan, held)) = key.and_then(|(key, state)| Some((key, Self::held_for(state)?)))
        else {
            // No key of this layout: it can still be typed.
            return if press == Press::Down {
                self.enigo.text(symbol.encode_utf8(&mut [0; 4]), goes_on)
            } else {
                Ok(())
            };
        };
        if press == Press::Down {
            for key in held {
                self.key(*key, Press::Down)?;
                self.around.push(*key);
            }
            return send::key(scan, press);
        }
        let done = send::key(scan, press);
        for key in std::mem::take(&mut self.around).into_iter().rev() {
            self.key(key, Press::Up)?;
        }
        done
    }

    fn physical(&mut self, code: KeyCode, press: Press) -> Result<(), String> {
        match ScanCode::at(code) {
            Some(scan) => send::key(scan, press),
            None => self.enigo.physical(code, press),
        }
    }

    fn release_keys(&mut self) -> Result<(), String> {
        for key in std::mem::take(&mut self.around).into_iter().rev() {
            self.key(key, Press::Up)?;
        }
        Ok(())
    }
}

impl Drop for Win32Injector {
    fn drop(&mut self) {
        if let Err(error) = self.release_keys() {
            tracing::error!(%error, "a key may be stuck");
        }
    }
}

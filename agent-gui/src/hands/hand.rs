//! What is held down, and what may be touched.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use beckon_desk::clock;
use beckon_peer::{Button, InputEvent, Key, KeyCode, LogicalKey, Modifiers, Press};

use super::key_table;
use crate::monitors::Monitors;
use crate::own_window::Surroundings;

/// One notch of the wheel.
const NOTCH: i32 = 120;
/// A text that takes long to type goes to whoever has the keyboard: so often is looked who that is.
pub const LOOK: Duration = Duration::from_millis(20);

/// What acts on the real desktop. An error has no consequence but a line in the log: the next
/// event may work.
pub trait Injector {
    /// Moves the pointer to a place on the desktop, in physical pixels.
    fn move_to(&mut self, place: (i32, i32)) -> Result<(), String>;
    /// Where the pointer is, where that is known.
    fn location(&self) -> Option<(i32, i32)>;
    /// Presses or releases a mouse button.
    fn button(&mut self, button: Button, press: Press) -> Result<(), String>;
    /// Turns the wheel by whole notches, right and down are positive.
    fn scroll(&mut self, right: i32, down: i32) -> Result<(), String>;
    /// Types text, while `goes_on` holds.
    fn text(&mut self, text: &str, goes_on: &dyn Fn() -> bool) -> Result<(), String>;
    /// Presses or releases a key without a symbol.
    fn key(&mut self, key: Key, press: Press) -> Result<(), String>;
    /// Presses or releases the key that carries a symbol, while `goes_on` holds.
    fn symbol(
        &mut self,
        symbol: char,
        press: Press,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<(), String>;
    /// Presses or releases the key at a place of the keyboard.
    fn physical(&mut self, code: KeyCode, press: Press) -> Result<(), String>;
    /// Releases the keys that are still down, whatever pressed them.
    fn release_keys(&mut self) -> Result<(), String> {
        Ok(())
    }
}

impl Injector for Box<dyn Injector> {
    fn move_to(&mut self, place: (i32, i32)) -> Result<(), String> {
        (**self).move_to(place)
    }
    fn location(&self) -> Option<(i32, i32)> {
        (**self).location()
    }
    fn button(&mut self, button: Button, press: Press) -> Result<(), String> {
        (**self).button(button, press)
    }
    fn scroll(&mut self, right: i32, down: i32) -> Result<(), String> {
        (**self).scroll(right, down)
    }
    fn text(&mut self, text: &str, goes_on: &dyn Fn() -> bool) -> Result<(), String> {
        (**self).text(text, goes_on)
    }
    fn key(&mut self, key: Key, press: Press) -> Result<(), String> {
        (**self).key(key, press)
    }
    fn symbol(
        &mut self,
        symbol: char,
        press: Press,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<(), String> {
        (**self).symbol(symbol, press, goes_on)
    }
    fn physical(&mut self, code: KeyCode, press: Press) -> Result<(), String> {
        (**self).physical(code, press)
    }
    fn release_keys(&mut self) -> Result<(), String> {
        (**self).release_keys()
    }
}

/// Carries out events. INVARIANT: whatever it has pressed and not released is in `buttons`,
/// `keys` or `codes`.
pub struct Hand<I: Injector, S> {
    injector: I,
    surroundings: S,
    monitors: Monitors,
    buttons: Vec<Button>,
    keys: Vec<Key>,
    codes: Vec<KeyCode>,
    /// What is left of the wheel below one notch.
    wheel: (i32, i32),
}

impl<I: Injector, S: Surroundings> Hand<I, S> {
    /// Nothing is held.
    pub fn new(injector: I, surroundings: S, monitors: Monitors) -> Self {
        let (buttons, keys, codes) = (Vec::new(), Vec::new(), Vec::new());
        Self { injector, surroundings, monitors, buttons, keys, codes, wheel: (0, 0) }
    }

    /// Carries out one event, while `goes_on` holds and unless it would touch the agent's own
    /// window.
    pub fn carry_out(&mut self, event: &InputEvent, goes_on: &dyn Fn() -> bool) {
        let done = match event {
            InputEvent::PointerMove(point) => match self.monitors.place(*point) {
                Some(place) if self.surroundings.pointer_is_free(place) => {
                    self.injector.move_to(place)
                }
                _ => Ok(()),
            },
            InputEvent::Button { button, press } => self.button(*button, *press),
            InputEvent::Wheel { dx, dy } => self.turn(*dx, *dy),
            InputEvent::Text(text) => self.write(text.as_str(), goes_on),
            InputEvent::Shortcut { modifiers, key } if self.surroundings.keys_are_free() => {
                self.shortcut(*modifiers, *key, goes_on)
            }
            InputEvent::Key { key, press } => self.key(*key, *press),
            InputEvent::Physical { code, press } => self.physical(*code, *press),
            InputEvent::Shortcut { .. } => Ok(()),
            InputEvent::ReleaseAll => {
                self.release_all();
                Ok(())
            }
        };
        if let Err(error) = done {
            tracing::warn!(%error, "an event of mouse or keyboard was not carried out");
        }
    }

    /// Releases whatever is held.
    pub fn release_all(&mut self) {
        for button in std::mem::take(&mut self.buttons).into_iter().rev() {
            self.warn(|injector| injector.button(button, Press::Up));
        }
        for key in std::mem::take(&mut self.keys).into_iter().rev() {
            self.warn(|injector| injector.key(key, Press::Up));
        }
        for code in std::mem::take(&mut self.codes).into_iter().rev() {
            self.warn(|injector| injector.physical(code, Press::Up));
        }
        self.warn(I::release_keys);
        self.wheel = (0, 0);
    }

    fn write(&mut self, text: &str, goes_on: &dyn Fn() -> bool) -> Result<(), String> {
        if !self.surroundings.keys_are_free() {
            return Ok(());
        }
        let (around, looked) = (RefCell::new(&mut self.surroundings), Cell::new(clock::uptime()));
        let still = || {
            let now = clock::uptime();
            if goes_on() && now.saturating_sub(looked.get()) >= LOOK {
                looked.set(now);
                return around.borrow_mut().keys_are_free();
            }
            goes_on()
        };
        self.injector.text(text, &still)
    }

    fn warn(&mut self, act: impl FnOnce(&mut I) -> Result<(), String>) {
        if let Err(error) = act(&mut self.injector) {
            tracing::error!(%error, "a key or button may be stuck");
        }
    }

    /// A release is always carried out where the press was.
    fn button(&mut self, button: Button, press: Press) -> Result<(), String> {
        let held = self.buttons.contains(&button);
        match press {
            Press::Down if !held && self.is_over_others() => {
                self.buttons.push(button);
                self.injector.button(button, press)
            }
            Press::Up if held => {
                self.buttons.retain(|one| *one != button);
                self.injector.button(button, press)
            }
            Press::Down | Press::Up => Ok(()),
        }
    }

    fn key(&mut self, key: Key, press: Press) -> Result<(), String> {
        let held = self.keys.contains(&key);
        match press {
            // A key that is held repeats by itself.
            Press::Down if !held && self.surroundings.keys_are_free() => {
                self.keys.push(key);
                self.injector.key(key, press)
            }
            Press::Up if held => {
                self.keys.retain(|one| *one != key);
                self.injector.key(key, press)
            }
            Press::Down | Press::Up => Ok(()),
        }
    }

    fn physical(&mut self, code: KeyCode, press: Press) -> Result<(), String> {
        let held = self.codes.contains(&code);
        match press {
            Press::Down if !held && self.surroundings.keys_are_free() => {
                self.codes.push(code);
                self.injector.physical(code, press)
            }
            Press::Up if held => {
                self.codes.retain(|one| *one != code);
                self.injector.physical(code, press)
            }
            Press::Down | Press::Up => Ok(()),
        }
    }

    fn turn(&mut self, dx: i32, dy: i32) -> Result<(), String> {
        if !self.is_over_others() {
            return Ok(());
        }
        let (x, y) = (self.wheel.0.saturating_add(dx), self.wheel.1.saturating_add(dy));
        self.wheel = (x % NOTCH, y % NOTCH);
        match (x / NOTCH, y / NOTCH) {
            (0, 0) => Ok(()),
            (right, down) => self.injector.scroll(right, down),
        }
    }

    fn shortcut(
        &mut self,
        modifiers: Modifiers,
        key: LogicalKey,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<(), String> {
        let mut pressed = Vec::new();
        let mut done = Ok(());
        for (modifier, name) in [
            (Modifiers::CONTROL, Key::Control),
            (Modifiers::ALT, Key::Alt),
            (Modifiers::SUPER, Key::Super),
            (Modifiers::SHIFT, Key::Shift),
        ] {
            if modifiers.contains(modifier) && !self.holds(name) && done.is_ok() {
                pressed.push(name);
                done = self.injector.key(name, Press::Down);
            }
        }
        let done = done.and_then(|()| self.click(modifiers, key, goes_on));
        for name in pressed.into_iter().rev() {
            self.warn(|injector| injector.key(name, Press::Up));
        }
        done
    }

    fn click(
        &mut self,
        modifiers: Modifiers,
        key: LogicalKey,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<(), String> {
        match key {
            LogicalKey::Named(key) if self.holds(key) => Ok(()),
            LogicalKey::Named(key) => {
                let down = self.injector.key(key, Press::Down);
                down.and(self.injector.key(key, Press::Up))
            }
            LogicalKey::Symbol(symbol) => {
                // With Shift down the key carries the capital by itself.
                let mut lower = symbol.to_lowercase();
                let symbol = match (modifiers.contains(Modifiers::SHIFT), lower.next()) {
                    (true, Some(one)) if lower.next().is_none() => one,
                    _ => symbol,
                };
                let down = self.injector.symbol(symbol, Press::Down, goes_on);
                down.and(self.injector.symbol(symbol, Press::Up, goes_on))
            }
        }
    }

    /// By its name or by its place.
    fn holds(&self, key: Key) -> bool {
        let named = |code: &KeyCode| key_table::named(*code) == Some(key);
        self.keys.contains(&key) || self.codes.iter().any(named)
    }

    /// Whether the pointer is over anything but the agent's own window. The user may have moved
    /// it there.
    fn is_over_others(&mut self) -> bool {
        let location = self.injector.location();
        location.is_none_or(|place| self.surroundings.pointer_is_free(place))
    }
}

impl<I: Injector, S> Drop for Hand<I, S> {
    /// Also when the thread fails: nothing stays pressed.
    fn drop(&mut self) {
        for button in std::mem::take(&mut self.buttons) {
            drop(self.injector.button(button, Press::Up));
        }
        for key in std::mem::take(&mut self.keys) {
            drop(self.injector.key(key, Press::Up));
        }
        for code in std::mem::take(&mut self.codes) {
            drop(self.injector.physical(code, Press::Up));
        }
    }
}

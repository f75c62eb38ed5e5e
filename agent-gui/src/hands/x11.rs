//! Mouse and keyboard of an X server: XTEST, with the user's own keyboard layout.

mod keyboard;
mod last_release;
mod layout;
mod pins;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;

use beckon_peer::{Button, Key, KeyCode, Press};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, MOTION_NOTIFY_EVENT, Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

use super::hand::Injector;
use keyboard::Keyboard;

/// One connection for as long as the hands live.
pub(super) struct X11Injector {
    root: Window,
    keyboard: Keyboard,
}

/// What goes wrong between here and the X server.
type X11Error = Box<dyn std::error::Error>;

impl X11Injector {
    /// Connects to the X server of `$DISPLAY`; `None` where there is none that can do this.
    pub(super) fn connect() -> Option<Self> {
        let (connection, screen) = x11rb::connect(None).ok()?;
        let root = connection.setup().roots.get(screen)?.root;
        connection.xtest_get_version(2, 2).ok()?.reply().ok()?;
        let keyboard = Keyboard::open(connection)
            .inspect_err(|error| tracing::warn!(%error, "the keyboard of the X server"))
            .ok()?;
        last_release::prepare();
        Some(Self { root, keyboard })
    }

    fn x(&self) -> &RustConnection {
        self.keyboard.x()
    }

    fn fake(&self, kind: u8, detail: u8, (x, y): (i16, i16)) -> Result<(), String> {
        let cookie = self.x().xtest_fake_input(kind, detail, 0, self.root, x, y, 0);
        told(cookie.map(drop))?;
        told(self.x().flush())
    }
}

impl Injector for X11Injector {
    fn move_to(&mut self, (x, y): (i32, i32)) -> Result<(), String> {
        let clamped = |value: i32| {
            i16::try_from(value).unwrap_or(if value < 0 { i16::MIN } else { i16::MAX })
        };
        self.fake(MOTION_NOTIFY_EVENT, 0, (clamped(x), clamped(y)))
    }

    fn location(&self) -> Option<(i32, i32)> {
        let reply = self.x().query_pointer(self.root).ok()?.reply().ok()?;
        Some((i32::from(reply.root_x), i32::from(reply.root_y)))
    }

    fn button(&mut self, button: Button, press: Press) -> Result<(), String> {
        let button = match button {
            Button::Left => 1,
            Button::Middle => 2,
            Button::Right => 3,
            Button::Back => 8,
            Button::Forward => 9,
        };
        let kind = match press {
            Press::Down => BUTTON_PRESS_EVENT,
            Press::Up => BUTTON_RELEASE_EVENT,
        };
        self.fake(kind, button, (0, 0))
    }

    /// X11 has a button for each direction of the wheel.
    fn scroll(&mut self, right: i32, down: i32) -> Result<(), String> {
        for (notches, (back, forth)) in [(right, (6, 7)), (down, (4, 5))] {
            let button = if notches < 0 { back } else { forth };
            for _ in 0..notches.unsigned_abs() {
                self.fake(BUTTON_PRESS_EVENT, button, (0, 0))?;
                self.fake(BUTTON_RELEASE_EVENT, button, (0, 0))?;
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str, goes_on: &dyn Fn() -> bool) -> Result<(), String> {
        told(self.keyboard.write(text, goes_on))
    }

    fn key(&mut self, key: Key, press: Press) -> Result<(), String> {
        told(self.keyboard.key(key, press))
    }

    fn symbol(
        &mut self,
        symbol: char,
        press: Press,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<(), String> {
        told(self.keyboard.symbol(symbol, press, goes_on))
    }

    fn physical(&mut self, code: KeyCode, press: Press) -> Result<(), String> {
        told(self.keyboard.physical(code, press))
    }

    fn release_keys(&mut self) -> Result<(), String> {
        told(self.keyboard.release())
    }
}

fn told<T, E: std::fmt::Display>(done: Result<T, E>) -> Result<T, String> {
    done.map_err(|error| error.to_string())
}

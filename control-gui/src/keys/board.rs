//! The keys that the window gets, by their places: what egui does not tell.

use beckon_peer::Press;
use x11rb::connection::Connection as _;
use x11rb::errors::ReplyError;
use x11rb::protocol::Event;
use x11rb::protocol::xkb::{BoolCtrl, ConnectionExt as _, PerClientFlag};
use x11rb::protocol::xproto::{ChangeWindowAttributesAux, ConnectionExt as _, EventMask, Window};
use x11rb::rust_connection::RustConnection;

use super::heard::Heard;
use super::held::Stroke;

/// X numbers keys from 8 on.
const X_FROM_EVDEV: u8 = 8;

/// A connection of its own to the X server that hears the keys of one window, while it listens.
pub(super) struct Board {
    x: RustConnection,
    window: Window,
    listens: bool,
    heard: Heard,
}

impl Board {
    /// For `window` on `display`; `None` where there is no such window.
    pub(super) fn open(display: Option<&str>, window: Window) -> Option<Self> {
        let (x, _) = connect(display)?;
        x.get_window_attributes(window).ok()?.reply().ok()?;
        Some(Self { x, window, listens: false, heard: Heard::default() })
    }

    /// Hears the keys of the window from now on, or no longer.
    pub(super) fn listen(&mut self, on: bool) {
        if self.listens == on {
            return;
        }
        self.listens = on;
        self.heard = Heard::default();
        if let Err(error) = self.try_listen(on) {
            tracing::warn!(%error, "the keys are not told apart");
        }
    }

    /// What was heard until now and not yet asked for.
    pub(super) fn heard(&mut self) -> &mut Heard {
        &mut self.heard
    }

    /// Takes in what has happened until now.
    pub(super) fn take_in(&mut self) {
        if let Err(error) = self.try_take_in() {
            tracing::debug!(%error, "the keys are not told apart");
        }
    }

    fn try_listen(&mut self, on: bool) -> Result<(), ReplyError> {
        let keys = EventMask::KEY_PRESS | EventMask::KEY_RELEASE;
        let mask = if on { keys } else { EventMask::NO_EVENT };
        let how = ChangeWindowAttributesAux::new().event_mask(mask);
        self.x.change_window_attributes(self.window, &how)?;
        let down = self.x.query_keymap()?.reply()?.keys;
        // What came before the answer is from the last time.
        while self.x.poll_for_event()?.is_some() {}
        self.heard = Heard::with_down(places(&down));
        Ok(())
    }

    fn try_take_in(&mut self) -> Result<(), ReplyError> {
        // What the window has heard of was sent to this connection too, before the answer.
        self.x.get_input_focus()?.reply()?;
        while let Some(event) = self.x.poll_for_event()? {
            if let Some(stroke) = stroke(&event) {
                self.heard.hear(stroke);
            }
        }
        Ok(())
    }
}

/// A connection to `display`, and its screen. It hears one press for as long as a key is held.
pub(super) fn connect(display: Option<&str>) -> Option<(RustConnection, usize)> {
    let (x, screen) = x11rb::connect(display).ok()?;
    let once = || -> Result<(), ReplyError> {
        x.xkb_use_extension(1, 0)?.reply()?;
        let (repeat, none) = (PerClientFlag::DETECTABLE_AUTO_REPEAT, BoolCtrl::from(0_u32));
        x.xkb_per_client_flags(0x100, repeat, repeat, none, none, none)?.reply()?;
        Ok(())
    };
    if let Err(error) = once() {
        tracing::warn!(%error, "a key that is held seems to be pressed again and again");
    }
    Some((x, screen))
}

/// The key that an event is about.
pub(super) fn stroke(event: &Event) -> Option<Stroke> {
    let (code, press) = match event {
        Event::KeyPress(event) => (event.detail, Press::Down),
        Event::KeyRelease(event) => (event.detail, Press::Up),
        _ => return None,
    };
    Some(Stroke { code: code.checked_sub(X_FROM_EVDEV)?.into(), press })
}

/// The places of the keys whose bits are set.
fn places(down: &[u8]) -> impl Iterator<Item = u16> {
    let bits = down.iter().flat_map(|byte| (0..8).map(move |bit| byte & (1 << bit) != 0));
    (0_u16..).zip(bits).filter(|(_, down)| *down).filter_map(|(code, _)| {
        let first = u16::from(X_FROM_EVDEV);
        code.checked_sub(first)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_of_the_keys_that_are_down_are_their_places() {
        let mut down = [0; 32];
        (down[4], down[13]) = (0b0001_0000, 0b0000_0001);
        assert_eq!(places(&down).collect::<Vec<_>>(), [28, 96]);
    }
}

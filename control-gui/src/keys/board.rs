//! The keys that the window gets, by their places: what egui does not tell.

use std::collections::VecDeque;

use beckon_peer::Press;
use x11rb::connection::Connection as _;
use x11rb::errors::ReplyError;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{ChangeWindowAttributesAux, ConnectionExt as _, EventMask, Window};
use x11rb::rust_connection::RustConnection;

/// X numbers keys from 8 on.
const X_FROM_EVDEV: u8 = 8;
/// Enter, and that of the number pad.
pub(super) const ENTERS: [u16; 2] = [28, 96];

/// A key of the keyboard that went down or up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stroke {
    /// Its place (evdev).
    pub(super) code: u16,
    /// Which way.
    pub(super) press: Press,
}

/// A connection of its own to the X server that hears the keys of one window, while it listens.
pub(super) struct Board {
    x: RustConnection,
    window: Window,
    listens: bool,
    heard: VecDeque<Stroke>,
}

impl Board {
    /// For `window`; `None` where there is no such window.
    pub(super) fn open(window: Window) -> Option<Self> {
        let (x, _) = x11rb::connect(None).ok()?;
        x.get_window_attributes(window).ok()?.reply().ok()?;
        Some(Self { x, window, listens: false, heard: VecDeque::new() })
    }

    /// Hears the keys of the window from now on, or no longer.
    pub(super) fn listen(&mut self, on: bool) {
        if self.listens == on {
            return;
        }
        self.listens = on;
        self.heard.clear();
        let keys = EventMask::KEY_PRESS | EventMask::KEY_RELEASE;
        let mask = if on { keys } else { EventMask::NO_EVENT };
        let how = ChangeWindowAttributesAux::new().event_mask(mask);
        let done = self.x.change_window_attributes(self.window, &how).map(drop);
        if let Err(error) = done.and_then(|()| self.x.flush()) {
            tracing::warn!(%error, "the keys are not told apart");
        }
    }

    /// Takes in what has happened until now.
    pub(super) fn take_in(&mut self) {
        if let Err(error) = self.try_take_in() {
            tracing::debug!(%error, "the keys are not told apart");
        }
    }

    /// Which Enter went which way, the oldest that is not asked for yet.
    pub(super) fn enter(&mut self, press: Press) -> Option<u16> {
        let is_it = |stroke: &Stroke| stroke.press == press && ENTERS.contains(&stroke.code);
        let at = self.heard.iter().position(is_it)?;
        self.heard.remove(at).map(|stroke| stroke.code)
    }

    /// The keys that egui does not know.
    pub(super) fn silent(&mut self) -> Vec<Stroke> {
        let (silent, rest): (Vec<_>, Vec<_>) =
            self.heard.drain(..).partition(|stroke| is_silent(stroke.code));
        self.heard = rest.into();
        silent
    }

    fn try_take_in(&mut self) -> Result<(), ReplyError> {
        /// So many Enters are remembered at most.
        const MOST: usize = 64;
        // What the window has heard of was sent to this connection too, before the answer.
        self.x.get_input_focus()?.reply()?;
        while let Some(event) = self.x.poll_for_event()? {
            if let Some(stroke) = stroke(&event)
                && (ENTERS.contains(&stroke.code) || is_silent(stroke.code))
            {
                self.heard.push_back(stroke);
            }
        }
        let more = self.heard.len().saturating_sub(MOST);
        self.heard.drain(..more);
        Ok(())
    }
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

/// Media keys and the like: neither text nor known to egui. What switches this computer off stays
/// here.
fn is_silent(code: u16) -> bool {
    const KNOWN: [u16; 21] = [
        117, 119, 121, 122, 123, 124, 125, 126, 127, 183, 184, 185, 186, 187, 188, 189, 190, 191,
        192, 193, 194,
    ];
    const SWITCHES: [u16; 4] = [116, 142, 143, 205];
    code > 111 && !KNOWN.contains(&code) && !SWITCHES.contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_keys_are_silent_and_keys_that_type_or_switch_off_are_not() {
        for code in [113, 114, 115, 163, 164, 165, 172] {
            assert!(is_silent(code), "{code}");
        }
        for code in [1, 28, 30, 57, 96, 99, 111, 116, 119, 125, 127, 142, 183, 194] {
            assert!(!is_silent(code), "{code}");
        }
    }
}

//! All keys of this computer, also those that the window manager would take.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use beckon_peer::Press;
use x11rb::connection::Connection as _;
use x11rb::errors::ReplyOrIdError;
use x11rb::protocol::Event;
use x11rb::protocol::xkb::{BoolCtrl, ConnectionExt as _, PerClientFlag};
use x11rb::protocol::xproto::{
    Atom, ChangeWindowAttributesAux, ClientMessageEvent, ConnectionExt as _, CreateWindowAux,
    EventMask, GrabMode, GrabStatus, NotifyMode, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;

use super::board::{Stroke, stroke};

/// The keyboard, grabbed for one window until this is dropped, the window loses the keyboard, or
/// Ctrl+Alt+Home is pressed.
pub(super) struct Grab {
    x: Arc<RustConnection>,
    ear: Window,
    over: Atom,
    strokes: Receiver<Stroke>,
    held: BTreeSet<u16>,
    lost: Arc<Mutex<bool>>,
}

impl Grab {
    /// Grabs the keyboard for `window`; `None` where another program has it.
    pub(super) fn take(window: Window, wake: Arc<dyn Fn() + Send + Sync>) -> Option<Self> {
        Self::try_take(window, wake)
            .inspect_err(|error| tracing::warn!(%error, "the keyboard cannot be grabbed"))
            .ok()?
    }

    /// What was pressed and released since the last time, each key once; `None` when it is over.
    pub(super) fn strokes(&mut self) -> Option<Vec<Stroke>> {
        let mut strokes = Vec::new();
        for stroke in self.strokes.try_iter() {
            let news = match stroke.press {
                Press::Down => self.held.insert(stroke.code),
                Press::Up => self.held.remove(&stroke.code),
            };
            if ends(&self.held) {
                return None;
            }
            // A key that is held repeats at the other computer by itself.
            if news {
                strokes.push(stroke);
            }
        }
        let lost = *self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        (!lost).then_some(strokes)
    }

    fn try_take(
        window: Window,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> Result<Option<Self>, ReplyOrIdError> {
        let Ok((x, screen)) = x11rb::connect(None) else { return Ok(None) };
        let Some(root) = x.setup().roots.get(screen).map(|screen| screen.root) else {
            return Ok(None);
        };
        // One press for as long as a key is held.
        x.xkb_use_extension(1, 0)?.reply()?;
        let (repeat, none) = (PerClientFlag::DETECTABLE_AUTO_REPEAT, BoolCtrl::from(0_u32));
        x.xkb_per_client_flags(0x100, repeat, repeat, none, none, none)?.reply()?;
        let over = x.intern_atom(false, b"BECKON_GRAB_OVER")?.reply()?.atom;
        let ear = x.generate_id()?;
        let input_only = WindowClass::INPUT_ONLY;
        let plain = CreateWindowAux::new();
        x.create_window(
            0,
            ear,
            root,
            -1,
            -1,
            1,
            1,
            0,
            input_only,
            x11rb::COPY_FROM_PARENT,
            &plain,
        )?;
        let focus = ChangeWindowAttributesAux::new().event_mask(EventMask::FOCUS_CHANGE);
        x.change_window_attributes(window, &focus)?;
        let mode = GrabMode::ASYNC;
        let grabbed = x.grab_keyboard(false, window, x11rb::CURRENT_TIME, mode, mode)?.reply()?;
        if grabbed.status != GrabStatus::SUCCESS {
            return Ok(None);
        }
        let (x, lost) = (Arc::new(x), Arc::new(Mutex::new(false)));
        let (sender, strokes) = channel();
        let listener = Listener { x: Arc::clone(&x), over, sender, lost: Arc::clone(&lost), wake };
        let thread = std::thread::Builder::new().name("all keys".to_owned());
        if let Err(error) = thread.spawn(move || listener.listen()) {
            tracing::warn!(%error, "no thread for the keyboard");
            return Ok(None);
        }
        Ok(Some(Self { x, ear, over, strokes, held: BTreeSet::new(), lost }))
    }
}

impl Drop for Grab {
    /// Gives the keyboard back; the thread hears of it and ends.
    fn drop(&mut self) {
        let end = || -> Result<(), ReplyOrIdError> {
            self.x.ungrab_keyboard(x11rb::CURRENT_TIME)?;
            let over = ClientMessageEvent::new(32, self.ear, self.over, [0; 5]);
            // To the one that made the window: this connection.
            self.x.send_event(false, self.ear, EventMask::NO_EVENT, over)?;
            Ok(self.x.flush()?)
        };
        if let Err(error) = end() {
            tracing::warn!(%error, "the keyboard could not be given back");
        }
    }
}

struct Listener {
    x: Arc<RustConnection>,
    over: Atom,
    sender: Sender<Stroke>,
    lost: Arc<Mutex<bool>>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl Listener {
    fn listen(self) {
        loop {
            let over = match self.x.wait_for_event() {
                Ok(Event::ClientMessage(message)) if message.type_ == self.over => return,
                Ok(Event::FocusOut(event)) => {
                    matches!(event.mode, NotifyMode::NORMAL | NotifyMode::WHILE_GRABBED)
                }
                Ok(event) => match stroke(&event) {
                    Some(stroke) => self.sender.send(stroke).is_err(),
                    None => continue,
                },
                Err(_) => true,
            };
            if over {
                *self.lost.lock().unwrap_or_else(PoisonError::into_inner) = true;
            }
            (self.wake)();
            if over {
                return;
            }
        }
    }
}

/// Ctrl+Alt+Home, with either Ctrl, either Alt and either Home.
fn ends(held: &BTreeSet<u16>) -> bool {
    [[29, 97], [56, 100], [102, 71]].iter().all(|keys| keys.iter().any(|key| held.contains(key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ctrl_alt_home_gives_the_keyboard_back() {
        assert!(ends(&BTreeSet::from([97, 56, 102])));
        assert!(ends(&BTreeSet::from([29, 100, 71, 42])));
        assert!(!ends(&BTreeSet::from([29, 97, 102])));
        assert!(!ends(&BTreeSet::from([29, 56])));
    }
}

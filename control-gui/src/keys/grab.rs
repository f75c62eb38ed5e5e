//! All keys of this computer, also those that the window manager would take.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use x11rb::connection::Connection as _;
use x11rb::errors::{ConnectionError, ReplyOrIdError};
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, ChangeWindowAttributesAux, ClientMessageEvent, ConnectionExt as _, CreateWindowAux,
    EventMask, GrabMode, GrabStatus, NotifyMode, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;

use super::board::{connect, stroke};
use super::held::{Held, Stroke};

/// The keyboard, grabbed for one window until this is dropped, the window loses the keyboard, or
/// Ctrl+Alt+Home is pressed. It is given back then whatever the window does meanwhile.
pub(super) struct Grab {
    x: Arc<RustConnection>,
    ear: Window,
    end: Atom,
    strokes: Receiver<Stroke>,
    over: Arc<AtomicBool>,
}

impl Grab {
    /// Grabs the keyboard for `window` on `display`; `None` where another program has it.
    pub(super) fn take(
        display: Option<&str>,
        window: Window,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> Option<Self> {
        Self::try_take(display, window, wake)
            .inspect_err(|error| tracing::warn!(%error, "the keyboard cannot be grabbed"))
            .ok()?
    }

    /// What was pressed and released since the last time, each key once, and whether it is over.
    pub(super) fn strokes(&self) -> (Vec<Stroke>, bool) {
        // Asked first: what was pressed before the end is there then.
        let over = self.over.load(Ordering::Acquire);
        (self.strokes.try_iter().collect(), over)
    }

    fn try_take(
        display: Option<&str>,
        window: Window,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> Result<Option<Self>, ReplyOrIdError> {
        let Some((x, screen)) = connect(display) else { return Ok(None) };
        let Some(root) = x.setup().roots.get(screen).map(|screen| screen.root) else {
            return Ok(None);
        };
        let end = x.intern_atom(false, b"BECKON_GRAB_OVER")?.reply()?.atom;
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
        let (x, over) = (Arc::new(x), Arc::new(AtomicBool::new(false)));
        let (sender, strokes) = channel();
        let listener = Listener {
            x: Arc::clone(&x),
            end,
            sender,
            over: Arc::clone(&over),
            wake,
            held: Held::default(),
        };
        let thread = std::thread::Builder::new().name("all keys".to_owned());
        if let Err(error) = thread.spawn(move || listener.listen()) {
            tracing::warn!(%error, "no thread for the keyboard");
            return Ok(None);
        }
        Ok(Some(Self { x, ear, end, strokes, over }))
    }
}

impl Drop for Grab {
    /// Gives the keyboard back; the thread hears of it and ends.
    fn drop(&mut self) {
        let end = || -> Result<(), ConnectionError> {
            self.x.ungrab_keyboard(x11rb::CURRENT_TIME)?;
            let end = ClientMessageEvent::new(32, self.ear, self.end, [0; 5]);
            // To the one that made the window: this connection.
            self.x.send_event(false, self.ear, EventMask::NO_EVENT, end)?;
            self.x.flush()
        };
        if let Err(error) = end() {
            tracing::warn!(%error, "the keyboard could not be given back");
        }
    }
}

struct Listener {
    x: Arc<RustConnection>,
    end: Atom,
    sender: Sender<Stroke>,
    over: Arc<AtomicBool>,
    wake: Arc<dyn Fn() + Send + Sync>,
    held: Held,
}

impl Listener {
    fn listen(mut self) {
        loop {
            let over = match self.x.wait_for_event() {
                Ok(Event::ClientMessage(message)) if message.type_ == self.end => return,
                Ok(Event::FocusOut(event)) => {
                    matches!(event.mode, NotifyMode::NORMAL | NotifyMode::WHILE_GRABBED)
                }
                Ok(event) => match stroke(&event) {
                    Some(stroke) => self.pressed(stroke),
                    None => continue,
                },
                Err(_) => true,
            };
            if over {
                self.over.store(true, Ordering::Release);
                // Here and not in the window: one that is covered or busy does not look.
                let given_back = self.x.ungrab_keyboard(x11rb::CURRENT_TIME).map(drop);
                if let Err(error) = given_back.and_then(|()| self.x.flush()) {
                    tracing::warn!(%error, "the keyboard could not be given back");
                }
            }
            (self.wake)();
            if over {
                return;
            }
        }
    }

    /// Passes a stroke on; whether the keys that end it are down now.
    fn pressed(&mut self, stroke: Stroke) -> bool {
        let news = self.held.is_news(stroke);
        self.held.ends() || (news && self.sender.send(stroke).is_err())
    }
}

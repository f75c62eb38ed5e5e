//! The clipboard of this computer, while it is shared with another one.
//!
//! One thread reads and writes it, and only in the directions in which it is shared at that
//! moment. What came from the other side is never sent back. The thread lives as long as the
//! program: what was put into the clipboard is the user's and stays there while somebody can
//! still paste it.

mod board;
mod guard;
mod keeper;
mod lines;
mod looking;
mod outbox;
mod picture;
#[cfg(not(target_os = "windows"))]
mod polling;
mod source;
mod waker;
#[cfg(target_os = "windows")]
mod win32;
#[cfg(target_os = "linux")]
mod x11;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use beckon_peer::Clip;

use keeper::Keeper;
pub use outbox::{Clips, Next, Outbox};
use waker::Waker;

/// In which directions the clipboard of this computer is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Shares {
    /// What is copied here goes to the other side.
    pub sends: bool,
    /// What comes from the other side is put into it.
    pub takes: bool,
}

impl Shares {
    /// Neither.
    pub const NOTHING: Self = Self { sends: false, takes: false };
}

/// What happens to the clipboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClipboardEvent {
    /// This was copied here while it was shared: it is to be sent.
    Copied(Clip),
    /// Something was copied here and stays here.
    Kept(Kept),
    /// What came is in the clipboard.
    Took(Sort),
    /// What came could not be put into it, or it cannot be read: why.
    Failed(String),
}

/// Why something that was copied stays here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// There is too much of it.
    TooLarge,
    /// A program marked it as a password.
    Secret,
}

/// What something is, without what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A text.
    Text {
        /// Its length as UTF-8.
        bytes: u64,
        /// How many characters it has.
        characters: u64,
    },
    /// A picture.
    Picture {
        /// Its length as PNG.
        bytes: u64,
    },
}

impl Sort {
    /// What `clip` is.
    pub fn of(clip: &Clip) -> Self {
        let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        let bytes = count(clip.len());
        match clip {
            Clip::Text(text) => Self::Text { bytes, characters: count(text.chars().count()) },
            Clip::Png(_) => Self::Picture { bytes },
        }
    }

    /// How much of it there is.
    pub fn bytes(self) -> u64 {
        match self {
            Self::Text { bytes, .. } | Self::Picture { bytes } => bytes,
        }
    }
}

/// The clipboard of this computer. Nothing is read or written until it is shared.
pub struct Clipboard {
    door: Door,
    waker: Waker,
}

/// What is open now, for both sides of the thread. Every change closes what was allowed before.
#[derive(Clone, Default)]
struct Door {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    shares: Shares,
    /// How often they have changed.
    turn: u64,
    /// What waits to be put into the clipboard: what comes later takes its place, so that nobody
    /// can pile things up here.
    waiting: Option<Clip>,
    /// Nobody uses the clipboard any more.
    gone: bool,
}

/// The moment at which something was allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pass(u64);

impl Clipboard {
    /// Starts the thread; `tell` hears what happens, on that thread.
    pub fn start(tell: impl Fn(ClipboardEvent) + Send + 'static) -> std::io::Result<Self> {
        let (waker, sleep) = Waker::new()?;
        let door = Door::default();
        let keeper = Keeper::new(door.clone(), sleep, Box::new(tell));
        std::thread::Builder::new().name("clipboard".to_owned()).spawn(move || keeper.run())?;
        Ok(Self { door, waker })
    }

    /// From now on it is shared in these directions, and in no other: also what waits to be put
    /// into it is let go. Only what is copied from now on is sent.
    pub fn share(&self, shares: Shares) {
        self.door.set(shares);
        self.waker.wake();
    }

    /// Puts `clip` into the clipboard, where that is allowed now.
    pub fn put(&self, clip: Clip) {
        self.door.leave(clip);
        self.waker.wake();
    }
}

impl Drop for Clipboard {
    fn drop(&mut self) {
        self.door.lock().gone = true;
        self.waker.wake();
    }
}

impl Door {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, shares: Shares) {
        let mut state = self.lock();
        if state.shares != shares {
            state.shares = shares;
            state.turn += 1;
            state.waiting = None;
        }
    }

    fn leave(&self, clip: Clip) {
        let mut state = self.lock();
        if state.shares.takes {
            state.waiting = Some(clip);
        }
    }

    fn take(&self) -> Option<(Clip, Pass)> {
        let mut state = self.lock();
        let pass = Pass(state.turn);
        state.waiting.take().map(|clip| (clip, pass))
    }

    fn is_gone(&self) -> bool {
        self.lock().gone
    }

    fn shares(&self) -> Shares {
        self.lock().shares
    }

    fn pass(&self) -> Pass {
        Pass(self.lock().turn)
    }

    /// Whether nothing has changed since `pass`.
    fn admits(&self, pass: Pass) -> bool {
        self.pass() == pass
    }

    /// Does `act` where nothing has changed since `pass`, and holds changes up meanwhile.
    fn through<T>(&self, pass: Pass, act: impl FnOnce() -> T) -> Option<T> {
        let state = self.lock();
        (Pass(state.turn) == pass).then(act)
    }
}

#[cfg(test)]
mod tests;

//! Shows the screen: captures, compares, encodes, on a thread of its own.

mod outgoing;
mod pointer;
mod progress;
mod rhythm;
mod thread;

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use beckon_desk::clock;
use beckon_peer::screen::PaceError;
use tokio::sync::{mpsc, watch};

use crate::bell::Bell;
use crate::capture::Open;
use crate::monitors::Monitors;
use progress::Progress;
use thread::{Command, Thread};

/// The thread that shows the screen over one channel. Dropping it ends the thread.
///
/// It captures only between `start` and `stop`; both take effect at once. While it may not
/// capture it has no connection to the window system, and while Control is behind it takes no
/// picture.
pub struct Sharing {
    commands: Option<Sender<Command>>,
    bell: Bell,
    turns: watch::Sender<u64>,
    progress: Arc<Progress>,
}

/// Where screen messages go, each with the turn in which it was captured.
pub type Updates = mpsc::Sender<(u64, Vec<u8>)>;

/// Where pictures and what belongs to them go.
pub struct Outlet {
    /// Screen messages.
    pub updates: Updates,
    /// Messages to Control.
    pub tell: mpsc::Sender<Vec<u8>>,
    /// Called when there are no pictures for long, with the reason.
    pub fail: Box<dyn Fn(String) + Send + Sync>,
}

/// How far the pictures are, for a Pong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Standing {
    /// The last update that was sent.
    pub newest: u32,
    /// Whether changes wait to be sent.
    pub is_behind: bool,
}

impl Sharing {
    /// Starts the thread; `open` is called on it, once for each connection.
    pub fn new(
        open: Open,
        outlet: Outlet,
        monitors: Monitors,
        turns: watch::Sender<u64>,
    ) -> std::io::Result<Self> {
        let (commands, received) = channel();
        let bell = Bell::new()?;
        let progress = Arc::new(Progress::new(outlet.tell.clone(), outlet.fail));
        let told = (received, bell.clone(), turns.subscribe());
        let out = (outlet.updates, outlet.tell);
        let shared = Arc::clone(&progress);
        std::thread::Builder::new().name("pictures".to_owned()).spawn(move || {
            let _end = End(Arc::clone(&shared));
            Thread::new(open, told, out, shared, monitors).run();
        })?;
        Ok(Self { commands: Some(commands), bell, turns, progress })
    }

    /// Shows the screen from now on.
    pub fn start(&self) {
        self.progress.begin();
        self.turns.send_if_modified(|turn| !is_open(*turn) && next(turn));
        self.bell.ring();
    }

    /// Nothing is captured from now on, and nothing that was is sent.
    pub fn stop(&self) {
        self.turns.send_if_modified(|turn| is_open(*turn) && next(turn));
        self.bell.ring();
    }

    /// Begins anew with a full picture.
    pub fn full_picture(&self) {
        self.command(Command::FullPicture);
    }

    /// Shows another monitor.
    pub fn show(&self, monitor: u32) {
        self.command(Command::Show(monitor));
    }

    /// Control has decoded an update; an error means that it is not to be trusted.
    pub fn acknowledged(&self, update: u32) -> Result<(), PaceError> {
        self.progress.pace().acknowledged(update, clock::uptime())?;
        self.bell.ring();
        Ok(())
    }

    /// What the link carries, in bytes a second, once that is known.
    pub fn rate(&self) -> Option<u64> {
        self.progress.pace().rate()
    }

    /// How far the pictures are.
    pub fn standing(&self) -> Standing {
        if is_open(*self.turns.borrow()) {
            self.progress.standing()
        } else {
            Standing { is_behind: false, ..self.progress.standing() }
        }
    }

    /// Tells Control where the window system has stopped answering, and the user where it does
    /// so for long. To be called several times a second: the thread itself may hang.
    pub fn watch(&self) {
        if is_open(*self.turns.borrow()) {
            self.progress.watch(clock::uptime());
        }
    }

    fn command(&self, command: Command) {
        if let Some(commands) = &self.commands {
            // A thread that has failed has said so: see `End`.
            drop(commands.send(command));
        }
        self.bell.ring();
    }
}

impl Drop for Sharing {
    fn drop(&mut self) {
        self.commands = None;
        self.stop();
    }
}

/// Says so where the thread fails, or a picture that stands still would be taken for a quiet
/// screen. (The agent as it is handed out ends as a whole.)
struct End(Arc<Progress>);

impl Drop for End {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.ends();
        }
    }
}

/// Turns are counted: odd while the screen is shown, even while it is not.
pub fn is_open(turn: u64) -> bool {
    turn % 2 == 1
}

fn next(turn: &mut u64) -> bool {
    *turn += 1;
    true
}

#[cfg(test)]
#[path = "sharing_tests.rs"]
mod tests;

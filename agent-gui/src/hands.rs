//! Mouse and keyboard, on a thread of their own: one long-lived injector, everything released.

mod enigo_injector;
mod hand;
mod key_table;
#[cfg(test)]
mod tests;
mod x11;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use beckon_peer::{InputEvent, Text};

use crate::monitors::Monitors;
use crate::own_window::{Around, OwnWindow};
use enigo_injector::EnigoInjector;
use hand::{Hand, Injector};
use x11::X11Injector;

/// No turn is open.
const CLOSED: u64 = 0;
/// So many characters are typed between two looks at whether the turn is still open.
const PIECE: usize = 4;
/// So many events wait at most: nobody works that far ahead.
const WAITING_MAX: usize = 4_096;

/// The way to the thread that moves the pointer and presses keys. It is started at the first use
/// and ends, with everything released, when this is dropped.
pub struct Hands {
    turn: Arc<AtomicU64>,
    last: u64,
    thread: Option<(Sender<Command>, JoinHandle<()>)>,
    /// How many events wait.
    waiting: Arc<AtomicUsize>,
    /// Whether events are being left out.
    flooded: bool,
    monitors: Monitors,
    own: OwnWindow,
}

/// Input belongs to a turn: what still waits when its turn is over is not carried out.
enum Command {
    Inject(u64, InputEvent),
    ReleaseAll,
}

impl Hands {
    /// Nothing is held, nothing is started.
    pub fn new(monitors: Monitors, own: OwnWindow) -> Self {
        let turn = Arc::new(AtomicU64::new(CLOSED));
        let waiting = Arc::new(AtomicUsize::new(0));
        Self { turn, last: CLOSED, thread: None, waiting, flooded: false, monitors, own }
    }

    /// Opens a turn: input is carried out from now on. `fail` is called where it cannot be.
    pub fn take(&mut self, fail: impl Fn(String) + Send + 'static) {
        self.last += 1;
        self.turn.store(self.last, Ordering::Release);
        if self.thread.as_ref().is_some_and(|(_, thread)| !thread.is_finished()) {
            return;
        }
        let (commands, received) = channel();
        let (monitors, own) = (self.monitors.clone(), self.own.clone());
        let (turn, waiting) = (Arc::clone(&self.turn), Arc::clone(&self.waiting));
        waiting.store(0, Ordering::Release);
        let started =
            std::thread::Builder::new().name("hands".to_owned()).spawn(move || match injector() {
                Ok(injector) => {
                    let mut hand = Hand::new(injector, Around::new(own), monitors);
                    carry_out(&received, &turn, &waiting, |event| match event {
                        Some(event) => hand.carry_out(event),
                        None => hand.release_all(),
                    });
                }
                Err(why) => fail(why),
            });
        match started {
            Ok(thread) => self.thread = Some((commands, thread)),
            Err(error) => tracing::error!(%error, "no thread for mouse and keyboard"),
        }
    }

    /// Closes the turn: nothing more is carried out, everything is released.
    pub fn release(&mut self) {
        self.turn.store(CLOSED, Ordering::Release);
        self.command(Command::ReleaseAll);
    }

    /// Releases everything within the turn.
    pub fn release_all(&self) {
        self.command(Command::ReleaseAll);
    }

    /// Carries out one event, where the turn is open.
    pub fn inject(&mut self, event: InputEvent) {
        if self.waiting.load(Ordering::Acquire) < WAITING_MAX {
            self.waiting.fetch_add(1, Ordering::AcqRel);
            self.command(Command::Inject(self.last, event));
            self.flooded = false;
        } else if !std::mem::replace(&mut self.flooded, true) {
            // What is left out may have been a release.
            tracing::warn!("more input than can be carried out");
            self.release_all();
        }
    }

    fn command(&self, command: Command) {
        if let Some((commands, _)) = &self.thread {
            // A thread that could not start has said so itself.
            drop(commands.send(command));
        }
    }
}

impl Drop for Hands {
    fn drop(&mut self) {
        self.release();
        if let Some((commands, thread)) = self.thread.take() {
            drop(commands);
            if thread.join().is_err() {
                tracing::error!("the thread for mouse and keyboard has failed");
            }
        }
    }
}

/// What acts on this desktop; the error is for the user.
fn injector() -> Result<Box<dyn Injector>, String> {
    match X11Injector::connect() {
        Some(injector) => Ok(Box::new(injector)),
        None => Ok(Box::new(EnigoInjector::new()?)),
    }
}

fn carry_out(
    commands: &Receiver<Command>,
    turn: &AtomicU64,
    waiting: &AtomicUsize,
    mut act: impl FnMut(Option<&InputEvent>),
) {
    for command in commands {
        if matches!(command, Command::Inject(..)) {
            waiting.fetch_sub(1, Ordering::AcqRel);
        }
        match command {
            Command::Inject(of, event) => {
                for piece in pieces(event) {
                    if of != turn.load(Ordering::Acquire) {
                        break;
                    }
                    act(Some(&piece));
                }
            }
            Command::ReleaseAll => act(None),
        }
    }
}

/// A long text takes long to type: it is carried out piece by piece.
fn pieces(event: InputEvent) -> Vec<InputEvent> {
    let InputEvent::Text(text) = event else { return vec![event] };
    let letters: Vec<char> = text.as_str().chars().collect();
    let pieces = letters.chunks(PIECE).map(|piece| Text::new(&piece.iter().collect::<String>()));
    pieces.flatten().map(InputEvent::Text).collect()
}

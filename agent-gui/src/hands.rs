//! Mouse and keyboard, on a thread of their own: one long-lived injector, everything released.

mod enigo_injector;
mod hand;
mod key_table;
#[cfg(any(target_os = "windows", test))]
mod scan_code;
#[cfg(test)]
mod tests;
mod turn;
#[cfg(target_os = "windows")]
mod win32;
#[cfg(target_os = "linux")]
mod x11;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use beckon_peer::{InputEvent, Text};

use crate::monitors::Monitors;
use crate::own_window::{Around, OwnWindow};
use enigo_injector::EnigoInjector;
use hand::{Hand, Injector};
pub use turn::Turn;

/// So many characters are typed between two looks at who has the keyboard.
const PIECE: usize = 16;
/// So many events wait at most: nobody works that far ahead.
const WAITING_MAX: usize = 4_096;

/// The way to the thread that moves the pointer and presses keys. It is started at the first use
/// and ends, with everything released, when this is dropped.
pub struct Hands {
    turn: Turn,
    /// How often everything was released here; where that is less than the number of the turn, it
    /// is still to come.
    released: u64,
    /// Whether input is carried out at all.
    taken: bool,
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
    /// Nothing is held, nothing is started. Whoever decides that everything is released ends
    /// `turn`, once for each [`Hands::release`].
    pub fn new(turn: Turn, monitors: Monitors, own: OwnWindow) -> Self {
        let (released, waiting) = (turn.number(), Arc::new(AtomicUsize::new(0)));
        let (thread, taken, flooded) = (None, false, false);
        Self { turn, released, taken, thread, waiting, flooded, monitors, own }
    }

    /// Input is carried out from now on, within the turn. `fail` is called where it cannot be.
    pub fn take(&mut self, fail: impl Fn(String) + Send + 'static) {
        self.taken = true;
        if self.thread.as_ref().is_some_and(|(_, thread)| !thread.is_finished()) {
            return;
        }
        let (commands, received) = channel();
        let (monitors, own) = (self.monitors.clone(), self.own.clone());
        let (turn, waiting) = (self.turn.clone(), Arc::clone(&self.waiting));
        waiting.store(0, Ordering::Release);
        let started =
            std::thread::Builder::new().name("hands".to_owned()).spawn(move || match injector() {
                Ok(injector) => {
                    let mut hand = Hand::new(injector, Around::new(own), monitors);
                    carry_out(&received, &turn, &waiting, |event, goes_on| match event {
                        Some(event) => hand.carry_out(event, goes_on),
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

    /// Everything is released, and nothing more is carried out; the turn has ended already.
    pub fn release(&mut self) {
        self.released += 1;
        self.taken = false;
        self.command(Command::ReleaseAll);
    }

    /// Releases everything within the turn.
    pub fn release_all(&self) {
        self.command(Command::ReleaseAll);
    }

    /// Carries out one event, while its turn lasts.
    pub fn inject(&mut self, event: InputEvent) {
        if !self.taken {
            return;
        }
        if self.waiting.load(Ordering::Acquire) < WAITING_MAX {
            self.waiting.fetch_add(1, Ordering::AcqRel);
            self.command(Command::Inject(self.released, event));
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
        self.turn.end();
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
    #[cfg(target_os = "linux")]
    if let Some(injector) = x11::X11Injector::connect() {
        return Ok(Box::new(injector));
    }
    let injector = EnigoInjector::new()?;
    #[cfg(target_os = "windows")]
    let injector = win32::Win32Injector::new(injector);
    Ok(Box::new(injector))
}

fn carry_out(
    commands: &Receiver<Command>,
    turn: &Turn,
    waiting: &AtomicUsize,
    mut act: impl FnMut(Option<&InputEvent>, &dyn Fn() -> bool),
) {
    for command in commands {
        match command {
            Command::Inject(of, event) => {
                waiting.fetch_sub(1, Ordering::AcqRel);
                let goes_on = || of == turn.number();
                for piece in pieces(event) {
                    if !goes_on() {
                        break;
                    }
                    act(Some(&piece), &goes_on);
                }
            }
            Command::ReleaseAll => act(None, &|| true),
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

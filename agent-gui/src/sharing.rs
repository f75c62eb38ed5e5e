//! Shows the screen: captures, compares, encodes, on a thread of its own.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use beckon_desk::clock;
use beckon_peer::AgentMessage;
use beckon_peer::screen::{Encoder, Pace, PaceError};
use tokio::sync::{mpsc, watch};

use crate::capture::{Capture, CaptureError};
use crate::monitors::Monitors;

/// The shortest time between two pictures.
const BUSY: Duration = Duration::from_millis(33);
/// The longest, while nothing changes.
const IDLE: Duration = Duration::from_millis(200);
/// So many pictures may fail in a row before the user hears of it.
const FAILURES: u32 = 5;

/// The thread that shows the screen over one channel. Dropping it ends the thread.
///
/// It captures only between `start` and `stop`; both take effect at once.
pub struct Sharing {
    commands: Sender<Command>,
    turns: watch::Sender<u64>,
    pace: Arc<Mutex<Pace>>,
}

/// Where pictures and what belongs to them go.
pub struct Outlet {
    /// Screen messages, each with the turn in which it was captured.
    pub updates: mpsc::Sender<(u64, Vec<u8>)>,
    /// Messages to Control.
    pub tell: mpsc::Sender<Vec<u8>>,
    /// Called when there are no pictures, with the reason.
    pub fail: Box<dyn Fn(String) + Send>,
}

enum Command {
    Start,
    FullPicture,
    Show(u32),
    Acknowledged,
}

struct Thread<C> {
    capture: C,
    commands: Receiver<Command>,
    turns: watch::Receiver<u64>,
    pace: Arc<Mutex<Pace>>,
    outlet: Outlet,
    monitors: Monitors,
    encoder: Encoder,
    monitor: Option<u32>,
    pointer: Option<(i32, i32)>,
    interval: Duration,
    /// When the next picture is due, by the time since boot.
    due: Duration,
    failures: u32,
    /// Whether nothing was sent since the start.
    fresh: bool,
}

impl Sharing {
    /// Starts the thread; `make` is called on it.
    pub fn new<C: Capture>(
        make: impl FnOnce() -> C + Send + 'static,
        outlet: Outlet,
        monitors: Monitors,
        turns: watch::Sender<u64>,
    ) -> std::io::Result<Self> {
        let (commands, received) = channel();
        let turn = turns.subscribe();
        let pace = Arc::new(Mutex::new(Pace::new()));
        let sharing = Self { commands, turns, pace: Arc::clone(&pace) };
        std::thread::Builder::new().name("pictures".to_owned()).spawn(move || {
            let thread = Thread {
                capture: make(),
                commands: received,
                turns: turn,
                pace,
                outlet,
                monitors,
                encoder: Encoder::new(0),
                monitor: None,
                pointer: None,
                interval: BUSY,
                due: Duration::ZERO,
                failures: 0,
                fresh: true,
            };
            thread.run();
        })?;
        Ok(sharing)
    }

    /// Shows the screen from now on.
    pub fn start(&self) {
        self.turns.send_if_modified(|turn| !is_open(*turn) && next(turn));
        self.command(Command::Start);
    }

    /// Nothing is captured from now on, and nothing that was is sent.
    pub fn stop(&self) {
        self.turns.send_if_modified(|turn| is_open(*turn) && next(turn));
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
        self.pace.lock().unwrap_or_else(PoisonError::into_inner).acknowledged(update)?;
        self.command(Command::Acknowledged);
        Ok(())
    }

    fn command(&self, command: Command) {
        // A thread that has ended has said so itself.
        drop(self.commands.send(command));
    }
}

impl Drop for Sharing {
    fn drop(&mut self) {
        self.stop();
    }
}

impl<C: Capture> Thread<C> {
    fn run(mut self) {
        loop {
            let next = if self.is_open() {
                let wait = self.due.saturating_sub(clock::uptime());
                self.commands.recv_timeout(wait)
            } else {
                self.commands.recv().map_err(|_| RecvTimeoutError::Disconnected)
            };
            match next {
                Ok(command) => self.obey(&command),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            let now = clock::uptime();
            if !self.is_open() || now < self.due {
                continue;
            }
            if self.may_send() {
                self.interval = match self.send_picture() {
                    Ok(interval) => interval,
                    Err(Ended) => return,
                };
                self.due = now + self.interval;
            } else {
                // An acknowledgement wakes this thread before.
                self.due = now + IDLE;
            }
        }
    }

    fn turn(&self) -> u64 {
        *self.turns.borrow()
    }

    fn is_open(&self) -> bool {
        is_open(self.turn())
    }

    /// What the last turn did not send any more is never acknowledged by itself, but with the
    /// first update of this one.
    fn may_send(&self) -> bool {
        self.fresh || self.pace.lock().unwrap_or_else(PoisonError::into_inner).may_send()
    }

    fn obey(&mut self, command: &Command) {
        match command {
            Command::Start => {
                self.encoder.restart();
                self.pointer = None;
                self.failures = 0;
                self.fresh = true;
                self.list();
                self.due = Duration::ZERO;
            }
            Command::FullPicture => {
                self.encoder.restart();
                self.due = Duration::ZERO;
            }
            Command::Show(monitor) => {
                self.monitor = Some(*monitor);
                self.list();
                self.due = Duration::ZERO;
            }
            Command::Acknowledged => {
                let soon = clock::uptime() + self.interval.min(BUSY);
                self.due = self.due.min(soon);
            }
        }
    }

    /// Looks which monitors there are, tells Control, and keeps to the one that is shown.
    fn list(&mut self) {
        let Ok(all) = self.capture.monitors() else { return };
        let is_there = |id: &u32| all.iter().any(|monitor| monitor.id == *id);
        let main = all.iter().find(|monitor| monitor.primary).or(all.first());
        let chosen = self.monitor.filter(is_there).or(main.map(|monitor| monitor.id));
        if let Some(id) = chosen {
            self.encoder.show(id);
            self.monitors.show(id);
        }
        self.monitor = chosen;
        self.monitors.replace(all.clone());
        self.tell(&AgentMessage::Monitors(all));
    }

    /// Captures and sends what has changed; says how long to wait for the next.
    fn send_picture(&mut self) -> Result<Duration, Ended> {
        let Some(monitor) = self.monitor else {
            self.list();
            return Ok(self.fail(&CaptureError::NoMonitor.to_string()));
        };
        let turn = self.turn();
        let picture = match self.capture.picture(monitor) {
            Ok(picture) => picture,
            Err(error) => {
                let wait = self.fail(&error.to_string());
                self.list();
                return Ok(wait);
            }
        };
        self.failures = 0;
        self.tell_pointer();
        match self.encoder.encode(&picture) {
            Ok(Some(update)) => {
                if !is_open(turn) || turn != self.turn() {
                    // What was captured at the moment of the stop stays here.
                    self.encoder.restart();
                    return Ok(BUSY);
                }
                let number = self.encoder.update_number();
                self.pace.lock().unwrap_or_else(PoisonError::into_inner).sent(number);
                self.fresh = false;
                self.outlet.updates.blocking_send((turn, update)).map_err(|_| Ended)?;
                Ok(if self.encoder.is_behind() { Duration::ZERO } else { BUSY })
            }
            Ok(None) => Ok((self.interval.max(BUSY) * 5 / 4).min(IDLE)),
            Err(error) => Ok(self.fail(&error.to_string())),
        }
    }

    fn tell_pointer(&mut self) {
        let pointer = self.capture.pointer();
        if pointer != self.pointer {
            self.pointer = pointer;
            let shown = pointer.and_then(|place| self.monitors.find(place));
            self.tell(&AgentMessage::Cursor(shown));
        }
    }

    fn fail(&mut self, why: &str) -> Duration {
        self.failures += 1;
        if self.failures == FAILURES {
            (self.outlet.fail)(why.to_owned());
        }
        IDLE
    }

    fn tell(&self, message: &AgentMessage) {
        if let Err(error) = self.outlet.tell.try_send(message.to_bytes()) {
            tracing::debug!(%error, "Control is not told about the screen");
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

/// The channel is gone.
struct Ended;

#[cfg(test)]
#[path = "sharing_tests.rs"]
mod tests;

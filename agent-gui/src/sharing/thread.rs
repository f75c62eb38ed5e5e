//! The pictures' thread.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::Duration;

use beckon_desk::clock;
use beckon_peer::{AgentMessage, Monitor};
use tokio::sync::{mpsc, watch};

use super::outgoing::Outgoing;
use super::pointer::Pointer;
use super::progress::{Answer, Progress};
use super::rhythm::Rhythm;
use super::{Standing, Updates, is_open};
use crate::bell::Bell;
use crate::capture::{Capture, CaptureError, Extent, Open};
use crate::monitors::Monitors;

/// A screen that is lost is looked for so often.
const RETRY: Duration = Duration::from_millis(300);
/// So often the window system has to say that it is there, at least.
const PING_EVERY: Duration = Duration::from_millis(250);
/// What the window system tells is heard at most so often, while something is to be done anyway.
const HEAR_EVERY: Duration = Duration::from_millis(4);
/// A monitor that changes between listing and looking so many times in a row is lost.
const CHANGES: u32 = 10;
/// The pause between two of these attempts is doubled so often.
const LONGEST_PAUSE: u32 = 4;

/// What the thread is told.
pub enum Command {
    /// Begin anew.
    FullPicture,
    /// Show this monitor.
    Show(u32),
}

/// The pictures' thread.
pub struct Thread {
    open: Open,
    commands: Receiver<Command>,
    bell: Bell,
    turns: watch::Receiver<u64>,
    /// The turn in which everything happens.
    turn: u64,
    tell: mpsc::Sender<Vec<u8>>,
    progress: Arc<Progress>,
    monitors: Monitors,
    outgoing: Outgoing,
    pointer: Pointer,
    rhythm: Rhythm,
    capture: Option<Box<dyn Capture>>,
    /// What Control has chosen.
    chosen: Option<u32>,
    shown: Option<Monitor>,
    extent: Extent,
    /// Whether there was no room to tell Control about the monitors.
    owes_monitors: bool,
    changes: u32,
    /// By the time since boot: when to try again, when to ask for a sign of life, when the window
    /// system was last heard.
    retry: Duration,
    ping: Duration,
    heard: Duration,
}

/// Why something was not finished.
pub enum Trouble {
    /// There is no picture.
    Capture(CaptureError),
    /// The channel is gone.
    Ended,
}

impl Thread {
    /// A thread that was not started yet.
    pub fn new(
        open: Open,
        (commands, bell, turns): (Receiver<Command>, Bell, watch::Receiver<u64>),
        (updates, tell): (Updates, mpsc::Sender<Vec<u8>>),
        progress: Arc<Progress>,
        monitors: Monitors,
    ) -> Self {
        Self {
            open,
            commands,
            bell,
            turns,
            turn: 0,
            outgoing: Outgoing::new(updates, Arc::clone(&progress)),
            pointer: Pointer::new(tell.clone()),
            tell,
            progress,
            monitors,
            rhythm: Rhythm::default(),
            capture: None,
            chosen: None,
            shown: None,
            extent: Extent::Whole,
            owes_monitors: false,
            changes: 0,
            retry: Duration::ZERO,
            ping: Duration::ZERO,
            heard: Duration::ZERO,
        }
    }

    /// Runs until the channel or its owner is gone.
    pub fn run(mut self) {
        while self.obey().is_ok() {
            let turn = *self.turns.borrow();
            if turn != self.turn {
                self.turn = turn;
                self.capture = None;
                self.retry = Duration::ZERO;
                self.outgoing.turn();
            }
            if !is_open(turn) {
                // Nothing may be captured, and there is no connection that could.
                self.bell.wait(None);
                continue;
            }
            match self.step() {
                Ok(()) => {}
                Err(Trouble::Capture(error)) => self.lose(&error),
                Err(Trouble::Ended) => return,
            }
            self.tell_standing();
            if let Err(error) = self.sleep() {
                self.lose(&error);
            }
        }
    }

    /// Whether what was captured in this turn may still be sent.
    fn is_open(&self) -> bool {
        is_open(self.turn) && *self.turns.borrow() == self.turn
    }

    /// Does what was commanded; an error means that nobody commands any more.
    fn obey(&mut self) -> Result<(), TryRecvError> {
        loop {
            match self.commands.try_recv() {
                Ok(Command::FullPicture) => self.begin_anew(),
                Ok(Command::Show(monitor)) => {
                    self.chosen = Some(monitor);
                    self.shown = None;
                }
                Err(TryRecvError::Empty) => return Ok(()),
                Err(TryRecvError::Disconnected) => return Err(TryRecvError::Disconnected),
            }
        }
    }

    fn begin_anew(&mut self) {
        self.outgoing.restart();
        self.extent = Extent::Whole;
    }

    /// Does everything that is due now.
    fn step(&mut self) -> Result<(), Trouble> {
        let now = clock::uptime();
        if now < self.retry {
            return Ok(());
        }
        if self.capture.is_none() {
            self.progress.asks(now);
            let opened = (self.open)();
            self.hear_answer();
            self.capture = Some(opened?);
            self.pointer.forget();
            self.shown = None;
            self.begin_anew();
        }
        let news = self.capture.as_ref().map(|capture| capture.news()).unwrap_or_default();
        if news.monitors || self.owes_monitors || self.shown.is_none() {
            self.list()?;
        }
        let is_pointer_due = now >= self.pointer.due();
        if news.shape || (self.pointer.owes_shape() && is_pointer_due) {
            let shape = self.ask(|capture| capture.shape())?;
            self.pointer.tell_shape(shape, now);
        }
        if (news.place || self.pointer.owes_place()) && is_pointer_due {
            let place = self.ask(|capture| capture.place())?;
            self.pointer.tell_place(place, &self.monitors, now);
        }
        if now >= self.ping {
            self.ask(|capture| capture.ping())?;
        }
        // A full picture keeps to the rhythm too, however often Control asks for one.
        if news.damage || self.extent == Extent::Whole {
            self.rhythm.notice(now);
        }
        if self.outgoing.may_send() {
            if self.rhythm.due().is_some_and(|due| due <= now) {
                self.look()?;
            }
            self.send()?;
        }
        Ok(())
    }

    /// Asks the window system something; the watcher knows since when.
    fn ask<T>(
        &mut self,
        ask: impl FnOnce(&mut dyn Capture) -> Result<T, CaptureError>,
    ) -> Result<T, CaptureError> {
        let capture = self.capture.as_mut().ok_or(CaptureError::NoMonitor)?;
        self.progress.asks(clock::uptime());
        let answer = ask(capture.as_mut());
        self.hear_answer();
        answer
    }

    fn hear_answer(&mut self) {
        if self.progress.is_answered() == Answer::Late {
            self.begin_anew();
        }
        self.ping = clock::uptime() + PING_EVERY;
    }

    /// Looks which monitors there are, tells Control, and keeps to the one that is shown.
    fn list(&mut self) -> Result<(), CaptureError> {
        let all = self.ask(|capture| capture.monitors())?;
        let chosen = all.iter().find(|monitor| Some(monitor.id) == self.chosen);
        let main = all.iter().find(|monitor| monitor.primary).or(all.first());
        let shown = chosen.or(main).cloned();
        if let (Some(monitor), true) = (&shown, shown != self.shown) {
            self.outgoing.show(monitor.id);
            self.extent = Extent::Whole;
            self.monitors.show(monitor.id);
            self.pointer.forget_place();
        }
        self.shown = shown;
        let is_new = self.monitors.replace(all.clone());
        if is_new || self.owes_monitors || self.outgoing.is_fresh() {
            let sent = self.tell.try_send(AgentMessage::Monitors(all).to_bytes());
            self.owes_monitors = sent.is_err();
            if let Err(error) = sent {
                tracing::debug!(%error, "Control is not told about the monitors");
            }
        }
        Ok(())
    }

    /// Captures, and marks what has changed.
    fn look(&mut self) -> Result<(), CaptureError> {
        let (Some(capture), Some(monitor)) = (&mut self.capture, &self.shown) else {
            return Err(CaptureError::NoMonitor);
        };
        let now = clock::uptime();
        self.outgoing.begin();
        self.rhythm.begin(now);
        self.progress.asks(now);
        let shot = capture.next(monitor, self.extent);
        let answer = self.progress.is_answered();
        let changed = self.outgoing.look(&shot?)?;
        self.changes = 0;
        if changed {
            self.rhythm.found(now);
        }
        self.extent = Extent::Changed;
        self.ping = now + PING_EVERY;
        if answer == Answer::Late {
            self.begin_anew();
        } else {
            self.progress.found();
        }
        Ok(())
    }

    /// Sends one update.
    fn send(&mut self) -> Result<(), Trouble> {
        // What was captured at the moment of the stop stays here.
        if !self.is_open() || self.extent == Extent::Whole {
            return Ok(());
        }
        let is_quiet = self.rhythm.due().is_none();
        let at_rest = is_quiet && clock::uptime() >= self.rhythm.rests_at();
        let waited = self.outgoing.waits();
        self.outgoing.send(self.turn, at_rest)?;
        if waited && !self.outgoing.waits() {
            self.rhythm.done(clock::uptime());
        }
        Ok(())
    }

    fn tell_standing(&self) {
        let damage = self.capture.as_ref().is_some_and(|capture| capture.news().damage);
        let is_due = self.rhythm.due().is_some() || self.extent == Extent::Whole;
        let Standing { newest, is_behind } = self.outgoing.standing();
        self.progress.stands(Standing { newest, is_behind: is_behind || damage || is_due });
    }

    fn lose(&mut self, error: &CaptureError) {
        let now = clock::uptime();
        self.begin_anew();
        self.retry = now + RETRY;
        match error {
            CaptureError::Changed => {
                self.shown = None;
                self.changes += 1;
                if self.changes < CHANGES {
                    // Longer and longer: what changes may take its time.
                    self.retry = now + HEAR_EVERY * (1 << self.changes.min(LONGEST_PAUSE));
                    return;
                }
            }
            CaptureError::NoMonitor | CaptureError::TooLarge => self.shown = None,
            CaptureError::Locked | CaptureError::SecurityPrompt => {}
            CaptureError::System(_) => self.capture = None,
        }
        self.progress.lost(error);
    }

    /// Until something is due.
    fn sleep(&mut self) -> Result<(), CaptureError> {
        let now = clock::uptime();
        if !self.is_open() {
            return Ok(());
        }
        let Some(capture) = &mut self.capture else {
            self.bell.wait(Some(self.retry.saturating_sub(now)));
            return Ok(());
        };
        let news = capture.news();
        let mut due = self.ping;
        if news.place || self.pointer.owes_place() || self.pointer.owes_shape() {
            due = due.min(self.pointer.due());
        }
        if self.outgoing.may_send() {
            if news.damage || self.extent == Extent::Whole {
                self.rhythm.notice(now);
            }
            if self.outgoing.waits() {
                due = Duration::ZERO;
            }
            // While a look is awaited nothing rests.
            let rests = self.outgoing.wants_rest().then(|| self.rhythm.rests_at());
            due = self.rhythm.due().or(rests).map_or(due, |next| due.min(next));
        }
        let due = due.max(self.retry);
        let rested = self.heard + HEAR_EVERY;
        if (news.damage || news.place) && now < rested {
            self.bell.wait(Some(due.min(rested).saturating_sub(now)));
            return Ok(());
        }
        capture.wait(&self.bell, due.saturating_sub(now))?;
        if capture.news() != news {
            self.heard = clock::uptime();
        }
        Ok(())
    }
}

impl From<CaptureError> for Trouble {
    fn from(error: CaptureError) -> Self {
        Self::Capture(error)
    }
}

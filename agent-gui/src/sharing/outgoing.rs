//! What goes to Control: updates, as far as it can follow.

use std::sync::Arc;

use beckon_desk::clock;
use beckon_peer::screen::{Captured, Encoder, Limits, Seen};

use super::progress::Progress;
use super::thread::Trouble;
use super::{Standing, Updates};
use crate::capture::{CaptureError, Shot};
use crate::clock_ms;

/// Makes updates and sends them while there is credit.
pub struct Outgoing {
    encoder: Encoder,
    updates: Updates,
    progress: Arc<Progress>,
    /// When the picture was captured that is being sent, by the clock that Control may see.
    captured_ms: u32,
    /// Whether the encoder has more to send.
    waits: bool,
    /// Whether the encoder has nothing more for a screen at rest.
    refined: bool,
    /// Whether nothing was sent in this turn.
    fresh: bool,
}

impl Outgoing {
    /// Nothing was captured yet.
    pub fn new(updates: Updates, progress: Arc<Progress>) -> Self {
        let (waits, refined, fresh) = (false, false, true);
        Self { encoder: Encoder::new(0), updates, progress, captured_ms: 0, waits, refined, fresh }
    }

    /// A new turn begins.
    pub fn turn(&mut self) {
        self.fresh = true;
        self.restart();
    }

    /// The next update begins anew.
    pub fn restart(&mut self) {
        self.encoder.restart();
        self.waits = false;
    }

    /// The pictures are those of another monitor, or of another place.
    pub fn show(&mut self, monitor: u32) {
        self.encoder.show(monitor);
        self.waits = false;
    }

    /// Whether nothing was sent in this turn.
    pub fn is_fresh(&self) -> bool {
        self.fresh
    }

    /// Whether an update may be sent now. What the last turn did not send any more is never
    /// acknowledged by itself, but with the first update of this one.
    pub fn may_send(&self) -> bool {
        self.updates.capacity() > 0 && (self.fresh || self.progress.pace().may_send())
    }

    /// Whether changes wait to be sent.
    pub fn waits(&self) -> bool {
        self.waits
    }

    /// Whether there is something to send as soon as the screen is at rest.
    pub fn wants_rest(&self) -> bool {
        self.encoder.is_rough() && !self.refined
    }

    /// How far it is.
    pub fn standing(&self) -> Standing {
        Standing { newest: self.encoder.update_number(), is_behind: self.waits }
    }

    /// Notes that a picture is being captured now.
    pub fn begin(&mut self) {
        self.captured_ms = clock_ms::now();
    }

    /// Takes in what was captured; says whether anything has changed.
    pub fn look(&mut self, shot: &Shot<'_>) -> Result<bool, CaptureError> {
        let (size, order, parts, shifts) = (shot.size, shot.order, &shot.parts, &shot.shifts);
        match self.encoder.look(&Captured { size, order, parts, shifts }) {
            Ok(Seen::Nothing) => Ok(false),
            Ok(Seen::Changed) => {
                (self.waits, self.refined) = (true, false);
                Ok(true)
            }
            Err(error) => Err(CaptureError::System(error.to_string())),
        }
    }

    /// Sends one update of `turn`: of what has changed or, at rest, of what was only roughly
    /// right.
    pub fn send(&mut self, turn: u64, at_rest: bool) -> Result<(), Trouble> {
        let has_something = self.waits || (at_rest && self.wants_rest());
        if !has_something {
            return Ok(());
        }
        let Ok(permit) = self.updates.try_reserve() else {
            return if self.updates.is_closed() { Err(Trouble::Ended) } else { Ok(()) };
        };
        let (bytes, quality) = {
            let pace = self.progress.pace();
            (pace.budget(clock::uptime()), pace.quality())
        };
        let captured_ms = self.captured_ms;
        match self.encoder.next_update(&Limits { bytes, quality, at_rest, captured_ms }) {
            Ok(Some(update)) => {
                let number = self.encoder.update_number();
                self.progress.pace().sent(number, update.len(), clock::uptime());
                permit.send((turn, update));
                self.fresh = false;
                self.waits = self.encoder.is_behind();
            }
            Ok(None) => {
                self.waits = false;
                self.refined = at_rest;
            }
            Err(error) => return Err(CaptureError::System(error.to_string()).into()),
        }
        Ok(())
    }
}

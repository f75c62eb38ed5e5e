//! How old the picture is that is shown, as Control estimates it.

use std::collections::VecDeque;
use std::time::Duration;

/// So many pings are remembered; the fastest of them sets the clock.
const PINGS: usize = 10;

/// Follows updates and answered pings. Times are those since the probe's start; the agent's
/// clock counts milliseconds from any moment and wraps.
#[derive(Debug, Default)]
pub struct Age {
    /// Round trip, and what is to be added to our clock to get the agent's.
    pings: VecDeque<(Duration, u32)>,
    decoded: u32,
    /// The last moment, by the agent's clock, at which what is shown was known to be the newest.
    newest: Option<u32>,
}

impl Age {
    /// An update is decoded.
    pub fn decoded(&mut self, number: u32, captured_ms: u32, behind: bool) {
        self.decoded = number;
        if !behind {
            self.advance(captured_ms);
        }
    }

    /// A ping of `sent` is answered at `now`.
    pub fn answered(&mut self, (sent, now): (Duration, Duration), clock_ms: u32, last: Last) {
        let trip = now.saturating_sub(sent);
        if self.pings.len() == PINGS {
            self.pings.pop_front();
        }
        self.pings.push_back((trip, clock_ms.wrapping_sub(millis(sent + trip / 2))));
        if self.newest.is_some() && !last.behind && last.number == self.decoded {
            self.advance(clock_ms);
        }
    }

    /// An update may have been captured before the answer that overtook it.
    fn advance(&mut self, to: u32) {
        if self.newest.is_none_or(|newest| to.wrapping_sub(newest) < u32::MAX / 2) {
            self.newest = Some(to);
        }
    }

    /// A new channel counts from 1; what is shown stays as old as it is.
    pub fn restart(&mut self) {
        self.decoded = 0;
        self.pings.clear();
    }

    /// The age at `now`, where a picture is shown and a ping was answered.
    pub fn at(&self, now: Duration) -> Option<Duration> {
        let (_, offset) = self.pings.iter().min_by_key(|(trip, _)| *trip)?;
        let age = millis(now).wrapping_add(*offset).wrapping_sub(self.newest?);
        // Half of the clock's circle lies before: an estimate that is a little off.
        let age = if age > u32::MAX / 2 { 0 } else { age };
        Some(Duration::from_millis(age.into()))
    }
}

/// What the agent said it has sent last.
#[derive(Debug, Clone, Copy)]
pub struct Last {
    /// The number of the update.
    pub number: u32,
    /// Whether something has changed since.
    pub behind: bool,
}

#[expect(clippy::cast_possible_truncation, reason = "the clock wraps")]
fn millis(time: Duration) -> u32 {
    time.as_millis() as u32
}

//! How long an event has been waiting for its place in the tree.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Longer than this is an alarm.
const LATE: Duration = Duration::from_secs(10);
/// The alarm is not repeated within this.
const QUIET: Duration = Duration::from_mins(1);

/// Since when events wait. All times are those of one monotonic clock.
#[derive(Debug, Default)]
pub(super) struct Lag(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    /// The first event that nobody has begun to read.
    queued: Option<Duration>,
    /// The first event of those that are being read.
    begun: Option<Duration>,
    told: Option<Duration>,
    /// When the newest checkpoint was shown.
    signed: Option<Duration>,
}

impl Lag {
    /// There is an event.
    pub(super) fn queued(&self, now: Duration) {
        self.lock().queued.get_or_insert(now);
    }

    /// Whatever is there is about to be read.
    pub(super) fn begin(&self) {
        let mut waiting = self.lock();
        let queued = waiting.queued.take();
        waiting.begun = waiting.begun.or(queued);
    }

    /// Everything that was there at the last [`Lag::begin`] is in the tree.
    pub(super) fn done(&self) {
        self.lock().begun = None;
    }

    /// How long the oldest event waits, where one does.
    pub(super) fn waiting(&self, now: Duration) -> Option<Duration> {
        let waiting = self.lock();
        Some(now.saturating_sub(waiting.begun.or(waiting.queued)?))
    }

    /// A checkpoint is shown.
    pub(super) fn signed(&self, now: Duration) {
        self.lock().signed = Some(now);
    }

    /// How long ago the newest checkpoint was shown.
    pub(super) fn since_signed(&self, now: Duration) -> Option<Duration> {
        self.lock().signed.map(|signed| now.saturating_sub(signed))
    }

    /// How long the oldest event waits, where that is an alarm now.
    pub(super) fn alarm(&self, now: Duration) -> Option<Duration> {
        let mut waiting = self.lock();
        let lag = now.saturating_sub(waiting.begun.or(waiting.queued)?);
        let quiet = waiting.told.is_some_and(|told| now.saturating_sub(told) < QUIET);
        if lag <= LATE || quiet {
            return None;
        }
        waiting.told = Some(now);
        Some(lag)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_that_waits_too_long_is_an_alarm_once_a_minute() {
        let lag = Lag::default();
        let at = Duration::from_secs;
        assert_eq!(lag.alarm(at(100)), None, "nothing waits");
        assert_eq!(lag.waiting(at(100)), None);
        lag.queued(at(100));
        lag.queued(at(105));
        assert_eq!(lag.alarm(at(110)), None);
        assert_eq!(lag.waiting(at(110)), Some(at(10)), "no alarm, but a wait");
        assert_eq!(lag.alarm(at(111)), Some(at(11)));
        lag.begin();
        lag.queued(at(130));
        assert_eq!(lag.alarm(at(170)), None, "told less than a minute ago");
        assert_eq!(lag.alarm(at(171)), Some(at(71)), "reading that does not end counts, too");
        lag.done();
        assert_eq!(lag.alarm(at(231)), Some(at(101)), "what came meanwhile still waits");
        lag.begin();
        lag.done();
        assert_eq!(lag.alarm(at(400)), None);
    }
}

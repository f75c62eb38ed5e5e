//! How often the screen is looked at.

use std::time::Duration;

/// A change is looked at so soon, for what belongs to it to come along.
const SETTLES: Duration = Duration::from_millis(1);
/// The first one after a quiet time is small most often, a letter or a button: so soon.
const SETTLES_AT_REST: Duration = Duration::from_micros(300);
/// A quiet time.
const QUIET: Duration = Duration::from_millis(60);
/// Between two looks, at least.
const SHORTEST: Duration = Duration::from_millis(8);
/// Between two looks, at most.
const LONGEST: Duration = Duration::from_millis(33);
/// Without a change for so long the screen is at rest.
const RESTS_AFTER: Duration = Duration::from_millis(300);

/// The time between two looks follows what a look costs: at most half of the time is spent on it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rhythm {
    /// When the change was noticed that was not looked at yet.
    noticed: Option<Duration>,
    /// When the next look may begin.
    free: Duration,
    began: Duration,
    changed: Duration,
}

impl Rhythm {
    /// There is a change.
    pub fn notice(&mut self, now: Duration) {
        self.noticed.get_or_insert(now);
    }

    /// When the change that was noticed is to be looked at.
    pub fn due(&self) -> Option<Duration> {
        self.noticed.map(|noticed| {
            let was_quiet = noticed.saturating_sub(self.began) >= QUIET;
            let settles = if was_quiet { SETTLES_AT_REST } else { SETTLES };
            (noticed + settles).max(self.free)
        })
    }

    /// A look begins.
    pub fn begin(&mut self, now: Duration) {
        self.noticed = None;
        self.began = now;
        self.free = now + SHORTEST;
    }

    /// The look found that something has changed.
    pub fn found(&mut self, now: Duration) {
        self.changed = now;
    }

    /// All that followed from the last look is done.
    pub fn done(&mut self, now: Duration) {
        let cost = now.saturating_sub(self.began);
        self.free = self.began + (cost * 2).clamp(SHORTEST, LONGEST).max(cost);
    }

    /// When the screen is at rest, if nothing changes until then.
    pub fn rests_at(&self) -> Duration {
        self.changed + RESTS_AFTER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn the_first_change_after_a_quiet_time_is_looked_at_at_once() {
        let mut rhythm = Rhythm::default();
        assert_eq!(rhythm.due(), None);
        rhythm.notice(ms(1_000));
        rhythm.notice(ms(1_005));
        assert_eq!(rhythm.due(), Some(ms(1_000) + SETTLES_AT_REST));
        rhythm.begin(ms(1_001));
        rhythm.notice(ms(1_040));
        assert_eq!(rhythm.due(), Some(ms(1_040) + SETTLES), "others follow it: it belongs to more");
    }

    #[test]
    fn the_next_one_waits_as_long_again_as_the_last_one_took_within_bounds() {
        for (cost, free) in [(0, 8), (3, 8), (10, 20), (25, 33), (60, 60)] {
            let mut rhythm = Rhythm::default();
            rhythm.begin(ms(1_000));
            rhythm.done(ms(1_000 + cost));
            rhythm.notice(ms(1_002));
            assert_eq!(rhythm.due(), Some(ms(1_000 + free)), "{cost}");
        }
    }

    #[test]
    fn it_rests_after_three_tenths_of_a_second_without_a_change() {
        let mut rhythm = Rhythm::default();
        rhythm.begin(ms(1_000));
        rhythm.found(ms(1_000));
        rhythm.begin(ms(1_200));
        assert_eq!(rhythm.rests_at(), ms(1_300), "a look that found nothing is no change");
    }
}

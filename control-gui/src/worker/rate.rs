//! How much an agent sends.

use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// Counts something by the second, or by a longer time.
#[derive(Debug)]
pub struct Rate {
    most: usize,
    time: Duration,
    since: Duration,
    counted: usize,
}

impl Rate {
    /// At most so many in a second.
    pub fn new(most: usize) -> Self {
        Self::within(SECOND, most)
    }

    /// At most so many within this time.
    pub fn within(time: Duration, most: usize) -> Self {
        Self { most, time, since: Duration::ZERO, counted: 0 }
    }

    /// Counts `more` at `uptime`; `false` where it is too much.
    pub fn is_fine(&mut self, more: usize, uptime: Duration) -> bool {
        if uptime.saturating_sub(self.since) >= self.time {
            (self.since, self.counted) = (uptime, 0);
        }
        self.counted = self.counted.saturating_add(more);
        self.counted <= self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_in_a_second_is_fine_in_two() {
        let mut rate = Rate::new(1_000);
        let start = Duration::from_secs(50);
        assert!((0..10).all(|_| rate.is_fine(100, start)));
        assert!(rate.is_fine(1, start + SECOND), "the next second counts anew");
        assert!(rate.is_fine(999, start + SECOND));
        assert!(!rate.is_fine(1, start + SECOND + Duration::from_millis(999)));
        assert!(!Rate::new(9).is_fine(usize::MAX, start));
    }
}

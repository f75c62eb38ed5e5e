//! How fast one agent may say that the clipboard was shared.

use std::time::Duration;

/// One such message a second, and some more at once.
const EVERY: Duration = Duration::from_secs(1);
const AT_ONCE: Duration = Duration::from_secs(10);

/// The pace of one connection. What is faster waits, so that an agent cannot fill the log of
/// its session within moments; an agent that keeps to the protocol never waits.
#[derive(Debug, Default)]
pub struct ClipboardPace {
    /// Until when the messages so far last at one a second.
    until: Duration,
}

impl ClipboardPace {
    /// How long the message that came at `now` waits.
    pub fn wait(&mut self, now: Duration) -> Duration {
        self.until = self.until.max(now) + EVERY;
        self.until.saturating_sub(now + AT_ONCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_go_at_once_and_then_one_a_second() {
        let (mut pace, mut now) = (ClipboardPace::default(), Duration::from_secs(100));
        let waits: Vec<u64> = (0..12).map(|_| pace.wait(now).as_secs()).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
        now += Duration::from_secs(2);
        assert_eq!(pace.wait(now).as_secs(), 1);
        for _ in 0..1_000 {
            now += EVERY;
            assert!(pace.wait(now) <= EVERY, "a second between two is enough");
        }
        now += Duration::from_hours(1);
        assert!(pace.wait(now).is_zero());
    }
}

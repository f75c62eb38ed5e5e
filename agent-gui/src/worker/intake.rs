//! How fast is read what Control sends.

use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
/// No person is so quick: moves of the pointer come 125 times a second at most.
const MOST: u32 = 2_000;

/// Counts what was read by the second. Who sends more has to wait: nothing is lost, and nothing
/// here is overrun.
#[derive(Debug, Default)]
pub struct Intake {
    since: Duration,
    read: u32,
}

impl Intake {
    /// Counts a message that was read at `now`; how long the next one has to wait, if at all.
    pub fn take(&mut self, now: Duration) -> Option<Duration> {
        if now.saturating_sub(self.since) >= SECOND {
            (self.since, self.read) = (now, 0);
        }
        self.read = self.read.saturating_add(1);
        (self.read >= MOST).then(|| (self.since + SECOND).saturating_sub(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_for_a_second_waits_for_the_next_one() {
        let mut intake = Intake::default();
        let start = Duration::from_secs(50);
        assert!((1..MOST).all(|_| intake.take(start).is_none()));
        let late = start + Duration::from_millis(400);
        assert_eq!(intake.take(late), Some(Duration::from_millis(600)));
        assert_eq!(intake.take(start + SECOND), None, "counted anew");
    }
}

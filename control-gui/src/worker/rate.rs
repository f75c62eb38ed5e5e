//! How much an agent says.

use std::time::Duration;

/// What nobody who means well says in a second.
const MOST: u32 = 1_000;
const SECOND: Duration = Duration::from_secs(1);

/// Counts messages by the second.
#[derive(Debug, Default)]
pub struct Rate {
    since: Duration,
    messages: u32,
}

impl Rate {
    /// Counts a message at `uptime`; `false` where there are too many.
    pub fn is_fine(&mut self, uptime: Duration) -> bool {
        if uptime.saturating_sub(self.since) >= SECOND {
            *self = Self { since: uptime, messages: 0 };
        }
        self.messages = self.messages.saturating_add(1);
        self.messages <= MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_a_thousand_messages_in_a_second_are_too_many() {
        let mut rate = Rate::default();
        let start = Duration::from_secs(50);
        assert!((0..MOST).all(|_| rate.is_fine(start)));
        assert!(rate.is_fine(start + SECOND), "the next second counts anew");
        assert!((1..MOST).all(|_| rate.is_fine(start + SECOND)));
        assert!(!rate.is_fine(start + SECOND + Duration::from_millis(999)));
    }
}

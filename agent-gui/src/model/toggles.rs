//! How often Control turns something off, only to begin it again.

use std::time::Duration;

const WHILE: Duration = Duration::from_secs(10);
/// Within that time, and under one grant. Each leaves two to four entries in the log, which is
/// to have room for what is done.
const MOST_AT_ONCE: u32 = 6;
const MOST: u32 = 100;

/// Counts what Control has stopped. What a broken channel stops is not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Toggles {
    all: u32,
    /// Since when, by the time since boot, and how often since then.
    since: Duration,
    lately: u32,
}

impl Toggles {
    /// Control has stopped something at `up`.
    pub fn note(&mut self, up: Duration) {
        if up.saturating_sub(self.since) >= WHILE {
            (self.since, self.lately) = (up, 0);
        }
        (self.all, self.lately) = (self.all.saturating_add(1), self.lately.saturating_add(1));
    }

    /// Whether Control may begin something at `up`.
    pub fn may_start(&self, up: Duration) -> bool {
        let is_calm = self.lately < MOST_AT_ONCE || up.saturating_sub(self.since) >= WHILE;
        self.all < MOST && is_calm
    }
}

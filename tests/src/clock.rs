//! Waiting: the only place of the harness that looks at a clock.

use std::time::{Duration, Instant};

/// How long a person would wait for something to appear before calling it broken.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// How long a thing that must not happen is watched for.
pub const WATCH: Duration = Duration::from_millis(1_500);

const PAUSE: Duration = Duration::from_millis(25);

/// A moment after which waiting is over.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    begun: Instant,
    limit: Duration,
}

impl Deadline {
    /// The moment `limit` from now.
    #[expect(clippy::disallowed_methods, reason = "this is the clock of the harness")]
    pub fn after(limit: Duration) -> Self {
        Self { begun: Instant::now(), limit }
    }

    /// The time since the deadline was set.
    pub fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Whether waiting is over.
    pub fn passed(&self) -> bool {
        self.elapsed() >= self.limit
    }
}

/// Asks again and again until there is an answer; `None` when `limit` has passed without one.
pub fn within<T>(limit: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Deadline::after(limit);
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if deadline.passed() {
            return None;
        }
        std::thread::sleep(PAUSE);
    }
}

/// Waits as long as a person would and panics, naming `what`, when it does not come.
pub fn eventually<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    within(PATIENCE, ask).unwrap_or_else(|| panic!("{what}: not within {} s", PATIENCE.as_secs()))
}

//! When something happens.

use std::time::Duration;

use beckon_desk::clock;
use beckon_events::Timestamp;

/// One moment on two clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Moment {
    /// Since this computer was started: for countdowns and gaps.
    pub uptime: Duration,
    /// The time of day: for the end of a grant.
    pub wall: Timestamp,
}

impl Moment {
    /// This moment.
    pub fn now() -> Self {
        Self { uptime: clock::uptime(), wall: clock::now() }
    }
}

//! An update on its way.

use std::time::Duration;

use super::delivery::Progress;

/// What was known when an update was sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flight {
    pub(super) number: u32,
    pub(super) bytes: u64,
    pub(super) at: Duration,
    /// Bytes on their way, its own included.
    pub(super) ahead: u64,
    pub(super) company: Company,
    /// At least half of what it might have had.
    pub(super) fills_budget: bool,
    /// With it as much was on its way as the link bears.
    pub(super) fills_link: bool,
    pub(super) before: Progress,
}

/// What else was on its way when an update was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Company {
    Others,
    Alone,
    /// It was alone and small: it shows the bare round trip.
    AloneAndSmall,
}

impl Flight {
    /// More are never kept, even where more were sent than may be.
    pub(super) const MOST: usize = 64;
}

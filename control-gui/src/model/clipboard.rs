//! The clipboard, as far as the operator shares it.

use std::time::Duration;

use beckon_desk::clipboard::{Shares, Sort};

/// What the operator wants, and what went over last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct SharedClipboard {
    /// In which directions; neither at first, and neither after a break of the tunnel.
    pub wanted: Shares,
    /// What went over last.
    pub last: Option<Went>,
}

/// What went over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Went {
    /// What it was.
    pub sort: Sort,
    /// Which way.
    pub way: Way,
    /// When.
    pub at: Duration,
}

/// Which way something went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To the other computer.
    Sent,
    /// From there.
    Got,
}

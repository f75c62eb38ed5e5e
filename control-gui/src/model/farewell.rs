//! What is said about the log of a server: while it is being checked, and at the end.

use std::time::Duration;

use super::Model;
use crate::log_memory::Wrong;

/// A proof that the server owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proving {
    /// The size from which on.
    pub(crate) from: u64,
    /// The size up to which, at least.
    pub(crate) to: u64,
    /// Until when the answer is waited for, or when to ask again.
    pub(crate) until: Duration,
    /// Whether it has been asked for, and since when.
    pub(crate) asked: Asked,
}

/// How a proof was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// First of all on this connection: the first answer there is to this.
    First,
    /// Once more.
    Again,
    /// The server could not give it; it is asked again later.
    Not,
}

/// How often the server did not give the proof that it owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Doubt {
    /// It said later, or nothing.
    pub(crate) later: u32,
    /// The line broke before it came.
    pub(crate) dropped: u32,
}

/// The log of the server is not what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// What is wrong.
    pub wrong: Wrong,
    /// Whether the end user had been asked before it was found.
    pub asked: bool,
    /// How many checkpoints are kept as evidence.
    pub checkpoints: usize,
}

/// After the end, while the server still shows what it recorded, and from then on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Farewell {
    /// The receipt.
    pub receipt: Keepsake,
    /// Whether the line is still up for it.
    pub(crate) open: bool,
    /// Until when.
    pub(crate) until: Duration,
    /// Whether the signature under the end is not recorded yet.
    pub(crate) unsigned: bool,
    /// Whether the window closes afterwards.
    pub(crate) quits: bool,
}

/// What became of the receipt of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keepsake {
    /// The server has not shown it yet.
    Awaited,
    /// It is checked and being written.
    Keeping,
    /// It is kept, here.
    Kept(String),
    /// It cannot be kept, and why.
    NotKept(String),
    /// The server did not show it in time.
    Missing,
    /// It does not fit: a note about it.
    Wrong(String),
}

impl Model {
    /// Whether the server still owes the proof that its log only grew.
    pub fn owes_proof(&self) -> bool {
        self.proving.is_some() || self.doubt != Doubt::default()
    }
}

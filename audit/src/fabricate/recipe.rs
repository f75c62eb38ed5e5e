//! What a fabricated log holds.

use crate::export::NamesIn;

/// How its sessions go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ways {
    /// One after the other in each way that there is.
    All,
    /// An operator helps, and the end user ends it.
    Usual,
    /// Created and expired: as small as sessions can be.
    Short,
}

/// How large a log is, and what happens in it.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// How many sessions, one after the other, a few of them at the same time.
    pub sessions: u32,
    /// About how many events a usual session has, 14 to 880.
    pub events: u32,
    /// How they go.
    pub ways: Ways,
    /// How many eras; each after the first begins with a restore that lost something.
    pub eras: u32,
    /// How many operators.
    pub operators: u32,
    /// How many end users are erased at the end.
    pub erased: u32,
    /// Whose names are exported.
    pub names: NamesIn,
    /// Whether agent and Control sign the end of their session.
    pub heads: bool,
    /// After how many events there is a checkpoint.
    pub checkpoint_every: u64,
    /// What all ids, keys and salts follow from.
    pub seed: u64,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            sessions: 12,
            events: 24,
            ways: Ways::All,
            eras: 2,
            operators: 2,
            erased: 2,
            names: NamesIn::All,
            heads: true,
            checkpoint_every: 40,
            seed: 1,
        }
    }
}

impl Recipe {
    /// A log of many sessions for measurements: `sessions` of about `events` events, no names.
    pub fn large(sessions: u32, events: u32) -> Self {
        Self {
            sessions,
            events,
            ways: Ways::Usual,
            eras: 1,
            erased: 0,
            names: NamesIn::None,
            checkpoint_every: 200,
            ..Self::default()
        }
    }
}

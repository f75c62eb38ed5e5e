//! What every caller of an aggregate says and hears.

use beckon_events::CommandId;
use beckon_events::envelope::Actor;

use crate::store::Position;

/// Where a command comes from.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// Its id: repeating it repeats the answer.
    pub command: CommandId,
    /// Who asks.
    pub actor: Actor,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// The position of the last event; `None` where nothing had to be recorded.
    pub position: Option<Position>,
}

/// Why a command was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DispatchError {
    /// A rule forbids it; the sentence says which.
    #[error("{0}")]
    Rejected(String),
    /// Somebody else changed the same thing three times in a row.
    #[error("somebody else changed this at the same moment, try again")]
    Conflict,
    /// The log cannot be reached.
    #[error("the server cannot record anything at the moment: {0}")]
    Unavailable(String),
}

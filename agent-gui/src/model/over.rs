//! After a session.

use std::sync::Arc;
use std::time::Duration;

use beckon_events::session::{EndReason, EndedBy};
use beckon_events::{ActionSet, SessionId, Timestamp};
use beckon_peer::Identity;
use beckon_protocol::AgentSays;

use super::{Now, Who};

/// How long the server is tried for.
pub const TELL_FOR: Duration = Duration::from_secs(5);

/// How often it is told.
pub const TELL_EVERY: Duration = Duration::from_secs(1);

/// The last page, from what the agent itself knows.
#[derive(Clone, Debug)]
pub struct Over {
    /// The keys of this run.
    pub identity: Arc<Identity>,
    /// Which it was.
    pub session: SessionId,
    /// How it came.
    pub how: How,
    /// Who helped.
    pub helper: Option<Who>,
    /// When help began.
    pub began: Option<Timestamp>,
    /// When it was over.
    pub ended: Timestamp,
    /// What was used.
    pub used: ActionSet,
    /// Whether the server can be reached.
    pub online: bool,
    /// What the server is told about the end, where it came from here.
    pub end: Option<AgentSays>,
    /// When all of it is said again, by the time since boot.
    pub again: Duration,
    /// What was removed, once it was.
    pub removal: Option<Removal>,
    /// Whether the server knows.
    pub told: Told,
    /// When the window goes by itself, by the time since boot.
    pub closes: Duration,
    /// Whether the window goes as soon as the server knows, or cannot be told.
    pub leaving: bool,
}

/// How a session came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Somebody ended it.
    Ended {
        /// Who.
        by: EndedBy,
        /// Why.
        why: EndReason,
    },
    /// Nobody came in time.
    Expired,
}

/// What was removed from this computer.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Removal {
    /// Paths that are gone.
    pub removed: Vec<String>,
    /// Paths that are not.
    pub left: Vec<String>,
    /// Whether the program stays because it was not started as a download.
    pub program_stays: bool,
}

/// Whether the server knows that all is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It is being told, until this time since boot.
    Trying(Duration),
    /// It recorded it.
    Yes,
    /// It could not be reached.
    No,
}

impl Over {
    /// Whether the last word is spoken.
    pub fn is_settled(&self) -> bool {
        !matches!(self.told, Told::Trying(_))
    }

    /// When the window goes by itself.
    pub fn closes(how: How, now: Now) -> Duration {
        now.up
            + match how {
                How::Ended { .. } => Duration::from_mins(5),
                How::Expired => Duration::from_secs(30),
            }
    }
}

//! After a session.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use beckon_events::session::{EndReason, EndedBy};
use beckon_events::{ActionSet, Committed, PublicKey, SessionId, Timestamp};
use beckon_peer::Identity;
use beckon_protocol::AgentSays;
use beckon_protocol::evidence::Receipt;

use super::{Copies, Now, Who};

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
    /// Who waited at the other side.
    pub company: String,
    /// The key that signs checkpoints, as it was told at the start.
    pub log_key: PublicKey,
    /// How it came.
    pub how: How,
    /// Who helped.
    pub helper: Option<Who>,
    /// When the user joined.
    pub joined: Timestamp,
    /// When help began.
    pub began: Option<Timestamp>,
    /// When it was over.
    pub ended: Timestamp,
    /// What was allowed.
    pub allowed: ActionSet,
    /// What was used.
    pub used: ActionSet,
    /// Whether the server can be reached.
    pub online: bool,
    /// What the server is told about the end, where it came from here, until the server says so.
    pub end: Option<AgentSays>,
    /// What was copied from one computer to the other and could not be said: it comes before the
    /// end.
    pub copies: Copies,
    /// When all of it is said again, by the time since boot.
    pub again: Duration,
    /// Until when the server is tried, by the time since boot.
    pub until: Duration,
    /// Whether the last word with the server is spoken.
    pub settled: bool,
    /// What was removed, once it was.
    pub removal: Option<Removal>,
    /// Whether the server knows.
    pub told: Told,
    /// Why it does not record what was removed, where it said so.
    pub refused: Option<String>,
    /// What was said and not answered, in the order in which it will be.
    pub unanswered: VecDeque<Awaits>,
    /// What there is to keep.
    pub keepsake: Keepsake,
    /// Whether the user has kept it.
    pub saved: Saved,
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

/// What was removed from this computer: paths, each with the salt of its commitment.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Removal {
    /// What is gone.
    pub removed: Vec<Committed>,
    /// What is not.
    pub left: Vec<Committed>,
    /// What becomes of the program.
    pub program: Fate,
}

/// What becomes of the program at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Fate {
    /// It is gone, or named among what could not be removed.
    #[default]
    Gone,
    /// It goes when its window is closed: Windows deletes no program that runs.
    GoesAtClose,
    /// It stays because it was not started as a download.
    Stays,
}

/// Whether the server knows that all is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It is being told.
    Trying,
    /// It recorded it.
    Yes,
    /// It could not be reached, or did not record it.
    No,
}

/// What the server answers, each with one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaits {
    /// What was removed.
    Removal,
    /// The signature under the end.
    Head,
}

/// What the user can keep of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keepsake {
    /// The server has not shown yet that the end stands in its log.
    Awaited,
    /// It has, and that was checked.
    Receipt {
        /// The receipt, signed here.
        receipt: Box<Receipt>,
        /// Whether the signature stands in the log too.
        recorded: bool,
    },
    /// What the server showed is wrong.
    Wrong {
        /// What is wrong with it, for the user.
        note: String,
        /// What it showed, for whoever looks into it.
        shown: String,
    },
    /// The server did not show anything in time.
    Missing,
}

/// Whether the user's file is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// The user has not asked for it.
    NotYet,
    /// It is there.
    At(String),
    /// It could not be written: why.
    Failed(String),
}

impl Over {
    /// When the window goes by itself.
    pub fn closes(how: How, now: Now) -> Duration {
        now.up
            + match how {
                How::Ended { .. } => Duration::from_mins(5),
                How::Expired => Duration::from_secs(30),
            }
    }

    /// Whether the user should see something that they have not kept yet.
    pub fn warns(&self) -> bool {
        matches!(self.keepsake, Keepsake::Wrong { .. }) && !matches!(self.saved, Saved::At(_))
    }

    /// Whether nothing more is to be heard from the server.
    pub fn has_heard_all(&self) -> bool {
        let kept = match self.keepsake {
            Keepsake::Awaited => false,
            Keepsake::Receipt { recorded, .. } => recorded,
            Keepsake::Wrong { .. } | Keepsake::Missing => true,
        };
        kept && self.told != Told::Trying
    }
}

//! One on-demand session: its state, and the decisions about it.
//!
//! ```text
//! Created ──join──► Available ──request──► Requested ──approve──► Active ──end──► Ended
//!                       ▲                      │                     │
//!                       ├── reject, no answer, cancelled             │
//!                       └── operator left (grant suspended) ◄────────┘
//! Created, Available: expire → Expired        any open state: end → Ended
//! ```

mod command;
mod consent;
mod decide;
mod event;
mod evolve;
mod said;
#[cfg(test)]
mod tests;

pub use command::{Command, Rejection};
pub use event::{
    AgentKeys, ControlKeys, Copied, Device, Direction, EndReason, EndedBy, Endpoint, Event,
    LeftReason, StopReason, Waited,
};
pub use said::{Fact, Said, head_bytes};

use std::collections::BTreeSet;
use std::time::Duration;

use crate::{ActionSet, OperatorId, PublicKey, SessionId, Statement, Timestamp};

/// From this many events on only life-cycle events are recorded.
pub const FULL_AT: u64 = 900;
/// At this many events a connection that breaks once more ends the session: 1,000 is the cap.
pub const LAST_AT: u64 = 980;
/// After so many refusals of the same request in a row, further ones are damped.
pub const REFUSALS: u32 = 3;
/// For how long requests are damped.
pub const DAMPED_FOR: Duration = Duration::from_mins(1);
/// So long before the end of a grant nothing comes into use any more: the time of an event is
/// given after the decision about it.
pub const START_BEFORE: Duration = Duration::from_mins(1);
/// The longest life of a grant.
pub const GRANT_MAX: Duration = Duration::from_hours(12);
/// For how long a suspended grant can be continued.
pub const CONTINUE_WITHIN: Duration = Duration::from_mins(5);

/// Where a session stands, in the order in which it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Phase {
    /// It does not exist.
    #[default]
    Nothing,
    /// Waiting for the end user.
    Created,
    /// The end user waits for an operator.
    Available,
    /// The end user has been asked.
    Requested,
    /// The operator is in.
    Active,
    /// It is over.
    Ended,
    /// Nobody came in time.
    Expired,
}

/// A request that waits for the end user's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its number within the session, from 1.
    pub number: u32,
    /// Who asks.
    pub operator: OperatorId,
    /// With which Control.
    pub control: ControlKeys,
    /// For what.
    pub actions: ActionSet,
    /// Whether it continues a suspended grant.
    pub continues: bool,
    /// When no answer counts as no.
    pub lapses: Timestamp,
}

/// The grant in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// Its number; the highest counts.
    pub n: u32,
    /// For whom.
    pub operator: OperatorId,
    /// For which Control.
    pub control: ControlKeys,
    /// What it allows.
    pub actions: ActionSet,
    /// Until when.
    pub until: Timestamp,
    /// The grant, as the agent signed it.
    pub statement: Statement,
}

/// A grant whose operator has left.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Suspended {
    control: ControlKeys,
    actions: ActionSet,
    operator: OperatorId,
    until: Timestamp,
}

/// Refusals in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
struct Refusals {
    count: u32,
    of: ActionSet,
    damped_until: Option<Timestamp>,
}

/// The folded state of a session.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Session {
    phase: Phase,
    id: Option<SessionId>,
    operator: Option<OperatorId>,
    /// INVARIANT: of the invitation while Created, of the wait after; never before the end of
    /// the time in which a suspended grant can be continued.
    deadline: Timestamp,
    agent: Option<AgentKeys>,
    /// INVARIANT: `Some` exactly while the agent is away in an open phase.
    lost_until: Option<Timestamp>,
    requests: u32,
    /// INVARIANT: `Some` exactly while Requested.
    request: Option<Request>,
    /// INVARIANT: `Some` exactly while Active.
    grant: Option<InForce>,
    /// The highest number of a grant so far.
    granted: u32,
    suspended: Option<Suspended>,
    /// INVARIANT: a subset of the actions of the grant in force.
    running: ActionSet,
    /// Whether the clipboard was ever started.
    has_shared: bool,
    extension: Option<ActionSet>,
    paused: bool,
    refusals: Refusals,
    ended: Option<(EndedBy, EndReason)>,
    /// The version of the event that closed it.
    closed: Option<u64>,
    /// The key of the Control that was let in last.
    controlled: Option<PublicKey>,
    removed: bool,
    signed: BTreeSet<Endpoint>,
    events: u64,
}

impl Session {
    /// Where it stands.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Whether it is neither over nor missing.
    pub fn is_open(&self) -> bool {
        (Phase::Created..=Phase::Active).contains(&self.phase)
    }

    /// Who created it.
    pub fn operator(&self) -> Option<OperatorId> {
        self.operator
    }

    /// The keys of the agent that joined.
    pub fn agent(&self) -> Option<AgentKeys> {
        self.agent
    }

    /// Whether the agent is away.
    pub fn agent_is_lost(&self) -> bool {
        self.lost_until.is_some()
    }

    /// The request that waits for an answer.
    pub fn request(&self) -> Option<&Request> {
        self.request.as_ref()
    }

    /// The grant in force.
    pub fn grant(&self) -> Option<&InForce> {
        self.grant.as_ref()
    }

    /// Who ended it and why; `None` also where an invitation was cancelled or expired.
    pub fn ended(&self) -> Option<(EndedBy, EndReason)> {
        self.ended
    }

    /// The version of the event that closed it, while an agent had joined.
    pub fn closed(&self) -> Option<u64> {
        self.closed.filter(|_| self.agent.is_some())
    }

    /// Whose statements `endpoint` makes: the agent's key, or that of the Control let in last.
    pub fn endpoint(&self, endpoint: Endpoint) -> Option<PublicKey> {
        match endpoint {
            Endpoint::Agent => self.agent.map(|agent| agent.ed25519),
            Endpoint::Control => self.controlled,
        }
    }

    /// What is in use.
    pub fn running(&self) -> ActionSet {
        self.running
    }

    /// The extension that waits for an answer.
    pub fn extension(&self) -> Option<ActionSet> {
        self.extension
    }

    /// Whether the end user has paused.
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// When the invitation or the wait is over.
    pub fn deadline(&self) -> Timestamp {
        self.deadline
    }
}

//! What this window knows.

mod active;
mod clipboard;
mod farewell;
mod remote_pointer;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use beckon_desk::clipboard::Shares;
use beckon_events::session::{EndReason, EndedBy};
use beckon_events::{Action, ActionSet, Statement, Timestamp};
use beckon_peer::{Mandate, MandateError, PeerKeys};
use beckon_protocol::{LaunchLink, Policy, ServerAddress, SessionDoor};

use crate::log_memory::LogMemory;
pub(crate) use active::Begins;
pub use active::{Active, Hands, Notice, Scale};
pub use clipboard::{SharedClipboard, Way, Went};
pub(crate) use farewell::Asked;
pub use farewell::{Alarm, Doubt, Farewell, Keepsake, Proving};
pub use remote_pointer::RemotePointer;

/// All that the window shows and that decides what happens next.
#[derive(Clone, Debug)]
pub struct Model {
    /// Where things stand.
    pub stage: Stage,
    /// What the server said about the session, from the door on.
    pub session: Option<Session>,
    /// The connection to the server.
    pub line: LineState,
    /// A question that is answered before anything else.
    pub question: Option<Question>,
    /// Which server.
    pub server: Option<ServerAddress>,
    /// How often the log was restored, where that is news.
    pub restored: Option<u32>,
    /// What the server still has to prove about its log.
    pub proving: Option<Proving>,
    /// How often it did not.
    pub doubt: Doubt,
    /// What is said after the end.
    pub farewell: Option<Farewell>,
    /// Where evidence is kept, or why it is not, once there is some.
    pub evidence: Option<Result<String, String>>,
    /// The public keys of this Control.
    pub(crate) keys: PeerKeys,
    /// The portals that the operator trusts, as `host[:port]`.
    pub(crate) known: BTreeSet<String>,
    /// How the logs of servers were seen last, by `host[:port]`.
    pub(crate) logs: BTreeMap<String, LogMemory>,
    /// The link, until the door opens.
    pub(crate) link: Option<LaunchLink>,
    /// In which directions the clipboard of this computer is shared now.
    pub(crate) shares: Shares,
    /// The number of the newest tunnel.
    pub(crate) tunnels: u32,
    /// What is to happen when the session's end is recorded.
    pub(crate) ending: Option<Wish>,
}

pub(crate) use crate::input::Wish;

/// Where things stand, in the order in which it happens.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// Opened without a link.
    Start,
    /// The link names a portal that this Control does not know.
    Trust {
        /// The link.
        link: LaunchLink,
    },
    /// On the way to the door.
    Opening,
    /// The end user has been asked.
    Asking(Asking),
    /// The answer is not a yes.
    Answered(Answer),
    /// The end user said yes.
    Active(Box<Active>),
    /// Nothing more can be done with this session.
    Over(Over),
}

/// A request that waits for the end user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Asking {
    /// When no answer counts as no; unknown until the server has asked.
    pub lapses_at: Option<Duration>,
    /// Whether the operator has taken it back and waits for the server to say so.
    pub cancelling: bool,
    /// After a reconnection: until when the server would have said that it still waits.
    pub confirm_by: Option<Duration>,
}

/// Why the end user has not let the operator in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The end user said no.
    Rejected,
    /// Nobody answered.
    Lapsed,
    /// The operator took it back.
    Cancelled,
    /// Declined several times: nobody was asked.
    Damped,
    /// A rule forbids it.
    Refused(String),
    /// The operator was away for too long.
    Away,
    /// What became of the request is unknown.
    Unknown,
}

/// Why nothing more can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Over {
    /// The link or this Control is not accepted.
    NotValid(String),
    /// The session ended.
    Ended {
        /// Who ended it.
        by: EndedBy,
        /// Why.
        why: EndReason,
    },
    /// Nobody was connected in time.
    Expired,
    /// The server speaks another version.
    OtherVersion {
        /// Where the right program is to be had.
        download: String,
    },
    /// The other side could not be trusted.
    Distrust(String),
    /// The log of the server is not what it was.
    Alarm(Alarm),
    /// The server could not prove its log just now.
    Unproved {
        /// Whether the end user had been asked before.
        asked: bool,
    },
}

/// The session behind the door.
#[derive(Clone, Debug)]
pub struct Session {
    /// What the server said about it.
    pub door: SessionDoor,
    /// How large its log was when the session was known to go on.
    pub(crate) floor: u64,
    /// What was asked for last.
    pub actions: ActionSet,
    /// When this Control came to it.
    pub entered_at: Timestamp,
    /// What the agent granted, in its own hand.
    pub(crate) mandate: Mandate,
    /// What was ever granted.
    pub(crate) allowed: ActionSet,
    /// The tunnel to the agent.
    pub tunnel: Tunnel,
    /// Whether the server says that the agent is away.
    pub agent_lost: bool,
    /// When the tunnel broke last.
    pub(crate) lost_at: Option<Duration>,
    /// When to ask for a new relay.
    pub(crate) ask_relay_at: Option<Duration>,
    /// Handshakes begun since the last one that was finished.
    pub(crate) unfinished: u32,
}

/// The tunnel to the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tunnel {
    /// There is none.
    Down,
    /// The handshake goes on.
    Opening,
    /// Sealed.
    Up,
}

/// A question to the operator.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    /// Leave or end.
    Leaving(Wish),
    /// Leave this session for that link.
    Switch(LaunchLink),
}

/// The connection to the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineState {
    /// There is none, and none is wanted.
    Closed,
    /// The first attempt.
    Connecting,
    /// Greeted.
    Up,
    /// Broken.
    Down {
        /// Why, for the operator.
        why: String,
        /// When the next attempt begins.
        again_at: Duration,
    },
}

impl Model {
    /// A Control with these public keys that trusts these portals and remembers these logs.
    pub fn new(keys: PeerKeys, known: BTreeSet<String>, logs: BTreeMap<String, LogMemory>) -> Self {
        Self {
            stage: Stage::Start,
            session: None,
            line: LineState::Closed,
            question: None,
            server: None,
            restored: None,
            proving: None,
            doubt: Doubt::default(),
            farewell: None,
            evidence: None,
            keys,
            known,
            logs,
            link: None,
            shares: Shares::NOTHING,
            tunnels: 0,
            ending: None,
        }
    }

    /// The session while it is active, both parts of it.
    pub fn active(&self) -> Option<(&Session, &Active)> {
        match (&self.session, &self.stage) {
            (Some(session), Stage::Active(active)) => Some((session, active)),
            _ => None,
        }
    }

    /// Whether what is done over the picture goes to the agent.
    pub fn sends_input(&self) -> bool {
        let owed = self.owes_proof();
        self.active().is_some_and(|(session, active)| {
            !owed && session.tunnel == Tunnel::Up && active.hands == Hands::On && !active.paused
        })
    }

    /// When something changes without anything happening.
    pub fn next_deadline(&self) -> Option<Duration> {
        let session = self.session.as_ref().and_then(|session| session.ask_relay_at);
        let stage = match &self.stage {
            Stage::Asking(asking) => [asking.confirm_by, None, None],
            Stage::Active(active) => {
                let countdown = match active.hands {
                    Hands::Countdown { until } => Some(until),
                    Hands::Off | Hands::On => None,
                };
                let notice = active.notice.as_ref().map(|(_, until)| *until);
                [countdown, notice, active.retry_view_at]
            }
            _ => [None; 3],
        };
        let proving = self.proving.map(|proving| proving.until);
        let farewell = self.farewell.as_ref().filter(|f| f.open).map(|f| f.until);
        stage.into_iter().chain([session, proving, farewell]).flatten().min()
    }
}

impl Session {
    /// Whether this server lets `action` be asked for.
    pub fn may_ask_for(&self, action: Action) -> bool {
        let policy = Policy::read(&self.door.policy.0);
        policy.is_some_and(|policy| policy.allowed.contains(action))
    }

    /// Takes in a grant of the agent.
    pub(crate) fn accept(&mut self, statement: &Statement) -> Result<(), MandateError> {
        self.mandate.accept(statement)?;
        let granted = self.mandate.grant().map_or(ActionSet::EMPTY, |grant| grant.actions);
        self.allowed = self.allowed.or(granted);
        Ok(())
    }

    /// Whether the newest grant names `action`.
    pub fn granted(&self, action: Action) -> bool {
        self.mandate.grant().is_some_and(|grant| grant.actions.contains(action))
    }
}

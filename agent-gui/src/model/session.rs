//! A session that was joined.

use std::sync::Arc;
use std::time::Duration;

use beckon_events::{Action, ActionSet, Grant, PublicKey, SessionId, Timestamp};
use beckon_peer::{Gate, Identity, PeerKeys};
use beckon_protocol::{AgentSays, ServerAddress};

use super::{Active, Copies, Now, Request, Who};

/// Everything about a session in which the user waits or is helped.
#[derive(Clone, Debug)]
pub struct Session {
    /// The keys of this run.
    pub identity: Arc<Identity>,
    /// Where it is.
    pub server: ServerAddress,
    /// Which it is.
    pub id: SessionId,
    /// Who waits at the other side, as the server says.
    pub company: String,
    /// The key that signs certificates.
    pub account_key: PublicKey,
    /// The key that signs checkpoints of the log.
    pub log_key: PublicKey,
    /// When the user joined.
    pub joined: Timestamp,
    /// Whether the server can be reached.
    pub online: bool,
    /// Where it stands.
    pub phase: Phase,
    /// The check of everything that Control asks for. INVARIANT: holds a grant exactly while
    /// Active.
    pub gate: Gate,
    /// The highest number of a grant so far.
    pub n: u32,
    /// The channel to Control.
    pub channel: Channel,
    /// The number of the newest relay; what older ones say is ignored.
    pub link: u64,
    /// When a relay ticket was asked for last, by the time since boot.
    pub wanted: Option<Duration>,
    /// What the operator had before they left.
    pub suspended: Option<Suspended>,
    /// Grants that were signed and given up because nobody confirmed them.
    pub abandoned: Option<Recording>,
    /// Whether the user is asked about the end.
    pub asks_end: bool,
    /// When a dialog was closed last, by the time since boot.
    pub dialog_closed: Option<Duration>,
    /// What the user should know, as a sentence.
    pub notice: Option<String>,
    /// What was copied from one computer to the other and is not said yet.
    pub copies: Copies,
    /// What happened here while the server could not be told.
    pub unsaid: Vec<AgentSays>,
    /// The newest grant that counts here or is to count, signed, as it was said: the server may
    /// not have heard it.
    pub signed: Option<AgentSays>,
    /// The number of the last request that was answered, and the answer, for the same reason.
    pub answered: Option<(u32, AgentSays)>,
    /// Handshakes that were answered.
    pub handshakes: Handshakes,
    /// Who helped last.
    pub helper: Option<Who>,
    /// When help began.
    pub began: Option<Timestamp>,
    /// What was allowed.
    pub allowed: ActionSet,
    /// What was used.
    pub used: ActionSet,
}

/// What the server says when it lets the user in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// The session.
    pub session: SessionId,
    /// Who waits at the other side.
    pub company: String,
    /// The key that signs certificates.
    pub account_key: PublicKey,
    /// The key that signs checkpoints of the log.
    pub log_key: PublicKey,
    /// When this was.
    pub at: Timestamp,
}

/// How often the agent let somebody try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Handshakes {
    /// Since the last one that was finished.
    pub unfinished: u32,
    /// In all.
    pub all: u32,
}

/// Where a session stands, in the order in which it happens.
#[derive(Clone, Debug)]
pub enum Phase {
    /// Nobody is connected.
    Ready,
    /// The operator asks.
    Asked(Request),
    /// The user said yes, the server records it.
    Recording(Recording),
    /// Somebody helps.
    Active(Box<Active>),
}

/// A signed grant that does not count yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// Who it is for.
    pub who: Who,
    /// P, verbatim.
    pub policy: Vec<u8>,
    /// The grant.
    pub grant: Grant,
    /// Since when the server is asked, by the time since boot.
    pub since: Duration,
    /// What Control asked for meanwhile.
    pub early: Vec<Action>,
}

/// A grant whose operator has left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspended {
    /// What it allowed.
    pub actions: ActionSet,
    /// Whom.
    pub who: Who,
    /// Until when it can be continued, by the time since boot.
    pub until: Duration,
}

/// The sealed channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// There is none.
    Closed,
    /// The relay is open, the keys are being checked.
    Opening,
    /// Sealed, with this other side.
    Open(PeerKeys),
}

impl Session {
    /// The grant in force and what is done under it.
    pub fn active(&self) -> Option<&Active> {
        match &self.phase {
            Phase::Active(active) => Some(active),
            Phase::Ready | Phase::Asked(_) | Phase::Recording(_) => None,
        }
    }

    /// The same, to change it.
    pub fn active_mut(&mut self) -> Option<&mut Active> {
        match &mut self.phase {
            Phase::Active(active) => Some(active),
            Phase::Ready | Phase::Asked(_) | Phase::Recording(_) => None,
        }
    }

    /// Whether a question is on the screen.
    pub fn has_dialog(&self) -> bool {
        self.asks_end
            || match &self.phase {
                Phase::Asked(request) => request.dialog.is_some(),
                Phase::Active(active) => active.extension.is_some(),
                Phase::Ready | Phase::Recording(_) => false,
            }
    }

    /// Whether Control's input may be carried out now.
    pub fn may_inject(&self, now: Now) -> bool {
        const CALM: Duration = Duration::from_millis(300);
        let calm = self.dialog_closed.is_none_or(|at| now.up.saturating_sub(at) >= CALM);
        calm && !self.has_dialog() && self.in_use(Action::Control, now)
    }

    /// Whether `action` is carried out now.
    pub fn in_use(&self, action: Action, now: Now) -> bool {
        self.gate.allows(action, now.at)
            && matches!(self.channel, Channel::Open(_))
            && self.active().is_some_and(|active| active.uses(action))
    }
}

//! One session, as a list shows it.

use beckon_events::session::{Device, EndReason, EndedBy, Event, Waited};
use beckon_events::{ActionSet, Digest, OperatorId, Personal, Recorded, SessionId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::kept;
use crate::projection::stream_id;

/// Where a session stands, in the order in which it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SessionState {
    /// The invitation is open.
    WaitingForUser,
    /// The end user waits for an operator.
    Available,
    /// The end user has been asked.
    ApprovalRequested,
    /// The operator is in.
    InSession,
    /// It is over.
    Ended,
    /// Nobody came in time.
    Expired,
}

/// How a session came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Closed {
    /// The operator took the invitation back.
    Cancelled,
    /// Somebody or something ended it.
    Ended {
        /// Who.
        by: EndedBy,
        /// Why.
        why: EndReason,
    },
    /// Nobody came in time.
    Expired(Waited),
}

/// What a session is called, to be put into words where it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Title<'a> {
    /// By the name that was typed.
    Named(&'a str),
    /// By a name that has been erased since.
    Erased,
    /// By its code, which the vault knows: the invitation is open.
    Code,
    /// "Session of <date, time>", with the device's name once somebody has joined.
    Of {
        /// When it was created.
        created: Timestamp,
        /// The host, as the agent calls it.
        device: Option<&'a Personal<String>>,
    },
}

/// One session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionRow {
    /// The session.
    pub id: SessionId,
    /// Whose it is.
    pub operator: OperatorId,
    /// Its name; `None` where it is named after its code.
    #[serde(with = "kept::optional")]
    pub name: Option<Personal<String>>,
    /// The operator's note.
    #[serde(with = "kept::optional")]
    pub note: Option<Personal<String>>,
    /// HMAC of its code.
    pub code: Digest,
    /// The position of its creation.
    pub position: u64,
    /// When it was created.
    #[serde(with = "kept::moment")]
    pub created: Timestamp,
    /// Where it stands.
    pub state: SessionState,
    /// Whether the agent is away; shown beside the state.
    pub reconnecting: bool,
    /// When the invitation is over, and once somebody has joined, the wait.
    #[serde(with = "kept::moment")]
    pub deadline: Timestamp,
    /// Whether a mail server took the invitation.
    pub invitation_sent: bool,
    /// When the end user joined.
    #[serde(with = "kept::moments")]
    pub joined: Option<Timestamp>,
    /// The device that joined, as it says itself.
    #[serde(with = "kept::device")]
    pub device: Option<Device>,
    /// When an operator was first connected.
    #[serde(with = "kept::moments")]
    pub connected: Option<Timestamp>,
    /// Who was connected, in that order, each once.
    pub helpers: Vec<OperatorId>,
    /// What the grant in force allows.
    pub allowed: ActionSet,
    /// What is in use.
    pub running: ActionSet,
    /// What has ever been in use.
    pub used: ActionSet,
    /// When it came to its end.
    #[serde(with = "kept::moments")]
    pub closed_at: Option<Timestamp>,
    /// The position of its end.
    pub closed_position: Option<u64>,
    /// How it came to its end.
    pub closed: Option<Closed>,
    /// When anything last happened to it.
    #[serde(with = "kept::moment")]
    pub last_change: Timestamp,
    /// The position of what last moved it to the top: created, joined or approved.
    pub raised: u64,
}

impl SessionRow {
    /// Whether it has not come to its end.
    pub fn is_live(&self) -> bool {
        self.closed_at.is_none()
    }

    /// What it is called.
    pub fn title(&self) -> Title<'_> {
        match &self.name {
            Some(Personal::Known(name)) => Title::Named(name),
            Some(Personal::Erased) => Title::Erased,
            None if self.state == SessionState::WaitingForUser => Title::Code,
            None => Title::Of {
                created: self.created,
                device: self.device.as_ref().map(|device| &device.host),
            },
        }
    }

    /// Whether it was there and not over right after `position`.
    pub fn is_open_at(&self, position: u64) -> bool {
        self.position <= position && self.closed_position.is_none_or(|closed| closed > position)
    }

    /// The row right after the first event of a session; none where that is not its creation.
    pub(crate) fn created(recorded: &Recorded<Event>) -> Option<Self> {
        let Event::Created { operator, name, note, code, expires, .. } = &recorded.event else {
            return None;
        };
        let at = recorded.metadata.at;
        Some(Self {
            id: stream_id(&recorded.metadata)?,
            operator: *operator,
            name: name.clone(),
            note: note.clone(),
            code: *code,
            position: recorded.position,
            created: at,
            state: SessionState::WaitingForUser,
            reconnecting: false,
            deadline: *expires,
            invitation_sent: false,
            joined: None,
            device: None,
            connected: None,
            helpers: Vec::new(),
            allowed: ActionSet::EMPTY,
            running: ActionSet::EMPTY,
            used: ActionSet::EMPTY,
            closed_at: None,
            closed_position: None,
            closed: None,
            last_change: at,
            raised: recorded.position,
        })
    }

    pub(crate) fn fold(&mut self, event: &Event, at: Timestamp, position: u64) {
        self.last_change = at;
        match event {
            Event::Created { .. }
            | Event::ClipboardShared { .. }
            | Event::ExtensionRequested { .. }
            | Event::ExtensionRefused { .. }
            | Event::Paused {}
            | Event::Continued {}
            | Event::AgentRemoved { .. }
            | Event::HeadSigned { .. } => {}
            Event::InvitationSent { .. } => self.invitation_sent = true,
            Event::InvitationCancelled {} => {
                self.close(SessionState::Ended, Closed::Cancelled, at, position);
            }
            Event::Joined { device, wait_until, .. } => {
                self.state = SessionState::Available;
                self.joined = Some(at);
                self.device = Some(device.clone());
                self.deadline = *wait_until;
                self.raised = position;
            }
            Event::OperatorConnected { operator, .. } => {
                self.connected = self.connected.or(Some(at));
                if !self.helpers.contains(operator) {
                    self.helpers.push(*operator);
                }
            }
            Event::ApprovalRequested { .. } => self.state = SessionState::ApprovalRequested,
            Event::ApprovalCancelled { .. }
            | Event::Rejected { .. }
            | Event::ApprovalLapsed { .. } => self.state = SessionState::Available,
            Event::Approved { actions, .. } => {
                self.state = SessionState::InSession;
                self.allowed = *actions;
                self.raised = position;
            }
            Event::ActionStarted { action } => {
                self.running = self.running.with(*action);
                self.used = self.used.or(self.running);
            }
            Event::ActionStopped { action, .. } => self.running = self.running.without(*action),
            Event::GrantExtended { actions, .. } | Event::GrantWithdrawn { actions, .. } => {
                self.allowed = *actions;
                self.running = self.running.and(*actions);
            }
            Event::OperatorLeft { continue_until, .. } => {
                self.state = SessionState::Available;
                self.deadline = self.deadline.max(*continue_until);
                self.nothing_in_use();
            }
            Event::AgentLost { .. } => self.reconnecting = true,
            Event::AgentResumed {} => self.reconnecting = false,
            Event::Ended { by, why, .. } => {
                let how = Closed::Ended { by: *by, why: *why };
                self.close(SessionState::Ended, how, at, position);
            }
            Event::Expired { what } => {
                self.close(SessionState::Expired, Closed::Expired(*what), at, position);
            }
        }
    }

    fn close(&mut self, state: SessionState, how: Closed, at: Timestamp, position: u64) {
        if !self.is_live() {
            return;
        }
        self.state = state;
        self.closed = Some(how);
        self.closed_at = Some(at);
        self.closed_position = Some(position);
        self.reconnecting = false;
        self.nothing_in_use();
    }

    fn nothing_in_use(&mut self) {
        self.allowed = ActionSet::EMPTY;
        self.running = ActionSet::EMPTY;
    }
}

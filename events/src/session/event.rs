//! What happens to a session.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Action, ActionSet, Committed, Digest, DomainEvent, OperatorId, Personal, PublicKey,
    Recorded, RecordedEvent, SessionId, Statement, Subject, Timestamp,
};

/// The public keys that an agent makes for one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentKeys {
    /// For the sealed channel.
    pub x25519: PublicKey,
    /// For statements.
    pub ed25519: PublicKey,
}

/// The public keys of one installed Control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ControlKeys {
    /// For the sealed channel.
    pub x25519: PublicKey,
    /// For signatures.
    pub ed25519: PublicKey,
}

/// The device, as the agent describes it: a claim, shown as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// The host's name, at most 64 characters.
    pub host: Personal<String>,
    /// The name of the signed-in user, at most 64 characters.
    pub user: Personal<String>,
    /// The operating system, at most 64 characters.
    pub system: String,
    /// The version of the agent.
    pub build: String,
}

/// Why an action stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// The operator stopped it.
    Operator,
    /// The end user withdrew or paused it.
    User,
    /// The connection broke.
    Lost,
    /// The operator left.
    Left,
    /// The session ended.
    Ended,
}

/// Why an operator is no longer connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftReason {
    /// Control was closed with "leave".
    Left,
    /// Control was away for longer than the setting allows.
    Away,
}

/// Which way something went between the two computers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the operator to the end user.
    ToUser,
    /// From the end user to the operator.
    ToOperator,
}

/// What a clipboard held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Copied {
    /// Text.
    Text,
    /// A picture.
    Picture,
}

/// Who ended a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// The end user, in the agent.
    User,
    /// An operator, in the portal.
    Portal,
    /// The operator, in Control.
    Control,
    /// A rule of the server.
    Policy,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// Somebody ended it.
    Asked,
    /// The agent was away for longer than the setting allows.
    AgentLost,
    /// The sealed channel was disturbed.
    Disturbed,
    /// Its log is full: the connection broke and came back too often.
    Full,
}

/// One of the two programs at the ends of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// The end user's.
    Agent,
    /// The operator's.
    Control,
}

/// What was waited for in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waited {
    /// For the end user to join.
    Invitation,
    /// For an operator to connect.
    Wait,
}

/// The events of the stream `session-<uuid>`. Every variant is one name in the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "the fields are described in docs/events.md, which a test keeps complete"
)]
pub enum Event {
    /// An operator created it. Without a name it is named after its code.
    Created {
        session: SessionId,
        account: AccountId,
        operator: OperatorId,
        name: Option<Personal<String>>,
        note: Option<Personal<String>>,
        code: Digest,
        token: Digest,
        expires: Timestamp,
    },
    /// The invitation was handed to a mail server.
    InvitationSent { to: Personal<String> },
    /// The operator took the invitation back.
    InvitationCancelled {},
    /// An agent came with the code or the link.
    Joined { agent: AgentKeys, device: Device, address: Personal<String>, wait_until: Timestamp },
    /// The operator asked to be let in.
    ApprovalRequested {
        request: u32,
        operator: OperatorId,
        operator_name: Personal<String>,
        control: ControlKeys,
        actions: ActionSet,
        continues: bool,
        lapses: Timestamp,
        damped: u32,
    },
    /// The operator took the request back.
    ApprovalCancelled { request: u32 },
    /// The end user said yes.
    Approved { request: u32, n: u32, actions: ActionSet, until: Timestamp, statement: Statement },
    /// The end user said no.
    Rejected { request: u32, damped_until: Option<Timestamp> },
    /// Nobody answered.
    ApprovalLapsed { request: u32, damped_until: Option<Timestamp> },
    /// Control and agent are connected.
    OperatorConnected { operator: OperatorId, control: PublicKey },
    /// An action is in use.
    ActionStarted { action: Action },
    /// An action is no longer in use.
    ActionStopped { action: Action, why: StopReason },
    /// What was copied on one computer is on the clipboard of the other.
    ClipboardShared { direction: Direction, kind: Copied, bytes: u64 },
    /// The operator asked for more.
    ExtensionRequested { actions: ActionSet },
    /// The end user allowed more.
    GrantExtended { n: u32, actions: ActionSet, until: Timestamp, statement: Statement },
    /// The end user did not allow more.
    ExtensionRefused { actions: ActionSet },
    /// The end user took something back; `actions` is what is left.
    GrantWithdrawn { n: u32, withdrawn: ActionSet, actions: ActionSet, statement: Statement },
    /// The end user paused what the operator sees and does.
    Paused {},
    /// The end user let it go on.
    Continued {},
    /// The operator is no longer there; the grant is suspended.
    OperatorLeft { operator: OperatorId, why: LeftReason, continue_until: Timestamp },
    /// The agent cannot be reached.
    AgentLost { until: Timestamp },
    /// The agent is back.
    AgentResumed {},
    /// It is over. `suppressed` counts what was too much for the log.
    Ended { by: EndedBy, why: EndReason, statement: Option<Statement>, suppressed: u32 },
    /// Nobody came in time.
    Expired { what: Waited },
    /// The agent removed itself.
    AgentRemoved {
        removed: Vec<Personal<Committed>>,
        left: Vec<Personal<Committed>>,
        statement: Statement,
    },
    /// An endpoint has the end of this stream in its hands and signed it.
    HeadSigned { by: Endpoint, version: u64, leaf: Digest, statement: Statement },
}

impl DomainEvent for Event {
    const CATEGORY: &'static str = "session";

    const NAMES: &'static [&'static str] = &[
        "Created",
        "InvitationSent",
        "InvitationCancelled",
        "Joined",
        "ApprovalRequested",
        "ApprovalCancelled",
        "Approved",
        "Rejected",
        "ApprovalLapsed",
        "OperatorConnected",
        "ActionStarted",
        "ActionStopped",
        "ClipboardShared",
        "ExtensionRequested",
        "GrantExtended",
        "ExtensionRefused",
        "GrantWithdrawn",
        "Paused",
        "Continued",
        "OperatorLeft",
        "AgentLost",
        "AgentResumed",
        "Ended",
        "Expired",
        "AgentRemoved",
        "HeadSigned",
    ];

    fn subject(&self, pointer: &str) -> Option<Subject> {
        let Self::ApprovalRequested { operator, .. } = self else { return None };
        (pointer == "/operator_name").then(|| Subject::operator(*operator))
    }

    fn recorded(recorded: Recorded<Self>) -> RecordedEvent {
        RecordedEvent::Session(recorded)
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Created { .. } => "Created",
            Self::InvitationSent { .. } => "InvitationSent",
            Self::InvitationCancelled {} => "InvitationCancelled",
            Self::Joined { .. } => "Joined",
            Self::ApprovalRequested { .. } => "ApprovalRequested",
            Self::ApprovalCancelled { .. } => "ApprovalCancelled",
            Self::Approved { .. } => "Approved",
            Self::Rejected { .. } => "Rejected",
            Self::ApprovalLapsed { .. } => "ApprovalLapsed",
            Self::OperatorConnected { .. } => "OperatorConnected",
            Self::ActionStarted { .. } => "ActionStarted",
            Self::ActionStopped { .. } => "ActionStopped",
            Self::ClipboardShared { .. } => "ClipboardShared",
            Self::ExtensionRequested { .. } => "ExtensionRequested",
            Self::GrantExtended { .. } => "GrantExtended",
            Self::ExtensionRefused { .. } => "ExtensionRefused",
            Self::GrantWithdrawn { .. } => "GrantWithdrawn",
            Self::Paused {} => "Paused",
            Self::Continued {} => "Continued",
            Self::OperatorLeft { .. } => "OperatorLeft",
            Self::AgentLost { .. } => "AgentLost",
            Self::AgentResumed {} => "AgentResumed",
            Self::Ended { .. } => "Ended",
            Self::Expired { .. } => "Expired",
            Self::AgentRemoved { .. } => "AgentRemoved",
            Self::HeadSigned { .. } => "HeadSigned",
        }
    }
}

//! What can be asked of a session, and why it is refused.

use crate::session::event::{
    AgentKeys, ControlKeys, Copied, Device, Direction, EndReason, EndedBy, Endpoint, LeftReason,
};
use crate::{
    AccountId, Action, ActionSet, Committed, Digest, GrantError, OperatorId, Personal, SessionId,
    Statement, Timestamp,
};

/// A request to a session. Times and looked-up facts come with it.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each field becomes the field of the same name in the event")]
pub enum Command {
    /// Create it.
    Create {
        session: SessionId,
        account: AccountId,
        operator: OperatorId,
        name: Option<Personal<String>>,
        note: Option<Personal<String>>,
        code: Digest,
        token: Digest,
        expires: Timestamp,
    },
    /// Record that a mail server took the invitation.
    RecordInvitation { to: Personal<String> },
    /// Take the invitation back.
    CancelInvitation,
    /// Let an agent in; code or link have been checked.
    Join {
        agent: AgentKeys,
        device: Device,
        address: Personal<String>,
        now: Timestamp,
        wait_until: Timestamp,
    },
    /// Ask the end user.
    RequestApproval {
        operator: OperatorId,
        operator_name: Personal<String>,
        control: ControlKeys,
        actions: ActionSet,
        now: Timestamp,
        lapses: Timestamp,
        damped: u32,
    },
    /// Take the request back.
    CancelRequest,
    /// The end user's yes.
    Approve { request: u32, statement: Statement, now: Timestamp },
    /// The end user's no.
    Reject { request: u32, now: Timestamp },
    /// The time to answer is over.
    Lapse { now: Timestamp },
    /// Control and agent have finished their handshake.
    Connect { operator: OperatorId, control: ControlKeys },
    /// An action comes into use.
    StartAction { action: Action, now: Timestamp },
    /// The operator stops using an action.
    StopAction { action: Action },
    /// What was copied went over, so many bytes of it.
    ShareClipboard { direction: Direction, kind: Copied, bytes: u64 },
    /// Ask for more.
    RequestExtension { actions: ActionSet },
    /// The end user allows more.
    Extend { statement: Statement, now: Timestamp },
    /// The end user does not allow more.
    RefuseExtension,
    /// The end user takes something back.
    Withdraw { statement: Statement },
    /// The end user pauses.
    Pause,
    /// The end user goes on.
    Continue,
    /// The operator is gone.
    LoseOperator { why: LeftReason, now: Timestamp },
    /// The agent cannot be reached.
    LoseAgent { until: Timestamp, suppressed: u32 },
    /// The agent is back.
    ResumeAgent,
    /// The agent did not come back.
    GiveUp { now: Timestamp, suppressed: u32 },
    /// End it.
    End { by: EndedBy, why: EndReason, statement: Option<Statement>, suppressed: u32 },
    /// Nobody came in time.
    Expire { now: Timestamp },
    /// The agent says what it removed.
    RecordRemoval {
        removed: Vec<Personal<Committed>>,
        left: Vec<Personal<Committed>>,
        statement: Statement,
    },
    /// An endpoint signed the event that closed it; the leaf is that of the stored event.
    SignHead { by: Endpoint, leaf: Digest, statement: Statement },
}

/// The rule that forbids a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is such a session already.
    #[error("this session exists already")]
    Exists,
    /// There is no such session.
    #[error("there is no such session")]
    Missing,
    /// It is over.
    #[error("this session is over")]
    Over,
    /// The state does not allow it.
    #[error("this is not possible now")]
    NotNow,
    /// The time has not come.
    #[error("it is too early for this")]
    TooEarly,
    /// The time has passed.
    #[error("it is too late for this")]
    TooLate,
    /// Another operator's session.
    #[error("this session belongs to another operator")]
    NotYours,
    /// No action was named.
    #[error("choose at least one action")]
    NothingAsked,
    /// The answer names more than the request.
    #[error("the answer allows more than was asked for")]
    MoreThanAsked,
    /// The grant does not cover it.
    #[error("the user has not allowed this")]
    NotAllowed,
    /// The end user declined several times.
    #[error("the user has declined several times, try again in a minute")]
    Damped,
    /// The answer is to another request.
    #[error("this answers another request")]
    OtherRequest,
    /// The agent is away.
    #[error("the user's computer cannot be reached at the moment")]
    AgentAway,
    /// The statement is wrong.
    #[error("the user's answer cannot be verified: {0}")]
    Unbelieved(#[from] GrantError),
    /// It is no newer than the grant in force.
    #[error("a newer grant is in force")]
    Stale,
    /// The log of this session takes life-cycle events only.
    #[error("this session has recorded as much as it can")]
    Full,
}

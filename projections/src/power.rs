//! What somebody may do in a session.

use beckon_events::{Action, ActionSet, OperatorId, Timestamp};

/// Who may do something in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Whoever has the code or the link of the open invitation.
    Invited,
    /// The end user, in the agent.
    EndUser,
    /// The operator whose session it is, in the portal and by asking.
    Holder(OperatorId),
    /// The operator for whom the grant in force is, in Control.
    Control(OperatorId),
    /// The server, by time alone.
    Server,
    /// Everybody else who holds sessions.
    OtherOperators,
    /// Whoever administers.
    Administrators,
    /// Whoever audits.
    Auditors,
}

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "times are when it is over or due, actions what it is about")]
pub enum Power {
    /// Join with the code or the link.
    Join { until: Timestamp },
    /// Take the invitation back.
    CancelInvitation,
    /// Ask the end user.
    Ask,
    /// Take the request back.
    TakeBackRequest,
    /// Allow what was asked for.
    Approve { actions: ActionSet, until: Timestamp },
    /// Decline it.
    Reject,
    /// Use what the grant in force allows.
    Use { action: Action, until: Timestamp },
    /// Ask for more.
    AskForMore,
    /// Allow more.
    AllowMore { actions: ActionSet },
    /// Decline more.
    RefuseMore,
    /// Take back what is allowed.
    Withdraw { actions: ActionSet },
    /// Pause what the operator sees and does.
    Pause,
    /// Let it go on.
    Continue,
    /// Leave the session to itself.
    Leave,
    /// End it.
    End,
    /// Count no answer as no.
    Lapse { at: Timestamp },
    /// Give the agent up.
    GiveUp { at: Timestamp },
    /// Let invitation or wait be over.
    Expire { at: Timestamp },
    /// Say what the agent removed.
    ReportRemoval,
    /// Sign the end of the record.
    SignEnd,
    /// See it in the portal.
    See,
    /// Replay it.
    Replay,
    /// Take a copy of it away.
    Export,
}

impl Power {
    /// When it is over, or due.
    pub fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Join { until: at }
            | Self::Approve { until: at, .. }
            | Self::Use { until: at, .. }
            | Self::Lapse { at }
            | Self::GiveUp { at }
            | Self::Expire { at } => Some(*at),
            Self::CancelInvitation
            | Self::Ask
            | Self::TakeBackRequest
            | Self::Reject
            | Self::AskForMore
            | Self::AllowMore { .. }
            | Self::RefuseMore
            | Self::Withdraw { .. }
            | Self::Pause
            | Self::Continue
            | Self::Leave
            | Self::End
            | Self::ReportRemoval
            | Self::SignEnd
            | Self::See
            | Self::Replay
            | Self::Export => None,
        }
    }
}

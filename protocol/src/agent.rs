//! What agent and server say to each other on `/ws/agent`.

use beckon_events::session::{AgentKeys, Copied, Direction, EndReason, EndedBy};
use beckon_events::{Action, ActionSet, Committed, PublicKey, SessionId, Statement, Timestamp};
use serde::{Deserialize, Serialize};

use crate::evidence::ReceiptProof;
use crate::{Base64, SignedCertificate, bounded};

/// What the end user came with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JoinBy {
    /// The code, folded, without hyphens.
    Code(String),
    /// The token of the link, 22 characters of base64url.
    Token(String),
}

/// The device, as the agent describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimedDevice {
    /// The host's name.
    pub host: String,
    /// The name of the signed-in user.
    pub user: String,
    /// The operating system.
    pub system: String,
    /// The version of the agent.
    pub build: String,
}

/// From the agent to the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case", deny_unknown_fields)]
pub enum AgentSays {
    /// Let me in.
    Join {
        /// Code or link.
        by: JoinBy,
        /// What the server gave out with the first wrong code.
        ticket: Option<String>,
        /// The keys of this run.
        keys: AgentKeys,
        /// The device.
        device: ClaimedDevice,
    },
    /// I am back: the signature is over [`agent_resume_bytes`] by the key from Joined.
    Resume {
        /// The session.
        session: SessionId,
        /// 64 bytes.
        signature: Base64,
    },
    /// The user said yes.
    Approve {
        /// Which request.
        request: u32,
        /// The grant.
        statement: Statement,
    },
    /// The user said no.
    Reject {
        /// Which request.
        request: u32,
    },
    /// The user allows more.
    Extend {
        /// The new grant.
        statement: Statement,
    },
    /// The user does not allow more.
    RefuseExtension {},
    /// The user took something back.
    Withdraw {
        /// The smaller grant.
        statement: Statement,
    },
    /// The user paused.
    Pause {},
    /// The user goes on.
    Continue {},
    /// An action is in use.
    ActionStarted {
        /// Which.
        action: Action,
    },
    /// An action is no longer in use.
    ActionStopped {
        /// Which.
        action: Action,
    },
    /// What was copied on one computer went to the other. Said at most once a second: what comes
    /// faster is summed up by direction and kind.
    ClipboardShared {
        /// Which way.
        direction: Direction,
        /// What.
        kind: Copied,
        /// How much of it, in bytes.
        bytes: u64,
    },
    /// The user ended the session.
    End {
        /// The signed fact.
        statement: Statement,
    },
    /// The sealed channel was disturbed; the session cannot go on.
    Disturbed {},
    /// The relay broke; both ends need new tickets.
    RelayWanted {},
    /// What was removed at the end.
    Removed {
        /// Removed paths and settings.
        removed: Vec<Committed>,
        /// What could not be removed.
        left: Vec<Committed>,
        /// The signed commitments to both.
        statement: Statement,
    },
    /// The closing event, as the receipt shows it, signed by the key from Joined.
    SignHead {
        /// Over [`beckon_events::session::head_bytes`].
        statement: Statement,
    },
}

/// From the server to the agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case", deny_unknown_fields)]
pub enum ToAgent {
    /// The answer to the hello.
    Welcome {
        /// The version both speak.
        v: u16,
        /// 32 random bytes of this connection, for signatures.
        nonce: Base64,
        /// The server's time: certificates and grants count by it.
        now: Timestamp,
    },
    /// The versions do not fit.
    OtherVersion {
        /// What the server speaks.
        speaks: Vec<u16>,
        /// Where the right program is to be had.
        download: String,
    },
    /// In. Now waiting for the operator.
    Joined {
        /// The session.
        session: SessionId,
        /// Who waits.
        company: String,
        /// The operator's name.
        operator: String,
        /// The public half of the key that signs certificates.
        account_key: PublicKey,
        /// The public half of the key that signs checkpoints of the log.
        log_key: PublicKey,
        /// How long the wait may last, in seconds.
        wait_seconds: u64,
    },
    /// Wrong, expired, used or cancelled: the same answer for all.
    WrongCode {
        /// Attempts before the wait.
        attempts_left: u32,
        /// To be sent along next time.
        ticket: String,
        /// The wait that begins now, in seconds.
        wait_seconds: Option<u64>,
    },
    /// The link is expired, used, cancelled or unknown. Links are never throttled.
    NotValid {},
    /// Too many wrong codes; the code was not looked at.
    Wait {
        /// How much longer, in seconds.
        wait_seconds: u64,
    },
    /// In again.
    Resumed {},
    /// The operator asks.
    Asked {
        /// The number of the request.
        request: u32,
        /// P, verbatim.
        policy: Base64,
        /// Who asks.
        certificate: SignedCertificate,
        /// For what.
        actions: ActionSet,
        /// Whether it continues a suspended grant.
        continues: bool,
        /// When no answer counts as no, in seconds.
        lapse_seconds: u64,
    },
    /// A ticket for `/ws/relay`.
    Relay {
        /// 22 characters of base64url.
        ticket: String,
    },
    /// The operator withdrew the request.
    Withdrawn {
        /// Which.
        request: u32,
    },
    /// Nobody answered in time.
    Lapsed {
        /// Which.
        request: u32,
    },
    /// The approval is recorded: the operator may begin.
    Recorded {
        /// The number of the grant.
        n: u32,
    },
    /// The answer could not be recorded; nothing starts.
    NotRecorded {
        /// Why.
        why: String,
    },
    /// The operator asks for more.
    ExtensionAsked {
        /// For what.
        actions: ActionSet,
    },
    /// The operator left; nothing is allowed any more.
    OperatorLeft {},
    /// It is over.
    Ended {
        /// Who ended it.
        by: EndedBy,
        /// Why.
        why: EndReason,
    },
    /// The wait is over.
    Expired {},
    /// The list of removed things is recorded.
    RemovalRecorded {},
    /// The end of the session stands in the log: after Ended or Expired, as soon as it is signed.
    Receipt {
        /// The proof.
        #[serde(deserialize_with = "bounded::receipt")]
        receipt: Box<ReceiptProof>,
    },
    /// The signature under the closing event is recorded.
    HeadRecorded {},
}

/// What an agent signs to come back: `"beckon/agent-resume/v1" || nonce || session`.
pub fn agent_resume_bytes(nonce: &[u8], session: SessionId) -> Vec<u8> {
    [b"beckon/agent-resume/v1".as_slice(), nonce, session.0.as_bytes()].concat()
}

//! What Control and server say to each other on `/ws/control`.

use beckon_events::session::{AgentKeys, ControlKeys, EndReason, EndedBy};
use beckon_events::{ActionSet, Digest, PublicKey, SessionId, Statement, Timestamp};
use serde::{Deserialize, Serialize};

use crate::evidence::ReceiptProof;
use crate::{Base64, ClaimedDevice, SignedCertificate, bounded};

/// From Control to the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case", deny_unknown_fields)]
pub enum ControlSays {
    /// Opened by a launch link: the signature is over [`launch_bytes`].
    Redeem {
        /// 43 characters of base64url.
        token: String,
        /// The keys of this Control.
        keys: ControlKeys,
        /// The name of the computer it runs on.
        device: String,
        /// 64 bytes.
        signature: Base64,
    },
    /// I am back: the signature is over [`control_resume_bytes`].
    Resume {
        /// The session.
        session: SessionId,
        /// The keys of this Control, as enrolled.
        keys: ControlKeys,
        /// 64 bytes.
        signature: Base64,
    },
    /// Ask the end user.
    Request {
        /// For what.
        actions: ActionSet,
    },
    /// Take the request back.
    Cancel {},
    /// The handshake with the agent is finished and the grant checked.
    Connected {},
    /// Ask for more.
    Extend {
        /// For what.
        actions: ActionSet,
    },
    /// The relay broke; both ends need new tickets.
    RelayWanted {},
    /// The sealed channel was disturbed; the session cannot go on.
    Disturbed {},
    /// Leave; the session stays available.
    Leave {},
    /// End the session.
    End {},
    /// The closing event, as the receipt shows it, signed by the key of this Control.
    SignHead {
        /// Over [`beckon_events::session::head_bytes`].
        statement: Statement,
    },
    /// Prove that the log still starts with what it was.
    Prove {
        /// The size of a checkpoint that this Control has seen.
        from: u64,
    },
}

/// All that Control needs to know of a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionDoor {
    /// The session.
    pub session: SessionId,
    /// Its name.
    pub title: String,
    /// The company.
    pub company: String,
    /// The operator's own name as the end user sees it.
    pub operator: String,
    /// P, verbatim.
    pub policy: Base64,
    /// The certificate of this Control.
    pub certificate: SignedCertificate,
    /// The key that signs certificates.
    pub account_key: PublicKey,
    /// The key that signs checkpoints of the log.
    pub log_key: PublicKey,
    /// The latest signed checkpoint, verbatim.
    #[serde(deserialize_with = "bounded::latest")]
    pub checkpoint: Option<String>,
    /// The keys of the agent, from Joined.
    pub agent: AgentKeys,
    /// The device; a claim.
    pub device: ClaimedDevice,
    /// What the icon in the portal asks for.
    pub wanted: ActionSet,
    /// The grant in force, where this Control comes back to one.
    pub grant: Option<Statement>,
}

/// From the server to Control.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case", deny_unknown_fields)]
pub enum ToControl {
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
    /// In.
    Door {
        /// The session.
        door: Box<SessionDoor>,
    },
    /// The launch link is used, expired or forged, or the session is over.
    NotValid {
        /// What to do, as a sentence.
        why: String,
    },
    /// The end user has been asked.
    Asked {
        /// The number of the request.
        request: u32,
        /// When no answer counts as no, in seconds.
        lapse_seconds: u64,
    },
    /// A ticket for `/ws/relay`.
    Relay {
        /// 22 characters of base64url.
        ticket: String,
    },
    /// The end user said yes.
    Approved {
        /// The grant.
        statement: Statement,
    },
    /// The end user said no.
    Rejected {},
    /// Nobody answered.
    Lapsed {},
    /// The request is taken back.
    Cancelled {},
    /// The end user declined several times; nobody was asked.
    Damped {},
    /// The end user allows more.
    Extended {
        /// The new grant.
        statement: Statement,
    },
    /// The end user does not allow more.
    ExtensionRefused {},
    /// The end user took something back.
    Withdrawn {
        /// The smaller grant.
        statement: Statement,
    },
    /// The end user paused.
    Paused {},
    /// The end user goes on.
    Continued {},
    /// The agent cannot be reached.
    AgentLost {},
    /// The agent is back.
    AgentResumed {},
    /// The operator counts as gone; the session is available again.
    Left {},
    /// It is over.
    Ended {
        /// Who ended it.
        by: EndedBy,
        /// Why.
        why: EndReason,
    },
    /// The wait is over.
    Expired {},
    /// A rule forbids what was asked.
    Refused {
        /// Why, as a sentence.
        why: String,
    },
    /// The end of the session stands in the log: after Ended or Expired, as soon as it is signed.
    Receipt {
        /// The proof.
        #[serde(deserialize_with = "bounded::receipt")]
        receipt: Box<ReceiptProof>,
    },
    /// The signature under the closing event is recorded.
    HeadRecorded {},
    /// The answer to Prove.
    Proof {
        /// The size that was asked about.
        from: u64,
        /// A signed checkpoint that is not older, verbatim.
        #[serde(deserialize_with = "bounded::checkpoint")]
        checkpoint: String,
        /// The consistency proof between the two.
        #[serde(deserialize_with = "bounded::proof")]
        proof: Vec<Digest>,
    },
    /// The answer to Prove where the server cannot make the proof just now.
    ProofLater {
        /// Why, as a sentence.
        why: String,
    },
}

/// What a Control signs to redeem a token: `"beckon/launch/v1" || nonce || token`.
pub fn launch_bytes(nonce: &[u8], token: &str) -> Vec<u8> {
    [b"beckon/launch/v1".as_slice(), nonce, token.as_bytes()].concat()
}

/// What a Control signs to come back: `"beckon/control-resume/v1" || nonce || session`.
pub fn control_resume_bytes(nonce: &[u8], session: SessionId) -> Vec<u8> {
    [b"beckon/control-resume/v1".as_slice(), nonce, session.0.as_bytes()].concat()
}

//! What the model wants to be done.

use beckon_desk::clipboard::Shares;
use beckon_events::{ActionSet, SessionId, Timestamp};
use beckon_peer::{Clip, ControlMessage, PeerKeys};
use beckon_protocol::evidence::ReceiptProof;
use beckon_protocol::{Base64, ControlSays, ServerAddress, SignedCertificate};

use crate::log_memory::LogMemory;

/// One thing to be done outside of the model.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Connect to a server, and come back by itself.
    OpenLine(ServerAddress),
    /// Say goodbye to the server.
    CloseLine,
    /// Note that the operator trusts this portal.
    Remember(ServerAddress),
    /// Note how the log of a server was seen last.
    RememberLog(ServerAddress, LogMemory),
    /// Sign the end of a session and keep its receipt.
    KeepReceipt(Box<NewReceipt>),
    /// Keep what shows that something is wrong.
    KeepEvidence(Box<Evidence>),
    /// Redeem the launch token, signed for this connection.
    Redeem {
        /// The token's characters.
        token: String,
        /// The nonce of the connection.
        nonce: Vec<u8>,
    },
    /// Come back to a session, signed for this connection.
    Resume {
        /// Which.
        session: SessionId,
        /// The nonce of the connection.
        nonce: Vec<u8>,
    },
    /// Tell the server.
    Say(ControlSays),
    /// Open a tunnel to the agent, instead of any other.
    OpenTunnel(Box<TunnelTerms>),
    /// Close the tunnel.
    CloseTunnel,
    /// Tell the agent.
    Send(ControlMessage),
    /// Share the clipboard of this computer in these directions, at once.
    ShareClipboard(Shares),
    /// Put this into the clipboard.
    PutClip(Clip),
    /// Send this, which was copied here.
    SendClip(Clip),
    /// Bring the window to the front.
    Focus,
    /// Say goodbye and close the program.
    Quit,
}

/// What a tunnel needs.
#[derive(Clone, Debug, PartialEq)]
pub struct TunnelTerms {
    /// Its number, counted by the model.
    pub number: u32,
    /// The single-use ticket of the relay.
    pub ticket: String,
    /// The session.
    pub session: SessionId,
    /// P, verbatim.
    pub policy: Base64,
    /// The certificate of this Control.
    pub certificate: SignedCertificate,
    /// Who must be at the other end.
    pub agent: PeerKeys,
}

/// A receipt before it is signed: what was checked, and what this Control noted.
#[derive(Clone, Debug, PartialEq)]
pub struct NewReceipt {
    /// The session.
    pub session: SessionId,
    /// The company.
    pub company: String,
    /// The operator.
    pub operator: String,
    /// What was allowed.
    pub actions: ActionSet,
    /// When the operator came.
    pub started: Timestamp,
    /// When the session ended, by its log.
    pub ended: Timestamp,
    /// What is signed.
    pub head: Vec<u8>,
    /// Whether the server is to record the signature.
    pub says: bool,
    /// The end of the session in the log.
    pub proof: ReceiptProof,
}

/// What shows that something is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Whose it is, as `host[:port]`.
    pub server: String,
    /// When it was found.
    pub at: Timestamp,
    /// Files, by their names.
    pub files: Vec<(&'static str, String)>,
}

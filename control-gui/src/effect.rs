//! What the model wants to be done.

use beckon_events::SessionId;
use beckon_peer::{ControlMessage, PeerKeys};
use beckon_protocol::{Base64, ControlSays, ServerAddress, SignedCertificate};

/// One thing to be done outside of the model.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Connect to a server, and come back by itself.
    OpenLine(ServerAddress),
    /// Say goodbye to the server.
    CloseLine,
    /// Note that the operator trusts this portal.
    Remember(ServerAddress),
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

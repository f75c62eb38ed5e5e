//! What a handshake leads to.

#[cfg(test)]
mod tests;

use beckon_events::SessionId;
use zeroize::Zeroizing;

use crate::schedule::EpochSecret;
use crate::{HandshakeError, Opener, PeerKeys, Role, Sealer};

/// A sealed channel to the other end. Its halves are independent and may live on different
/// threads.
#[derive(Debug)]
pub struct Channel {
    /// Seals what is sent.
    pub sealer: Sealer,
    /// Opens what is received.
    pub opener: Opener,
    /// The keys of the other end: what a resumed channel must find again.
    pub remote: PeerKeys,
}

/// What the handshake agreed on.
pub(crate) struct Agreed {
    /// The handshake hash before the split.
    pub(crate) hash: [u8; 32],
    /// The half of the split for what Control sends.
    pub(crate) from_control: Zeroizing<[u8; 32]>,
    /// The half of the split for what the agent sends.
    pub(crate) from_agent: Zeroizing<[u8; 32]>,
}

impl Channel {
    pub(crate) fn new(
        session: SessionId,
        own: Role,
        agreed: &Agreed,
        remote: PeerKeys,
    ) -> Result<Self, HandshakeError> {
        let secret = |sender| match sender {
            Role::Control => EpochSecret::first(&agreed.hash, &agreed.from_control),
            Role::Agent => EpochSecret::first(&agreed.hash, &agreed.from_agent),
        };
        let other = own.other();
        Ok(Self {
            sealer: Sealer::new(session, own, &secret(own))?,
            opener: Opener::new(session, other, &secret(other))?,
            remote,
        })
    }
}

//! What both ends say about themselves.

use beckon_events::{Digest, PublicKey, SessionId};

use super::{HandshakeError, PeerKeys};
use crate::identity::is_bound;
use crate::reader::{Reader, Truncated};
use crate::{Identity, Role};

/// `ed25519(32) | bind(64) | SHA-256(P)(32)`: the beginning of both payloads.
pub(super) struct Proof {
    ed25519: PublicKey,
    bind: [u8; 64],
    /// SHA-256 of the policy that this end was told.
    pub(super) policy: Digest,
}

impl From<Truncated> for HandshakeError {
    fn from(Truncated: Truncated) -> Self {
        Self::Malformed
    }
}

impl Proof {
    pub(super) fn new(identity: &Identity, session: SessionId, role: Role, policy: &[u8]) -> Self {
        Self {
            ed25519: identity.ed25519_public(),
            bind: identity.bind(session, role),
            policy: Digest::of(policy),
        }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        [&self.ed25519.0[..], &self.bind, &self.policy.0].concat()
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Truncated> {
        Ok(Self {
            ed25519: PublicKey(reader.array()?),
            bind: reader.array()?,
            policy: Digest(reader.array()?),
        })
    }

    /// The keys of the end that said this, once they are known to belong together.
    pub(super) fn keys(
        &self,
        session: SessionId,
        role: Role,
        x25519: PublicKey,
    ) -> Result<PeerKeys, HandshakeError> {
        let keys = PeerKeys { ed25519: self.ed25519, x25519 };
        if is_bound(keys, session, role, &self.bind) {
            Ok(keys)
        } else {
            Err(HandshakeError::NotBound)
        }
    }
}

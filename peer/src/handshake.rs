//! How two ends that have never met come to trust each other's keys.
//!
//! ```text
//! 1  C→A  e                     Noise_XX_25519_AESGCM_SHA256, prologue "beckon/v1" || session
//! 2  A→C  e, ee, s, es          ed25519, bind, SHA-256(P), version
//! 3  C→A  s, se                 ed25519, bind, SHA-256(P), certificate, its signature
//! ```
//!
//! Each message is one relay message: `0 | number u8 | Noise message`.

mod agent;
mod control;
mod noise;
mod proof;
#[cfg(test)]
pub(crate) mod tests;

use beckon_events::session::{AgentKeys, ControlKeys};
use beckon_events::{Digest, PublicKey};
use beckon_protocol::CertificateError;

pub use agent::{AgentHandshake, AgentTerms};
pub use control::{ControlHandshake, ControlTerms};

/// The version of what is spoken over a channel.
pub const VERSION: u16 = 1;

/// The longest certificate, in bytes.
pub const LONGEST_CERTIFICATE: usize = 4 * 1024;

/// The public keys of one end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PeerKeys {
    /// What it signs with.
    pub ed25519: PublicKey,
    /// What it proves itself with in a handshake.
    pub x25519: PublicKey,
}

/// Why there is no channel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// The message is not the one that is due, or is damaged.
    #[error("the other side sent something else than the handshake; connect again")]
    Malformed,
    /// The message was not made for this session and these keys.
    #[error("the handshake was tampered with, or belongs to another session; connect again")]
    Forged,
    /// The other side speaks another version.
    #[error("the other side speaks version {theirs}, this program speaks {VERSION}; update both")]
    OtherVersion {
        /// What it speaks.
        theirs: u16,
    },
    /// The other side's two keys do not belong together.
    #[error("the other side's keys do not belong together; do not go on")]
    NotBound,
    /// Not the keys that were expected: those of Joined, of the certificate, or of before the
    /// connection broke.
    #[error("the other side is not who it was; do not go on")]
    OtherKeys,
    /// The certificate is not one of this account, or is not in force.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The two ends were told different policies; nothing is granted.
    #[error("the two sides were told different rules (here {ours}, there {theirs}); do not go on")]
    PolicyMismatch {
        /// SHA-256 of the policy known here.
        ours: Digest,
        /// SHA-256 of the policy known at the other side.
        theirs: Digest,
        /// What is to be sent before closing, so that the other side can say it too.
        tell: Option<Vec<u8>>,
    },
    /// The source of randomness failed.
    #[error("the system gave no randomness; try again")]
    Randomness,
    /// The cryptographic library refused.
    #[error("the handshake could not be made; connect again")]
    Crypto,
}

impl From<AgentKeys> for PeerKeys {
    fn from(AgentKeys { x25519, ed25519 }: AgentKeys) -> Self {
        Self { ed25519, x25519 }
    }
}

impl From<PeerKeys> for AgentKeys {
    fn from(PeerKeys { ed25519, x25519 }: PeerKeys) -> Self {
        Self { x25519, ed25519 }
    }
}

impl From<ControlKeys> for PeerKeys {
    fn from(ControlKeys { x25519, ed25519 }: ControlKeys) -> Self {
        Self { ed25519, x25519 }
    }
}

impl From<PeerKeys> for ControlKeys {
    fn from(PeerKeys { ed25519, x25519 }: PeerKeys) -> Self {
        Self { x25519, ed25519 }
    }
}

/// Refuses keys that are not the `expected` ones, where some are.
fn check_keys(keys: PeerKeys, expected: Option<PeerKeys>) -> Result<(), HandshakeError> {
    match expected {
        Some(expected) if expected != keys => Err(HandshakeError::OtherKeys),
        _ => Ok(()),
    }
}

/// Refuses a policy other than the own one.
fn check_policy(
    ours: Digest,
    theirs: Digest,
    tell: impl FnOnce() -> Option<Vec<u8>>,
) -> Result<(), HandshakeError> {
    if ours == theirs {
        return Ok(());
    }
    Err(HandshakeError::PolicyMismatch { ours, theirs, tell: tell() })
}

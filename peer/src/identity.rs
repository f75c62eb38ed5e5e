//! The keys of one endpoint.

use std::fmt;

use beckon_events::{Digest, Grant, PublicKey, SessionId, Statement};
use ring::rand::SecureRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use snow::params::DHChoice;
use snow::resolvers::{CryptoResolver, DefaultResolver};
use zeroize::Zeroizing;

use crate::reader::Reader;
use crate::{PeerKeys, Role};

const MAGIC: [u8; 8] = *b"bkn-key1";
const BIND: &[u8] = b"beckon/bind/v1";

/// An X25519 static key for the handshake and an Ed25519 pair for signatures.
///
/// The agent makes one per run and keeps it in memory; Control makes one at its first run and
/// keeps it in a file that only its user can read. The secrets are overwritten when this is
/// dropped (the copies inside `ring` and `snow` are not ours to overwrite).
pub struct Identity {
    x25519: Zeroizing<[u8; 32]>,
    seed: Zeroizing<[u8; 32]>,
    pair: Ed25519KeyPair,
    /// INVARIANT: the public halves of the two secrets above.
    public: PeerKeys,
}

/// Why there is no identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// The source of randomness failed.
    #[error("the system gave no randomness; try again")]
    Randomness,
    /// The bytes are not a saved identity, or are damaged.
    #[error("the key file is damaged; remove it and enrol this program again")]
    Damaged,
}

impl Identity {
    /// The number of bytes that [`Identity::to_bytes`] makes.
    pub const SAVED: usize = 104;

    /// Makes new keys.
    pub fn generate(random: &dyn SecureRandom) -> Result<Self, IdentityError> {
        let mut x25519 = Zeroizing::new([0; 32]);
        let mut seed = Zeroizing::new([0; 32]);
        random.fill(&mut *x25519).map_err(|_| IdentityError::Randomness)?;
        random.fill(&mut *seed).map_err(|_| IdentityError::Randomness)?;
        Self::from_secrets(x25519, seed)
    }

    /// Reads what [`Identity::to_bytes`] made; damaged bytes are refused.
    pub fn from_bytes(saved: &[u8]) -> Result<Self, IdentityError> {
        let damaged = |_| IdentityError::Damaged;
        let mut reader = Reader::new(saved);
        let magic: [u8; 8] = reader.array().map_err(damaged)?;
        let x25519 = Zeroizing::new(reader.array().map_err(damaged)?);
        let seed = Zeroizing::new(reader.array().map_err(damaged)?);
        let sum: [u8; 32] = reader.array().map_err(damaged)?;
        let summed = saved.get(..saved.len().saturating_sub(32)).unwrap_or_default();
        if magic != MAGIC || !reader.is_empty() || Digest::of(summed).0 != sum {
            return Err(IdentityError::Damaged);
        }
        Self::from_secrets(x25519, seed)
    }

    /// Both secrets and a check sum, to be written where only the user can read.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut saved = Zeroizing::new(Vec::with_capacity(Self::SAVED));
        saved.extend_from_slice(&MAGIC);
        saved.extend_from_slice(&*self.x25519);
        saved.extend_from_slice(&*self.seed);
        let sum = Digest::of(&saved);
        saved.extend_from_slice(&sum.0);
        saved
    }

    /// The public half of the signing pair.
    pub fn ed25519_public(&self) -> PublicKey {
        self.public.ed25519
    }

    /// The public half of the handshake key.
    pub fn x25519_public(&self) -> PublicKey {
        self.public.x25519
    }

    /// Both public halves.
    pub fn public(&self) -> PeerKeys {
        self.public
    }

    /// The Ed25519 signature of `message`.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        // ring's Ed25519 signatures always have 64 bytes.
        for (to, from) in signature.iter_mut().zip(self.pair.sign(message).as_ref()) {
            *to = *from;
        }
        signature
    }

    /// `bytes` in this endpoint's own hand.
    pub fn state(&self, bytes: &[u8]) -> Statement {
        Statement::sign(bytes, &self.pair)
    }

    /// `grant`, signed: the statement inside Approved and what changes it.
    pub fn grant(&self, grant: &Grant) -> Statement {
        grant.sign(&self.pair)
    }

    pub(crate) fn x25519_secret(&self) -> &[u8; 32] {
        &self.x25519
    }

    /// The signature that ties the handshake key to the signing key, the session and the role.
    pub(crate) fn bind(&self, session: SessionId, role: Role) -> [u8; 64] {
        self.sign(&bound(session, role, &self.public.x25519))
    }

    fn from_secrets(
        x25519: Zeroizing<[u8; 32]>,
        seed: Zeroizing<[u8; 32]>,
    ) -> Result<Self, IdentityError> {
        let mut dh =
            DefaultResolver.resolve_dh(&DHChoice::Curve25519).ok_or(IdentityError::Damaged)?;
        dh.set(&*x25519);
        let public = |bytes: &[u8]| bytes.try_into().map(PublicKey);
        let x25519_public = public(dh.pubkey()).map_err(|_| IdentityError::Damaged)?;
        let pair =
            Ed25519KeyPair::from_seed_unchecked(&*seed).map_err(|_| IdentityError::Damaged)?;
        let ed25519 = public(pair.public_key().as_ref()).map_err(|_| IdentityError::Damaged)?;
        Ok(Self { x25519, seed, pair, public: PeerKeys { ed25519, x25519: x25519_public } })
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("public", &self.public).finish_non_exhaustive()
    }
}

/// Whether `signature` is the bind signature of the two `keys`.
pub(crate) fn is_bound(
    keys: PeerKeys,
    session: SessionId,
    role: Role,
    signature: &[u8; 64],
) -> bool {
    UnparsedPublicKey::new(&ED25519, keys.ed25519.0)
        .verify(&bound(session, role, &keys.x25519), signature)
        .is_ok()
}

fn bound(session: SessionId, role: Role, x25519: &PublicKey) -> Vec<u8> {
    [BIND, session.0.as_bytes(), &[role.byte()], &x25519.0].concat()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An identity that is the same in every run.
    pub(crate) fn fixed(seed: u8) -> Identity {
        let secret = |byte| Zeroizing::new([byte; 32]);
        Identity::from_secrets(secret(seed), secret(seed.wrapping_add(100))).unwrap()
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test has no clock.rs")]
    fn two_runs_make_different_keys() {
        let random = ring::rand::SystemRandom::new();
        let one = Identity::generate(&random).unwrap();
        let other = Identity::generate(&random).unwrap();
        assert_ne!(one.ed25519_public(), other.ed25519_public());
        assert_ne!(one.x25519_public(), other.x25519_public());
    }

    #[test]
    fn the_public_half_of_x25519_is_that_of_rfc_7748() {
        let mut secret = Zeroizing::new([0; 32]);
        secret[0] = 9; // the first step of the iterated vector in section 5.2
        let identity = Identity::from_secrets(secret, Zeroizing::new([0; 32])).unwrap();
        assert_eq!(
            identity.x25519_public().to_string(),
            "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"
        );
    }

    #[test]
    fn a_saved_identity_is_the_same_again() {
        let identity = fixed(1);
        let saved = identity.to_bytes();
        assert_eq!(saved.len(), Identity::SAVED);
        let read = Identity::from_bytes(&saved).unwrap();
        assert_eq!(read.public(), identity.public());
        assert_eq!(read.sign(b"x"), identity.sign(b"x"));
    }

    #[test]
    fn a_damaged_file_is_refused_whatever_byte_is_wrong() {
        let saved = fixed(1).to_bytes();
        for at in 0..saved.len() {
            let mut damaged = saved.clone();
            damaged[at] ^= 1;
            assert_eq!(Identity::from_bytes(&damaged).err(), Some(IdentityError::Damaged), "{at}");
            assert!(Identity::from_bytes(&saved[..at]).is_err(), "cut at {at}");
        }
        assert!(Identity::from_bytes(&[&**saved, &[0]].concat()).is_err(), "one too many");
    }

    #[test]
    fn a_secret_is_never_printed() {
        let identity = fixed(7);
        let printed = format!("{identity:?}");
        assert!(printed.contains(&identity.ed25519_public().to_string()));
        assert!(!printed.contains(&"07".repeat(32)) && !printed.contains("7, 7"), "{printed}");
    }

    #[test]
    fn keys_are_bound_to_each_other_the_session_and_the_role() {
        let identity = fixed(1);
        let session = SessionId(uuid::Uuid::from_u128(1));
        let bind = identity.bind(session, Role::Agent);
        let keys = identity.public();
        assert!(is_bound(keys, session, Role::Agent, &bind));
        assert!(!is_bound(keys, session, Role::Control, &bind));
        assert!(!is_bound(keys, SessionId(uuid::Uuid::from_u128(2)), Role::Agent, &bind));
        let other = PeerKeys { x25519: fixed(2).x25519_public(), ..keys };
        assert!(!is_bound(other, session, Role::Agent, &bind));
        let other = PeerKeys { ed25519: fixed(2).ed25519_public(), ..keys };
        assert!(!is_bound(other, session, Role::Agent, &bind));
    }
}

//! The keys of a data folder: which one signs, which one hides.

use std::fmt;

use beckon_events::{Digest, PublicKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use ring::signature::{Ed25519KeyPair, KeyPair};
use ring::{aead, hmac};
use uuid::Uuid;

use crate::clock::Random;
use crate::ip_prefix::IpPrefix;

/// The Ed25519 key that signs the certificates of operators.
pub struct AccountKey(Ed25519KeyPair);

/// The Ed25519 key that signs the checkpoints of the log.
pub struct LogSigningKey(Ed25519KeyPair);

/// 32 random bytes without which a join code cannot be found by trying all of them.
#[derive(Clone)]
pub struct Pepper {
    code: hmac::Key,
    derived: Prk,
}

/// A new Ed25519 key as PKCS#8, for whichever of them.
pub fn generate(random: &Random) -> Option<impl AsRef<[u8]> + use<>> {
    Ed25519KeyPair::generate_pkcs8(random.secure()).ok()
}

impl AccountKey {
    /// Reads PKCS#8.
    pub fn from_pkcs8(bytes: &[u8]) -> Option<Self> {
        Ed25519KeyPair::from_pkcs8(bytes).ok().map(Self)
    }

    /// The public half.
    pub fn public_key(&self) -> PublicKey {
        public_key(&self.0)
    }

    /// Signs `message`.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        signature.copy_from_slice(self.0.sign(message).as_ref());
        signature
    }
}

impl LogSigningKey {
    /// Reads PKCS#8.
    pub fn from_pkcs8(bytes: &[u8]) -> Option<Self> {
        Ed25519KeyPair::from_pkcs8(bytes).ok().map(Self)
    }

    /// The public half.
    pub fn public_key(&self) -> PublicKey {
        public_key(&self.0)
    }

    /// Both halves, for whoever signs.
    pub fn pair(&self) -> &Ed25519KeyPair {
        &self.0
    }
}

impl Pepper {
    /// The pepper made of these bytes.
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self {
            code: hmac::Key::new(hmac::HMAC_SHA256, bytes),
            derived: Salt::new(HKDF_SHA256, b"beckon/pepper/v1").extract(bytes),
        }
    }

    /// HMAC-SHA-256(pepper, code): what stands for a join code, folded and without hyphens.
    pub fn code_digest(&self, code: &str) -> Digest {
        digest(hmac::sign(&self.code, code.as_bytes()))
    }

    /// A MAC of `message` under a key for this purpose alone.
    pub fn mac(&self, purpose: &str, message: &[u8]) -> Digest {
        digest(hmac::sign(&self.mac_key(purpose), message))
    }

    /// Whether `mac` is [`Pepper::mac`] of the same; takes as long when it is not.
    pub fn mac_matches(&self, purpose: &str, message: &[u8], mac: &Digest) -> bool {
        hmac::verify(&self.mac_key(purpose), message, &mac.0).is_ok()
    }

    /// What a network is called in the log: a hash of it that nobody without the pepper can try.
    pub fn address_subject(&self, prefix: &IpPrefix) -> Uuid {
        let mac = self.mac("address subject", prefix.to_string().as_bytes());
        let mut id = [0; 16];
        id.copy_from_slice(&mac.0[..16]);
        Uuid::from_bytes(id)
    }

    /// An AES-256-GCM key for this purpose alone.
    pub(crate) fn sealing_key(&self, purpose: &str) -> Option<aead::LessSafeKey> {
        let info = [b"seal ".as_slice(), purpose.as_bytes()];
        let key = self.derived.expand(&info, &aead::AES_256_GCM).ok()?;
        Some(aead::LessSafeKey::new(key.into()))
    }

    fn mac_key(&self, purpose: &str) -> hmac::Key {
        struct Bytes32;
        impl KeyType for Bytes32 {
            fn len(&self) -> usize {
                32
            }
        }
        let mut key = [0; 32];
        let info = [b"mac ".as_slice(), purpose.as_bytes()];
        if self.derived.expand(&info, Bytes32).and_then(|okm| okm.fill(&mut key)).is_err() {
            // Only a purpose longer than ring's limit comes here; 32 zero bytes must not be a key.
            std::process::abort();
        }
        hmac::Key::new(hmac::HMAC_SHA256, &key)
    }
}

fn public_key(pair: &Ed25519KeyPair) -> PublicKey {
    let mut key = [0; 32];
    key.copy_from_slice(pair.public_key().as_ref());
    PublicKey(key)
}

fn digest(tag: hmac::Tag) -> Digest {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(tag.as_ref());
    Digest(bytes)
}

impl fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountKey({}, …)", self.public_key())
    }
}

impl fmt::Debug for LogSigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogSigningKey({}, …)", self.public_key())
    }
}

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pepper(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mac_holds_for_its_purpose_and_message_only() {
        let pepper = Pepper::new(&[7; 32]);
        let mac = pepper.mac("draft", b"ABC");
        assert!(pepper.mac_matches("draft", b"ABC", &mac));
        assert!(!pepper.mac_matches("draft", b"ABD", &mac));
        assert!(!pepper.mac_matches("other", b"ABC", &mac));
        assert!(!Pepper::new(&[8; 32]).mac_matches("draft", b"ABC", &mac));
        assert_ne!(pepper.code_digest("ABC"), mac);
    }

    #[test]
    fn a_network_has_one_name_that_depends_on_the_pepper() {
        let name = |pepper, prefix: &str| {
            Pepper::new(&[pepper; 32]).address_subject(&prefix.parse().unwrap())
        };
        assert_eq!(name(7, "192.0.2.1/32"), name(7, "192.0.2.1"));
        assert_ne!(name(7, "192.0.2.1/32"), name(7, "192.0.2.2/32"));
        assert_ne!(name(7, "192.0.2.1/32"), name(8, "192.0.2.1/32"));
    }

    #[test]
    fn what_the_account_signs_verifies_under_its_public_key() {
        let key = generate(&Random::new()).unwrap();
        let key = AccountKey::from_pkcs8(key.as_ref()).unwrap();
        let public = key.public_key().0;
        let public = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, public);
        assert!(public.verify(b"yes", &key.sign(b"yes")).is_ok());
        assert!(public.verify(b"no", &key.sign(b"yes")).is_err());
    }
}

//! A key that a person can compare.

use std::fmt;
use std::str::FromStr;

use beckon_events::{Digest, PublicKey};

/// SHA-256 of a public key, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub Digest);

/// Why a text is no fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint has 64 hexadecimal digits, copy all of it")]
pub struct FingerprintError;

/// The fingerprint of `key` as text.
pub fn fingerprint(key: &PublicKey) -> String {
    Fingerprint::of(key).to_string()
}

impl Fingerprint {
    /// The fingerprint of `key`.
    pub fn of(key: &PublicKey) -> Self {
        Self(Digest::of(&key.0))
    }

    /// Whether it is the fingerprint of `key`.
    pub fn is_of(&self, key: &PublicKey) -> bool {
        *self == Self::of(key)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    /// Reads it as people copy it: case, spaces, colons and hyphens do not matter.
    fn from_str(typed: &str) -> Result<Self, FingerprintError> {
        let kept = typed.chars().filter(|c| !c.is_whitespace() && !matches!(c, ':' | '-'));
        let hex: String = kept.take(65).map(|c| c.to_ascii_lowercase()).collect();
        Digest::from_hex(&hex).map(Self).ok_or(FingerprintError)
    }
}

//! Random texts that open something.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use crate::clock::Random;

/// 256 random bits as 43 characters of base64url. The vault keeps only its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    pub(super) fn new(random: &Random) -> Self {
        let bytes = Zeroizing::new(random.bytes::<32>());
        Self(Zeroizing::new(BASE64URL_NOPAD.encode(bytes.as_slice())))
    }

    /// One that shows by `prefix` what it is.
    pub(super) fn with_prefix(prefix: &str, random: &Random) -> Self {
        let secret = Self::new(random);
        Self(Zeroizing::new(format!("{prefix}{}", secret.as_str())))
    }

    /// The secret itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What is stored of a secret.
pub(super) fn hash(secret: &str) -> [u8; 32] {
    beckon_events::Digest::of(secret.as_bytes()).0
}

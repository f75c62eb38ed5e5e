//! What only an endpoint knows, in its own hand.

use data_encoding::{BASE64, HEXLOWER};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use crate::PublicKey;

/// The longest statement that is accepted, in bytes.
const LONGEST: usize = 8 * 1024;

/// A byte string kept as it was signed, with the Ed25519 key and signature of who said it.
///
/// In JSON `{"statement":base64,"key":hex,"sig":base64}`. A statement holds no personal value.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    statement: String,
    key: PublicKey,
    sig: String,
}

/// Why a statement is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// It is not base64, or longer than 8 KiB.
    #[error("the statement cannot be read")]
    Unreadable,
    /// It was signed by somebody else.
    #[error("the statement was signed by another key")]
    OtherKey,
    /// The signature does not fit the bytes.
    #[error("the signature of the statement is wrong")]
    WrongSignature,
}

impl Statement {
    /// Signs `bytes`. Ed25519 is deterministic, so this needs no randomness.
    pub fn sign(bytes: &[u8], pair: &Ed25519KeyPair) -> Self {
        let mut key = [0; 32];
        key.copy_from_slice(pair.public_key().as_ref());
        Self {
            statement: BASE64.encode(bytes),
            key: PublicKey(key),
            sig: BASE64.encode(pair.sign(bytes).as_ref()),
        }
    }

    /// One that nobody signed and nobody believes: with it a decider tells what would be possible
    /// with a right one.
    pub fn unsigned() -> Self {
        Self { statement: String::new(), key: PublicKey([0; 32]), sig: String::new() }
    }

    /// The key that it claims to be signed by.
    pub fn key(&self) -> PublicKey {
        self.key
    }

    /// The bytes, once the signature by `expected` has been checked.
    pub fn open(&self, expected: &PublicKey) -> Result<Vec<u8>, StatementError> {
        if self.statement.len() > LONGEST * 4 / 3 + 4 {
            return Err(StatementError::Unreadable);
        }
        if self.key != *expected {
            return Err(StatementError::OtherKey);
        }
        let unreadable = |_| StatementError::Unreadable;
        let bytes = BASE64.decode(self.statement.as_bytes()).map_err(unreadable)?;
        let signature = BASE64.decode(self.sig.as_bytes()).map_err(unreadable)?;
        UnparsedPublicKey::new(&ED25519, self.key.0)
            .verify(&bytes, &signature)
            .map_err(|_| StatementError::WrongSignature)?;
        Ok(bytes)
    }

    /// The first 16 hexadecimal digits of the SHA-256 of the bytes as written: a short name.
    pub fn fingerprint(&self) -> String {
        let digest = crate::Digest::of(self.statement.as_bytes());
        HEXLOWER.encode(&digest.0[..8])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(seed: u8) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
    }

    fn public(seed: u8) -> PublicKey {
        Statement::sign(b"", &pair(seed)).key()
    }

    #[test]
    fn what_was_signed_reads_back_under_the_same_key_only() {
        let said = Statement::sign(b"{\"v\":1}", &pair(1));
        assert_eq!(said.open(&public(1)).unwrap(), b"{\"v\":1}");
        assert_eq!(said.open(&public(2)), Err(StatementError::OtherKey));
        let claimed = Statement { key: public(2), ..said };
        assert_eq!(claimed.open(&public(2)), Err(StatementError::WrongSignature));
    }

    #[test]
    fn a_statement_that_nobody_signed_is_not_believed() {
        let unsigned = Statement::unsigned();
        assert_eq!(unsigned.open(&public(1)), Err(StatementError::OtherKey));
        assert_eq!(unsigned.open(&unsigned.key()), Err(StatementError::WrongSignature));
    }

    #[test]
    fn a_statement_of_other_bytes_is_refused() {
        let said = Statement::sign(b"one", &pair(1));
        let other = Statement { statement: BASE64.encode(b"two"), ..said };
        assert_eq!(other.open(&public(1)), Err(StatementError::WrongSignature));
    }
}

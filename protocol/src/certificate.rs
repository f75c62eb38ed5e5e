//! Who an operator's Control belongs to, in the hand of the account.

use beckon_events::session::ControlKeys;
use beckon_events::{AccountId, OperatorId, PublicKey, Timestamp};
use ring::signature::{ED25519, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use crate::Base64;

/// The longest certificate, in bytes.
const LONGEST: usize = 2 * 1024;

/// The keys of a Control, and whose they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// The version of this document: 1.
    pub v: u8,
    /// The account that signs.
    pub account: AccountId,
    /// The name of the company.
    pub company: String,
    /// The operator.
    pub operator: OperatorId,
    /// The operator's name as the end user sees it.
    pub name: String,
    /// Control's key for the sealed channel.
    pub x25519: PublicKey,
    /// Control's key for signatures.
    pub ed25519: PublicKey,
    /// From when it counts.
    pub not_before: Timestamp,
    /// Until when it counts.
    pub not_after: Timestamp,
}

/// A certificate's bytes with the Ed25519 signature over them by the account's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedCertificate {
    /// The bytes, as signed.
    pub certificate: Base64,
    /// The signature, 64 bytes.
    pub sig: Base64,
}

/// Why a certificate is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// The account did not sign these bytes.
    #[error("the operator's certificate is not signed by this server's account")]
    WrongSignature,
    /// The bytes are no certificate of version 1.
    #[error("the operator's certificate cannot be read")]
    Unreadable,
    /// It does not count at this time.
    #[error("the operator's certificate is not valid at this time, check the clock")]
    OutOfTime,
}

impl Certificate {
    /// The bytes to sign.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads a certificate once its signature and its time have been checked.
    pub fn open(
        bytes: &[u8],
        signature: &[u8],
        account: &PublicKey,
        now: Timestamp,
    ) -> Result<Self, CertificateError> {
        if bytes.len() > LONGEST {
            return Err(CertificateError::Unreadable);
        }
        UnparsedPublicKey::new(&ED25519, account.0)
            .verify(bytes, signature)
            .map_err(|_| CertificateError::WrongSignature)?;
        let read: Self = serde_json::from_slice(bytes).map_err(|_| CertificateError::Unreadable)?;
        if read.v != 1 {
            return Err(CertificateError::Unreadable);
        }
        if now < read.not_before || now >= read.not_after {
            return Err(CertificateError::OutOfTime);
        }
        Ok(read)
    }

    /// The keys that it vouches for.
    pub fn keys(&self) -> ControlKeys {
        ControlKeys { x25519: self.x25519, ed25519: self.ed25519 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{Ed25519KeyPair, KeyPair};
    use std::time::Duration;
    use uuid::Uuid;

    #[test]
    fn a_certificate_counts_under_its_account_and_in_its_time_only() {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
        let account = PublicKey(pair.public_key().as_ref().try_into().unwrap());
        let from = Timestamp::from_micros(1_000);
        let certificate = Certificate {
            v: 1,
            account: AccountId(Uuid::from_u128(1)),
            company: "Acme".into(),
            operator: OperatorId(Uuid::from_u128(2)),
            name: "Ana Silva".into(),
            x25519: PublicKey([3; 32]),
            ed25519: PublicKey([4; 32]),
            not_before: from,
            not_after: from.plus(Duration::from_mins(1)),
        };
        let bytes = certificate.to_bytes();
        let signature = pair.sign(&bytes);
        let open = |bytes: &[u8], now| Certificate::open(bytes, signature.as_ref(), &account, now);
        assert_eq!(open(&bytes, from), Ok(certificate.clone()));
        let early = Timestamp::from_micros(999);
        assert_eq!(open(&bytes, early), Err(CertificateError::OutOfTime));
        assert_eq!(open(&bytes, certificate.not_after), Err(CertificateError::OutOfTime));
        let forged = String::from_utf8(bytes).unwrap().replace("Ana", "Eve");
        assert_eq!(open(forged.as_bytes(), from), Err(CertificateError::WrongSignature));
        let other = PublicKey([9; 32]);
        let read = Certificate::open(&certificate.to_bytes(), signature.as_ref(), &other, from);
        assert_eq!(read, Err(CertificateError::WrongSignature));
    }
}

//! Names of things: UUIDs, digests and public keys, each its own type.

use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(s).map(Self)
            }
        }
    };
}

uuid_newtype!(
    /// One on-demand support session; its stream is `session-<uuid>`.
    SessionId
);
uuid_newtype!(
    /// One person with a sign-in; the stream is `operator-<uuid>`.
    OperatorId
);
uuid_newtype!(
    /// The company; the stream is `account-<uuid>`.
    AccountId
);
uuid_newtype!(
    /// One log, for its whole life.
    LogId
);
uuid_newtype!(
    /// One event: `UUIDv5(command id, index)`.
    EventId
);
uuid_newtype!(
    /// One command: `UUIDv5(namespace of the source, message id)`.
    CommandId
);

impl CommandId {
    /// The id of the command that `message` names within a source's own namespace.
    pub fn within(namespace: Uuid, message: &str) -> Self {
        Self(Uuid::new_v5(&namespace, message.as_bytes()))
    }

    /// The id of the event at `index` (from 0) of what this command leads to.
    pub fn event(self, index: u32) -> EventId {
        EventId(Uuid::new_v5(&self.0, &index.to_be_bytes()))
    }
}

macro_rules! hex_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub [u8; 32]);

        impl $name {
            /// Reads 64 lower-case hexadecimal digits.
            pub fn from_hex(hex: &str) -> Option<Self> {
                let bytes = HEXLOWER.decode(hex.as_bytes()).ok()?;
                bytes.try_into().ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&HEXLOWER.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(&HEXLOWER.encode(&self.0))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let hex = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                Self::from_hex(&hex).ok_or_else(|| {
                    serde::de::Error::custom("expected 64 lower-case hexadecimal digits")
                })
            }
        }
    };
}

hex_newtype!(
    /// 32 bytes of SHA-256 or HMAC-SHA-256, in JSON as 64 lower-case hexadecimal digits.
    Digest
);
hex_newtype!(
    /// A 32-byte Ed25519 or X25519 public key, in JSON as 64 lower-case hexadecimal digits.
    PublicKey
);

impl Digest {
    /// 64 zeros: what stands before the first event of a stream.
    pub const ZERO: Self = Self([0; 32]);

    /// SHA-256 of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        let mut out = [0; 32];
        out.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref());
        Self(out)
    }
}

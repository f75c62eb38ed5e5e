//! What the server says about a session to both ends alike.

use beckon_events::{AccountId, ActionSet, PublicKey, SessionId};
use serde::{Deserialize, Serialize};

/// Whether the session is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Recording {
    /// It is not.
    Off,
}

/// The policy **P**: bytes made by the server, hashed as they came, never re-serialised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The version of this document: 1.
    pub v: u8,
    /// The session.
    pub session: SessionId,
    /// The account.
    pub account: AccountId,
    /// Whether it is recorded.
    pub recording: Recording,
    /// Who could open a recording.
    pub audit_key: Option<PublicKey>,
    /// What this server lets operators ask for.
    pub allowed: ActionSet,
}

impl Policy {
    /// The bytes of P.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads P; `None` where it is not a policy of version 1.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Self>(bytes).ok().filter(|policy| policy.v == 1)
    }
}

//! The first message on `/ws/relay`; after it come binary records only.

use serde::{Deserialize, Serialize};

/// `{"v":1,"ticket":"…"}`: a single-use ticket of 128 bits, base64url without padding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelayHello {
    /// The version of the protocol.
    pub v: u16,
    /// The ticket.
    pub ticket: String,
}

//! A session before it exists: everything about it travels in the form, under a MAC.

use std::time::Duration;

use beckon_events::{Digest, OperatorId, SessionId, Timestamp};
use beckon_protocol::{JoinCode, LinkToken};
use serde::Deserialize;

use crate::clock::Random;
use crate::data_folder::Pepper;
use crate::vault::Invitation;

/// What the Create dialog shows before anything is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The session's id.
    pub session: SessionId,
    /// Its code.
    pub code: JoinCode,
    /// Its link's token.
    pub token: LinkToken,
    /// When the invitation is over.
    pub expires: Timestamp,
}

/// The same in a form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct DraftFields {
    /// The session's id.
    pub session: String,
    /// Its code, folded.
    pub code: String,
    /// Its link's token.
    pub token: String,
    /// Microseconds since the epoch.
    pub expires: String,
    /// That this server made it for this operator.
    pub mac: String,
}

impl Draft {
    /// A new one.
    pub fn new(random: &Random, now: Timestamp, expiry: Duration) -> Self {
        Self {
            session: SessionId(random.uuid()),
            code: JoinCode::from_random(&random.bytes::<{ JoinCode::USUAL }>()),
            token: LinkToken::from_random(random.bytes()),
            expires: now.plus(expiry),
        }
    }

    /// Writes it for a form of `operator`.
    pub fn write(&self, pepper: &Pepper, operator: OperatorId) -> DraftFields {
        DraftFields {
            session: self.session.to_string(),
            code: self.code.folded(),
            token: self.token.as_str().to_owned(),
            expires: self.expires.micros().to_string(),
            mac: pepper.mac(PURPOSE, &self.signed(operator)).to_string(),
        }
    }

    /// Reads what [`Draft::write`] wrote for the same operator; nothing else.
    pub fn read(fields: &DraftFields, pepper: &Pepper, operator: OperatorId) -> Option<Self> {
        let draft = Self {
            session: fields.session.parse().ok()?,
            code: fields.code.parse().ok()?,
            token: fields.token.parse().ok()?,
            expires: Timestamp::from_micros(fields.expires.parse().ok()?),
        };
        let mac = Digest::from_hex(&fields.mac)?;
        pepper.mac_matches(PURPOSE, &draft.signed(operator), &mac).then_some(draft)
    }

    /// Its code and token, for the vault.
    pub fn invitation(&self) -> Invitation {
        Invitation { code: self.code.folded(), token: self.token.as_str().to_owned() }
    }

    fn signed(&self, operator: OperatorId) -> Vec<u8> {
        let (session, code, token) = (self.session, self.code.folded(), self.token.as_str());
        format!("{operator}|{session}|{code}|{token}|{}", self.expires.micros()).into_bytes()
    }
}

const PURPOSE: &str = "draft of a session";

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_draft_counts_for_whom_it_was_made_and_as_it_was_made() {
        let (random, pepper) = (Random::new(), Pepper::new(&[7; 32]));
        let (ana, bob) = (OperatorId(Uuid::from_u128(1)), OperatorId(Uuid::from_u128(2)));
        let draft = Draft::new(&random, Timestamp::from_micros(5), Duration::from_mins(1));
        let fields = draft.write(&pepper, ana);
        assert_eq!(Draft::read(&fields, &pepper, ana), Some(draft));
        assert_eq!(Draft::read(&fields, &pepper, bob), None, "another operator");
        assert_eq!(Draft::read(&fields, &Pepper::new(&[8; 32]), ana), None, "another server");
        let other = Draft::new(&random, Timestamp::from_micros(5), Duration::from_mins(1));
        let other = other.write(&pepper, ana);
        for forged in [
            DraftFields { session: other.session, ..fields.clone() },
            DraftFields { code: other.code, ..fields.clone() },
            DraftFields { token: other.token, ..fields.clone() },
            DraftFields { expires: "9999999999999999".to_owned(), ..fields.clone() },
            DraftFields { mac: other.mac, ..fields.clone() },
            DraftFields { mac: String::new(), ..fields.clone() },
        ] {
            assert_eq!(Draft::read(&forged, &pepper, ana), None, "{forged:?}");
        }
    }
}

//! Who a personal value belongs to, and the key under which it stands in the log.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{OperatorId, SessionId};

/// Whose values one key seals, as `user:<session>`, `operator:<uuid>` or `address:<uuid>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject {
    kind: SubjectKind,
    id: Uuid,
}

/// What kind of subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SubjectKind {
    /// The end user of one session, and all that was said about them in it.
    User,
    /// A person with a sign-in.
    Operator,
    /// Whoever came from one network address with wrong codes; the id is a keyed hash of it.
    Address,
}

/// The key of one subject, for AES-256-GCM. Never printed, wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct SubjectKey(Zeroizing<[u8; 32]>);

/// Finds the keys of subjects.
pub trait Keys {
    /// The subject's key; `None` where it was erased or never known.
    fn key(&self, subject: Subject) -> Result<Option<SubjectKey>, KeysError>;
}

/// The keys could not be looked at; whether a subject was erased is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the keys of personal values cannot be read: {0}")]
pub struct KeysError(pub String);

/// Nobody's keys: every personal value reads as erased.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoKeys;

/// Not the name of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected user:<session id>, operator:<id> or address:<id>")]
pub struct SubjectError;

impl Subject {
    /// The end user of `session`.
    pub fn user(session: SessionId) -> Self {
        Self { kind: SubjectKind::User, id: session.0 }
    }

    /// The person `operator`.
    pub fn operator(operator: OperatorId) -> Self {
        Self { kind: SubjectKind::Operator, id: operator.0 }
    }

    /// Whoever came from the address with the keyed hash `id`.
    pub fn address(id: Uuid) -> Self {
        Self { kind: SubjectKind::Address, id }
    }

    /// What kind it is.
    pub fn kind(self) -> SubjectKind {
        self.kind
    }

    /// The session, operator or hash.
    pub fn id(self) -> Uuid {
        self.id
    }

    /// Whom the values in a stream belong to, where the event does not say otherwise.
    pub fn of_stream(stream: &str) -> Option<Self> {
        let (category, id) = stream.split_once('-')?;
        let id = Uuid::parse_str(id).ok()?;
        match category {
            "session" => Some(Self::user(SessionId(id))),
            "operator" => Some(Self::operator(OperatorId(id))),
            _ => None,
        }
    }
}

impl SubjectKey {
    /// The key made of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, for whoever wraps them.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Keys for NoKeys {
    fn key(&self, _: Subject) -> Result<Option<SubjectKey>, KeysError> {
        Ok(None)
    }
}

impl fmt::Debug for SubjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubjectKey(…)")
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            SubjectKind::User => "user",
            SubjectKind::Operator => "operator",
            SubjectKind::Address => "address",
        };
        write!(f, "{kind}:{}", self.id)
    }
}

impl FromStr for Subject {
    type Err = SubjectError;

    fn from_str(text: &str) -> Result<Self, SubjectError> {
        let (kind, id) = text.split_once(':').ok_or(SubjectError)?;
        let kind = match kind {
            "user" => SubjectKind::User,
            "operator" => SubjectKind::Operator,
            "address" => SubjectKind::Address,
            _ => return Err(SubjectError),
        };
        let parsed = Uuid::parse_str(id).map_err(|_| SubjectError)?;
        // One subject has one name.
        if parsed.to_string() == id { Ok(Self { kind, id: parsed }) } else { Err(SubjectError) }
    }
}

impl Serialize for Subject {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Subject {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_has_one_name() {
        let id = Uuid::from_u128(7);
        let subject = Subject::user(SessionId(id));
        assert_eq!(subject.to_string(), "user:00000000-0000-0000-0000-000000000007");
        assert_eq!(subject.to_string().parse(), Ok(subject));
        for other in [
            "user",
            "user:",
            "user:7",
            "USER:00000000-0000-0000-0000-000000000007",
            "user:0000000000000000000000000000000A",
            "guest:00000000-0000-0000-0000-000000000007",
        ] {
            assert_eq!(other.parse::<Subject>(), Err(SubjectError), "{other}");
        }
    }

    #[test]
    fn a_key_is_not_printed() {
        assert_eq!(format!("{:?}", SubjectKey::new([7; 32])), "SubjectKey(…)");
    }
}

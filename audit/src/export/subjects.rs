//! The keys of personal values that an export was given.

use beckon_events::{Keys, KeysError, Subject, SubjectKey};
use data_encoding::BASE64;
use serde::de::{Deserializer as _, MapAccess, Visitor};

use super::strict;
use crate::text;

/// `subjects.json`, in the order of the subjects; empty where there is none.
#[derive(Clone, Debug, Default)]
pub struct Subjects(Vec<(Subject, SubjectKey)>);

impl Subjects {
    /// Its name.
    pub const PATH: &'static str = "subjects.json";

    /// Reads it.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        strict::check(bytes, strict::Style::Free)?;
        let mut json = serde_json::Deserializer::from_slice(bytes);
        let mut read =
            json.deserialize_map(Each).map_err(|error| text::form::unreadable(&error))?;
        read.sort_unstable_by_key(|(subject, _)| *subject);
        Ok(Self(read))
    }

    /// The key of a subject.
    pub fn of(&self, subject: Subject) -> Option<&SubjectKey> {
        let at = self.0.binary_search_by_key(&subject, |(known, _)| *known).ok()?;
        self.0.get(at).map(|(_, key)| key)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Keys for Subjects {
    fn key(&self, subject: Subject) -> Result<Option<SubjectKey>, KeysError> {
        Ok(self.of(subject).cloned())
    }
}

struct Each;

impl<'de> Visitor<'de> for Each {
    type Value = Vec<(Subject, SubjectKey)>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("keys by subject")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut read = Vec::new();
        while let Some((subject, key)) = map.next_entry::<Subject, String>()? {
            let bytes = BASE64.decode(key.as_bytes()).ok().and_then(|key| key.try_into().ok());
            let bytes = bytes.ok_or_else(|| serde::de::Error::custom(text::form::KEY_LENGTH))?;
            read.push((subject, SubjectKey::new(bytes)));
        }
        Ok(read)
    }
}

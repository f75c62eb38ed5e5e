//! What may have to be forgotten.

use serde::{Deserialize, Serialize};

/// A personal value: known, or erased since.
///
/// In JSON a known value stands as itself; `{"$s":…}` is a sealed value that could not be
/// opened, and reads as erased. `decide` never looks inside one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Personal<T> {
    /// The value.
    Known(T),
    /// The key of its subject is gone.
    Erased,
}

impl<T> Personal<T> {
    /// The value, where it is still known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Erased => None,
        }
    }
}

impl Personal<String> {
    /// The text, or `erased` where it is no longer known.
    pub fn or<'a>(&'a self, erased: &'a str) -> &'a str {
        self.known().map_or(erased, String::as_str)
    }
}

impl<T> From<T> for Personal<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl From<&str> for Personal<String> {
    fn from(value: &str) -> Self {
        Self::Known(value.to_owned())
    }
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    #[serde(rename = "$s")]
    _subject: String,
}

impl<T: Serialize> Serialize for Personal<T> {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(value) => value.serialize(s),
            Self::Erased => Sealed { _subject: String::new() }.serialize(s),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Personal<T> {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either<T> {
            Sealed(#[expect(dead_code, reason = "its shape is what tells it apart")] Sealed),
            Known(T),
        }
        Ok(match Either::deserialize(d)? {
            Either::Sealed(_) => Self::Erased,
            Either::Known(value) => Self::Known(value),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_value_stands_as_itself_and_a_sealed_one_reads_as_erased() {
        let known: Personal<String> = serde_json::from_str(r#""Ana""#).unwrap();
        assert_eq!(known, Personal::Known("Ana".to_owned()));
        assert_eq!(serde_json::to_string(&known).unwrap(), r#""Ana""#);
        let sealed = r#"{"$s":"user:1","n":"AA==","c":"BB=="}"#;
        let erased: Personal<String> = serde_json::from_str(sealed).unwrap();
        assert_eq!(erased, Personal::Erased);
        assert_eq!(erased.or("erased"), "erased");
    }
}

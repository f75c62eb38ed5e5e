//! What may have to be forgotten.

use data_encoding::BASE64;
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use crate::Digest;

/// A personal value: known, or erased since.
///
/// Before it is sealed it stands in JSON as `{"$p":value}`, in the log as `{"$s":…,"c":…,"n":…}`,
/// once opened as itself. `decide` never looks inside one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Personal<T> {
    /// The value.
    Known(T),
    /// The key of its subject is gone.
    Erased,
}

/// A value that a statement speaks of by `SHA-256(salt || value)` alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Committed {
    /// 16 random bytes, in JSON as base64.
    pub salt: Salt,
    /// The value itself.
    pub value: String,
}

/// 16 random bytes, so that a commitment cannot be tried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Salt(pub [u8; 16]);

impl Committed {
    /// What a statement says of it: `SHA-256(salt || value)`.
    pub fn commitment(&self) -> Digest {
        let mut context = Context::new(&SHA256);
        context.update(&self.salt.0);
        context.update(self.value.as_bytes());
        let mut out = [0; 32];
        out.copy_from_slice(context.finish().as_ref());
        Digest(out)
    }
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

impl Personal<Committed> {
    /// The text, or `erased` where it is no longer known.
    pub fn or<'a>(&'a self, erased: &'a str) -> &'a str {
        self.known().map_or(erased, |committed| &committed.value)
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
#[serde(deny_unknown_fields)]
struct Open<T> {
    #[serde(rename = "$p")]
    value: T,
}

#[derive(Deserialize)]
struct Sealed {
    #[serde(rename = "$s")]
    _subject: String,
}

impl<T: Serialize> Serialize for Personal<T> {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(value) => Open { value }.serialize(s),
            Self::Erased => Err(serde::ser::Error::custom("an erased value cannot be recorded")),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Personal<T> {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either<T> {
            Sealed(#[expect(dead_code, reason = "its shape is what tells it apart")] Sealed),
            Open(Open<T>),
            Known(T),
        }
        Ok(match Either::deserialize(d)? {
            Either::Sealed(_) => Self::Erased,
            Either::Open(Open { value }) | Either::Known(value) => Self::Known(value),
        })
    }
}

impl Serialize for Salt {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Salt {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        let bytes = BASE64.decode(text.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| serde::de::Error::custom("expected base64 of 16 bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_value_stands_as_itself_and_a_sealed_one_reads_as_erased() {
        let known: Personal<String> = serde_json::from_str(r#""Ana""#).unwrap();
        assert_eq!(known, Personal::Known("Ana".to_owned()));
        let marked = serde_json::to_string(&known).unwrap();
        assert_eq!(marked, r#"{"$p":"Ana"}"#);
        assert_eq!(serde_json::from_str::<Personal<String>>(&marked).unwrap(), known);
        let sealed = r#"{"$s":"user:1","c":"BB==","n":"AA=="}"#;
        let erased: Personal<String> = serde_json::from_str(sealed).unwrap();
        assert_eq!(erased, Personal::Erased);
        assert_eq!(erased.or("erased"), "erased");
        assert!(serde_json::to_string(&erased).is_err(), "nobody records what was erased");
    }

    #[test]
    fn a_commitment_is_the_hash_of_salt_and_value() {
        let committed = Committed { salt: Salt([7; 16]), value: "/tmp/x".to_owned() };
        let expected = Digest::of(&[[7; 16].as_slice(), b"/tmp/x"].concat());
        assert_eq!(committed.commitment(), expected);
        let json = serde_json::to_string(&committed).unwrap();
        assert_eq!(json, r#"{"salt":"BwcHBwcHBwcHBwcHBwcHBw==","value":"/tmp/x"}"#);
    }
}

//! What an export is, and every file in it.

use beckon_events::{Digest, LogId, SessionId, Timestamp};
use beckon_protocol::evidence::Origin;
use serde::{Deserialize, Serialize};

use super::{shape, strict};
use crate::text;

/// The first file of every export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `beckon-export`.
    pub format: String,
    /// 1.
    pub v: u64,
    /// Of what.
    #[serde(deserialize_with = "shape::name")]
    pub kind: Kind,
    /// Of which session, where it is of one.
    #[serde(deserialize_with = "shape::session")]
    pub session: Option<SessionId>,
    /// Of which log.
    #[serde(deserialize_with = "shape::log")]
    pub log: LogId,
    /// The origin of its last checkpoint.
    pub origin: String,
    /// The tree size of its last checkpoint.
    pub size: u64,
    /// How many events it holds.
    pub events: u64,
    /// When it was made.
    #[serde(deserialize_with = "shape::time")]
    pub created: Timestamp,
    /// By which server.
    pub build: String,
    /// Whose names can be read.
    #[serde(deserialize_with = "shape::name")]
    pub names: NamesIn,
    /// Every other file, in the order of the paths' bytes.
    #[serde(deserialize_with = "shape::objects")]
    pub files: Vec<ManifestFile>,
}

/// A file of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestFile {
    /// Where it is.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Its hash.
    pub sha256: Digest,
}

/// What an export is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The whole log.
    Log,
    /// One session.
    Session,
}

/// Whose personal values an export opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NamesIn {
    /// Nobody's.
    None,
    /// Those of chosen subjects.
    Some,
    /// Everybody's that was not erased.
    All,
}

#[derive(Deserialize)]
struct Any {
    format: Option<serde_json::Value>,
    v: Option<serde_json::Value>,
}

impl Manifest {
    /// What [`Manifest::format`] says.
    pub const FORMAT: &'static str = "beckon-export";
    /// Its name.
    pub const PATH: &'static str = "manifest.json";

    /// Reads it; the error says what is wrong and what to do.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        strict::check(bytes, strict::Style::Free)?;
        if !shape::is_object(bytes) {
            return Err(text::manifest::NOT_ONE.to_owned());
        }
        let any: Any = serde_json::from_slice(bytes).map_err(|_| text::manifest::NOT_ONE)?;
        if any.format.as_ref().and_then(serde_json::Value::as_str) != Some(Self::FORMAT) {
            return Err(text::manifest::FOREIGN.to_owned());
        }
        match any.v.as_ref().and_then(serde_json::Value::as_u64) {
            Some(1) => {}
            Some(v) if v > 1 => return Err(text::manifest::newer(v)),
            _ => return Err(text::manifest::NOT_ONE.to_owned()),
        }
        let read: Self =
            serde_json::from_slice(bytes).map_err(|e| text::manifest::unreadable(&e))?;
        let sorted = read.files.windows(2).all(|two| two[0].path < two[1].path);
        let own = read.files.iter().all(|file| file.path != Self::PATH);
        let origin: Result<Origin, _> = read.origin.parse();
        let agrees = origin.is_ok_and(|origin| origin.log == read.log);
        let whole = read.kind == Kind::Log;
        let counted = if whole { read.size == read.events } else { read.events > 0 };
        if !(sorted && own) {
            return Err(text::manifest::FILES.to_owned());
        }
        if !(agrees && counted && read.session.is_none() == whole) {
            return Err(text::manifest::DISAGREES.to_owned());
        }
        Ok(read)
    }

    /// Whether it is of a whole log.
    pub fn is_whole(&self) -> bool {
        self.kind == Kind::Log
    }
}

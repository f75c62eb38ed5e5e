//! What is wrong and where, or why nobody could look.

use std::fmt;
use std::path::PathBuf;

use serde::{Serialize, Serializer};

use crate::terminal;

/// The checks, as `docs/log-format.md` numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Check {
    /// Form.
    V0,
    /// Chain.
    V1,
    /// Tree.
    V2,
    /// Root.
    V3,
    /// Signature.
    V4,
    /// One history.
    V5,
    /// Receipts.
    V6,
    /// Endpoints.
    V7,
    /// Legality.
    V8,
    /// Sealed and erased.
    V9,
}

/// Where something is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A file of the export, or the name of a file that the caller named.
    File(String),
    /// An event, by its index in the log.
    Event(u64),
}

/// The first thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wrong {
    /// Which check found it.
    pub check: Check,
    /// Where.
    pub place: Place,
    /// What, and what to do.
    pub what: String,
}

/// Why nothing could be looked at.
#[derive(Debug, thiserror::Error)]
pub enum CannotLook {
    /// It is not there, or must not be read.
    #[error("{} cannot be opened: {error}", path.display())]
    Open {
        /// What.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The disk failed.
    #[error("{path} cannot be read: {error}; copy the export again")]
    Read {
        /// The file of the export.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// Neither a folder nor a file.
    #[error("{} is neither a folder nor a file; give the folder or the zip of an export", .0.display())]
    NoExport(PathBuf),
    /// Not a zip, or not all of one.
    #[error(
        "{} is no complete zip: it may be cut off or be something else; copy the export again, or \
         give its folder", .0.display()
    )]
    NoZip(PathBuf),
    /// A zip whose list of files contradicts itself.
    #[error("{} lists files twice or one inside another; no export does that, do not trust it", .0.display())]
    HostileZip(PathBuf),
    /// What the caller has seen is nothing of this product.
    #[error("{}: {why}", path.display())]
    Seen {
        /// The file.
        path: PathBuf,
        /// Why it is of no use.
        why: String,
    },
    /// What was asked for is not in the export.
    #[error("{0}")]
    NotThere(String),
}

/// Why a verification stopped.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// Something is wrong.
    #[error("{0}")]
    Wrong(Wrong),
    /// Nobody could look.
    #[error(transparent)]
    CannotLook(#[from] CannotLook),
}

impl Place {
    /// This file.
    pub fn file(path: impl Into<String>) -> Self {
        Self::File(path.into())
    }
}

impl Stop {
    /// Something is wrong.
    pub fn wrong(check: Check, place: Place, what: impl Into<String>) -> Self {
        Self::Wrong(Wrong { check, place, what: what.into() })
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.write_str(&terminal::line(path)),
            Self::Event(index) => write!(f, "event {index}"),
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}: {}", self.check, self.place, terminal::line(&self.what))
    }
}

/// A number for an event, a string for a file.
impl Serialize for Place {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::File(path) => s.serialize_str(path),
            Self::Event(index) => s.serialize_u64(*index),
        }
    }
}

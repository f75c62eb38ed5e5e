//! Where events are kept: one writer, many readers, bytes given back as they came.
//!
//! ```text
//! WriterHandle ──queue──► writer thread ──batch──► EventStore ──► Committed ──► answers, publish
//!                                                      │
//!                                                   Readers ──► EventReader (one per thread)
//! ```

#[cfg(feature = "esdb")]
pub mod esdb;
pub mod memory;
#[cfg(feature = "esdb")]
pub mod probe;
pub mod sqlite;
mod stream_name;
pub mod troubles;
mod verdict;
pub mod writer;

use std::path::PathBuf;
use std::sync::Arc;

use beckon_events::envelope::{self, DATA_MAX, METADATA_MAX};
use beckon_events::{Digest, EventId};
use bytes::Bytes;

use crate::config;
use crate::data_folder::DataFolder;
use crate::database::DatabaseError;
pub use stream_name::{StreamName, StreamNameError};
use troubles::Troubles;

/// The most events of one append.
pub const EVENTS_MAX: usize = 100;

/// A place in the log: grows along it, with gaps; nothing else may be read into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position(u64);

/// What a stream must look like for an append to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It has no events.
    NoStream,
    /// Its last event has this version.
    Exact(u64),
}

/// An event that is to be stored, as the bytes that will be given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// Its id, by which a repeated append is known.
    pub id: EventId,
    /// The envelope, at most [`METADATA_MAX`] bytes.
    pub metadata: Bytes,
    /// The body, at most [`DATA_MAX`] bytes.
    pub data: Bytes,
}

/// Events for one stream; all of them are stored or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    /// The stream.
    pub stream: StreamName,
    /// What it must look like.
    pub expected: Expected,
    /// 1 to [`EVENTS_MAX`] events.
    pub events: Vec<NewEvent>,
}

/// Where the last event of an append stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Its number within the stream, from 0.
    pub version: u64,
    /// Its place in the log.
    pub position: Position,
    /// Its leaf, as stored.
    pub leaf: Digest,
}

/// The last event of a stream.
pub type Head = Appended;

/// An event as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its stream.
    pub stream: StreamName,
    /// Its number within the stream, from 0.
    pub version: u64,
    /// Its place in the log.
    pub position: Position,
    /// Its id.
    pub id: EventId,
    /// The envelope, as it was given.
    pub metadata: Bytes,
    /// The body, as it was given.
    pub data: Bytes,
}

/// What came of a batch.
#[derive(Debug)]
pub struct Committed {
    /// One answer for each append, in the order asked.
    pub answers: Vec<Result<Appended, AppendError>>,
    /// What this commit added, in log order; a repeated append adds nothing.
    pub events: Vec<StoredEvent>,
}

/// Why an append was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The stream has other events than expected.
    #[error("the stream is at version {}", .current.map_or("none".to_owned(), |v| v.to_string()))]
    Conflict {
        /// The version of its last event.
        current: Option<u64>,
    },
    /// Too many appends are waiting; try again later.
    #[error("too many events are waiting to be stored, try again")]
    Busy,
    /// A key that an event is sealed with is not in memory; fetch it and try again.
    #[error("the key of a personal value is not at hand, try again")]
    NotAtHand,
    /// An event, or the number of them, is too large.
    #[error("{what} of {size} is above the limit of {limit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// Its size, in bytes or events.
        size: usize,
        /// The limit.
        limit: usize,
    },
    /// The store takes no such append, in its words: sending it again is of no use.
    #[error("the event store does not take it ({0}): nothing was stored")]
    Refused(String),
    /// No event was given.
    #[error("an append needs at least one event")]
    Empty,
    /// No space is left. Nothing of it was stored; the store can go on once there is space.
    #[error("the disk of the event log is full, make space: nothing was stored")]
    DiskFull,
    /// Whether it was stored is not known. The process must end and read the log again.
    #[error("the event log failed ({0}): whether the event was stored is not known")]
    Lost(String),
    /// The store cannot be reached; send the same bytes again.
    #[error("the event log is not available ({0}), try again")]
    Unavailable(String),
}

impl AppendError {
    /// Every word of [`AppendError::kind`].
    pub const KINDS: [&str; 9] = [
        "conflict",
        "busy",
        "key_not_at_hand",
        "too_large",
        "refused",
        "empty",
        "disk_full",
        "lost",
        "unavailable",
    ];

    /// What it is, in a word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Conflict { .. } => "conflict",
            Self::Busy => "busy",
            Self::NotAtHand => "key_not_at_hand",
            Self::TooLarge { .. } => "too_large",
            Self::Refused(_) => "refused",
            Self::Empty => "empty",
            Self::DiskFull => "disk_full",
            Self::Lost(_) => "lost",
            Self::Unavailable(_) => "unavailable",
        }
    }
}

/// Why events could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// What is stored is not what was written.
    #[error("the event log is damaged ({0}): stop the server and restore log.db from a backup")]
    Damaged(String),
    /// The store cannot be reached.
    #[error("the event log cannot be read ({0}), try again")]
    Unavailable(String),
}

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Its file cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// What is in it cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// What is set for the event store cannot be.
    #[error("{0}")]
    Setup(String),
    /// The event store cannot be used at the start: where it is, why, and what to check.
    #[error("{0}")]
    Cluster(String),
}

/// The one that writes.
pub trait EventStore: Send {
    /// Stores a batch with one commit. Each append is checked against those before it and is
    /// stored whole or not at all; a refused one does not keep the others out.
    ///
    /// On a conflict whose events already stand where they were to go, told by their ids, the
    /// answer is that of the first time.
    fn append(&mut self, batch: &[Append]) -> Committed;

    /// Where readers come from.
    fn readers(&self) -> Arc<dyn Readers>;

    /// Housekeeping, called while nothing is to be stored. [`AppendError::Lost`] ends the process.
    fn idle(&mut self) -> Result<(), AppendError>;

    /// What it had to recover from, for one that is reached over a network.
    fn troubles(&self) -> Troubles {
        Troubles::default()
    }
}

/// Gives out readers, to any thread.
pub trait Readers: Send + Sync {
    /// A reader of its own for the thread that asks.
    fn reader(&self) -> Result<Box<dyn EventReader>, ReadError>;

    /// Looks for damage in what leads to the events, such as an index. Waits for the disk.
    fn sound(&self) -> Result<(), ReadError> {
        Ok(())
    }
}

/// Reads what is committed.
pub trait EventReader: Send {
    /// At most `limit` events of a stream, from version `from` on; none of an unknown stream.
    fn read_stream(
        &self,
        stream: &StreamName,
        from: u64,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError>;

    /// At most `limit` events of the whole log, in order, those after `after`.
    fn read_all(
        &self,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError>;

    /// At most `limit` events of the whole log, in order, from the event at `first` on.
    fn read_all_from(&self, first: Position, limit: usize) -> Result<Vec<StoredEvent>, ReadError> {
        self.read_all(first.0.checked_sub(1).map(Position), limit)
    }

    /// At most `limit` events of the whole log from its end backwards, those before `before`.
    fn read_all_back(
        &self,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError>;

    /// The last event of a stream.
    fn head(&self, stream: &StreamName) -> Result<Option<Head>, ReadError>;

    /// The position of the last event of the log.
    fn last_position(&self) -> Result<Option<Position>, ReadError>;

    /// At most `limit` streams of a kind such as `session`, in the order of their names, those
    /// after `after`.
    fn streams(
        &self,
        kind: &str,
        after: Option<&StreamName>,
        limit: usize,
    ) -> Result<Vec<StreamName>, ReadError>;
}

/// Opens the store that the configuration names.
pub fn open(kind: &config::Store, folder: &DataFolder) -> Result<Box<dyn EventStore>, OpenError> {
    Ok(match kind {
        config::Store::Memory => Box::new(memory::MemoryStore::new()),
        config::Store::Sqlite(None) => {
            Box::new(sqlite::SqliteStore::open(&beside_vault(folder.log_db(), folder)?)?)
        }
        config::Store::Sqlite(Some(path)) => {
            Box::new(sqlite::SqliteStore::open(&beside_vault(path.clone(), folder)?)?)
        }
        #[cfg(feature = "esdb")]
        config::Store::Esdb(cluster) => {
            let opened = esdb::EsdbStore::open(cluster);
            Box::new(opened.map_err(|error| probe::explained(cluster, error))?)
        }
        #[cfg(not(feature = "esdb"))]
        config::Store::Esdb(_) => {
            return Err(OpenError::Setup("this build has no EventStoreDB in it".to_owned()));
        }
    })
}

/// The vault is made after the log: where it is, the log has been.
fn beside_vault(path: PathBuf, folder: &DataFolder) -> Result<PathBuf, OpenError> {
    if folder.vault_db().exists() && !path.exists() {
        return Err(sqlite::missing(&path).into());
    }
    Ok(path)
}

impl Position {
    /// As a number that can be kept and compared.
    pub fn to_bits(self) -> u64 {
        self.0
    }

    /// What [`Position::to_bits`] gave.
    pub fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
}

impl Expected {
    /// The version that the first new event gets.
    pub fn next(self) -> u64 {
        match self {
            Self::NoStream => 0,
            Self::Exact(last) => last.saturating_add(1),
        }
    }
}

impl StoredEvent {
    /// SHA-256(0x00 || metadata).
    pub fn leaf(&self) -> Digest {
        envelope::leaf(&self.metadata)
    }

    /// Where it stands.
    pub fn appended(&self) -> Appended {
        Appended { version: self.version, position: self.position, leaf: self.leaf() }
    }
}

impl Append {
    /// Refuses what no store takes.
    fn check(&self) -> Result<(), AppendError> {
        let within = |what, size, limit| {
            if size <= limit { Ok(()) } else { Err(AppendError::TooLarge { what, size, limit }) }
        };
        if self.events.is_empty() {
            return Err(AppendError::Empty);
        }
        within("a number of events", self.events.len(), EVENTS_MAX)?;
        for event in &self.events {
            within("event metadata", event.metadata.len(), METADATA_MAX)?;
            within("event data", event.data.len(), DATA_MAX)?;
        }
        Ok(())
    }
}

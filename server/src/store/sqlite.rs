//! The log in one SQLite file: WAL, every commit fsynced, nothing ever changed.

mod reader;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use beckon_events::envelope;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::verdict::{Verdict, judge};
use super::{
    Append, AppendError, Appended, Committed, EventStore, Head, OpenError, Position, ReadError,
    Readers, StoredEvent, StreamName,
};
use crate::data_folder::file;
use crate::database::{self, DatabaseError, Failure, Kind, Soundness};
pub use reader::SqliteReaders;

const KIND: Kind = Kind {
    what: "the event log",
    application_id: 0x4263_4C67, // "BcLg"
    version: 1,
    schema: include_str!("schema.sql"),
    upgrades: &[],
    remedy: "restore log.db and log.db-wal from a backup",
};

/// Streams whose head is kept in memory; beyond that the cache starts anew.
const HEADS_MAX: usize = 10_000;

/// The one that writes a log file.
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    connection: Connection,
    // INVARIANT: what is committed, or nothing.
    heads: HashMap<StreamName, Known>,
    unchecked: bool,
    // INVARIANT: once set, nothing is written any more.
    lost: Option<String>,
}

/// A stream as it is known to the writer.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// SQLite's id of the stream.
    id: i64,
    /// Its last event.
    head: Head,
}

impl SqliteStore {
    /// Opens a log file, or makes it where it does not exist.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Self::open_with(path, file::sync)
    }

    fn open_with(
        path: &Path,
        sync: impl FnOnce(&Path) -> io::Result<()>,
    ) -> Result<Self, OpenError> {
        // Nothing is signed, confirmed or built upon that a power cut could still take back.
        database::settle(path, &KIND, sync)?;
        let connection = database::open(path, &KIND)?;
        reader::check(&connection, path)?;
        Ok(Self {
            path: path.to_owned(),
            connection,
            heads: HashMap::new(),
            unchecked: true,
            lost: None,
        })
    }

    /// Looks for damage in the log at `path`, for at most `within`.
    pub fn soundness(path: &Path, within: Duration) -> Result<Soundness, DatabaseError> {
        database::look(path, &KIND, within)
    }

    /// Copies the log at `path`, as it is at this moment, to the new file `target`.
    pub fn copy(path: &Path, target: &Path) -> Result<(), DatabaseError> {
        database::copy(path, &KIND, target)
    }

    fn commit(&mut self, batch: &[Append]) -> rusqlite::Result<Committed> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut writing =
            Writing { transaction: &transaction, heads: &mut self.heads, events: Vec::new() };
        let mut answers = Vec::with_capacity(batch.len());
        for append in batch {
            answers.push(match append.check() {
                Ok(()) => writing.append(append)?,
                Err(error) => Err(error),
            });
        }
        let events = writing.events;
        transaction.commit()?;
        Ok(Committed { answers, events })
    }

    /// Takes note of a failed statement. A disk that failed once is never written again.
    fn failed(&mut self, error: &rusqlite::Error) -> AppendError {
        self.heads.clear();
        match Failure::of(error) {
            Failure::DiskFull => AppendError::DiskFull,
            Failure::Refused => AppendError::Unavailable(error.to_string()),
            Failure::Lost => {
                let reason = format!("{}: {error}", self.path.display());
                self.lost = Some(reason.clone());
                AppendError::Lost(reason)
            }
        }
    }
}

/// Where a log that has been there is gone.
pub(super) fn missing(path: &Path) -> DatabaseError {
    DatabaseError::Missing { what: KIND.what, path: path.to_owned(), remedy: KIND.remedy }
}

impl EventStore for SqliteStore {
    fn append(&mut self, batch: &[Append]) -> Committed {
        let error = match self.lost.clone() {
            Some(reason) => AppendError::Lost(reason),
            None => match self.commit(batch) {
                Ok(committed) => {
                    self.unchecked |= !committed.events.is_empty();
                    return committed;
                }
                Err(error) => self.failed(&error),
            },
        };
        let refused = |append: &Append| append.check().and_then(|()| Err(error.clone()));
        Committed { answers: batch.iter().map(refused).collect(), events: Vec::new() }
    }

    fn readers(&self) -> Arc<dyn Readers> {
        Arc::new(SqliteReaders::of(self.path.clone()))
    }

    fn idle(&mut self) -> Result<(), AppendError> {
        if let Some(reason) = &self.lost {
            return Err(AppendError::Lost(reason.clone()));
        }
        if !self.unchecked {
            return Ok(());
        }
        let checkpoint = "PRAGMA wal_checkpoint(PASSIVE)";
        if let Err(error) = self.connection.query_row(checkpoint, [], |_| Ok(())) {
            return Err(self.failed(&error));
        }
        self.unchecked = false;
        Ok(())
    }
}

/// A batch on its way into the file.
struct Writing<'a> {
    transaction: &'a Transaction<'a>,
    heads: &'a mut HashMap<StreamName, Known>,
    events: Vec<StoredEvent>,
}

impl Writing<'_> {
    fn append(&mut self, append: &Append) -> rusqlite::Result<Result<Appended, AppendError>> {
        let known = self.known(&append.stream)?;
        let current = known.map(|k| k.head.version);
        let transaction = self.transaction;
        let stream = known.map(|k| k.id);
        let verdict = judge(append, current, |from, limit| {
            let sql =
                "SELECT id FROM events WHERE stream = ? AND version >= ? ORDER BY version LIMIT ?";
            let mut ids = transaction.prepare_cached(sql)?;
            let rows =
                ids.query_map(params![stream, from, limit], |row| reader::event_id(row, 0))?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        let first = match verdict {
            Err(conflict) => return Ok(Err(conflict)),
            Ok(Verdict::New(first)) => first,
            Ok(Verdict::Repeated(last)) => {
                let sql = "SELECT position, metadata FROM events WHERE stream = ? AND version = ?";
                let mut stored = transaction.prepare_cached(sql)?;
                return stored.query_row(params![stream, last], |row| {
                    let position = Position(row.get(0)?);
                    let leaf = envelope::leaf(row.get_ref(1)?.as_blob()?);
                    Ok(Ok(Appended { version: last, position, leaf }))
                });
            }
        };
        let stream = match stream {
            Some(id) => id,
            None => self.make_stream(&append.stream)?,
        };
        self.insert(append, stream, first)
    }

    fn insert(
        &mut self,
        append: &Append,
        stream: i64,
        first: u64,
    ) -> rusqlite::Result<Result<Appended, AppendError>> {
        let sql = "INSERT INTO events (stream, version, id, metadata, data) VALUES (?, ?, ?, ?, ?)";
        let mut insert = self.transaction.prepare_cached(sql)?;
        let mut head = Err(AppendError::Empty);
        for (version, event) in (first..).zip(&append.events) {
            let position = insert.insert(params![
                stream,
                version,
                event.id.0.as_bytes(),
                event.metadata.as_ref(),
                event.data.as_ref()
            ])?;
            let stored = StoredEvent {
                stream: append.stream.clone(),
                version,
                position: Position(position.cast_unsigned()),
                id: event.id,
                metadata: event.metadata.clone(),
                data: event.data.clone(),
            };
            head = Ok(stored.appended());
            self.events.push(stored);
        }
        if let Ok(head) = head {
            if self.heads.len() >= HEADS_MAX {
                self.heads.clear();
            }
            self.heads.insert(append.stream.clone(), Known { id: stream, head });
        }
        Ok(head)
    }

    fn known(&mut self, stream: &StreamName) -> rusqlite::Result<Option<Known>> {
        if let Some(known) = self.heads.get(stream) {
            return Ok(Some(*known));
        }
        let sql = "SELECT id FROM streams WHERE name = ?";
        let mut ids = self.transaction.prepare_cached(sql)?;
        let id = ids.query_row([stream.as_str()], |row| row.get(0)).optional()?;
        let Some(id) = id else { return Ok(None) };
        // A stream is made together with its first event, so it has a head.
        let head = reader::head(self.transaction, id)?;
        Ok(head.map(|head| Known { id, head }))
    }

    fn make_stream(&self, stream: &StreamName) -> rusqlite::Result<i64> {
        let sql = "INSERT INTO streams (name) VALUES (?)";
        self.transaction.prepare_cached(sql)?.insert([stream.as_str()])
    }
}

#[cfg(test)]
mod tests;

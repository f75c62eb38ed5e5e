//! Reading a log file, on connections that cannot write.

use std::path::{Path, PathBuf};

use beckon_events::{EventId, envelope};
use bytes::Bytes;
use rusqlite::types::Type;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, params};
use uuid::Uuid;

use super::{Head, KIND, OpenError, Position, ReadError, Readers, StoredEvent, StreamName};
use crate::database::{self, DatabaseError};
use crate::store::EventReader;

/// Gives out read-only connections to a log file.
#[derive(Clone, Debug)]
pub struct SqliteReaders {
    path: PathBuf,
}

struct SqliteReader(Connection);

impl SqliteReaders {
    /// Opens an existing log file for reading only; a server may write it meanwhile.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        check(&database::open_read_only(path, &KIND)?, path)?;
        Ok(Self::of(path.to_owned()))
    }

    pub(super) fn of(path: PathBuf) -> Self {
        Self { path }
    }
}

/// Reads the first and the last event, as a file that was cut off shows there.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), DatabaseError> {
    let sql = "SELECT metadata, data FROM events WHERE position IN \
         ((SELECT min(position) FROM events), (SELECT max(position) FROM events))";
    let read = || {
        let mut ends = connection.prepare(sql)?;
        let bytes =
            |row: &Row<'_>| Ok(row.get_ref(0)?.as_blob()?.len() + row.get_ref(1)?.as_blob()?.len());
        let rows = ends.query_map([], bytes)?;
        rows.sum::<rusqlite::Result<usize>>()
    };
    read().map(drop).map_err(|error| database::explain(&error, path, &KIND))
}

/// The last event of a stream.
pub(super) fn head(connection: &Connection, stream: i64) -> rusqlite::Result<Option<Head>> {
    let sql = "SELECT version, position, metadata FROM events WHERE stream = ? \
         ORDER BY version DESC LIMIT 1";
    let mut last = connection.prepare_cached(sql)?;
    last.query_row([stream], |row| {
        Ok(Head {
            version: row.get(0)?,
            position: Position(row.get(1)?),
            leaf: envelope::leaf(row.get_ref(2)?.as_blob()?),
        })
    })
    .optional()
}

/// An event's id in column `column`.
pub(super) fn event_id(row: &Row<'_>, column: usize) -> rusqlite::Result<EventId> {
    row.get(column).map(|bytes| EventId(Uuid::from_bytes(bytes)))
}

impl Readers for SqliteReaders {
    fn reader(&self) -> Result<Box<dyn EventReader>, ReadError> {
        match database::open_read_only(&self.path, &KIND) {
            Ok(connection) => Ok(Box::new(SqliteReader(connection))),
            Err(error @ DatabaseError::Unusable { .. }) => {
                Err(ReadError::Unavailable(error.to_string()))
            }
            Err(error) => Err(ReadError::Damaged(error.to_string())),
        }
    }

    fn sound(&self) -> Result<(), ReadError> {
        let open = database::open_read_only(&self.path, &KIND);
        let connection = open.map_err(|error| ReadError::Unavailable(error.to_string()))?;
        let check = "PRAGMA integrity_check(1)";
        match connection.query_row(check, [], |row| row.get::<_, String>(0)) {
            Ok(said) if said == "ok" => Ok(()),
            Ok(said) => Err(ReadError::Damaged(said)),
            Err(error) => Err(failed(&error)),
        }
    }
}

impl SqliteReader {
    fn events(
        &self,
        sql: &str,
        params: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<StoredEvent>, ReadError> {
        let read = || {
            let mut events = self.0.prepare_cached(sql)?;
            let rows = events.query_map(params, stored)?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|e| failed(&e))
    }
}

/// A row of name, version, position, id, metadata, data.
fn stored(row: &Row<'_>) -> rusqlite::Result<StoredEvent> {
    Ok(StoredEvent {
        stream: name(row)?,
        version: row.get(1)?,
        position: Position(row.get(2)?),
        id: event_id(row, 3)?,
        metadata: Bytes::from(row.get::<_, Vec<u8>>(4)?),
        data: Bytes::from(row.get::<_, Vec<u8>>(5)?),
    })
}

fn name(row: &Row<'_>) -> rusqlite::Result<StreamName> {
    let name = row.get_ref(0)?.as_str()?;
    name.parse().map_err(|error: crate::store::StreamNameError| {
        rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error))
    })
}

fn failed(error: &rusqlite::Error) -> ReadError {
    match error.sqlite_error_code() {
        // No code: a value that this program never writes.
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) | None => {
            ReadError::Damaged(error.to_string())
        }
        Some(_) => ReadError::Unavailable(error.to_string()),
    }
}

impl EventReader for SqliteReader {
    fn read_stream(
        &self,
        stream: &StreamName,
        from: u64,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        let sql = "SELECT s.name, e.version, e.position, e.id, e.metadata, e.data \
             FROM streams s JOIN events e ON e.stream = s.id \
             WHERE s.name = ? AND e.version >= ? ORDER BY e.version LIMIT ?";
        self.events(sql, &[&stream.as_str(), &bounded(from), &bounded(limit)])
    }

    fn read_all(
        &self,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        let sql = "SELECT s.name, e.version, e.position, e.id, e.metadata, e.data \
             FROM events e CROSS JOIN streams s ON s.id = e.stream \
             WHERE e.position > ? ORDER BY e.position LIMIT ?";
        self.events(sql, &[&bounded(after.map_or(0, Position::to_bits)), &bounded(limit)])
    }

    fn read_all_back(
        &self,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        let sql = "SELECT s.name, e.version, e.position, e.id, e.metadata, e.data \
             FROM events e CROSS JOIN streams s ON s.id = e.stream \
             WHERE e.position < ? ORDER BY e.position DESC LIMIT ?";
        let before = bounded(before.map_or(u64::MAX, Position::to_bits));
        self.events(sql, &[&before, &bounded(limit)])
    }

    fn head(&self, stream: &StreamName) -> Result<Option<Head>, ReadError> {
        let read = || {
            let mut ids = self.0.prepare_cached("SELECT id FROM streams WHERE name = ?")?;
            let id = ids.query_row([stream.as_str()], |row| row.get(0)).optional()?;
            id.map_or(Ok(None), |id| head(&self.0, id))
        };
        read().map_err(|e| failed(&e))
    }

    fn last_position(&self) -> Result<Option<Position>, ReadError> {
        let sql = "SELECT max(position) FROM events";
        let read = self.0.query_row(sql, [], |row| row.get::<_, Option<u64>>(0));
        read.map(|last| last.map(Position)).map_err(|e| failed(&e))
    }

    fn streams(
        &self,
        kind: &str,
        after: Option<&StreamName>,
        limit: usize,
    ) -> Result<Vec<StreamName>, ReadError> {
        // "." is the character after "-": every name of the kind stands between the two.
        let (first, end) = (format!("{kind}-"), format!("{kind}."));
        let after = after.map_or("", StreamName::as_str);
        let sql = "SELECT name FROM streams WHERE name >= ? AND name < ? AND name > ? \
             ORDER BY name LIMIT ?";
        let read = || {
            let mut names = self.0.prepare_cached(sql)?;
            let rows = names.query_map(params![first, end, after, bounded(limit)], name)?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|e| failed(&e))
    }
}

/// As SQLite's signed number; what is larger than any is its largest.
fn bounded(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

//! A log file, opened for reading only.

use std::path::Path;

use anyhow::Context;
use rusqlite::{Connection, OpenFlags};

use crate::text;

/// The application id of log.db: `BcLg`.
const APPLICATION: i64 = 0x4263_4C67;

/// An open log file.
pub struct LogFile(Connection);

/// An event as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its place in the log.
    pub position: u64,
    /// The stream that it stands in.
    pub stream: String,
    /// Its number within the stream.
    pub version: u64,
    /// The bytes of the envelope.
    pub metadata: Vec<u8>,
    /// The bytes of the event.
    pub data: Vec<u8>,
}

impl LogFile {
    /// Opens an existing log file.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let unusable = || text::not_a_log(path);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).with_context(unusable)?;
        let application: i64 = connection
            .query_row("PRAGMA application_id", [], |row| row.get(0))
            .with_context(unusable)?;
        anyhow::ensure!(application == APPLICATION, unusable());
        Ok(Self(connection))
    }

    /// Every event, in log order.
    pub fn events(&self) -> anyhow::Result<Vec<Stored>> {
        let sql = "SELECT e.position, s.name, e.version, e.metadata, e.data \
                   FROM events e JOIN streams s ON s.id = e.stream ORDER BY e.position";
        let mut query = self.0.prepare(sql).context(text::DAMAGED)?;
        let rows = query.query_map([], |row| {
            Ok(Stored {
                position: row.get::<_, i64>(0)?.unsigned_abs(),
                stream: row.get(1)?,
                version: row.get::<_, i64>(2)?.unsigned_abs(),
                metadata: row.get(3)?,
                data: row.get(4)?,
            })
        });
        rows.context(text::DAMAGED)?.collect::<Result<_, _>>().context(text::DAMAGED)
    }
}

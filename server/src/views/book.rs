//! read.db as its only writer sees it: the rows that count, and the snapshots.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use beckon_events::Timestamp;
use beckon_projections::{AuditLog, Rows, SessionHistory, WorkReport};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::audit_table::AuditTable;
use super::checkpoint::{self, Checkpoint, Entry};
use super::error::ViewsError;
use super::history_table::HistoryTable;
use super::models::Snapshot;
use super::page::Page;
use super::row_table::{RowModel, RowSet};
use super::shelf::Shelf;
use super::work_table::WorkTable;
use crate::database::{self, DatabaseError, Kind};
use crate::store::Position;

/// What read.db is.
pub(super) const KIND: Kind = Kind {
    what: "the file of the read models",
    application_id: 0x4263_5264, // "BcRd"
    // Grows with every change of the tables, also of those that each generation makes.
    version: 2,
    schema: include_str!("schema.sql"),
    upgrades: &[],
    remedy: "remove it, it is made again",
};

/// The table of the snapshots, without its generation.
const SNAPSHOTS: &str = "snapshots";

/// The models whose rows are in the file, and the version of each.
pub(super) const NAMES: [(&str, u32); 3] = [
    (SessionHistory::NAME, SessionHistory::VERSION),
    (AuditLog::NAME, AuditLog::VERSION),
    (WorkReport::NAME, WorkReport::VERSION),
];

/// A -wal file that is larger is emptied in the next moment in which nobody looks.
const WAL_MAX: u64 = 128 * 1024 * 1024;

/// The one that writes read.db.
pub(super) struct Book {
    path: PathBuf,
    shelf: Arc<Shelf>,
    pub(super) connection: Connection,
    // INVARIANT: those that count, as the file has them unless `stale`.
    models: Vec<Box<dyn RowModel>>,
    stale: bool,
}

/// An empty model of this name.
pub(super) fn model(name: &str, generation: u64) -> Option<Box<dyn RowModel>> {
    match name {
        SessionHistory::NAME => Some(Box::new(RowSet::<HistoryTable>::of(generation))),
        AuditLog::NAME => Some(Box::new(RowSet::<AuditTable>::of(generation))),
        WorkReport::NAME => Some(Box::new(RowSet::<WorkTable>::of(generation))),
        _ => None,
    }
}

impl Book {
    /// Opens the file, or makes it. One that is damaged, or not of this program, is thrown away.
    pub(super) fn open(path: &Path, shelf: &Arc<Shelf>) -> Result<Self, ViewsError> {
        if path.exists() && database::version(path) != Some(KIND.version) {
            tracing::info!("read.db has other tables than this program: it is made again");
            return Self::anew(path, shelf);
        }
        match Self::try_open(path, shelf) {
            Err(error @ ViewsError::Database(DatabaseError::Unusable { .. })) => Err(error),
            Err(error) => {
                tracing::warn!(%error, "read.db cannot be used: it is thrown away and made again");
                Self::anew(path, shelf)
            }
            opened => opened,
        }
    }

    /// An empty file in place of the one that is there.
    pub(super) fn anew(path: &Path, shelf: &Arc<Shelf>) -> Result<Self, ViewsError> {
        // Whoever opens it now finds either file whole.
        let _nobody_looks = shelf.alone();
        discard(path)?;
        let book = Self::try_open(path, shelf)?;
        shelf.replaced();
        Ok(book)
    }

    fn try_open(path: &Path, shelf: &Arc<Shelf>) -> Result<Self, ViewsError> {
        let connection = database::open(path, &KIND)?;
        connection.execute_batch(
            "PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON; PRAGMA cache_size = -32000;",
        )?;
        checkpoint::entries(&connection)?;
        let (path, shelf) = (path.to_owned(), Arc::clone(shelf));
        Ok(Self { path, shelf, connection, models: Vec::new(), stale: false })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Every model that stands in the file.
    pub(super) fn entries(&self) -> rusqlite::Result<Vec<Entry>> {
        checkpoint::entries(&self.connection)
    }

    /// Serves these rows from now on.
    pub(super) fn attach(&mut self, entry: &Entry) -> Result<(), ViewsError> {
        let unknown = || ViewsError::Unknown(entry.name.clone());
        let mut model = model(&entry.name, entry.generation).ok_or_else(unknown)?;
        model.attach(&self.connection, entry.checkpoint.clone())?;
        self.models.push(model);
        Ok(())
    }

    /// The models whose rows are not in the file.
    pub(super) fn missing(&self) -> Vec<&'static str> {
        let there = |name: &str| self.models.iter().any(|model| model.name() == name);
        NAMES.into_iter().map(|(name, _)| name).filter(|name| !there(name)).collect()
    }

    /// Whether there are rows that count.
    pub(super) fn serves(&self) -> bool {
        !self.models.is_empty()
    }

    /// As far as all rows that count are folded.
    pub(super) fn after(&self) -> Option<Position> {
        self.models.iter().map(|model| model.position()).min().flatten()
    }

    /// Folds a page into the rows: all of it or nothing.
    pub(super) fn write(&mut self, page: &Page) -> Result<(), ViewsError> {
        if self.stale {
            self.read_again()?;
        }
        self.stale = true;
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for model in &mut self.models {
            model.fold(&transaction, page)?;
            if !model.advance(&transaction, page)? {
                return Err(ViewsError::Moved);
            }
        }
        transaction.commit()?;
        for model in &mut self.models {
            model.reached(&page.last);
        }
        self.stale = false;
        self.bound()
    }

    /// SQLite begins the -wal file anew only in a moment in which nobody looks, and there may be
    /// none for hours.
    pub(super) fn bound(&self) -> Result<(), ViewsError> {
        let mut wal = self.path.as_os_str().to_owned();
        wal.push("-wal");
        if std::fs::metadata(&wal).is_ok_and(|wal| wal.len() > WAL_MAX) {
            self.checkpoint("PASSIVE")?;
            // Whoever wants to look would wait behind this; where somebody looks it is put off.
            let Some(_nobody_looks) = self.shelf.alone_now() else { return Ok(()) };
            if self.checkpoint("TRUNCATE")? != 0 {
                tracing::warn!("another program reads read.db: its -wal file grows");
            }
        }
        Ok(())
    }

    /// After a failure the file says what is in it.
    fn read_again(&mut self) -> Result<(), ViewsError> {
        let entries = self.entries()?;
        for model in &mut self.models {
            let own = model.entry();
            let kept = entries.iter().find(|it| it.name == own.name);
            let kept = kept.filter(|it| it.generation == own.generation);
            model.attach(&self.connection, kept.ok_or(ViewsError::Moved)?.checkpoint.clone())?;
        }
        self.stale = false;
        Ok(())
    }

    /// What was kept of a model in memory.
    pub(super) fn snapshot(&self, entry: &Entry) -> rusqlite::Result<Option<Vec<u8>>> {
        let sql = format!("SELECT state FROM {SNAPSHOTS}_{} WHERE name = ?", entry.generation);
        self.connection.query_row(&sql, [&entry.name], |row| row.get(0)).optional()
    }

    /// Keeps the models in memory as they are at `at`.
    pub(super) fn keep(
        &mut self,
        snapshots: &[Snapshot],
        at: Option<&Checkpoint>,
    ) -> Result<(), ViewsError> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        keep(&transaction, snapshots, at, false)?;
        transaction.commit()?;
        Ok(())
    }

    /// The rows of `fresh` count from now on, and with them the snapshots, in one step.
    pub(super) fn swap(
        &mut self,
        fresh: Vec<Box<dyn RowModel>>,
        snapshots: &[Snapshot],
        at: Option<&Checkpoint>,
    ) -> Result<(), ViewsError> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for model in &fresh {
            checkpoint::put(&transaction, &model.entry())?;
        }
        keep(&transaction, snapshots, at, true)?;
        transaction.commit()?;
        self.models.retain(|old| fresh.iter().all(|new| new.name() != old.name()));
        self.models.extend(fresh);
        Ok(())
    }

    /// The time of the newest event that is folded into rows.
    pub(super) fn last_at(&self) -> rusqlite::Result<Timestamp> {
        let audit = self.models.iter().find(|model| model.name() == AuditLog::NAME);
        let Some(audit) = audit else { return Ok(Timestamp::default()) };
        let table = AuditTable::name(audit.entry().generation);
        let sql = format!("SELECT moment FROM {table} ORDER BY position DESC LIMIT 1");
        let last = self.connection.query_row(&sql, [], |row| row.get(0)).optional()?;
        Ok(last.map_or_else(Timestamp::default, Timestamp::from_micros))
    }

    /// The generation that the next tables of a model get.
    pub(super) fn next_generation(&self, name: &str) -> rusqlite::Result<u64> {
        let sql = "SELECT coalesce(max(generation), 0) + 1 FROM models WHERE name = ?";
        self.connection.query_row(sql, [name], |row| row.get(0))
    }

    /// Drops the tables that do not count: what was replaced, or never finished.
    pub(super) fn drop_old(&mut self) -> Result<(), ViewsError> {
        let entries = self.entries()?;
        let counts = |name: &str, generation: u64| {
            let rows = |it: &Entry| it.name == name && it.generation == generation;
            let kept = |it: &Entry| !is_of_rows(&it.name) && it.generation == generation;
            entries.iter().any(|it| rows(it) || (name == SNAPSHOTS && kept(it)))
        };
        let mut old = Vec::new();
        {
            let sql =
                "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type <> 'shadow'";
            let mut tables = self.connection.prepare(sql)?;
            let tables = tables.query_map([], |row| row.get::<_, String>(0))?;
            for table in tables {
                let table = table?;
                if generation_of(&table).is_some_and(|(name, generation)| !counts(name, generation))
                {
                    old.push(table);
                }
            }
        }
        for table in old {
            self.connection.execute_batch(&format!("DROP TABLE {table}"))?;
        }
        Ok(())
    }

    /// Moves everything out of the -wal file: what was deleted is in no file after this.
    pub(super) fn scrub(&self) -> Result<(), ViewsError> {
        // Most of it while everybody goes on looking.
        self.checkpoint("PASSIVE")?;
        let _nobody_looks = self.shelf.alone();
        let busy = self.checkpoint("TRUNCATE")?;
        if busy == 0 { Ok(()) } else { Err(ViewsError::NotScrubbed) }
    }

    /// Whether somebody kept it from being done whole.
    fn checkpoint(&self, how: &str) -> rusqlite::Result<i64> {
        let sql = format!("PRAGMA wal_checkpoint({how})");
        self.connection.query_row(&sql, [], |row| row.get(0))
    }
}

/// Removes the file with all that belongs to it.
pub fn discard(path: &Path) -> Result<(), ViewsError> {
    for end in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(end);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(ViewsError::Remove { path: file.display().to_string(), error });
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

fn is_of_rows(name: &str) -> bool {
    NAMES.iter().any(|(known, _)| *known == name)
}

/// The model and the generation that a table belongs to.
fn generation_of(table: &str) -> Option<(&str, u64)> {
    let names = NAMES.into_iter().map(|(name, _)| name).chain([SNAPSHOTS]);
    names.into_iter().find_map(|name| {
        let rest = table.strip_prefix(name)?.strip_prefix('_')?;
        let digits = rest.split('_').next()?;
        Some((table.get(..name.len())?, digits.parse().ok()?))
    })
}

/// Writes snapshots; where they are `fresh`, into a table of their own, so that nothing of the
/// old ones is left in its pages.
fn keep(
    connection: &Connection,
    snapshots: &[Snapshot],
    at: Option<&Checkpoint>,
    fresh: bool,
) -> Result<(), ViewsError> {
    let Some(first) = snapshots.first() else { return Ok(()) };
    let sql = "SELECT coalesce(max(generation), 0) FROM models WHERE name = ?";
    let mut generation: u64 = connection.query_row(sql, [first.name], |row| row.get(0))?;
    if fresh {
        generation += 1;
        connection.execute_batch(&format!(
            "DROP TABLE IF EXISTS {SNAPSHOTS}_{generation};
             CREATE TABLE {SNAPSHOTS}_{generation} (name TEXT PRIMARY KEY, state BLOB NOT NULL);"
        ))?;
    }
    let sql =
        format!("INSERT OR REPLACE INTO {SNAPSHOTS}_{generation} (name, state) VALUES (?, ?)");
    for snapshot in snapshots {
        connection.execute(&sql, params![snapshot.name, snapshot.state])?;
        let (name, version) = (snapshot.name.to_owned(), snapshot.version);
        let entry = Entry { name, version, generation, checkpoint: at.cloned() };
        checkpoint::put(connection, &entry)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_tells_its_model_and_its_generation() {
        assert_eq!(generation_of("session_history_3"), Some(("session_history", 3)));
        assert_eq!(generation_of("audit_log_12_words_0"), Some(("audit_log", 12)));
        assert_eq!(generation_of("snapshots_1"), Some(("snapshots", 1)));
        for other in ["models", "epoch", "session_history", "session_history_x", "sqlite_schema"] {
            assert_eq!(generation_of(other), None, "{other}");
        }
    }
}

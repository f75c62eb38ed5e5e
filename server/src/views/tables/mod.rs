//! Looking at the rows of read.db.

mod audit;
mod history;
mod moments;
mod sources;
mod work;

use beckon_projections::{AuditLog, Rows, SessionHistory, WorkReport};
use rusqlite::{Connection, Transaction};

use super::audit_table::AuditTable;
use super::checkpoint::{self, Entry};
use super::error::TablesError;
use super::history_table::HistoryTable;
use super::row_table::RowTable;
use super::work_table::WorkTable;
pub use audit::{AuditPage, AuditQuery};
pub use history::{ENDED_PAGE, EndedPage, HistoryPage, HistoryQuery};
pub use work::{WORK_MAX, WorkQuery};

/// The rows of every read model at one moment.
pub struct Tables<'c> {
    connection: &'c Connection,
    entries: Vec<Entry>,
}

impl<'c> Tables<'c> {
    /// The tables that count at the moment of this transaction.
    pub(super) fn at(moment: &'c Transaction<'c>) -> Result<Self, TablesError> {
        Ok(Self { connection: moment, entries: checkpoint::entries(moment)? })
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How many rows a table has.
    pub(super) fn count(&self, table: &str) -> Result<u64, TablesError> {
        let sql = format!("SELECT count(*) FROM {table}");
        Ok(self.connection.query_row(&sql, [], |row| row.get(0))?)
    }

    fn generation(&self, name: &'static str) -> Result<u64, TablesError> {
        let entry = self.entries.iter().find(|entry| entry.name == name);
        entry.map(|entry| entry.generation).ok_or(TablesError::Building(name))
    }

    /// The name of the table of sessions.
    fn history_table(&self) -> Result<String, TablesError> {
        Ok(HistoryTable::name(self.generation(SessionHistory::NAME)?))
    }

    /// The table of sessions with its words.
    fn history_words(&self) -> Result<HistoryTable, TablesError> {
        let mut table = HistoryTable::of(self.generation(SessionHistory::NAME)?);
        table.open(self.connection)?;
        Ok(table)
    }

    /// The name of the table of events.
    fn audit_table(&self) -> Result<String, TablesError> {
        Ok(AuditTable::name(self.generation(AuditLog::NAME)?))
    }

    /// The table of events with its words.
    fn audit_words(&self) -> Result<AuditTable, TablesError> {
        let mut table = AuditTable::of(self.generation(AuditLog::NAME)?);
        table.open(self.connection)?;
        Ok(table)
    }

    /// The name of the table of work.
    fn work_table(&self) -> Result<String, TablesError> {
        Ok(WorkTable::name(self.generation(WorkReport::NAME)?))
    }
}

/// As SQLite's signed number; what is larger than any is its largest.
fn bounded(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

//! The work of every session in read.db.

use beckon_events::SessionId;
use beckon_projections::{Rows, WorkReport, WorkRow};
use rusqlite::{Connection, OptionalExtension, params};

use super::error::ViewsError;
use super::history_table::id;
use super::row_table::RowTable;

/// The rows of [`WorkReport`].
#[derive(Clone, Debug)]
pub(super) struct WorkTable {
    name: String,
    load: String,
    store: String,
}

impl WorkTable {
    /// The table's name.
    pub(super) fn name(generation: u64) -> String {
        format!("{}_{generation}", WorkReport::NAME)
    }
}

impl RowTable for WorkTable {
    type Of = WorkReport;

    fn of(generation: u64) -> Self {
        let name = Self::name(generation);
        Self {
            load: format!("SELECT row FROM {name} WHERE id = ?"),
            store: format!(
                "INSERT INTO {name} (id, created, ended, row) VALUES (?, ?, ?, ?) \
                 ON CONFLICT (id) DO UPDATE SET ended = excluded.ended, row = excluded.row"
            ),
            name,
        }
    }

    fn create(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let name = &self.name;
        // An open session ends later than any that is over.
        connection.execute_batch(&format!(
            "CREATE TABLE {name} (
                 id BLOB NOT NULL UNIQUE, created INTEGER NOT NULL, ended INTEGER NOT NULL,
                 row BLOB NOT NULL);"
        ))
    }

    fn open(&mut self, _: &Connection) -> rusqlite::Result<()> {
        Ok(())
    }

    fn indexes(&self) -> Vec<String> {
        vec![format!("CREATE INDEX {0}_ended ON {0} (ended, created)", self.name)]
    }

    fn load(
        &self,
        connection: &Connection,
        key: &SessionId,
    ) -> Result<Option<WorkRow>, ViewsError> {
        let mut load = connection.prepare_cached(&self.load)?;
        let row: Option<Vec<u8>> = load.query_row([id(*key)], |row| row.get(0)).optional()?;
        Ok(row.map(|row| serde_json::from_slice(&row)).transpose()?)
    }

    fn store<'r>(
        &mut self,
        connection: &Connection,
        rows: impl Iterator<Item = (Option<&'r WorkRow>, &'r WorkRow)>,
    ) -> Result<(), ViewsError> {
        let mut store = connection.prepare_cached(&self.store)?;
        for (_, row) in rows {
            let ended = row.ended.map_or(i64::MAX, beckon_events::Timestamp::micros);
            let kept = serde_json::to_vec(row)?;
            store.execute(params![id(row.session), row.created.micros(), ended, kept])?;
        }
        Ok(())
    }
}

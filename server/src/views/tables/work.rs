//! Who helped whom for how long.

use beckon_events::{OperatorId, Timestamp};
use beckon_projections::WorkRow;
use rusqlite::params;

use super::Tables;
use crate::views::error::TablesError;

/// The most sessions of one report.
pub const WORK_MAX: usize = 100_000;

/// Which work.
#[derive(Clone, Debug, Default)]
pub struct WorkQuery {
    /// Only of this operator: their sessions, and those in which they were connected.
    pub operator: Option<OperatorId>,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
}

impl Tables<'_> {
    /// The work of every session that was open at some moment of the time, the oldest first; where there are
    /// more than [`WORK_MAX`], one more than that and no others.
    pub fn work(&self, query: &WorkQuery) -> Result<Vec<WorkRow>, TablesError> {
        let table = self.work_table()?;
        let sql = format!(
            "SELECT row FROM {table} WHERE ended >= ? AND created <= ? ORDER BY created, rowid"
        );
        let mut work = self.connection.prepare_cached(&sql)?;
        let mut rows = work.query(params![query.from.micros(), query.to.micros()])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let row: WorkRow =
                serde_json::from_slice(row.get_ref(0)?.as_blob().unwrap_or_default())?;
            let of = |operator| {
                row.operator == operator
                    || row.spells.iter().any(|spell| spell.operator == operator)
            };
            if query.operator.is_none_or(of) {
                found.push(row);
            }
            if found.len() > WORK_MAX {
                break;
            }
        }
        Ok(found)
    }
}

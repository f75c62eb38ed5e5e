//! How far each read model is, for whoever keeps the server.

use beckon_projections::{AuditLog, Rows, SessionHistory, WorkReport};

use super::audit_table::AuditTable;
use super::checkpoint::Entry;
use super::error::TablesError;
use super::history_table::HistoryTable;
use super::tables::Tables;
use super::work_table::WorkTable;

/// One read model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its name.
    pub name: String,
    /// The version of what it holds.
    pub version: u32,
    /// How often it has been built.
    pub generation: u64,
    /// As far as it is folded or, where it is in memory, kept.
    pub position: Option<u64>,
    /// How many rows it has in read.db; none for one in memory.
    pub rows: Option<u64>,
    /// How many events of the log come after its position; no more than [`Standing::COUNTED`].
    pub behind: u64,
}

impl Standing {
    /// Beyond this nobody counts.
    pub const COUNTED: u64 = 10_000;
}

/// What read.db says about a model.
pub(super) fn of(tables: &Tables<'_>, entry: &Entry) -> Result<Standing, TablesError> {
    let table = match entry.name.as_str() {
        SessionHistory::NAME => Some(HistoryTable::name(entry.generation)),
        AuditLog::NAME => Some(AuditTable::name(entry.generation)),
        WorkReport::NAME => Some(WorkTable::name(entry.generation)),
        _ => None,
    };
    let rows = table.map(|table| tables.count(&table)).transpose()?;
    Ok(Standing {
        name: entry.name.clone(),
        version: entry.version,
        generation: entry.generation,
        position: entry.checkpoint.as_ref().map(|at| at.position.to_bits()),
        rows,
        behind: 0,
    })
}

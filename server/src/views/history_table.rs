//! Every session in read.db, by the position of its creation.

use beckon_events::{OperatorId, Personal, SessionId};
use beckon_projections::{Rows, SessionHistory, SessionRow, SessionState};
use rusqlite::{Connection, OptionalExtension, params};

use super::error::ViewsError;
use super::row_table::RowTable;
use super::words::Words;

/// The rows of [`SessionHistory`].
#[derive(Clone, Debug)]
pub(super) struct HistoryTable {
    name: String,
    pub(super) words: Words,
    load: String,
    insert: String,
    update: String,
}

impl HistoryTable {
    /// The table's name.
    pub(super) fn name(generation: u64) -> String {
        format!("{}_{generation}", SessionHistory::NAME)
    }
}

impl RowTable for HistoryTable {
    type Of = SessionHistory;

    fn of(generation: u64) -> Self {
        let name = Self::name(generation);
        Self {
            words: Words::of(&name),
            load: format!("SELECT row FROM {name} WHERE id = ?"),
            insert: format!(
                "INSERT INTO {name} (n, id, operator, state, closed, row) \
                 VALUES (?, ?, ?, ?, ?, ?)"
            ),
            update: format!("UPDATE {name} SET state = ?, closed = ?, row = ? WHERE n = ?"),
            name,
        }
    }

    fn create(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let name = &self.name;
        connection.execute_batch(&format!(
            "CREATE TABLE {name} (
                 n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, operator BLOB NOT NULL,
                 state INTEGER NOT NULL, closed INTEGER, row BLOB NOT NULL);"
        ))?;
        self.words.create(connection)
    }

    fn open(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        self.words.open(connection)
    }

    fn indexes(&self) -> Vec<String> {
        let of = |name: &str, columns: &str| {
            format!("CREATE INDEX {0}_{name} ON {0} ({columns})", self.name)
        };
        vec![
            of("operator", "operator, n"),
            of("state", "state, n"),
            of("closed", "closed"),
            of("operator_closed", "operator, closed"),
        ]
    }

    fn load(
        &self,
        connection: &Connection,
        key: &SessionId,
    ) -> Result<Option<SessionRow>, ViewsError> {
        let mut load = connection.prepare_cached(&self.load)?;
        let row: Option<Vec<u8>> =
            load.query_row([key.0.as_bytes()], |row| row.get(0)).optional()?;
        Ok(row.map(|row| serde_json::from_slice(&row)).transpose()?)
    }

    fn store<'r>(
        &mut self,
        connection: &Connection,
        rows: impl Iterator<Item = (Option<&'r SessionRow>, &'r SessionRow)>,
    ) -> Result<(), ViewsError> {
        let mut insert = connection.prepare_cached(&self.insert)?;
        let mut update = connection.prepare_cached(&self.update)?;
        for (before, row) in rows {
            let kept = serde_json::to_vec(row)?;
            let (n, state) = (row.position, state(row.state));
            let closed = row.closed_position;
            if before.is_some() {
                update.execute(params![state, closed, kept, n])?;
            } else {
                insert.execute(params![n, id(row.id), of(row.operator), state, closed, kept])?;
            }
            let words_before = before.map(words).unwrap_or_default();
            self.words.put(connection, n, &words_before, &words(row))?;
        }
        Ok(self.words.note(connection)?)
    }
}

/// What a session is found by.
pub(super) fn words(row: &SessionRow) -> String {
    let device = row.device.as_ref();
    let all: [Option<&Personal<String>>; 4] = [
        row.name.as_ref(),
        row.note.as_ref(),
        device.map(|device| &device.host),
        device.map(|device| &device.user),
    ];
    let known: Vec<&str> =
        all.into_iter().flatten().filter_map(Personal::known).map(String::as_str).collect();
    known.join("\n")
}

/// A state as it is kept.
pub(super) fn state(state: SessionState) -> u8 {
    match state {
        SessionState::WaitingForUser => 0,
        SessionState::Available => 1,
        SessionState::ApprovalRequested => 2,
        SessionState::InSession => 3,
        SessionState::Ended => 4,
        SessionState::Expired => 5,
    }
}

/// A session as it is kept.
pub(super) fn id(session: SessionId) -> [u8; 16] {
    session.0.into_bytes()
}

/// An operator as they are kept.
pub(super) fn of(operator: OperatorId) -> [u8; 16] {
    operator.0.into_bytes()
}

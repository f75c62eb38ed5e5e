//! Every event in read.db, by its position, without what it says.

use beckon_events::envelope::{Actor, ActorKind};
use beckon_events::{DomainEvent, OperatorId, SessionId, Timestamp, operator, session};
use beckon_projections::{AuditLog, AuditRow, Rows};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use super::error::ViewsError;
use super::row_table::RowTable;
use super::words::Words;

/// The columns of a row, for [`read`].
pub(super) const COLUMNS: [&str; 11] = [
    "position", "at", "stream", "version", "kind", "category", "actor", "actor_id", "session",
    "operator", "words",
];

/// The rows whose names have an index.
pub(super) const FEW: &str = "category <> 'session'";

/// The rows of [`AuditLog`].
#[derive(Clone, Debug)]
pub(super) struct AuditTable {
    name: String,
    pub(super) words: Words,
    load: String,
    insert: String,
    /// The latest time up to the last row, in microseconds.
    moment: i64,
}

impl AuditTable {
    /// The table's name.
    pub(super) fn name(generation: u64) -> String {
        format!("{}_{generation}", AuditLog::NAME)
    }
}

impl RowTable for AuditTable {
    type Of = AuditLog;
    const CHANGES: bool = false;

    fn of(generation: u64) -> Self {
        let (name, columns) = (Self::name(generation), COLUMNS.join(", "));
        Self {
            words: Words::of(&name),
            load: format!("SELECT {columns} FROM {name} WHERE position = ?"),
            insert: format!(
                "INSERT INTO {name} ({columns}, moment) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            ),
            moment: i64::MIN,
            name,
        }
    }

    fn create(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let name = &self.name;
        connection.execute_batch(&format!(
            "CREATE TABLE {name} (
                 position INTEGER PRIMARY KEY, moment INTEGER NOT NULL, at INTEGER NOT NULL,
                 stream TEXT,
                 version INTEGER NOT NULL, kind TEXT NOT NULL, category TEXT NOT NULL,
                 actor INTEGER NOT NULL, actor_id BLOB, session BLOB, operator BLOB, words TEXT);"
        ))?;
        self.words.create(connection)
    }

    fn open(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let sql = format!("SELECT moment FROM {} ORDER BY position DESC LIMIT 1", self.name);
        let last = connection.query_row(&sql, [], |row| row.get(0)).optional()?;
        self.moment = last.unwrap_or(i64::MIN);
        self.words.open(connection)
    }

    fn indexes(&self) -> Vec<String> {
        let of = |column: &str, rows: &str| {
            format!("CREATE INDEX {0}_{column} ON {0} ({column}, position) WHERE {rows}", self.name)
        };
        vec![
            of("session", "session IS NOT NULL"),
            of("operator", "operator IS NOT NULL"),
            // Every kind of event of a session stands in many sessions: those are near in the log.
            of("kind", FEW),
        ]
    }

    fn load(&self, connection: &Connection, key: &u64) -> Result<Option<AuditRow>, ViewsError> {
        Ok(connection.prepare_cached(&self.load)?.query_row([key], read).optional()?)
    }

    fn store<'r>(
        &mut self,
        connection: &Connection,
        rows: impl Iterator<Item = (Option<&'r AuditRow>, &'r AuditRow)>,
    ) -> Result<(), ViewsError> {
        let mut insert = connection.prepare_cached(&self.insert)?;
        for (_, row) in rows {
            self.moment = self.moment.max(row.at.micros());
            insert.execute(params![
                row.position,
                row.at.micros(),
                (!is_plain(row)).then_some(&row.stream),
                row.version,
                row.kind,
                row.category,
                kind(row.actor.kind),
                row.actor.id.as_ref().map(Uuid::as_bytes),
                row.session.as_ref().map(|session| session.0.as_bytes()),
                row.operator.as_ref().map(|operator| operator.0.as_bytes()),
                (!row.words.is_empty()).then_some(&row.words),
                self.moment,
            ])?;
            self.words.put(connection, row.position, "", &row.words)?;
        }
        Ok(self.words.note(connection)?)
    }
}

/// A row of [`COLUMNS`].
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<AuditRow> {
    let id = |column: usize| -> rusqlite::Result<Option<Uuid>> {
        Ok(row.get::<_, Option<[u8; 16]>>(column)?.map(Uuid::from_bytes))
    };
    let known = |column: usize, find: fn(&str) -> Option<&'static str>| {
        find(row.get_ref(column)?.as_str()?).ok_or_else(|| unknown(column))
    };
    let category = known(5, AuditRow::known_category)?;
    let (session, operator) = (id(8)?.map(SessionId), id(9)?.map(OperatorId));
    let stream = match row.get::<_, Option<String>>(2)? {
        Some(stream) => stream,
        None => plain(category, session, operator).ok_or_else(|| unknown(2))?,
    };
    Ok(AuditRow {
        position: row.get(0)?,
        at: Timestamp::from_micros(row.get(1)?),
        stream,
        version: row.get(3)?,
        kind: known(4, AuditRow::known_kind)?,
        category,
        actor: Actor { kind: actor(row.get(6)?).ok_or_else(|| unknown(6))?, id: id(7)? },
        session,
        operator,
        words: row.get::<_, Option<String>>(10)?.unwrap_or_default(),
    })
}

/// Whoever acts, as they are kept.
pub(super) fn kind(kind: ActorKind) -> u8 {
    match kind {
        ActorKind::Operator => 0,
        ActorKind::User => 1,
        ActorKind::Agent => 2,
        ActorKind::Policy => 3,
        ActorKind::System => 4,
    }
}

fn actor(kept: u8) -> Option<ActorKind> {
    use ActorKind::{Agent, Operator, Policy, System, User};
    [Operator, User, Agent, Policy, System].into_iter().find(|known| kind(*known) == kept)
}

/// Whether the stream's name follows from the other columns, so that it need not be kept.
fn is_plain(row: &AuditRow) -> bool {
    plain(row.category, row.session, row.operator).as_deref() == Some(row.stream.as_str())
}

fn plain(
    category: &str,
    session: Option<SessionId>,
    operator: Option<OperatorId>,
) -> Option<String> {
    match category {
        session::Event::CATEGORY => Some(format!("{category}-{}", session?)),
        operator::Event::CATEGORY => Some(format!("{category}-{}", operator?)),
        _ => None,
    }
}

fn unknown(column: usize) -> rusqlite::Error {
    let error = "a value that this program does not write".into();
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error)
}

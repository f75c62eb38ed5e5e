//! The audit log: every event, found by what it is about.

use beckon_events::envelope::Actor;
use beckon_events::{OperatorId, SessionId, Timestamp};
use beckon_projections::AuditRow;
use rusqlite::params_from_iter;
use rusqlite::types::Value;

use super::sources::{Source, Text};
use super::{Tables, bounded};
use crate::views::audit_table::{COLUMNS, FEW, kind, read};
use crate::views::error::TablesError;

/// Which events.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// Only at this moment or later.
    pub from: Option<Timestamp>,
    /// Only at this moment or before.
    pub to: Option<Timestamp>,
    /// Only events of these names; any where there are none.
    pub kinds: Vec<String>,
    /// Only of these actors; one without an id is everybody in that role. Any where there are
    /// none.
    pub actors: Vec<Actor>,
    /// Only about this session.
    pub session: Option<SessionId>,
    /// Only about this operator.
    pub operator: Option<OperatorId>,
    /// Only where every word of it begins a word of the event, or of the session it is about.
    pub text: String,
    /// Operators whose name is meant by `text`: what is about them is found, too.
    pub named: Vec<OperatorId>,
    /// Those after this page.
    pub after: Option<u64>,
    /// At most so many.
    pub limit: usize,
}

/// Events that were looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditPage {
    /// The rows, the newest first.
    pub rows: Vec<AuditRow>,
    /// The next page, where there is one.
    pub next: Option<u64>,
}

/// Conditions on the rows, with their values.
pub(super) struct Conditions {
    sql: String,
    values: Vec<Value>,
    /// Only rows of larger positions.
    above: u64,
    /// Only rows of smaller positions.
    below: u64,
}

impl Tables<'_> {
    /// The events that were looked for, the newest first.
    pub fn audit(&self, query: &AuditQuery) -> Result<AuditPage, TablesError> {
        let limit = query.limit.max(1);
        let conditions = self.conditions(query)?;
        let mut text = Text::new(self, query)?;
        let mut rows: Vec<AuditRow> = Vec::new();
        for source in Source::of(query, &text) {
            let found = self.from(&source, &conditions, limit + 1, &mut text)?;
            rows.extend(found);
        }
        rows.sort_by_key(|row| std::cmp::Reverse(row.position));
        rows.dedup_by_key(|row| row.position);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| row.position);
        Ok(AuditPage { rows, next })
    }

    /// At most `limit` rows of one source, the newest first.
    fn from(
        &self,
        source: &Source,
        conditions: &Conditions,
        limit: usize,
        text: &mut Text,
    ) -> Result<Vec<AuditRow>, TablesError> {
        let table = self.audit_table()?;
        let columns = COLUMNS.map(|column| format!("a.{column}")).join(", ");
        let mut found = Vec::new();
        let froms = match source {
            Source::Words(typed) => self.worded_events(&table, typed, conditions)?,
            Source::All => vec![(format!("{table} AS a NOT INDEXED"), "1".to_owned(), None)],
            Source::Column(column, value) => {
                let from = format!("{table} AS a INDEXED BY {table}_{column}");
                let few = if *column == "kind" { FEW } else { "1" };
                vec![(from, format!("a.{column} = ? AND {few}"), Some(value.clone()))]
            }
        };
        for (from, condition, value) in froms {
            // The order of the index itself: else all that matches is sorted first.
            let order = if matches!(source, Source::Words(_)) { "w.rowid" } else { "a.position" };
            let sql = format!(
                "SELECT {columns} FROM {from} WHERE {condition} AND {} ORDER BY {order} DESC",
                conditions.sql
            );
            let values = value.into_iter().chain(conditions.values.iter().cloned());
            let mut events = self.connection.prepare_cached(&sql)?;
            let mut rows = events.query(params_from_iter(values))?;
            while let Some(row) = rows.next()? {
                let row = read(row)?;
                if text.matches(self, source, &row)? {
                    found.push(row);
                }
                if found.len() >= limit {
                    return Ok(found);
                }
            }
        }
        Ok(found)
    }

    /// The stretches of the words, the newest first, as tables to be read from.
    fn worded_events(
        &self,
        table: &str,
        typed: &str,
        conditions: &Conditions,
    ) -> Result<Vec<(String, String, Option<Value>)>, TablesError> {
        let Conditions { above, below, .. } = conditions;
        let words = self.audit_words()?.words;
        let near =
            words.newest_first().filter(|(_, rows)| rows.start < *below && rows.end > *above);
        let stretch = |index| {
            let from = format!("{index} AS w CROSS JOIN {table} AS a ON a.position = w.rowid");
            // The index itself begins where the page begins.
            let (above, below) = (bounded(*above), bounded(*below));
            let places = format!("w.words MATCH ? AND w.rowid > {above} AND w.rowid < {below}");
            (from, places, Some(Value::Text(typed.to_owned())))
        };
        Ok(near.map(|(index, _)| stretch(index)).collect())
    }

    fn conditions(&self, query: &AuditQuery) -> Result<Conditions, TablesError> {
        let mut sql = vec!["1".to_owned()];
        let mut values = Vec::new();
        let above = query.from.map_or(Ok(0), |from| self.place(from))?;
        let last = query.to.map(|to| self.last_at_or_before(to)).transpose()?;
        let last = last.map(|found| found.map_or(0, |(position, _)| position));
        let below = last.map_or(u64::MAX, |last| last.saturating_add(1));
        let below = query.after.map_or(below, |after| below.min(after));
        sql.push("a.position > ? AND a.position < ?".to_owned());
        values.extend([above, below].map(|place| Value::Integer(bounded(place))));
        if !query.kinds.is_empty() {
            let marks = vec!["?"; query.kinds.len()].join(", ");
            sql.push(format!("+a.kind IN ({marks})"));
            values.extend(query.kinds.iter().cloned().map(Value::Text));
        }
        if !query.actors.is_empty() {
            let mut any = Vec::new();
            for actor in &query.actors {
                values.push(Value::Integer(kind(actor.kind).into()));
                any.push(match actor.id {
                    Some(id) => {
                        values.push(Value::Blob(id.as_bytes().to_vec()));
                        "(a.actor = ? AND a.actor_id = ?)"
                    }
                    None => "a.actor = ?",
                });
            }
            sql.push(format!("({})", any.join(" OR ")));
        }
        // Only one index is walked along; the other conditions are looked at row by row.
        if let Some(session) = query.session {
            sql.push("+a.session = ?".to_owned());
            values.push(Value::Blob(session.0.as_bytes().to_vec()));
        }
        if let Some(operator) = query.operator {
            sql.push("+a.operator = ?".to_owned());
            values.push(Value::Blob(operator.0.as_bytes().to_vec()));
        }
        Ok(Conditions { sql: sql.join(" AND "), values, above, below })
    }
}

//! Sessions: one, those that ended, those that are searched for.

use beckon_events::{OperatorId, SessionId, Timestamp};
use beckon_projections::{SessionRow, SessionState};
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, params_from_iter};

use super::{Tables, bounded};
use crate::views::error::TablesError;
use crate::views::history_table::{id, of, state};
use crate::views::words;

/// How many ended sessions a page has.
pub const ENDED_PAGE: usize = 50;

/// Sessions that have come to their end.
#[derive(Clone, Debug, PartialEq)]
pub struct EndedPage {
    /// The rows, what ended last first.
    pub rows: Vec<SessionRow>,
    /// How many rows all pages have together.
    pub total: usize,
}

/// Which sessions.
#[derive(Clone, Debug, Default)]
pub struct HistoryQuery {
    /// Only of this operator.
    pub operator: Option<OperatorId>,
    /// Only where every word of it begins a word of name, note, device or the device's user.
    pub text: String,
    /// Only created at this moment or later.
    pub from: Option<Timestamp>,
    /// Only created at this moment or before.
    pub to: Option<Timestamp>,
    /// Only in this state.
    pub state: Option<SessionState>,
    /// Those after this page.
    pub after: Option<u64>,
    /// At most so many.
    pub limit: usize,
}

/// Sessions that were searched for.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryPage {
    /// The rows, what was created last first.
    pub rows: Vec<SessionRow>,
    /// The next page, where there is one.
    pub next: Option<u64>,
}

/// Conditions on the rows, with their values.
struct Narrow {
    sql: String,
    values: Vec<Value>,
    /// Only rows of larger numbers.
    above: u64,
    /// Only rows of smaller numbers.
    below: u64,
}

impl EndedPage {
    /// How many pages there are; an empty one counts.
    pub fn pages(&self) -> usize {
        self.total.div_ceil(ENDED_PAGE).max(1)
    }
}

impl Tables<'_> {
    /// This session, live or over.
    pub fn session(&self, session: SessionId) -> Result<Option<SessionRow>, TablesError> {
        let sql = format!("SELECT row FROM {} WHERE id = ?", self.history_table()?);
        let mut one = self.connection.prepare_cached(&sql)?;
        let row: Option<Vec<u8>> = one.query_row([id(session)], |row| row.get(0)).optional()?;
        Ok(row.map(|row| serde_json::from_slice(&row)).transpose()?)
    }

    /// The sessions of `operator`, or of everybody, that came to their end at `since` or later;
    /// `page` counts from 0.
    pub fn ended(
        &self,
        operator: Option<OperatorId>,
        since: Timestamp,
        page: usize,
    ) -> Result<EndedPage, TablesError> {
        let table = self.history_table()?;
        let mut values = vec![Value::Integer(bounded(self.place(since)?))];
        let mut condition = "closed > ?".to_owned();
        if let Some(operator) = operator {
            condition.push_str(" AND operator = ?");
            values.push(Value::Blob(of(operator).to_vec()));
        }
        let sql = format!("SELECT count(*) FROM {table} WHERE {condition}");
        let mut count = self.connection.prepare_cached(&sql)?;
        let total: u64 = count.query_row(params_from_iter(&values), |row| row.get(0))?;
        values.push(Value::Integer(bounded(ENDED_PAGE)));
        values.push(Value::Integer(bounded(page.saturating_mul(ENDED_PAGE))));
        let sql = format!(
            "SELECT row FROM {table} WHERE {condition} ORDER BY closed DESC LIMIT ? OFFSET ?"
        );
        let rows = self.sessions(&sql, &values)?;
        Ok(EndedPage { rows, total: usize::try_from(total).unwrap_or(usize::MAX) })
    }

    /// The sessions that were searched for, what was created last first.
    pub fn history(&self, query: &HistoryQuery) -> Result<HistoryPage, TablesError> {
        let limit = query.limit.max(1);
        let narrow = self.narrow(query)?;
        let mut rows = if query.text.trim().is_empty() {
            self.all(query, &narrow, limit + 1)?
        } else {
            match words::query(&query.text) {
                Some(typed) => self.worded(&typed, &narrow, limit + 1)?,
                None => Vec::new(),
            }
        };
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| row.position);
        Ok(HistoryPage { rows, next })
    }

    /// At most `limit` sessions that are found by words, the newest first.
    pub(super) fn named(&self, typed: &str, limit: usize) -> Result<Vec<SessionRow>, TablesError> {
        self.worded(typed, &self.narrow(&HistoryQuery::default())?, limit)
    }

    /// Without words: along the index that leaves out most.
    fn all(
        &self,
        query: &HistoryQuery,
        narrow: &Narrow,
        limit: usize,
    ) -> Result<Vec<SessionRow>, TablesError> {
        let table = self.history_table()?;
        let index = match (query.operator, query.state) {
            // Whoever is not in a final state is one of few.
            (_, Some(state)) if !is_over(state) => format!("INDEXED BY {table}_state"),
            (Some(_), _) => format!("INDEXED BY {table}_operator"),
            (None, Some(_)) => format!("INDEXED BY {table}_state"),
            (None, None) => "NOT INDEXED".to_owned(),
        };
        let sql = format!(
            "SELECT row FROM {table} AS h {index} \
             WHERE {} AND n > ? AND n < ? ORDER BY n DESC LIMIT ?",
            narrow.sql
        );
        let mut values = narrow.values.clone();
        values.extend([narrow.above, narrow.below].map(|n| Value::Integer(bounded(n))));
        values.push(Value::Integer(bounded(limit)));
        self.sessions(&sql, &values)
    }

    /// With words: one stretch after the other, the newest first, until there are enough.
    fn worded(
        &self,
        typed: &str,
        narrow: &Narrow,
        limit: usize,
    ) -> Result<Vec<SessionRow>, TablesError> {
        let table = self.history_table()?;
        let mut found: Vec<SessionRow> = Vec::new();
        for (index, rows) in self.history_words()?.words.newest_first() {
            if rows.start >= narrow.below || rows.end <= narrow.above {
                continue;
            }
            let sql = format!(
                "SELECT h.row FROM {index} AS w CROSS JOIN {table} AS h ON h.n = w.rowid \
                 WHERE w.words MATCH ? AND w.rowid > ? AND w.rowid < ? AND {} \
                 ORDER BY w.rowid DESC LIMIT ?",
                narrow.sql
            );
            let mut values = vec![Value::Text(typed.to_owned())];
            values.extend([narrow.above, narrow.below].map(|n| Value::Integer(bounded(n))));
            values.extend(narrow.values.iter().cloned());
            values.push(Value::Integer(bounded(limit - found.len())));
            found.extend(self.sessions(&sql, &values)?);
            if found.len() >= limit {
                break;
            }
        }
        Ok(found)
    }

    fn narrow(&self, query: &HistoryQuery) -> Result<Narrow, TablesError> {
        let mut sql = vec!["1"];
        let mut values = Vec::new();
        if let Some(operator) = query.operator {
            sql.push("h.operator = ?");
            values.push(Value::Blob(of(operator).to_vec()));
        }
        if let Some(wanted) = query.state {
            sql.push("h.state = ?");
            values.push(Value::Integer(state(wanted).into()));
        }
        // The numbers of the rows are the places of their creation.
        let above = query.from.map_or(Ok(0), |from| self.place(from))?;
        let last = query.to.map(|to| self.last_at_or_before(to)).transpose()?;
        let last = last.map(|found| found.map_or(0, |(position, _)| position));
        let below = last.map_or(u64::MAX, |last| last.saturating_add(1));
        let below = query.after.map_or(below, |after| below.min(after));
        Ok(Narrow { sql: sql.join(" AND "), values, above, below })
    }

    fn sessions(&self, sql: &str, values: &[Value]) -> Result<Vec<SessionRow>, TablesError> {
        let mut wanted = self.connection.prepare_cached(sql)?;
        let mut rows = wanted.query(params_from_iter(values))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let row = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            found.push(serde_json::from_slice(row)?);
        }
        Ok(found)
    }
}

fn is_over(state: SessionState) -> bool {
    matches!(state, SessionState::Ended | SessionState::Expired)
}

//! Where the rows of the audit log are looked for, and which of them have the words.

use std::collections::HashMap;

use beckon_events::session::Event;
use beckon_events::{DomainEvent, SessionId};
use beckon_projections::{AuditLog, AuditRow};
use rusqlite::types::Value;

use super::{AuditQuery, Tables};
use crate::views::error::TablesError;
use crate::views::history_table;
use crate::views::words;

/// Beyond so many sessions that have the words, the log is read backwards: it is full of them.
const SESSIONS_MAX: usize = 300;
/// Beyond so many names of events, and for those of sessions, the log is read backwards.
const KINDS_MAX: usize = 8;

/// Where rows are read, each the newest first.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// Everything.
    All,
    /// Along the index of this column, where it has this value.
    Column(&'static str, Value),
    /// The events that have these words themselves.
    Words(String),
}

/// What was typed, and who has it.
pub(super) struct Text {
    typed: String,
    /// None where nothing was typed.
    query: Option<String>,
    named: Vec<beckon_events::OperatorId>,
    /// The sessions that have the words; none where they are too many.
    sessions: Option<Vec<SessionId>>,
    /// Of which sessions it is known whether they have the words.
    known: HashMap<SessionId, bool>,
    nothing: bool,
}

impl Source {
    /// The sources of what is looked for; together they have all of it.
    pub(super) fn of(query: &AuditQuery, text: &Text) -> Vec<Self> {
        let blob = |id: uuid::Uuid| Value::Blob(id.as_bytes().to_vec());
        if text.nothing {
            return Vec::new();
        }
        if let Some(session) = query.session {
            return vec![Self::Column("session", blob(session.0))];
        }
        if let (Some(words), Some(sessions)) = (&text.query, &text.sessions) {
            let mut all = vec![Self::Words(words.clone())];
            all.extend(sessions.iter().map(|it| Self::Column("session", blob(it.0))));
            all.extend(text.named.iter().map(|it| Self::Column("operator", blob(it.0))));
            return all;
        }
        if let Some(operator) = query.operator {
            return vec![Self::Column("operator", blob(operator.0))];
        }
        if (1..=KINDS_MAX).contains(&query.kinds.len()) && query.kinds.iter().all(is_of_few) {
            let kind = |it: &String| Self::Column("kind", Value::Text(it.clone()));
            return query.kinds.iter().map(kind).collect();
        }
        vec![Self::All]
    }
}

/// Whether events of this name have an index, which those of sessions have not.
fn is_of_few(kind: &String) -> bool {
    AuditLog::kinds().any(|(category, known)| known == kind && category != Event::CATEGORY)
}

impl Text {
    pub(super) fn new(tables: &Tables<'_>, query: &AuditQuery) -> Result<Self, TablesError> {
        let typed = query.text.trim().to_owned();
        let words = words::query(&typed);
        let mut sessions = None;
        if let (Some(words), None) = (&words, query.session) {
            let found = tables.named(words, SESSIONS_MAX + 1)?;
            sessions = (found.len() <= SESSIONS_MAX)
                .then(|| found.into_iter().map(|row| row.id).collect());
        }
        let nothing = words.is_none() && !typed.is_empty();
        let (named, known) = (query.named.clone(), HashMap::new());
        Ok(Self { typed, query: words, named, sessions, known, nothing })
    }

    /// Whether a row of this source has the words.
    pub(super) fn matches(
        &mut self,
        tables: &Tables<'_>,
        source: &Source,
        row: &AuditRow,
    ) -> Result<bool, TablesError> {
        if self.query.is_none() {
            return Ok(true);
        }
        let by_words = match source {
            Source::Words(_) => true,
            // The sources are those that have the words.
            Source::Column("session" | "operator", _) => self.sessions.is_some(),
            Source::Column(..) | Source::All => false,
        };
        if by_words || words::matches(&row.words, &self.typed) {
            return Ok(true);
        }
        if row.operator.is_some_and(|operator| self.named.contains(&operator)) {
            return Ok(true);
        }
        let Some(session) = row.session else { return Ok(false) };
        if let Some(known) = self.known.get(&session) {
            return Ok(*known);
        }
        let found = tables.session(session)?;
        let has = found.is_some_and(|row| words::matches(&history_table::words(&row), &self.typed));
        self.known.insert(session, has);
        Ok(has)
    }
}

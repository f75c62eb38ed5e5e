//! From a moment to a place in the log.

use beckon_events::{SessionId, Timestamp};
use rusqlite::OptionalExtension;
use uuid::Uuid;

use super::{Tables, bounded};
use crate::views::error::TablesError;

/// An event in time.
struct Moment {
    position: u64,
    /// The latest time of all events up to it.
    moment: Timestamp,
    /// Its own time.
    at: Timestamp,
}

impl Tables<'_> {
    /// The last event at `at` or before, and its time: the one before the first that is later.
    pub fn last_at_or_before(
        &self,
        at: Timestamp,
    ) -> Result<Option<(u64, Timestamp)>, TablesError> {
        // The latest time so far never goes backwards along the log, so it needs no index.
        let Some(newest) = self.event_before(u64::MAX)? else { return Ok(None) };
        if newest.moment <= at {
            return Ok(Some((newest.position, newest.at)));
        }
        // Everything up to `early` is at `at` or before, and what comes first from `late` on is
        // not.
        let (mut early, mut late) = (0, newest.position);
        while late - early > 1 {
            let middle = early + (late - early) / 2;
            match self.event_from(middle)? {
                Some(event) if event.moment <= at => early = event.position,
                Some(_) | None => late = middle,
            }
        }
        Ok(self.event_before(early)?.map(|event| (event.position, event.at)))
    }

    /// The place after which everything is later than `at`, or at it where `at` counts as later.
    pub(super) fn place(&self, before: Timestamp) -> Result<u64, TablesError> {
        let until = Timestamp::from_micros(before.micros().saturating_sub(1));
        Ok(self.last_at_or_before(until)?.map_or(0, |(position, _)| position))
    }

    /// The sessions that were open right after `position`, the oldest first.
    pub fn open_at(&self, position: u64) -> Result<Vec<SessionId>, TablesError> {
        let table = self.history_table()?;
        let sql = format!(
            "SELECT n, id FROM {table} WHERE closed IS NULL AND n <= ?1 \
             UNION ALL SELECT n, id FROM {table} WHERE closed > ?1 AND n <= ?1 ORDER BY n"
        );
        let mut open = self.connection.prepare_cached(&sql)?;
        let rows = open
            .query_map([bounded(position)], |row| Ok(SessionId(Uuid::from_bytes(row.get(1)?))))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn event_before(&self, position: u64) -> Result<Option<Moment>, TablesError> {
        self.event("position <= ? ORDER BY position DESC", position)
    }

    fn event_from(&self, position: u64) -> Result<Option<Moment>, TablesError> {
        self.event("position >= ? ORDER BY position", position)
    }

    fn event(&self, condition: &str, position: u64) -> Result<Option<Moment>, TablesError> {
        let table = self.audit_table()?;
        let sql = format!("SELECT position, moment, at FROM {table} WHERE {condition} LIMIT 1");
        let mut one = self.connection.prepare_cached(&sql)?;
        let found = one.query_row([bounded(position)], |row| {
            Ok(Moment {
                position: row.get(0)?,
                moment: Timestamp::from_micros(row.get(1)?),
                at: Timestamp::from_micros(row.get(2)?),
            })
        });
        Ok(found.optional()?)
    }
}

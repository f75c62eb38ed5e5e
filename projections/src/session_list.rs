//! Every session, as the portal lists them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use beckon_events::session::Event;
use beckon_events::{ActionSet, OperatorId, Recorded, RecordedEvent, SessionId, Timestamp};

use crate::projection::{Reached, stream_id};
use crate::{Projection, SessionRow, SessionState};

/// How many rows of ended sessions a page has.
pub const PAGE: usize = 50;

/// Every session, by its id.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SessionList {
    reached: Reached,
    rows: BTreeMap<SessionId, SessionRow>,
}

/// At most [`PAGE`] rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<'a> {
    /// The rows, what ended last first.
    pub rows: Vec<&'a SessionRow>,
    /// How many rows all pages have together.
    pub total: usize,
}

impl Page<'_> {
    /// How many pages there are; an empty one counts.
    pub fn pages(&self) -> usize {
        self.total.div_ceil(PAGE).max(1)
    }
}

impl SessionList {
    /// The live sessions of `operator`, or of everybody: what was created, joined or approved
    /// last on top.
    pub fn live(&self, operator: Option<OperatorId>) -> Vec<&SessionRow> {
        let mut rows: Vec<_> = self.of(operator).filter(|row| row.is_live()).collect();
        rows.sort_by_key(|row| Reverse(row.raised));
        rows
    }

    /// The sessions of `operator`, or of everybody, that came to their end at `since` or later;
    /// `page` counts from 0.
    pub fn ended(&self, operator: Option<OperatorId>, since: Timestamp, page: usize) -> Page<'_> {
        let mut rows: Vec<_> =
            self.of(operator).filter(|row| row.closed_at.is_some_and(|at| at >= since)).collect();
        rows.sort_by_key(|row| Reverse((row.closed_at, row.raised)));
        let total = rows.len();
        let rows = rows.into_iter().skip(page.saturating_mul(PAGE)).take(PAGE).collect();
        Page { rows, total }
    }

    /// This session.
    pub fn get(&self, id: SessionId) -> Option<&SessionRow> {
        self.rows.get(&id)
    }

    /// The open invitations of an operator, the newest first.
    pub fn open_invitations(&self, operator: OperatorId) -> Vec<&SessionRow> {
        let mut rows = self.live(Some(operator));
        rows.retain(|row| row.state == SessionState::WaitingForUser);
        rows
    }

    /// Every session that has not come to its end.
    pub fn live_ids(&self) -> impl Iterator<Item = SessionId> {
        self.rows.values().filter(|row| row.is_live()).map(|row| row.id)
    }

    fn of(&self, operator: Option<OperatorId>) -> impl Iterator<Item = &SessionRow> {
        self.rows.values().filter(move |row| operator.is_none_or(|it| it == row.operator))
    }

    fn fold(&mut self, recorded: &Recorded<Event>) {
        let at = recorded.metadata.at;
        let Some(id) = stream_id(&recorded.metadata) else { return };
        if let Event::Created { operator, name, note, code, expires, .. } = &recorded.event {
            self.rows.entry(id).or_insert_with(|| SessionRow {
                id,
                operator: *operator,
                name: name.clone(),
                note: note.clone(),
                code: *code,
                created: at,
                state: SessionState::WaitingForUser,
                reconnecting: false,
                deadline: *expires,
                invitation_sent: false,
                joined: None,
                device: None,
                allowed: ActionSet::EMPTY,
                running: ActionSet::EMPTY,
                closed_at: None,
                closed: None,
                last_change: at,
                raised: recorded.position,
            });
        }
        if let Some(row) = self.rows.get_mut(&id) {
            row.fold(&recorded.event, at, recorded.position);
        }
    }
}

impl Projection for SessionList {
    const NAME: &'static str = "session_list";

    fn apply(&mut self, event: &RecordedEvent) {
        if !self.reached.advance(event) {
            return;
        }
        match event {
            RecordedEvent::Session(recorded) => self.fold(recorded),
            RecordedEvent::Operator(_) | RecordedEvent::Account(_) | RecordedEvent::Node(_) => {}
        }
    }

    fn position(&self) -> Option<u64> {
        self.reached.position()
    }
}

#[cfg(test)]
mod tests;

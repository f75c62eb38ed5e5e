//! The live sessions, as the portal lists them, and those that ended last.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};

use beckon_events::session::Event;
use beckon_events::{OperatorId, Recorded, RecordedEvent, SessionId};
use serde::{Deserialize, Serialize};

use crate::projection::{Reached, stream_id};
use crate::{Projection, SessionRow, SessionState};

/// How many sessions that are over are kept beside the live ones: enough for what still asks
/// about one that has just ended. All others are in [`crate::SessionHistory`].
pub const RECENT: usize = 200;

/// The live sessions and the last [`RECENT`] that came to their end.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct SessionList {
    reached: Reached,
    rows: BTreeMap<SessionId, SessionRow>,
    /// INVARIANT: those of the rows that are over, in the order of their end.
    recent: VecDeque<SessionId>,
}

impl SessionList {
    /// The live sessions of `operator`, or of everybody: what was created, joined or approved
    /// last on top.
    pub fn live(&self, operator: Option<OperatorId>) -> Vec<&SessionRow> {
        let own = |row: &&SessionRow| operator.is_none_or(|it| it == row.operator);
        let live = self.rows.values().filter(|row| row.is_live());
        let mut rows: Vec<_> = live.filter(own).collect();
        rows.sort_by_key(|row| Reverse(row.raised));
        rows
    }

    /// The sessions that came to their end last, at most [`RECENT`], the last one first.
    pub fn recent(&self) -> impl Iterator<Item = &SessionRow> {
        self.recent.iter().rev().filter_map(|id| self.rows.get(id))
    }

    /// Which session of `operator`, or of everybody, came to its end last.
    pub fn last_ended(&self, operator: Option<OperatorId>) -> Option<SessionId> {
        let mut own = self.recent().filter(|row| operator.is_none_or(|it| it == row.operator));
        own.next().map(|row| row.id)
    }

    /// This session, where it is live or has just ended.
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

    fn fold(&mut self, recorded: &Recorded<Event>) {
        let Some(id) = stream_id(&recorded.metadata) else { return };
        let Some(row) = self.rows.get_mut(&id) else {
            self.rows.extend(SessionRow::created(recorded).map(|row| (id, row)));
            return;
        };
        let was_live = row.is_live();
        row.fold(&recorded.event, recorded.metadata.at, recorded.position);
        if was_live && !row.is_live() {
            self.recent.push_back(id);
        }
        if self.recent.len() > RECENT
            && let Some(oldest) = self.recent.pop_front()
        {
            self.rows.remove(&oldest);
        }
    }
}

impl Projection for SessionList {
    const NAME: &'static str = "session_list";
    const VERSION: u32 = 1;

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

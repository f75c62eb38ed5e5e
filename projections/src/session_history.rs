//! Every session that ever was, one row each.

use beckon_events::{RecordedEvent, SessionId};

use crate::projection::stream_id;
use crate::{Rows, SessionRow};

/// Every session, live or over.
#[derive(Clone, Copy, Debug)]
pub struct SessionHistory;

impl Rows for SessionHistory {
    type Key = SessionId;
    type Row = SessionRow;
    const NAME: &'static str = "session_history";
    const VERSION: u32 = 1;

    fn key(event: &RecordedEvent) -> Option<SessionId> {
        match event {
            RecordedEvent::Session(recorded) => stream_id(&recorded.metadata),
            RecordedEvent::Operator(_) | RecordedEvent::Account(_) | RecordedEvent::Node(_) => None,
        }
    }

    fn fold(row: Option<SessionRow>, event: &RecordedEvent) -> Option<SessionRow> {
        let RecordedEvent::Session(recorded) = event else { return row };
        let Some(mut row) = row else { return SessionRow::created(recorded) };
        row.fold(&recorded.event, recorded.metadata.at, recorded.position);
        Some(row)
    }
}

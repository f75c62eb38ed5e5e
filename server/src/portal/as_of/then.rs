//! What the log itself says about a moment: each stream folded up to it.

use std::collections::BTreeSet;

use beckon_events::DomainEvent as _;
use beckon_events::envelope::{self, EnvelopeError};
use beckon_events::{RecordedEvent, SessionId, operator};
use beckon_projections::SessionRow;
use beckon_projections::{OperatorRow, Projection as _, Roster, Rows as _, SessionHistory};

use crate::keyring::Keyring;
use crate::store::{EventReader, Position, ReadError, StreamName};

/// So many open sessions are read.
pub const OPEN_MAX: usize = 200;
/// So far it is counted what was recorded since.
pub const LATER_MAX: usize = 1_000;
/// So many events are read at once.
const AT_ONCE: usize = 500;

/// How things stood right after a position.
#[derive(Debug)]
pub struct Then {
    /// The sessions, the newest first.
    pub sessions: Vec<SessionRow>,
    /// Everybody with a sign-in, in the order of their invitation.
    pub roster: Vec<OperatorRow>,
    /// Where the event after it stands.
    pub next: Option<u64>,
    /// How many events came after it; no more than one above [`LATER_MAX`] are counted.
    pub later: usize,
}

impl Then {
    /// Reads the sessions `open` and `others`, and everybody's sign-in, up to `position`.
    pub fn read(
        reader: &dyn EventReader,
        keys: &Keyring,
        position: u64,
        open: &[SessionId],
        others: &[SessionId],
    ) -> Result<Self, ReadError> {
        let upto = Upto { reader, keys, position };
        let wanted: BTreeSet<_> =
            open.iter().rev().take(OPEN_MAX).chain(others).map(|id| id.0).collect();
        let mut sessions = Vec::new();
        for id in wanted {
            sessions.extend(upto.session(SessionId(id))?);
        }
        sessions.sort_by_key(|row| std::cmp::Reverse(row.position));
        let later = reader.read_all(Some(Position::from_bits(position)), LATER_MAX + 1)?;
        let next = later.first().map(|event| event.position.to_bits());
        Ok(Self { sessions, roster: upto.roster()?, next, later: later.len() })
    }
}

/// The log up to a position.
struct Upto<'a> {
    reader: &'a dyn EventReader,
    keys: &'a Keyring,
    position: u64,
}

impl Upto<'_> {
    fn session(&self, id: SessionId) -> Result<Option<SessionRow>, ReadError> {
        let mut row = None;
        self.each(&StreamName::session(id), |event| {
            row = SessionHistory::fold(row.take(), event);
        })?;
        Ok(row)
    }

    fn roster(&self) -> Result<Vec<OperatorRow>, ReadError> {
        let mut rows: Vec<(u64, OperatorRow)> = Vec::new();
        let mut after: Option<StreamName> = None;
        loop {
            let category = operator::Event::CATEGORY;
            let streams = self.reader.streams(category, after.as_ref(), AT_ONCE)?;
            for stream in &streams {
                let (mut roster, mut first) = (Roster::default(), u64::MAX);
                self.each(stream, |event| {
                    first = first.min(event.position());
                    roster.apply(event);
                })?;
                rows.extend(roster.all().iter().map(|row| (first, row.clone())));
            }
            match streams.into_iter().next_back() {
                Some(last) => after = Some(last),
                None => break,
            }
        }
        rows.sort_by_key(|(first, _)| *first);
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }

    /// Every event of a stream up to the position that can be read.
    fn each(
        &self,
        stream: &StreamName,
        mut apply: impl FnMut(&RecordedEvent),
    ) -> Result<(), ReadError> {
        let mut from = 0;
        loop {
            let events = self.reader.read_stream(stream, from, AT_ONCE)?;
            let Some(last) = events.last() else { return Ok(()) };
            from = last.version + 1;
            for stored in &events {
                let position = stored.position.to_bits();
                if position > self.position {
                    return Ok(());
                }
                match envelope::read(&stored.metadata, &stored.data, position, self.keys) {
                    Ok(event) => apply(&event),
                    Err(EnvelopeError::Keys(error)) => {
                        return Err(ReadError::Unavailable(error.to_string()));
                    }
                    Err(error) => tracing::error!(%error, "an event cannot be read"),
                }
            }
        }
    }
}

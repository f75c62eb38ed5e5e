//! The events of the log, opened, a page at a time.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

use beckon_events::envelope::{self, EnvelopeError};
use beckon_events::{Keys, RecordedEvent};

use super::OpeningKeys;
use super::checkpoint::Checkpoint;
use super::error::ViewsError;
use crate::store::{EventReader, Position, StoredEvent};

/// How many events are folded under one lock while a server runs.
pub(super) const LIVE: usize = 500;
/// How many events make one transaction while everything is built anew.
pub(super) const BULK: usize = 10_000;
/// How many bulk pages wait for whoever writes.
const AHEAD: usize = 2;

/// Events that follow each other in the log.
pub(super) struct Page {
    /// Those that can be read.
    pub events: Vec<RecordedEvent>,
    /// The last one, readable or not.
    pub last: Checkpoint,
    /// How many stand in the log, readable or not.
    pub stored: usize,
}

/// The next events of the log; none at its end.
pub(super) fn read(
    reader: &dyn EventReader,
    keys: &dyn Keys,
    after: Option<Position>,
    limit: usize,
) -> Result<Option<Page>, ViewsError> {
    open(&reader.read_all(after, limit)?, keys)
}

/// Events of the log, opened; none where there are none.
fn open(stored: &[StoredEvent], keys: &dyn Keys) -> Result<Option<Page>, ViewsError> {
    let Some(last) = stored.last().map(Checkpoint::of) else { return Ok(None) };
    let mut events = Vec::with_capacity(stored.len());
    for event in stored {
        match envelope::read(&event.metadata, &event.data, event.position.to_bits(), keys) {
            Ok(event) => events.push(event),
            // Whether a value was erased is not known: this page is read again later.
            Err(EnvelopeError::Keys(error)) => return Err(error.into()),
            Err(error) => tracing::error!(%error, "an event cannot be read"),
        }
    }
    Ok(Some(Page { events, last, stored: stored.len() }))
}

/// Every page up to the end of the log, read on a thread of its own and opened on another.
pub(super) fn ahead(
    reader: Box<dyn EventReader>,
    keys: Arc<dyn OpeningKeys>,
) -> std::io::Result<Receiver<Result<Page, ViewsError>>> {
    let (hand_over, stored) = sync_channel(AHEAD);
    let read_all = move || {
        let mut after = None;
        loop {
            let next = reader.read_all(after, BULK);
            after = next.as_ref().ok().and_then(|page| page.last()).map(|last| last.position);
            // An empty page, or a failure, is the last.
            if hand_over.send(next).is_err() || after.is_none() {
                return;
            }
        }
    };
    let (give, pages) = sync_channel(AHEAD);
    let open_all = move || {
        for page in stored {
            let opened = page.map_err(ViewsError::from).and_then(|page| open(&page, &*keys));
            let Some(opened) = opened.transpose() else { return };
            let failed = opened.is_err();
            if give.send(opened).is_err() || failed {
                return;
            }
        }
    };
    std::thread::Builder::new().name("reader".to_owned()).spawn(read_all)?;
    std::thread::Builder::new().name("opener".to_owned()).spawn(open_all)?;
    Ok(pages)
}

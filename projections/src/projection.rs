//! What every read model is.

use std::str::FromStr;

use beckon_events::envelope::Metadata;
use beckon_events::{RecordedEvent, Timestamp};
use serde::{Deserialize, Serialize};

/// A value folded from the log, in its order.
pub trait Projection: Default {
    /// Its name, as on the command line and in checkpoints.
    const NAME: &'static str;

    /// Grows with every change of what it holds: a snapshot of another version is built anew.
    const VERSION: u32;

    /// Folds one event in. A position at or before [`Projection::position`] changes nothing.
    fn apply(&mut self, event: &RecordedEvent);

    /// The last position that was folded in.
    fn position(&self) -> Option<u64>;

    /// The value right after `position`, from the log's beginning.
    fn as_of(log: &[RecordedEvent], position: u64) -> Self {
        replay(log.iter().take_while(|event| event.position() <= position))
    }

    /// The value at the moment `at`, from the log's beginning.
    fn as_of_time(log: &[RecordedEvent], at: Timestamp) -> Self {
        replay(log.iter().take_while(|event| event.metadata().at <= at))
    }
}

fn replay<'a, P: Projection>(events: impl Iterator<Item = &'a RecordedEvent>) -> P {
    events.fold(P::default(), |mut value, event| {
        value.apply(event);
        value
    })
}

/// As far as a projection has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Reached(Option<u64>);

impl Reached {
    /// Moves on to `event`; false where that has been reached before.
    pub(crate) fn advance(&mut self, event: &RecordedEvent) -> bool {
        let position = Some(event.position());
        let further = position > self.0;
        if further {
            self.0 = position;
        }
        further
    }

    pub(crate) fn position(self) -> Option<u64> {
        self.0
    }
}

/// The id in the name of an event's stream, `<category>-<id>`.
pub(crate) fn stream_id<T: FromStr>(metadata: &Metadata) -> Option<T> {
    metadata.stream.split_once('-')?.1.parse().ok()
}

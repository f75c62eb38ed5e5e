//! What a read model of many rows is.

use std::collections::BTreeMap;

use beckon_events::{RecordedEvent, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A read model of many rows, each the fold of the events that belong to it.
///
/// A row does not know how far it has read: whoever keeps rows keeps the position that they have
/// reached with them, in one transaction, and folds no position twice.
pub trait Rows {
    /// What tells one row from another.
    type Key: Ord + Clone;

    /// One row. Its serialised form is what is kept of it, and holds everything.
    type Row: Clone + Serialize + DeserializeOwned;

    /// Its name, as on the command line and in checkpoints.
    const NAME: &'static str;

    /// Grows with every change of what a row holds: rows of another version are built anew.
    const VERSION: u32;

    /// Which row an event changes; none where it changes none.
    fn key(event: &RecordedEvent) -> Option<Self::Key>;

    /// The row after `event`, whose key is the row's; none where there is still nothing to show.
    fn fold(row: Option<Self::Row>, event: &RecordedEvent) -> Option<Self::Row>;

    /// Folds one event into rows in memory. The events come in the order of the log, each once.
    fn apply(rows: &mut BTreeMap<Self::Key, Self::Row>, event: &RecordedEvent) {
        let Some(key) = Self::key(event) else { return };
        let row = rows.remove(&key);
        if let Some(row) = Self::fold(row, event) {
            rows.insert(key, row);
        }
    }

    /// The rows right after `position`, from the log's beginning.
    fn as_of(log: &[RecordedEvent], position: u64) -> BTreeMap<Self::Key, Self::Row> {
        replay::<Self>(log.iter().take_while(|event| event.position() <= position))
    }

    /// The rows at the moment `at`, from the log's beginning.
    fn as_of_time(log: &[RecordedEvent], at: Timestamp) -> BTreeMap<Self::Key, Self::Row> {
        replay::<Self>(log.iter().take_while(|event| event.metadata().at <= at))
    }
}

fn replay<'a, R: Rows + ?Sized>(
    events: impl Iterator<Item = &'a RecordedEvent>,
) -> BTreeMap<R::Key, R::Row> {
    events.fold(BTreeMap::new(), |mut rows, event| {
        R::apply(&mut rows, event);
        rows
    })
}

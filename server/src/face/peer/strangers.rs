//! What others keep in the same cluster.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use uuid::Uuid;

use crate::face::entry::Entry;

/// An event of a stream that no store of Beckon takes, such as `$stats-127.0.0.1:2113`.
#[derive(Clone, Debug, Default)]
pub struct Foreign {
    /// The name of its stream.
    pub stream: String,
    /// Its name.
    pub kind: String,
    /// Its metadata, of any form.
    pub metadata: Bytes,
    /// Its body, of any form.
    pub data: Bytes,
}

/// The events of others; clones share them.
#[derive(Clone, Default)]
pub(in crate::face) struct Strangers(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    // INVARIANT: in the order of their positions.
    events: Vec<Entry>,
    /// The names of events that were appended without an envelope of ours, by their ids.
    names: HashMap<Uuid, String>,
}

impl Strangers {
    /// Adds an event after position `after`.
    pub fn add(&self, after: u64, event: Foreign) {
        let mut known = self.known();
        let last = known.events.last().map_or(0, |event| event.position);
        let position = after.max(last) + 1;
        let version = known.events.iter().filter(|one| one.stream == event.stream).count();
        known.events.push(Entry {
            stream: event.stream,
            version: version as u64,
            position,
            id: Uuid::from_u64_pair(u64::MAX, position),
            kind: event.kind,
            created: position,
            metadata: event.metadata,
            data: event.data,
        });
    }

    /// Remembers what an event was called by whoever appended it.
    pub fn name(&self, id: Uuid, name: String) {
        self.known().names.insert(id, name);
    }

    /// The event with its name, where it has none of ours.
    pub fn named(&self, mut entry: Entry) -> Entry {
        if entry.kind.is_empty()
            && let Some(name) = self.known().names.get(&entry.id)
        {
            entry.kind.clone_from(name);
        }
        entry
    }

    /// A page after `after` with the events of others among it.
    pub fn among(&self, mut page: Vec<Entry>, after: Option<u64>, most: usize) -> Vec<Entry> {
        let end = if page.len() < most { None } else { page.last().map(|event| event.position) };
        let known = self.known();
        let here = known.events.iter().filter(|event| {
            after.is_none_or(|after| event.position > after)
                && end.is_none_or(|end| event.position < end)
        });
        page.extend(here.cloned());
        page.sort_by_key(|event| event.position);
        page
    }

    /// A page before `before`, backwards, with the events of others among it.
    pub fn among_back(&self, mut page: Vec<Entry>, before: Option<u64>, most: usize) -> Vec<Entry> {
        let end = if page.len() < most { None } else { page.last().map(|event| event.position) };
        let known = self.known();
        let here = known.events.iter().filter(|event| {
            before.is_none_or(|before| event.position < before)
                && end.is_none_or(|end| event.position > end)
        });
        page.extend(here.cloned());
        page.sort_by_key(|event| std::cmp::Reverse(event.position));
        page
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

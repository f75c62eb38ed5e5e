//! The store that forgets: a vector, for tests.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use super::verdict::{Verdict, judge};
use super::{
    Append, AppendError, Appended, Committed, EventReader, EventStore, Head, Position, ReadError,
    Readers, StoredEvent, StreamName,
};

/// A log that lives as long as the process.
#[derive(Debug, Default)]
pub struct MemoryStore {
    log: Log,
}

type Log = Arc<RwLock<Events>>;

#[derive(Debug, Default)]
struct Events {
    // INVARIANT: the event at index i has position i + 1.
    all: Vec<StoredEvent>,
    // INVARIANT: the value at index v is the index in `all` of the stream's event with version v.
    streams: BTreeMap<StreamName, Vec<usize>>,
}

/// Reads a [`MemoryStore`].
#[derive(Debug)]
struct MemoryReader(Log);

struct MemoryReaders(Log);

impl MemoryStore {
    /// An empty log.
    pub fn new() -> Self {
        Self::default()
    }
}

impl EventStore for MemoryStore {
    fn append(&mut self, batch: &[Append]) -> Committed {
        let mut log = self.log.write().unwrap_or_else(PoisonError::into_inner);
        let before = log.all.len();
        let answers = batch.iter().map(|append| log.append(append)).collect();
        let events = log.all.get(before..).unwrap_or_default().to_vec();
        Committed { answers, events }
    }

    fn readers(&self) -> Arc<dyn Readers> {
        Arc::new(MemoryReaders(self.log.clone()))
    }

    fn idle(&mut self) -> Result<(), AppendError> {
        Ok(())
    }
}

impl Events {
    fn append(&mut self, append: &Append) -> Result<Appended, AppendError> {
        append.check()?;
        let current = self.stream(&append.stream).last().map(|e| e.version);
        let ids = |from: u64, limit| {
            let skip = usize::try_from(from).unwrap_or(usize::MAX);
            Ok(self.stream(&append.stream).skip(skip).take(limit).map(|e| e.id).collect())
        };
        let Ok(verdict) = judge::<Infallible>(append, current, ids);
        let first = match verdict? {
            Verdict::New(first) => first,
            Verdict::Repeated(last) => {
                let skip = usize::try_from(last).unwrap_or(usize::MAX);
                let stored = self.stream(&append.stream).nth(skip);
                return stored.map(StoredEvent::appended).ok_or(AppendError::Conflict { current });
            }
        };
        let places = self.streams.entry(append.stream.clone()).or_default();
        for (version, event) in (first..).zip(&append.events) {
            places.push(self.all.len());
            self.all.push(StoredEvent {
                stream: append.stream.clone(),
                version,
                position: Position(self.all.len() as u64 + 1),
                id: event.id,
                metadata: event.metadata.clone(),
                data: event.data.clone(),
            });
        }
        self.all.last().map(StoredEvent::appended).ok_or(AppendError::Empty)
    }

    fn stream(&self, name: &StreamName) -> impl DoubleEndedIterator<Item = &StoredEvent> {
        let places = self.streams.get(name).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|place| self.all.get(*place))
    }
}

impl Readers for MemoryReaders {
    fn reader(&self) -> Result<Box<dyn EventReader>, ReadError> {
        Ok(Box::new(MemoryReader(self.0.clone())))
    }
}

impl MemoryReader {
    fn log(&self) -> RwLockReadGuard<'_, Events> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventReader for MemoryReader {
    fn read_stream(
        &self,
        stream: &StreamName,
        from: u64,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        let skip = usize::try_from(from).unwrap_or(usize::MAX);
        Ok(self.log().stream(stream).skip(skip).take(limit).cloned().collect())
    }

    fn read_all(
        &self,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        let skip = after.map_or(0, |p| usize::try_from(p.0).unwrap_or(usize::MAX));
        Ok(self.log().all.iter().skip(skip).take(limit).cloned().collect())
    }

    fn read_all_back(
        &self,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        let log = self.log();
        let later = |event: &&StoredEvent| before.is_some_and(|before| event.position >= before);
        Ok(log.all.iter().rev().skip_while(later).take(limit).cloned().collect())
    }

    fn head(&self, stream: &StreamName) -> Result<Option<Head>, ReadError> {
        Ok(self.log().stream(stream).next_back().map(StoredEvent::appended))
    }

    fn last_position(&self) -> Result<Option<Position>, ReadError> {
        Ok(self.log().all.last().map(|e| e.position))
    }

    fn streams(
        &self,
        kind: &str,
        after: Option<&StreamName>,
        limit: usize,
    ) -> Result<Vec<StreamName>, ReadError> {
        let log = self.log();
        let named = log.streams.keys().filter(|name| name.kind() == kind);
        let later = named.filter(|name| after.is_none_or(|after| *name > after));
        Ok(later.take(limit).cloned().collect())
    }
}

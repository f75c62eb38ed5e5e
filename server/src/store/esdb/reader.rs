//! Reads the log in a cluster: pages, never a subscription.

use std::cell::Cell;
use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::supervisor::Supervisor;
use super::trouble::Trouble;
use super::wire::{self, From, OwnLog};
use crate::clock::{Clock, SystemClock};
use crate::store::{EventReader, Head, Position, ReadError, Readers, StoredEvent, StreamName};

/// How many events are asked for at once.
const PAGE: usize = 500;
/// How long one that asks for streams may read the log.
const LIST_WITHIN: Duration = Duration::from_secs(10);

/// Gives out readers that share one connection.
#[derive(Clone)]
pub(super) struct EsdbReaders {
    pub(super) way: Arc<Supervisor>,
    pub(super) log: Arc<OwnLog>,
    /// The names of the streams of a kind that somebody asked for, as far as the log was read.
    kinds: Arc<Mutex<HashMap<String, Known>>>,
}

#[derive(Default)]
struct Known {
    names: BTreeSet<StreamName>,
    after: Option<Position>,
}

struct EsdbReader {
    readers: EsdbReaders,
    /// After an own event at the first position nothing but foreign ones stood up to the second.
    passed: Cell<Option<(Option<Position>, u64)>>,
}

impl EsdbReaders {
    pub(super) fn new(way: Arc<Supervisor>, log: Arc<OwnLog>) -> Self {
        Self { way, log, kinds: Arc::default() }
    }

    fn kinds(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.kinds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> EsdbReader {
        EsdbReader { readers: self.clone(), passed: Cell::new(None) }
    }
}

impl Readers for EsdbReaders {
    fn reader(&self) -> Result<Box<dyn EventReader>, ReadError> {
        Ok(Box::new(self.open()))
    }
}

fn unavailable(trouble: Trouble) -> ReadError {
    ReadError::Unavailable(trouble.to_string())
}

impl EsdbReader {
    /// A page of the cluster's events, this log's and others'.
    fn page(&self, from: From, count: usize) -> Result<Vec<eventstore::RecordedEvent>, Trouble> {
        self.readers.way.ask(|client, login| wire::read_all(client, login, from, count))
    }

    /// At most `limit` own events from `from` on, and the place of the last event that was seen.
    fn forwards(
        &self,
        mut from: From,
        after: Option<u64>,
        limit: usize,
    ) -> Result<(Vec<StoredEvent>, Option<u64>), Trouble> {
        let (mut found, mut seen) = (Vec::new(), None);
        // The event at the place where the page begins was there before.
        let mut count = limit.saturating_add(1).min(PAGE);
        while found.len() < limit {
            let page = self.page(from, count)?;
            let (full, last) = (page.len() == count, page.last().map(|e| e.position.commit));
            for event in page {
                let place = event.position.commit;
                let known = seen.max(after).is_some_and(|known| place <= known);
                if known || found.len() == limit {
                    continue;
                }
                found.extend(self.readers.log.own(event)?);
                seen = Some(place);
            }
            match last {
                Some(last) if full => (from, count) = (From::At(last), PAGE),
                _ => break,
            }
        }
        Ok((found, seen))
    }

    /// At most `limit` own events before `before`, the last one first.
    fn backwards(
        &self,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, Trouble> {
        let mut found = Vec::new();
        let mut from = before.map_or(From::End, |before| From::Before(before.to_bits()));
        let mut count = limit.saturating_add(1).min(PAGE);
        while found.len() < limit {
            let page = self.page(from, count)?;
            let full = page.len() == count;
            let begin = match from {
                From::Before(place) => Some(place),
                From::Start | From::At(_) | From::End => None,
            };
            for event in page {
                let place = event.position.commit;
                if begin.is_some_and(|begin| place >= begin) || found.len() == limit {
                    continue;
                }
                from = From::Before(place);
                found.extend(self.readers.log.own(event)?);
            }
            if !full {
                break;
            }
            count = PAGE;
        }
        Ok(found)
    }
}

impl EventReader for EsdbReader {
    fn read_stream(
        &self,
        stream: &StreamName,
        from: u64,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        let (mut found, mut from) = (Vec::new(), from);
        // A version beyond any is not sent: the server would take it for a sign of its own.
        while found.len() < limit && i64::try_from(from).is_ok() {
            let count = (limit - found.len()).min(PAGE);
            let page = self
                .readers
                .way
                .ask(|client, login| wire::read_stream(client, login, stream.clone(), from, count));
            let page = page.map_err(unavailable)?;
            let full = page.len() == count;
            from = page.last().map_or(from, |last| last.version.saturating_add(1));
            found.extend(page);
            if !full {
                break;
            }
        }
        Ok(found)
    }

    fn read_all(
        &self,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        let passed = self.passed.get().filter(|(own, _)| *own == after).map(|(_, seen)| seen);
        let begin = passed.or(after.map(Position::to_bits));
        let from = begin.map_or(From::Start, From::At);
        let (found, seen) = self.forwards(from, begin, limit).map_err(unavailable)?;
        if let Some(seen) = seen {
            let own = found.last().map_or(after, |event| Some(event.position));
            self.passed.set(Some((own, seen)));
        }
        Ok(found)
    }

    fn read_all_from(&self, first: Position, limit: usize) -> Result<Vec<StoredEvent>, ReadError> {
        let found = self.forwards(From::At(first.to_bits()), None, limit);
        found.map(|(found, _)| found).map_err(unavailable)
    }

    fn read_all_back(
        &self,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        self.backwards(before, limit).map_err(unavailable)
    }

    fn head(&self, stream: &StreamName) -> Result<Option<Head>, ReadError> {
        let ask = |client, login| wire::read_head(client, login, stream.clone());
        let head = self.readers.way.ask(ask).map_err(unavailable)?;
        Ok(head.as_ref().map(StoredEvent::appended))
    }

    fn last_position(&self) -> Result<Option<Position>, ReadError> {
        Ok(self.read_all_back(None, 1)?.first().map(|event| event.position))
    }

    /// Reads the log once, and then what was added to it, since a cluster lists no streams. What
    /// takes too long is gone on with by the next one that asks.
    fn streams(
        &self,
        kind: &str,
        after: Option<&StreamName>,
        limit: usize,
    ) -> Result<Vec<StreamName>, ReadError> {
        let clock = SystemClock::new();
        let end = clock.monotonic() + LIST_WITHIN;
        let mut read = self.readers.kinds().entry(kind.to_owned()).or_default().after;
        loop {
            // Nobody else waits while this one reads.
            let page = self.read_all(read, PAGE)?;
            let Some(last) = page.last() else { break };
            let begun = page.iter().filter(|event| event.version == 0);
            let names = begun.map(|event| &event.stream).filter(|name| name.kind() == kind);
            let mut kinds = self.readers.kinds();
            let known = kinds.entry(kind.to_owned()).or_default();
            known.names.extend(names.cloned());
            known.after = known.after.max(Some(last.position));
            read = known.after;
            drop(kinds);
            if clock.monotonic() >= end {
                let why = "its streams are still being listed".to_owned();
                return Err(ReadError::Unavailable(why));
            }
        }
        let kinds = self.readers.kinds();
        let Some(known) = kinds.get(kind) else { return Ok(Vec::new()) };
        let begin = after.map_or(Bound::Unbounded, Bound::Excluded);
        Ok(known
            .names
            .range::<StreamName, _>((begin, Bound::Unbounded))
            .take(limit)
            .cloned()
            .collect())
    }
}

//! The one way into the log.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use beckon_events::envelope::{Cause, EnvelopeError, Head, Sealed, Seals};
use beckon_events::{LogId, Subject, Timestamp};
use bytes::Bytes;

use crate::clock::{Clock, Random};
use crate::dispatch::{DispatchError, Source};
use crate::keyring::{FirstOfStream, Keyring};
use crate::metrics::Metrics;
use crate::store::writer::WriterHandle;
use crate::store::{
    Append, AppendError, Appended, Expected, NewEvent, Readers, StoredEvent, StreamName,
};

/// The log: appends go through one writer that commits in groups, reads through their own
/// connections. Cheap to clone.
#[derive(Clone)]
pub struct Journal {
    writer: WriterHandle,
    readers: Arc<dyn Readers>,
    clock: Arc<dyn Clock>,
    log: LogId,
    keys: Keyring,
    random: Random,
    /// The time of the last event that was handed to the writer. Building and queueing happen
    /// under this lock, so that the order of times is the order of the log.
    last: Arc<Mutex<Timestamp>>,
    metrics: Metrics,
}

impl Journal {
    /// The journal over a running writer; `last` is the time of the newest event in the log. What
    /// is personal is sealed with the keys, under nonces of the randomness.
    pub fn new(
        writer: WriterHandle,
        readers: Arc<dyn Readers>,
        clock: Arc<dyn Clock>,
        log: LogId,
        last: Timestamp,
        (keys, random): (Keyring, Random),
    ) -> Self {
        let (last, metrics) = (Arc::new(Mutex::new(last)), Metrics::default());
        Self { writer, readers, clock, log, keys, random, last, metrics }
    }

    /// The same, with what happens counted there.
    #[must_use]
    pub fn counted(self, metrics: Metrics) -> Self {
        Self { metrics, ..self }
    }

    /// Where events are counted.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// How many appends wait for the writer.
    pub fn waiting(&self) -> usize {
        self.writer.waiting()
    }

    /// Makes sure that each subject has a key, on disk and at hand, before anything is sealed
    /// with it.
    pub async fn keep_keys(
        &self,
        subjects: Vec<Subject>,
        first: FirstOfStream,
    ) -> Result<(), DispatchError> {
        if subjects.is_empty() {
            return Ok(());
        }
        let keys = self.keys.clone();
        match tokio::task::spawn_blocking(move || keys.ensure(&subjects, first)).await {
            Ok(kept) => kept.map_err(|error| DispatchError::Unavailable(error.to_string())),
            Err(_) => Err(DispatchError::Unavailable("the vault failed".to_owned())),
        }
    }

    /// Builds events on `head` and appends them; the answer comes when they are durable.
    pub async fn append<F>(
        &self,
        stream: StreamName,
        head: Head,
        source: Source,
        build: F,
    ) -> Result<Appended, AppendError>
    where
        F: FnOnce(&Cause, Seals<'_>) -> Result<Vec<Sealed>, EnvelopeError>,
    {
        let begun = self.metrics.now();
        let expected = match head.next.checked_sub(1) {
            Some(version) => Expected::Exact(version),
            None => Expected::NoStream,
        };
        let answer = {
            let mut last = self.last();
            let at = self.clock.now().max(*last);
            let cause = Cause {
                log: self.log,
                command: source.command,
                // The session, operator or account; what belongs to none belongs to the log.
                correlation: stream.uuid().unwrap_or(self.log.0),
                at,
                actor: source.actor,
            };
            // Under this lock nobody waits for the disk.
            let at_hand = self.keys.at_hand();
            let seals = Seals { keys: &at_hand, nonces: &self.random };
            let events = build(&cause, seals)
                .map_err(|error| match error {
                    EnvelopeError::NoKey(_) => AppendError::NotAtHand,
                    other => AppendError::Unavailable(other.to_string()),
                })?
                .into_iter()
                .map(|sealed| NewEvent {
                    id: sealed.id,
                    metadata: Bytes::from(sealed.metadata),
                    data: Bytes::from(sealed.data),
                })
                .collect();
            *last = at;
            self.writer.append(Append { stream, expected, events })
        };
        let ended = |_| Err(AppendError::Lost("the writer has ended".to_owned()));
        let answer = answer.await.unwrap_or_else(ended);
        self.metrics.appended(begun, answer.as_ref().err());
        answer
    }

    /// Every event of a stream, as stored.
    pub async fn read_stream(&self, stream: StreamName) -> Result<Vec<StoredEvent>, DispatchError> {
        let readers = Arc::clone(&self.readers);
        let read = move || {
            let reader = readers.reader()?;
            let mut events = Vec::new();
            loop {
                let from = events.len();
                let page = reader.read_stream(&stream, from as u64, 1_000)?;
                let last = page.len() < 1_000;
                events.extend(page);
                if last {
                    return Ok(events);
                }
            }
        };
        let joined = tokio::task::spawn_blocking(read).await;
        match joined {
            Ok(read) => read.map_err(|error: crate::store::ReadError| {
                DispatchError::Unavailable(error.to_string())
            }),
            Err(_) => Err(DispatchError::Unavailable("reading the log failed".to_owned())),
        }
    }

    /// Connections for readers.
    pub fn readers(&self) -> Arc<dyn Readers> {
        Arc::clone(&self.readers)
    }

    /// The time, as the log counts it.
    pub fn now(&self) -> Timestamp {
        self.clock.now().max(*self.last())
    }

    fn last(&self) -> MutexGuard<'_, Timestamp> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

use std::sync::mpsc;
use std::sync::{Arc, Mutex};

use beckon_events::EventId;
use bytes::Bytes;
use uuid::Uuid;

use super::*;
use crate::store::memory::MemoryStore;
use crate::store::{Expected, NewEvent, Position, Readers, StreamName};

fn append(stream: usize, expected: Expected) -> Append {
    let id =
        EventId(Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{stream} {expected:?}").as_bytes()));
    Append {
        stream: StreamName::node(&stream.to_string()).unwrap(),
        expected,
        events: vec![NewEvent { id, metadata: Bytes::new(), data: Bytes::new() }],
    }
}

/// A store that waits for a go before each commit and tells how large each batch was.
struct Slow {
    inner: MemoryStore,
    go: mpsc::Receiver<Result<(), AppendError>>,
    batches: Arc<Mutex<Vec<usize>>>,
}

impl EventStore for Slow {
    fn append(&mut self, batch: &[Append]) -> Committed {
        self.batches.lock().unwrap().push(batch.len());
        match self.go.recv().unwrap_or(Ok(())) {
            Ok(()) => self.inner.append(batch),
            Err(error) => Committed {
                answers: batch.iter().map(|_| Err(error.clone())).collect(),
                events: Vec::new(),
            },
        }
    }
    fn readers(&self) -> Arc<dyn Readers> {
        self.inner.readers()
    }
    fn idle(&mut self) -> Result<(), AppendError> {
        Ok(())
    }
}

#[test]
fn what_waits_becomes_one_commit_and_a_full_queue_is_busy_at_once() {
    let (go, gate) = mpsc::channel();
    let batches = Arc::new(Mutex::new(Vec::new()));
    let store = Slow { inner: MemoryStore::new(), go: gate, batches: batches.clone() };
    let published = Arc::new(Mutex::new(Vec::new()));
    let hear = published.clone();
    let publish = move |events: &[StoredEvent]| {
        hear.lock().unwrap().extend(events.iter().map(|e| e.position));
    };
    let (writer, ended) = spawn(Box::new(store), Box::new(publish)).unwrap();
    let first = writer.append(append(0, Expected::NoStream));
    while batches.lock().unwrap().is_empty() {
        thread::yield_now();
    }
    let waiting: Vec<_> =
        (1..=QUEUE_MAX).map(|n| writer.append(append(n, Expected::NoStream))).collect();
    let refused = writer.append(append(QUEUE_MAX + 1, Expected::NoStream));
    assert_eq!(refused.blocking_recv(), Ok(Err(AppendError::Busy)));
    drop(go);
    assert!(first.blocking_recv().unwrap().is_ok());
    assert!(waiting.into_iter().all(|answer| answer.blocking_recv().unwrap().is_ok()));
    drop(writer);
    assert_eq!(ended.blocking_recv(), Ok(Ended::Stopped));
    assert_eq!(*batches.lock().unwrap(), [1, 1_024, 1_024, 1_024, 1_024]);
    let in_order: Vec<_> = (1..=4_097).map(Position::from_bits).collect();
    assert_eq!(*published.lock().unwrap(), in_order);
}

#[test]
fn a_lost_store_answers_those_who_asked_and_ends_the_writer() {
    let (go, gate) = mpsc::channel();
    let store = Slow { inner: MemoryStore::new(), go: gate, batches: Arc::default() };
    let (writer, ended) = spawn(Box::new(store), Box::new(|_| {})).unwrap();
    let lost = AppendError::Lost("fsync failed".to_owned());
    go.send(Err(lost.clone())).unwrap();
    assert_eq!(writer.append(append(0, Expected::NoStream)).blocking_recv(), Ok(Err(lost)));
    assert_eq!(ended.blocking_recv(), Ok(Ended::Lost("fsync failed".to_owned())));
    let after = writer.append(append(1, Expected::NoStream)).blocking_recv().unwrap();
    assert!(matches!(after, Err(AppendError::Unavailable(_))), "{after:?}");
}

#[test]
fn a_repeated_append_is_answered_as_the_first_time_and_published_once() {
    let count = Arc::new(Mutex::new(0));
    let counted = count.clone();
    let publish = move |events: &[StoredEvent]| *counted.lock().unwrap() += events.len();
    let (writer, ended) = spawn(Box::new(MemoryStore::new()), Box::new(publish)).unwrap();
    let once = writer.append(append(0, Expected::NoStream)).blocking_recv().unwrap();
    let twice = writer.append(append(0, Expected::NoStream)).blocking_recv().unwrap();
    assert!(once.is_ok());
    assert_eq!(once, twice);
    drop(writer);
    assert_eq!(ended.blocking_recv(), Ok(Ended::Stopped));
    assert_eq!(*count.lock().unwrap(), 1);
}

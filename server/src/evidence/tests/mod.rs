//! A log, its files, and a sequencer that moves when it is told to.

mod checks;
mod paths;
mod power;
mod recorder;
mod service;
mod starts;
mod tiles;

use std::sync::Arc;
use std::time::Duration;

use beckon_events::{EventId, LogId, PublicKey, envelope};
use beckon_protocol::evidence::{Checkpoint, Frontier, SignedCheckpoint};
use bytes::Bytes;
use ring::signature::{Ed25519KeyPair, KeyPair};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::files::Files;
use super::sequencer::{Ask, Sequencer};
use super::shared::Shared;
use super::{Evidence, LogOf, LogSigner, Signed, StartError, prepare};
use crate::store::memory::MemoryStore;
use crate::store::{Append, EventStore, Expected, NewEvent, Readers, StreamName};

pub struct Key(Ed25519KeyPair);

impl Key {
    pub fn new(seed: u8) -> Arc<Self> {
        Arc::new(Self(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()))
    }
}

impl LogSigner for Key {
    fn public_key(&self) -> PublicKey {
        PublicKey(self.0.public_key().as_ref().try_into().unwrap())
    }

    fn sign(&self, checkpoint: &Checkpoint) -> SignedCheckpoint {
        checkpoint.sign(&self.0)
    }
}

pub const LOG: LogId = LogId(Uuid::from_u128(7));

/// The log of era 0.
pub fn of() -> LogOf {
    let host = "help.example.org".to_owned();
    LogOf { log: LOG, era: 0, restored: None, signed: false, host }
}

/// The metadata of the event at `index`.
pub fn metadata(index: u64) -> Bytes {
    Bytes::from(format!("{{\"event\":{index}}}"))
}

/// Appends events up to `to`, which all stand in one stream.
pub fn grow(store: &mut dyn EventStore, to: u64) {
    grow_with(store, to, metadata);
}

/// The same with other events.
pub fn grow_with(store: &mut dyn EventStore, to: u64, metadata: impl Fn(u64) -> Bytes) {
    let stream = StreamName::node("0").unwrap();
    let reader = store.readers().reader().unwrap();
    let mut next = reader.head(&stream).unwrap().map_or(0, |head| head.version + 1);
    while next < to {
        let end = to.min(next + 100);
        let event = |index: u64| NewEvent {
            id: EventId(Uuid::from_u128(u128::from(index))),
            metadata: metadata(index),
            data: Bytes::from_static(b"{}"),
        };
        let expected = next.checked_sub(1).map_or(Expected::NoStream, Expected::Exact);
        let events = (next..end).map(event).collect();
        let append = Append { stream: stream.clone(), expected, events };
        store.append(&[append]).answers.remove(0).unwrap();
        next = end;
    }
}

/// A log of so many events.
pub fn log(events: u64) -> MemoryStore {
    let mut store = MemoryStore::new();
    grow(&mut store, events);
    store
}

/// The tree over the first `size` events.
pub fn truth(size: u64) -> Frontier {
    let mut tree = Frontier::default();
    (0..size).for_each(|index| tree.push(envelope::leaf(&metadata(index))));
    tree
}

/// A sequencer without a thread, after its start.
pub struct Desk {
    pub shared: Arc<Shared>,
    pub sequencer: Sequencer,
    pub evidence: Evidence,
}

impl Desk {
    pub fn open(files: &Arc<dyn Files>, store: &dyn EventStore) -> Result<Self, StartError> {
        Self::of(files, store, of(), Key::new(1))
    }

    pub fn of(
        files: &Arc<dyn Files>,
        store: &dyn EventStore,
        of: LogOf,
        key: Arc<Key>,
    ) -> Result<Self, StartError> {
        let readers: Arc<dyn Readers> = store.readers();
        let (bell, _) = Evidence::bell();
        let every = Duration::from_hours(1);
        let work = (bell.clone(), every);
        let (shared, mut sequencer) = prepare(Arc::clone(files), of, &readers, key, work)?;
        sequencer.begin()?;
        let thread = Arc::default();
        let evidence = Evidence { shared: Arc::clone(&shared), bell, thread };
        Ok(Self { shared, sequencer, evidence })
    }

    /// Signs everything that the log has now.
    pub fn sign(&mut self, store: &dyn EventStore) -> Arc<Signed> {
        let last = store.readers().reader().unwrap().last_position().unwrap().unwrap();
        let (answer, mut answered) = oneshot::channel();
        self.sequencer.take(Ask::Cover(last, answer));
        self.sequencer.turn();
        answered.try_recv().unwrap().unwrap()
    }
}

/// Everything signed in era 0 is of the one true log, and in the order of its size.
pub fn checked_notes(files: &dyn Files) -> Vec<String> {
    let notes = super::checkpoints::Notes::of(files, 0).unwrap();
    let notes: Vec<String> = notes.collect::<Result<_, _>>().unwrap();
    let mut before = 0;
    for note in &notes {
        let SignedCheckpoint { checkpoint, .. } = SignedCheckpoint::parse(note).unwrap();
        assert!(checkpoint.size > before, "sizes grow");
        assert_eq!(checkpoint.root, truth(checkpoint.size).root(), "{}", checkpoint.size);
        before = checkpoint.size;
    }
    notes
}

//! A log that tests write, and what its read models must say.

mod keeping;
mod queries;
mod rebuilding;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use beckon_events::envelope::{self, Actor, Cause, Head, Seals};
use beckon_events::session::{AgentKeys, Device, EndReason, EndedBy, Event};
use beckon_events::{
    AccountId, CommandId, Digest, DomainEvent, Keys, KeysError, LogId, Nonces, OperatorId,
    PublicKey, RecordedEvent, SessionId, Subject, SubjectKey, Timestamp,
};
use beckon_projections::{AuditLog, Rows, SessionHistory, SessionRow, WorkReport};
use bytes::Bytes;
use uuid::Uuid;

use super::*;
use crate::store::memory::MemoryStore;
use crate::store::{
    Append, EventReader, EventStore, Expected, Head as StreamHead, NewEvent, StoredEvent,
    StreamName,
};

pub const ANA: OperatorId = OperatorId(Uuid::from_u128(0xA));
pub const BEN: OperatorId = OperatorId(Uuid::from_u128(0xB));

/// A log in memory, and what its readers do.
pub struct Log {
    store: Mutex<(MemoryStore, HashMap<String, Head>)>,
    pub keys: Arc<TestKeys>,
    pub readers: Arc<dyn Readers>,
    /// How many events were read.
    pub read: Arc<AtomicU64>,
    /// While it is not 0, reading fails after so many pages less one.
    pub fails: Arc<AtomicU64>,
    pub bell: Bell,
    ear: Mutex<Option<Ear>>,
    /// They keep the projectors awake for as long as the log is there.
    bells: Mutex<Vec<Bell>>,
}

#[derive(Default)]
pub struct TestKeys(Mutex<BTreeMap<Subject, SubjectKey>>, AtomicU64);

struct Counting(AtomicU64);

struct Watched {
    inner: Arc<dyn Readers>,
    read: Arc<AtomicU64>,
    fails: Arc<AtomicU64>,
}

struct WatchedReader {
    inner: Box<dyn EventReader>,
    read: Arc<AtomicU64>,
    fails: Arc<AtomicU64>,
}

impl Nonces for Counting {
    fn nonce(&self) -> [u8; 12] {
        let mut nonce = [0; 12];
        nonce[..8].copy_from_slice(&self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes());
        nonce
    }
}

impl Keys for TestKeys {
    fn key(&self, subject: Subject) -> Result<Option<SubjectKey>, KeysError> {
        Ok(self.0.lock().unwrap().get(&subject).cloned())
    }
}

impl OpeningKeys for TestKeys {
    fn epoch(&self) -> u64 {
        self.1.load(Ordering::SeqCst)
    }
}

impl TestKeys {
    pub fn erase(&self, subject: Subject) {
        assert!(self.0.lock().unwrap().remove(&subject).is_some());
        self.1.fetch_add(1, Ordering::SeqCst);
    }
}

impl Readers for Watched {
    fn reader(&self) -> Result<Box<dyn EventReader>, ReadError> {
        let (read, fails) = (self.read.clone(), self.fails.clone());
        Ok(Box::new(WatchedReader { inner: self.inner.reader()?, read, fails }))
    }
}

impl EventReader for WatchedReader {
    fn read_all(
        &self,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        match self.fails.load(Ordering::SeqCst) {
            0 => {}
            1 => return Err(ReadError::Unavailable("the cluster is gone".to_owned())),
            pages => self.fails.store(pages - 1, Ordering::SeqCst),
        }
        let events = self.inner.read_all(after, limit)?;
        self.read.fetch_add(events.len() as u64, Ordering::SeqCst);
        Ok(events)
    }

    fn read_all_back(
        &self,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        self.inner.read_all_back(before, limit)
    }

    fn read_stream(
        &self,
        stream: &StreamName,
        from: u64,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        self.inner.read_stream(stream, from, limit)
    }

    fn head(&self, stream: &StreamName) -> Result<Option<StreamHead>, ReadError> {
        self.inner.head(stream)
    }

    fn last_position(&self) -> Result<Option<Position>, ReadError> {
        self.inner.last_position()
    }

    fn streams(
        &self,
        kind: &str,
        after: Option<&StreamName>,
        limit: usize,
    ) -> Result<Vec<StreamName>, ReadError> {
        self.inner.streams(kind, after, limit)
    }
}

impl Log {
    pub fn new() -> Arc<Self> {
        let store = MemoryStore::new();
        let (read, fails) = (Arc::<AtomicU64>::default(), Arc::<AtomicU64>::default());
        let watched = Watched { inner: store.readers(), read: read.clone(), fails: fails.clone() };
        let (bell, ear) = Views::bell();
        Arc::new(Self {
            store: Mutex::new((store, HashMap::new())),
            keys: Arc::default(),
            readers: Arc::new(watched),
            read,
            fails,
            bell,
            ear: Mutex::new(Some(ear)),
            bells: Mutex::default(),
        })
    }

    /// The read models of this log, in this folder.
    pub fn views(&self, folder: &Path) -> Views {
        let ear = self.ear.lock().unwrap().take();
        // Whoever starts again has a bell of their own, which nobody rings.
        let (bell, ear) = ear.map_or_else(Views::bell, |ear| (self.bell.clone(), ear));
        self.bells.lock().unwrap().push(bell);
        let keys: Arc<dyn OpeningKeys> = self.keys.clone();
        Views::start(&self.readers, ear, keys, &folder.join("read.db")).unwrap()
    }

    /// Appends an event of the stream with this id, by this actor.
    pub fn add<E: DomainEvent>(&self, id: Uuid, at: i64, actor: Actor, event: E) -> Position {
        let stream = envelope::stream_name(E::CATEGORY, id);
        let events = [event];
        for subject in envelope::subjects(&stream, &events).unwrap() {
            let seed = Digest::of(subject.to_string().as_bytes()).0;
            self.keys.0.lock().unwrap().entry(subject).or_insert_with(|| SubjectKey::new(seed));
        }
        let mut guard = self.store.lock().unwrap();
        let (store, heads) = &mut *guard;
        let head = heads.get(&stream).copied().unwrap_or_default();
        let command = format!("{stream} {}", head.next);
        let cause = Cause {
            log: LogId(Uuid::from_u128(1)),
            command: CommandId::within(Uuid::from_u128(2), &command),
            correlation: id,
            at: Timestamp::from_micros(at),
            actor,
        };
        let seals = Seals { keys: &*self.keys, nonces: &Counting(AtomicU64::new(head.next)) };
        let built = envelope::build(&stream, head, &cause, &events, seals).unwrap().remove(0);
        let expected = head.next.checked_sub(1).map_or(Expected::NoStream, Expected::Exact);
        let stored = NewEvent {
            id: built.id,
            metadata: Bytes::from(built.metadata),
            data: Bytes::from(built.data),
        };
        heads.insert(stream.clone(), Head { next: head.next + 1, leaf: built.leaf });
        let append = Append { stream: stream.parse().unwrap(), expected, events: vec![stored] };
        let position = store.append(&[append]).answers[0].clone().unwrap().position;
        drop(guard);
        self.bell.ring();
        position
    }

    pub fn session(&self, n: u128, at: i64, event: Event) -> Position {
        self.add(session(n).0, at, Actor::SYSTEM, event)
    }

    /// The whole life of a session, one event a second.
    pub fn life(&self, n: u128, at: i64, operator: OperatorId, name: Option<&str>) {
        self.session(n, at, created(n, operator, name));
        self.session(n, at + 1, joined(n));
        self.add(session(n).0, at + 2, Actor::operator(operator), left(operator));
        self.session(n, at + 3, ended());
    }

    pub fn events(&self) -> Vec<RecordedEvent> {
        let stored = self.store.lock().unwrap().0.readers().reader().unwrap();
        let stored = stored.read_all(None, 1_000_000).unwrap();
        let read = |it: &StoredEvent| {
            envelope::read(&it.metadata, &it.data, it.position.to_bits(), &*self.keys).unwrap()
        };
        stored.iter().map(read).collect()
    }

    /// That read.db and memory hold what pure folds of this log say.
    pub fn check(&self, views: &Views) {
        let events = self.events();
        let last = events.last().unwrap().position();
        let rows: Vec<SessionRow> = SessionHistory::as_of(&events, last).into_values().collect();
        let work: Vec<_> = WorkReport::as_of(&events, last).into_values().collect();
        let mut audit: Vec<_> = AuditLog::as_of(&events, last).into_values().collect();
        audit.reverse();
        views
            .look_now(|tables| {
                for row in &rows {
                    assert_eq!(tables.session(row.id)?.as_ref(), Some(row));
                }
                let limit = 1_000_000;
                let all = tables.history(&HistoryQuery { limit, ..HistoryQuery::default() })?;
                assert_eq!(all.rows.len(), rows.len());
                let all = tables.audit(&AuditQuery { limit, ..AuditQuery::default() })?;
                assert_eq!(all.rows, audit);
                let to = Timestamp::from_micros(i64::MAX);
                let mut all = tables.work(&WorkQuery { to, ..WorkQuery::default() })?;
                all.sort_by_key(|row| row.session);
                assert_eq!(all, work);
                Ok(())
            })
            .unwrap();
        let mut memory = ReadModels::default();
        memory.apply(&events);
        views.read(|models| {
            assert_eq!(models.sessions, memory.sessions);
            assert_eq!(models.roster, memory.roster);
            assert_eq!(models.account, memory.account);
            assert_eq!(models.deadlines, memory.deadlines);
            assert_eq!(models.exports, memory.exports);
            assert_eq!(models.last_at, memory.last_at);
        });
    }

    /// Waits until all of the log is folded.
    pub fn wait(&self, views: &Views) {
        let last = self.readers.reader().unwrap().last_position().unwrap().unwrap().to_bits();
        soon("the log is folded", || views.position() >= last && views.failing().is_none());
    }
}

/// Waits until it is so.
pub fn soon(what: &str, is: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if is() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("not within 10 s: {what}");
}

pub fn session(n: u128) -> SessionId {
    SessionId(Uuid::from_u128(0x1000 + n))
}

pub fn created(n: u128, operator: OperatorId, name: Option<&str>) -> Event {
    Event::Created {
        session: session(n),
        account: AccountId(Uuid::from_u128(4)),
        operator,
        name: name.map(Into::into),
        note: None,
        code: Digest([1; 32]),
        token: Digest([2; 32]),
        expires: Timestamp::from_micros(1_000_000),
    }
}

pub fn joined(n: u128) -> Event {
    let device = Device {
        host: format!("DESK-{n}").into(),
        user: "ida".into(),
        system: "Debian 12".to_owned(),
        build: "1".to_owned(),
    };
    let agent = AgentKeys { x25519: PublicKey([3; 32]), ed25519: PublicKey([4; 32]) };
    let wait_until = Timestamp::from_micros(2_000_000);
    Event::Joined { agent, device, address: "192.0.2.7".into(), wait_until }
}

pub fn left(operator: OperatorId) -> Event {
    let why = beckon_events::session::LeftReason::Left;
    Event::OperatorLeft { operator, why, continue_until: Timestamp::from_micros(3_000_000) }
}

pub fn ended() -> Event {
    let (by, why) = (EndedBy::Portal, EndReason::Asked);
    Event::Ended { by, why, statement: None, suppressed: 0 }
}

//! Sessions that are recorded as fast as a store takes them: real events, sealed, chained.

use std::sync::Arc;

use beckon_audit::fabricate::{Recipe, Seed, Sink, make};
use beckon_events::envelope::{self, Actor, Cause, Head, Sealed, Seals};
use beckon_events::session::Event;
use beckon_events::{
    CommandId, DomainEvent, Keys, KeysError, LogId, Subject, SubjectKey, Timestamp,
};
use beckon_protocol::evidence::Tile;
use beckon_server::clock::Random;
use beckon_server::store::{Append, Expected, NewEvent, StreamName};
use bytes::Bytes;
use uuid::Uuid;

/// What happens in a usual session, as its decider decided it.
#[derive(Clone)]
pub struct Story(Arc<Vec<Event>>);

/// Somebody who records one session after the other, one event at a time.
pub struct Recorder {
    story: Story,
    key: OneKey,
    random: Random,
    session: Uuid,
    stream: StreamName,
    head: Head,
    next: Option<Head>,
}

/// The key of every subject: a seal costs the same whoever it is for.
struct OneKey(SubjectKey);

impl Story {
    /// About so many events, 14 to 880.
    pub fn of(events: u32) -> Self {
        let mut kept = Kept(Vec::new());
        make(&Recipe::large(1, events), &mut kept);
        // The keys of the same seed open what was sealed.
        let keys = Seed::new(Recipe::large(1, events).seed);
        let read = |sealed: &Sealed| {
            let metadata = envelope::metadata(&sealed.metadata).expect("metadata");
            metadata.stream.starts_with("session-").then(|| {
                let read = envelope::read_as::<Event>(&sealed.metadata, &sealed.data, 1, &keys);
                read.expect("an event of a session").event
            })
        };
        Self(Arc::new(kept.0.iter().filter_map(read).collect()))
    }

    /// How many events it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing happens.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Recorder {
    /// Somebody who begins a new session.
    pub fn new(story: &Story) -> Self {
        let random = Random::new();
        let session = random.uuid();
        Self::at(story, session, Head::default())
    }

    /// Somebody who goes on with a session.
    pub fn at(story: &Story, session: Uuid, head: Head) -> Self {
        Self {
            story: story.clone(),
            key: OneKey(SubjectKey::new([7; 32])),
            random: Random::new(),
            session,
            stream: stream(session),
            head,
            next: None,
        }
    }

    /// The next event, built on the one before it. What was built and not [`Recorder::stored`] is
    /// built again.
    pub fn build(&mut self, at: Timestamp) -> Append {
        let told = usize::try_from(self.head.next).expect("a short session");
        if told >= self.story.len() {
            let session = self.random.uuid();
            (self.session, self.stream, self.head) = (session, stream(session), Head::default());
        }
        let told = usize::try_from(self.head.next).expect("a short session");
        let cause = Cause {
            log: LogId(Uuid::from_u128(7)),
            command: CommandId(self.random.uuid()),
            correlation: self.session,
            at,
            actor: Actor::AGENT,
        };
        let seals = Seals { keys: &self.key, nonces: &self.random };
        let name = self.stream.as_str();
        let event = std::slice::from_ref(&self.story.0[told]);
        let built = envelope::build(name, self.head, &cause, event, seals).expect("it is built");
        let last = built.last().expect("an event");
        self.next = Some(Head { next: self.head.next + 1, leaf: last.leaf });
        let before = self.head.next.checked_sub(1);
        Append {
            stream: self.stream.clone(),
            expected: before.map_or(Expected::NoStream, Expected::Exact),
            events: built.into_iter().map(new_event).collect(),
        }
    }

    /// What was built last is durable.
    pub fn stored(&mut self) {
        self.head = self.next.take().unwrap_or(self.head);
    }

    /// Which session it is.
    pub fn session(&self) -> Uuid {
        self.session
    }
}

/// As it is handed to a store.
pub fn new_event(sealed: Sealed) -> NewEvent {
    NewEvent {
        id: sealed.id,
        metadata: Bytes::from(sealed.metadata),
        data: Bytes::from(sealed.data),
    }
}

/// The stream of a session.
pub fn stream(session: Uuid) -> StreamName {
    envelope::stream_name(Event::CATEGORY, session).parse().expect("a stream")
}

impl Keys for OneKey {
    fn key(&self, _: Subject) -> Result<Option<SubjectKey>, KeysError> {
        Ok(Some(self.0.clone()))
    }
}

struct Kept(Vec<Sealed>);

impl Sink for Kept {
    fn event(&mut self, event: &Sealed) {
        self.0.push(event.clone());
    }

    fn tile(&mut self, _: &Tile) {}

    fn checkpoint(&mut self, _: u32, _: &str) {}
}

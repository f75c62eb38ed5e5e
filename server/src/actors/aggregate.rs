//! One stream and its decider: load, decide, append, evolve.

use std::collections::HashMap;

use beckon_events::envelope::{self, Head};
use beckon_events::{Decider, Digest, DomainEvent, EventId, NoKeys, Subject};

use crate::actors::Journal;
use crate::dispatch::{DispatchError, Done, Source};
use crate::keyring::FirstOfStream;
use crate::store::{AppendError, Position, ReadError, StreamName};

/// How often a command is decided again after somebody else's append.
const TRIES: usize = 3;

/// The folded state of one stream, and its head.
///
/// INVARIANT: `state` and `head` belong to the same version of the stream.
pub struct Aggregate<D: Decider> {
    stream: StreamName,
    journal: Journal,
    state: D,
    head: Head,
    last: Option<Position>,
    /// What each command that is in the stream led to, by the id of its first event.
    done: HashMap<EventId, Position>,
    loaded: bool,
}

/// What a command led to.
pub struct Executed<E> {
    /// The answer to the caller.
    pub done: Done,
    /// What was recorded now; empty for a repeated command.
    pub events: Vec<E>,
}

/// Why a command was not carried out, with the rule itself.
pub enum ExecuteError<R> {
    /// A rule forbids it.
    Rejected(R),
    /// Something else went wrong.
    Dispatch(DispatchError),
}

impl<R> From<DispatchError> for ExecuteError<R> {
    fn from(error: DispatchError) -> Self {
        Self::Dispatch(error)
    }
}

impl<R: std::fmt::Display> From<ExecuteError<R>> for DispatchError {
    fn from(error: ExecuteError<R>) -> Self {
        match error {
            ExecuteError::Rejected(rejection) => Self::Rejected(rejection.to_string()),
            ExecuteError::Dispatch(error) => error,
        }
    }
}

impl<D> Aggregate<D>
where
    D: Decider + Clone,
    D::Command: Clone,
    D::Event: DomainEvent,
    D::Rejection: std::fmt::Display,
{
    /// The aggregate of `stream`; it is read from the log at the first command.
    pub fn new(stream: StreamName, journal: Journal) -> Self {
        Self {
            stream,
            journal,
            state: D::default(),
            head: Head::default(),
            last: None,
            done: HashMap::new(),
            loaded: false,
        }
    }

    /// The folded state.
    pub fn state(&self) -> &D {
        &self.state
    }

    /// Reads the stream where it has not been read yet.
    pub async fn load(&mut self) -> Result<(), DispatchError> {
        if self.loaded {
            return Ok(());
        }
        let stored = self.journal.read_stream(self.stream.clone()).await?;
        (self.state, self.head, self.last) = (D::default(), Head::default(), None);
        self.done.clear();
        for event in stored {
            let id = event.id;
            let leaf = envelope::leaf(&event.metadata);
            let read = envelope::read_as::<D::Event>(
                &event.metadata,
                &event.data,
                event.position.to_bits(),
                // No decision looks at a personal value.
                &NoKeys,
            )
            .map_err(|error| DispatchError::Unavailable(error.to_string()))?;
            let (at, body) = ((read.metadata.version, read.metadata.prev), read.metadata.body);
            if at != (self.head.next, self.head.leaf) || body != Digest::of(&event.data) {
                let which = format!("event {} of {}", event.version, self.stream);
                return Err(DispatchError::Unavailable(ReadError::Damaged(which).to_string()));
            }
            self.state = std::mem::take(&mut self.state).evolve(&read.event);
            self.head = Head { next: event.version + 1, leaf };
            self.last = Some(event.position);
            self.done.insert(id, event.position);
        }
        self.loaded = true;
        Ok(())
    }

    /// Carries out one command. Repeating a command repeats the answer and records nothing.
    pub async fn execute(
        &mut self,
        source: Source,
        command: D::Command,
    ) -> Result<Executed<D::Event>, ExecuteError<D::Rejection>> {
        for _ in 0..TRIES {
            self.load().await?;
            let first = source.command.event(0);
            if let Some(position) = self.done.get(&first) {
                let done = Done { position: Some(*position) };
                return Ok(Executed { done, events: Vec::new() });
            }
            let events = self.state.decide(command.clone()).map_err(ExecuteError::Rejected)?;
            if events.is_empty() {
                return Ok(Executed { done: Done { position: self.last }, events });
            }
            let (stream, head) = (self.stream.clone(), self.head);
            let name = stream.as_str().to_owned();
            let mut subjects = envelope::subjects(&name, &events)
                .map_err(|error| DispatchError::Unavailable(error.to_string()))?;
            let begins = if head.next == 0 { FirstOfStream::Yes } else { FirstOfStream::No };
            if begins == FirstOfStream::Yes {
                // Also where its first event says nothing personal yet.
                subjects.extend(Subject::of_stream(&name));
            }
            self.journal.keep_keys(subjects, begins).await?;
            // Whoever asked may go away while this waits: then it is read back.
            self.loaded = false;
            let appended = self
                .journal
                .append(stream, head, source, |cause, seals| {
                    envelope::build(&name, head, cause, &events, seals)
                })
                .await;
            match appended {
                Ok(appended) => {
                    self.loaded = true;
                    self.head = Head { next: appended.version + 1, leaf: appended.leaf };
                    self.last = Some(appended.position);
                    self.done.insert(first, appended.position);
                    for event in &events {
                        self.journal.metrics().recorded(D::Event::CATEGORY, event.name());
                        self.state = std::mem::take(&mut self.state).evolve(event);
                    }
                    return Ok(Executed { done: Done { position: self.last }, events });
                }
                // A key that went out of memory between the two is fetched again.
                Err(AppendError::Conflict { .. } | AppendError::NotAtHand) => {}
                // Whether it was recorded is not known: the next command reads it back.
                Err(error) => return Err(DispatchError::Unavailable(error.to_string()).into()),
            }
        }
        Err(DispatchError::Conflict.into())
    }
}

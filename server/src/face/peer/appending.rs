//! One append of a client, carried out on the store.

use bytes::Bytes;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::expectation::Expectation;
use crate::face::entry::label;
use crate::face::pages::Source;
use crate::face::proto;
use crate::store::writer::{Answer, WriterHandle};
use crate::store::{Append, AppendError, Appended, Expected, NewEvent, ReadError, StreamName};
use beckon_events::EventId;

/// The most bytes of one append, as in a cluster with its settings at their defaults.
pub(super) const APPEND_MAX: usize = 1 << 20;
/// How often an append that expects anything is tried against others.
const TRIES: usize = 8;

/// An append that a client asks for.
#[derive(Clone, Debug)]
pub(super) struct Appending {
    pub stream: StreamName,
    pub expected: Expectation,
    pub events: Vec<Proposed>,
}

/// An event that a client proposes.
#[derive(Clone, Debug)]
pub(super) struct Proposed {
    pub id: Uuid,
    pub kind: String,
    pub metadata: Bytes,
    pub data: Bytes,
}

/// What becomes of an append.
pub(super) enum Underway {
    /// The writer has it.
    Queued(oneshot::Receiver<Answer>),
    /// The stream must be looked at first.
    Undecided(Appending),
}

impl Proposed {
    /// Reads an id in either form; none where it is none.
    pub fn id(id: Option<proto::Uuid>) -> Option<Uuid> {
        match id?.value? {
            proto::uuid::Value::String(text) => Uuid::parse_str(&text).ok(),
            proto::uuid::Value::Structured(two) => Some(Uuid::from_u64_pair(
                two.most_significant_bits.cast_unsigned(),
                two.least_significant_bits.cast_unsigned(),
            )),
        }
    }
}

impl Appending {
    /// Whether it is larger than a cluster takes.
    pub fn is_too_large(&self) -> bool {
        let bytes = self.events.iter().map(|event| event.metadata.len() + event.data.len());
        bytes.sum::<usize>() > APPEND_MAX
    }

    /// Queues it at once where it says what the stream must look like, so that appends are
    /// stored in the order in which they came.
    pub fn begin(self, writer: &WriterHandle, source: &Source) -> Underway {
        for event in self.events.iter().filter(|event| label(&event.metadata).is_none()) {
            source.strangers.name(event.id, event.kind.clone());
        }
        let expected = match self.expected {
            Expectation::NoStream => Expected::NoStream,
            Expectation::Exact(version) => Expected::Exact(version),
            Expectation::Any | Expectation::StreamExists => return Underway::Undecided(self),
        };
        Underway::Queued(writer.append(self.on(expected)))
    }

    fn on(&self, expected: Expected) -> Append {
        let event = |event: &Proposed| NewEvent {
            id: EventId(event.id),
            metadata: event.metadata.clone(),
            data: event.data.clone(),
        };
        Append {
            stream: self.stream.clone(),
            expected,
            events: self.events.iter().map(event).collect(),
        }
    }

    /// Appends after whatever is there, unless its last events are these already.
    async fn whatever(self, writer: &WriterHandle, source: &Source) -> Answer {
        let mut conflict = AppendError::Conflict { current: None };
        for _ in 0..TRIES {
            let (last, repeated) = self.look(source).await.map_err(unavailable)?;
            if let Some(repeated) = repeated {
                return Ok(repeated);
            }
            if last.is_none() && self.expected == Expectation::StreamExists {
                return Err(AppendError::Conflict { current: None });
            }
            let expected = last.map_or(Expected::NoStream, Expected::Exact);
            match heard(writer.append(self.on(expected))).await {
                Err(error @ AppendError::Conflict { .. }) => conflict = error,
                answer => return answer,
            }
        }
        Err(conflict)
    }

    async fn look(&self, source: &Source) -> Result<(Option<u64>, Option<Appended>), ReadError> {
        let (readers, stream) = (source.readers(), self.stream.clone());
        let ids: Vec<_> = self.events.iter().map(|event| EventId(event.id)).collect();
        let look = move || {
            let reader = readers.reader()?;
            let Some(head) = reader.head(&stream)? else { return Ok((None, None)) };
            let count = ids.len() as u64;
            let from = (head.version + 1).saturating_sub(count);
            let tail = reader.read_stream(&stream, from, ids.len())?;
            let same = tail.iter().map(|event| event.id).eq(ids);
            Ok((Some(head.version), same.then_some(head)))
        };
        let gone = |_| ReadError::Unavailable("reading was broken off".to_owned());
        tokio::task::spawn_blocking(look).await.map_err(gone)?
    }
}

impl Underway {
    /// The answer of the store.
    pub async fn answer(self, writer: &WriterHandle, source: &Source) -> Answer {
        match self {
            Self::Queued(receiver) => heard(receiver).await,
            Self::Undecided(appending) => appending.whatever(writer, source).await,
        }
    }
}

async fn heard(receiver: oneshot::Receiver<Answer>) -> Answer {
    let gone = |_| AppendError::Unavailable("the writer is gone".to_owned());
    receiver.await.map_err(gone).and_then(|answer| answer)
}

fn unavailable(error: ReadError) -> AppendError {
    AppendError::Unavailable(error.to_string())
}

//! An event with what the log adds to it.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Subject;
use crate::envelope::Metadata;

/// The events of one kind of stream.
pub trait DomainEvent: Serialize + DeserializeOwned + Clone {
    /// The kind of stream these events stand in: the part of its name before the first hyphen.
    const CATEGORY: &'static str;

    /// Every name that [`DomainEvent::name`] can give.
    const NAMES: &'static [&'static str];

    /// The pinned name, as the envelope's `type`.
    fn name(&self) -> &'static str;

    /// The version of the fields of `name` that this build writes, as the envelope's `schema`.
    fn schema(_name: &str) -> u16 {
        1
    }

    /// One step up: the fields of `name` as schema `from` has them, in the shape of `from + 1`.
    /// `None` where there is no such step.
    fn upcast(_name: &str, _from: u16, _data: Value) -> Option<Value> {
        None
    }

    /// This event, as one of any stream.
    fn recorded(recorded: Recorded<Self>) -> RecordedEvent;

    /// Whom the personal value at `pointer` belongs to, where it is not the stream's own subject.
    fn subject(&self, _pointer: &str) -> Option<Subject> {
        None
    }
}

/// An event with its envelope and its position in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded<E> {
    /// What the log adds.
    pub metadata: Metadata,
    /// Grows along the log, with gaps; opaque otherwise.
    pub position: u64,
    /// What happened.
    pub event: E,
}

/// A recorded event of any stream.
#[derive(Clone, Debug, PartialEq)]
pub enum RecordedEvent {
    /// Of a session.
    Session(Recorded<crate::session::Event>),
    /// Of an operator.
    Operator(Recorded<crate::operator::Event>),
    /// Of the account.
    Account(Recorded<crate::account::Event>),
    /// Of a server.
    Node(Recorded<crate::node::Event>),
}

impl RecordedEvent {
    /// The envelope, whatever the stream.
    pub fn metadata(&self) -> &Metadata {
        match self {
            Self::Session(r) => &r.metadata,
            Self::Operator(r) => &r.metadata,
            Self::Account(r) => &r.metadata,
            Self::Node(r) => &r.metadata,
        }
    }

    /// Its position in the log.
    pub fn position(&self) -> u64 {
        match self {
            Self::Session(r) => r.position,
            Self::Operator(r) => r.position,
            Self::Account(r) => r.position,
            Self::Node(r) => r.position,
        }
    }
}

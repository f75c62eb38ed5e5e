//! The bytes of an event: built once, kept verbatim, chained by `prev`.
//!
//! ```text
//! body = SHA-256(data)
//! leaf = SHA-256(0x00 || metadata)     (the RFC 6962 leaf hash)
//! prev = leaf of the event before it in the same stream; zeros at version 0
//! ```

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{CommandId, Digest, DomainEvent, EventId, LogId, Recorded, RecordedEvent, Timestamp};

/// What this build writes: 0 until the format is frozen.
pub const VERSION: u8 = 0;
/// The longest `metadata`, in bytes.
pub const METADATA_MAX: usize = 8 * 1024;
/// The longest `data`, in bytes.
pub const DATA_MAX: usize = 64 * 1024;

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// In which role.
    pub kind: ActorKind,
    /// Who, where that has an id: an operator.
    pub id: Option<Uuid>,
}

/// The role somebody acts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ActorKind {
    /// A person with a sign-in.
    Operator,
    /// The end user, by a click in the agent.
    User,
    /// The agent, by itself.
    Agent,
    /// A rule of the server, by time.
    Policy,
    /// The server or its command line.
    System,
}

impl Actor {
    /// The end user.
    pub const USER: Self = Self { kind: ActorKind::User, id: None };
    /// The agent.
    pub const AGENT: Self = Self { kind: ActorKind::Agent, id: None };
    /// A policy.
    pub const POLICY: Self = Self { kind: ActorKind::Policy, id: None };
    /// The server.
    pub const SYSTEM: Self = Self { kind: ActorKind::System, id: None };

    /// This operator.
    pub fn operator(id: crate::OperatorId) -> Self {
        Self { kind: ActorKind::Operator, id: Some(id.0) }
    }
}

/// The envelope of an event, its keys in this order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// Version of the envelope.
    pub v: u8,
    /// The event's id.
    pub id: EventId,
    /// The log it was written for.
    pub log: LogId,
    /// The stream's name.
    pub stream: String,
    /// Its number within the stream, from 0.
    pub version: u64,
    /// The event's name.
    #[serde(rename = "type")]
    pub kind: String,
    /// The version of its fields.
    pub schema: u16,
    /// When; never goes backwards within the log.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// The command that led to it.
    #[serde(rename = "$causationId")]
    pub causation: CommandId,
    /// What it belongs to: the first command of the session, or the command itself.
    #[serde(rename = "$correlationId")]
    pub correlation: Uuid,
    /// SHA-256 of the data.
    pub body: Digest,
    /// The leaf of the event before it in the stream.
    pub prev: Digest,
    /// JSON pointers of the sealed fields.
    pub sealed: Vec<String>,
}

/// Where the next event of a stream goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Head {
    /// The version of the next event.
    pub next: u64,
    /// The leaf of the last one; zeros where there is none.
    pub leaf: Digest,
}

impl Default for Digest {
    fn default() -> Self {
        Self::ZERO
    }
}

/// What all events of one command share.
#[derive(Clone, Debug)]
pub struct Cause {
    /// The log.
    pub log: LogId,
    /// The command.
    pub command: CommandId,
    /// What it belongs to.
    pub correlation: Uuid,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
}

/// An event as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The event's id.
    pub id: EventId,
    /// The envelope's bytes, at most [`METADATA_MAX`].
    pub metadata: Vec<u8>,
    /// The event's bytes, at most [`DATA_MAX`].
    pub data: Vec<u8>,
    /// SHA-256(0x00 || metadata).
    pub leaf: Digest,
}

/// Why bytes are no event of this build.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// The event is too large to be stored.
    #[error("the event {0} is larger than 64 KiB")]
    TooLarge(&'static str),
    /// The bytes are not an envelope.
    #[error("the envelope cannot be read: {0}")]
    Metadata(serde_json::Error),
    /// Another version of the envelope.
    #[error("the envelope has version {0}, this program reads version {VERSION}")]
    Version(u8),
    /// An event that this program does not know.
    #[error("the event {kind} of the stream {stream} is unknown to this program")]
    Unknown {
        /// The event's name.
        kind: String,
        /// Its stream.
        stream: String,
    },
    /// The data is not what the name promises.
    #[error("the data of {kind} cannot be read: {error}")]
    Data {
        /// The event's name.
        kind: String,
        /// What is wrong with it.
        error: serde_json::Error,
    },
}

/// The name of a stream: `<category>-<id>`.
pub fn stream_name(category: &str, id: impl std::fmt::Display) -> String {
    format!("{category}-{id}")
}

/// SHA-256(0x00 || metadata), the leaf hash of RFC 6962.
pub fn leaf(metadata: &[u8]) -> Digest {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    context.update(&[0]);
    context.update(metadata);
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    Digest(out)
}

/// Builds the events of one command on the head of their stream, each on the one before it.
pub fn build<E: DomainEvent>(
    stream: &str,
    head: Head,
    cause: &Cause,
    events: &[E],
) -> Result<Vec<Sealed>, EnvelopeError> {
    let mut head = head;
    let mut built = Vec::with_capacity(events.len());
    for (index, event) in events.iter().enumerate() {
        let data = body(event)?;
        let id = cause.command.event(u32::try_from(index).unwrap_or(u32::MAX));
        let metadata = serde_json::to_vec(&Metadata {
            v: VERSION,
            id,
            log: cause.log,
            stream: stream.to_owned(),
            version: head.next,
            kind: event.name().to_owned(),
            schema: event.schema(),
            at: cause.at,
            actor: cause.actor,
            causation: cause.command,
            correlation: cause.correlation,
            body: Digest::of(&data),
            prev: head.leaf,
            sealed: Vec::new(),
        })
        .map_err(EnvelopeError::Metadata)?;
        if data.len() > DATA_MAX || metadata.len() > METADATA_MAX {
            return Err(EnvelopeError::TooLarge(event.name()));
        }
        let leaf = leaf(&metadata);
        head = Head { next: head.next + 1, leaf };
        built.push(Sealed { id, metadata, data, leaf });
    }
    Ok(built)
}

/// Reads a stored event of any stream.
pub fn read(metadata: &[u8], data: &[u8], position: u64) -> Result<RecordedEvent, EnvelopeError> {
    let metadata: Metadata = serde_json::from_slice(metadata).map_err(EnvelopeError::Metadata)?;
    if metadata.v != VERSION {
        return Err(EnvelopeError::Version(metadata.v));
    }
    let category = metadata.stream.split('-').next().unwrap_or_default().to_owned();
    match category.as_str() {
        crate::session::Event::CATEGORY => {
            event(metadata, data, position).map(RecordedEvent::Session)
        }
        crate::operator::Event::CATEGORY => {
            event(metadata, data, position).map(RecordedEvent::Operator)
        }
        crate::account::Event::CATEGORY => {
            event(metadata, data, position).map(RecordedEvent::Account)
        }
        crate::node::Event::CATEGORY => event(metadata, data, position).map(RecordedEvent::Node),
        _ => Err(EnvelopeError::Unknown { kind: metadata.kind, stream: metadata.stream }),
    }
}

/// The JSON body of an event, without its name: the envelope carries that.
///
/// Cut out of the text, since the order of keys in a parsed value depends on a feature of
/// `serde_json` that any other crate of a build can switch on.
fn body<E: DomainEvent>(event: &E) -> Result<Vec<u8>, EnvelopeError> {
    let error = |error| EnvelopeError::Data { kind: event.name().to_owned(), error };
    let tagged = serde_json::to_string(event).map_err(error)?;
    let start = format!("{{\"{}\":", event.name());
    let inner = tagged.strip_prefix(&start).and_then(|rest| rest.strip_suffix('}'));
    let misnamed = || error(serde::ser::Error::custom("it is serialised under another name"));
    Ok(inner.ok_or_else(misnamed)?.as_bytes().to_vec())
}

/// Reads a stored event of a stream whose kind is known.
pub fn read_as<E: DomainEvent>(
    metadata: &[u8],
    data: &[u8],
    position: u64,
) -> Result<Recorded<E>, EnvelopeError> {
    let metadata: Metadata = serde_json::from_slice(metadata).map_err(EnvelopeError::Metadata)?;
    if metadata.v != VERSION {
        return Err(EnvelopeError::Version(metadata.v));
    }
    event(metadata, data, position)
}

fn event<E: DomainEvent>(
    metadata: Metadata,
    data: &[u8],
    position: u64,
) -> Result<Recorded<E>, EnvelopeError> {
    if !E::NAMES.contains(&metadata.kind.as_str()) {
        return Err(EnvelopeError::Unknown { kind: metadata.kind, stream: metadata.stream });
    }
    let error = |error| EnvelopeError::Data { kind: metadata.kind.clone(), error };
    let data: serde_json::Value = serde_json::from_slice(data).map_err(error)?;
    let tagged = serde_json::Map::from_iter([(metadata.kind.clone(), data)]);
    let event = serde_json::from_value(tagged.into()).map_err(error)?;
    Ok(Recorded { metadata, position, event })
}

//! The bytes of an event: built once, kept verbatim, chained by `prev`.
//!
//! ```text
//! body = SHA-256(data)
//! leaf = SHA-256(0x00 || metadata)     (the RFC 6962 leaf hash)
//! prev = leaf of the event before it in the same stream; zeros at version 0
//! ```

mod error;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

pub use self::error::EnvelopeError;
use crate::sealing::{self, Nonces, Place};
use crate::{
    CommandId, Digest, DomainEvent, EventId, Keys, LogId, Recorded, RecordedEvent, Subject,
    Timestamp,
};

/// The version of the envelope. Version 0 was written by development builds.
pub const VERSION: u8 = 1;
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
#[serde(deny_unknown_fields)]
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
    /// When; never goes backwards within its stream, nor by more than a minute within the log.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// The command that led to it.
    #[serde(rename = "$causationId")]
    pub causation: CommandId,
    /// The session, operator or account that it belongs to.
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

/// What seals personal values: the keys of their subjects, and randomness.
#[derive(Clone, Copy)]
pub struct Seals<'a> {
    /// Where keys are found. Every subject of the events must have one.
    pub keys: &'a dyn Keys,
    /// Where nonces come from.
    pub nonces: &'a dyn Nonces,
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

/// Whose values stand in these events: they need keys before [`build`].
pub fn subjects<E: DomainEvent>(stream: &str, events: &[E]) -> Result<Vec<Subject>, EnvelopeError> {
    let mut found = Vec::new();
    for event in events {
        let personal = personal(stream, event, &body(event)?)?;
        found.extend(personal.into_iter().map(|(_, subject)| subject));
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Builds the events of one command on the head of their stream, each on the one before it.
pub fn build<E: DomainEvent>(
    stream: &str,
    head: Head,
    cause: &Cause,
    events: &[E],
    seals: Seals<'_>,
) -> Result<Vec<Sealed>, EnvelopeError> {
    let mut head = head;
    let mut built = Vec::with_capacity(events.len());
    for (index, event) in events.iter().enumerate() {
        let mut value = body(event)?;
        let personal = personal(stream, event, &value)?;
        let place = Place { stream, version: head.next };
        sealing::seal(&mut value, &personal, place, seals.keys, seals.nonces)?;
        let mut data = Vec::new();
        sealing::write(&value, &mut data);
        let id = cause.command.event(u32::try_from(index).unwrap_or(u32::MAX));
        let metadata = serde_json::to_vec(&Metadata {
            v: VERSION,
            id,
            log: cause.log,
            stream: stream.to_owned(),
            version: head.next,
            kind: event.name().to_owned(),
            schema: E::schema(event.name()),
            at: cause.at,
            actor: cause.actor,
            causation: cause.command,
            correlation: cause.correlation,
            body: Digest::of(&data),
            prev: head.leaf,
            sealed: personal.into_iter().map(|(pointer, _)| pointer).collect(),
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

/// Reads an envelope of this version; any other is refused by name.
pub fn metadata(bytes: &[u8]) -> Result<Metadata, EnvelopeError> {
    #[derive(Deserialize)]
    struct Versioned {
        v: u64,
    }
    match serde_json::from_slice::<Metadata>(bytes) {
        Ok(metadata) if metadata.v == VERSION => Ok(metadata),
        read => match (serde_json::from_slice(bytes), read) {
            (Ok(Versioned { v: 0 }), _) => Err(EnvelopeError::Unfrozen),
            (Ok(Versioned { v }), _) if v != u64::from(VERSION) => Err(EnvelopeError::Version(v)),
            (_, Err(error)) | (Err(error), Ok(_)) => Err(EnvelopeError::Metadata(error)),
            (Ok(Versioned { v }), Ok(_)) => Err(EnvelopeError::Version(v)),
        },
    }
}

/// Reads a stored event of any stream; what `keys` cannot open reads as erased.
pub fn read(
    metadata: &[u8],
    data: &[u8],
    position: u64,
    keys: &dyn Keys,
) -> Result<RecordedEvent, EnvelopeError> {
    let metadata = self::metadata(metadata)?;
    let category = metadata.stream.split('-').next().unwrap_or_default().to_owned();
    match category.as_str() {
        crate::session::Event::CATEGORY => {
            event(metadata, data, position, keys).map(crate::session::Event::recorded)
        }
        crate::operator::Event::CATEGORY => {
            event(metadata, data, position, keys).map(crate::operator::Event::recorded)
        }
        crate::account::Event::CATEGORY => {
            event(metadata, data, position, keys).map(crate::account::Event::recorded)
        }
        crate::node::Event::CATEGORY => {
            event(metadata, data, position, keys).map(crate::node::Event::recorded)
        }
        _ => Err(EnvelopeError::Unknown { kind: metadata.kind, stream: metadata.stream }),
    }
}

/// Reads a stored event of a stream whose kind is known; what `keys` cannot open reads as erased.
pub fn read_as<E: DomainEvent>(
    metadata: &[u8],
    data: &[u8],
    position: u64,
    keys: &dyn Keys,
) -> Result<Recorded<E>, EnvelopeError> {
    event(self::metadata(metadata)?, data, position, keys)
}

/// The JSON body of an event, without its name: the envelope carries that.
fn body<E: DomainEvent>(event: &E) -> Result<Value, EnvelopeError> {
    let error = |error| EnvelopeError::Data { kind: event.name().to_owned(), error };
    let mut tagged = serde_json::to_value(event).map_err(error)?;
    let inner = tagged.as_object_mut().and_then(|object| object.remove(event.name()));
    let misnamed = || error(serde::ser::Error::custom("it is serialised under another name"));
    inner.ok_or_else(misnamed)
}

fn personal<E: DomainEvent>(
    stream: &str,
    event: &E,
    data: &Value,
) -> Result<Vec<(String, Subject)>, EnvelopeError> {
    let mut found = Vec::new();
    for pointer in sealing::personal(data) {
        let subject = event.subject(&pointer).or_else(|| Subject::of_stream(stream));
        let subject = subject.ok_or_else(|| EnvelopeError::NoSubject(pointer.clone()))?;
        found.push((pointer, subject));
    }
    Ok(found)
}

fn event<E: DomainEvent>(
    metadata: Metadata,
    data: &[u8],
    position: u64,
    keys: &dyn Keys,
) -> Result<Recorded<E>, EnvelopeError> {
    if !E::NAMES.contains(&metadata.kind.as_str()) {
        return Err(EnvelopeError::Unknown { kind: metadata.kind, stream: metadata.stream });
    }
    if metadata.sealed.is_empty()
        && metadata.schema == E::schema(&metadata.kind)
        && let Some(event) = plain(&metadata.kind, data)
    {
        return Ok(Recorded { metadata, position, event });
    }
    let error = |error| EnvelopeError::Data { kind: metadata.kind.clone(), error };
    let mut value: Value = serde_json::from_slice(data).map_err(error)?;
    let place = Place { stream: &metadata.stream, version: metadata.version };
    sealing::open(&mut value, &metadata.sealed, place, keys)?;
    for schema in metadata.schema..E::schema(&metadata.kind) {
        value = E::upcast(&metadata.kind, schema, value).ok_or_else(|| EnvelopeError::Schema {
            kind: metadata.kind.clone(),
            schema: metadata.schema,
        })?;
    }
    if metadata.schema > E::schema(&metadata.kind) || metadata.schema == 0 {
        let (kind, schema) = (metadata.kind, metadata.schema);
        return Err(EnvelopeError::Schema { kind, schema });
    }
    let tagged = serde_json::Map::from_iter([(metadata.kind.clone(), value)]);
    let event = serde_json::from_value(tagged.into()).map_err(error)?;
    Ok(Recorded { metadata, position, event })
}

/// An event with nothing to open and nothing to lift, read without a tree of values in between;
/// none where anything is unusual.
fn plain<E: DomainEvent>(kind: &str, data: &[u8]) -> Option<E> {
    let mut tagged = Vec::with_capacity(data.len() + kind.len() + 5);
    for part in [b"{\"", kind.as_bytes(), b"\":", data, b"}"] {
        tagged.extend_from_slice(part);
    }
    serde_json::from_slice(&tagged).ok()
}

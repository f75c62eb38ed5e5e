//! An event as the protocol shows it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use beckon_events::Timestamp;
use bytes::Bytes;
use serde::Deserialize;
use uuid::Uuid;

use super::proto;
use super::streams_proto::read_resp::read_event::{Position, RecordedEvent};
use super::streams_proto::read_resp::{Content, ReadEvent};
use crate::store::StoredEvent;

/// An event on its way to a reader, its bytes as they are stored.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    /// The name of its stream.
    pub stream: String,
    /// Its number within the stream, from 0.
    pub version: u64,
    /// Its place in the log, as readers see it.
    pub position: u64,
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub kind: String,
    /// When it was recorded, in 100 ns since 1970.
    pub created: u64,
    /// The envelope.
    pub metadata: Bytes,
    /// The body.
    pub data: Bytes,
}

/// How a reader wants ids to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ids {
    /// As two numbers.
    Structured,
    /// As text.
    Text,
}

/// What stands about an event in its envelope.
#[derive(Deserialize)]
struct Label<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    at: Timestamp,
}

/// What an event is called in its envelope, and when it was recorded; none where it has no
/// envelope of ours.
pub(super) fn label(metadata: &[u8]) -> Option<(String, u64)> {
    let label = serde_json::from_slice::<Label<'_>>(metadata).ok()?;
    Some((label.kind.into_owned(), ticks(label.at)))
}

impl Entry {
    /// A stored event at `position`. An event without an envelope of ours has no name.
    pub fn of(event: StoredEvent, position: u64) -> Self {
        let (kind, created) = label(&event.metadata).unwrap_or_default();
        Self {
            stream: event.stream.as_str().to_owned(),
            version: event.version,
            position,
            id: event.id.0,
            kind,
            created,
            metadata: event.metadata,
            data: event.data,
        }
    }

    /// The message that carries it.
    pub fn into_message(self, ids: Ids) -> Content {
        let metadata = BTreeMap::from([
            ("type".to_owned(), self.kind),
            ("content-type".to_owned(), "application/json".to_owned()),
            ("created".to_owned(), self.created.to_string()),
        ]);
        let event = RecordedEvent {
            id: Some(ids.write(self.id)),
            stream_identifier: Some(proto::StreamIdentifier { stream_name: self.stream.into() }),
            stream_revision: self.version,
            prepare_position: self.position,
            commit_position: self.position,
            metadata,
            custom_metadata: self.metadata,
            data: self.data,
        };
        let position = Some(Position::CommitPosition(self.position));
        Content::Event(ReadEvent { event: Some(event), link: None, position })
    }
}

/// A moment in the protocol's unit, 100 ns since 1970.
pub(super) fn ticks(at: Timestamp) -> u64 {
    u64::try_from(at.micros()).unwrap_or(0).saturating_mul(10)
}

impl Ids {
    /// An id as a message.
    pub fn write(self, id: Uuid) -> proto::Uuid {
        let value = match self {
            Self::Text => proto::uuid::Value::String(id.to_string()),
            Self::Structured => {
                let (most, least) = id.as_u64_pair();
                proto::uuid::Value::Structured(proto::uuid::Structured {
                    most_significant_bits: most.cast_signed(),
                    least_significant_bits: least.cast_signed(),
                })
            }
        };
        proto::Uuid { value: Some(value) }
    }
}

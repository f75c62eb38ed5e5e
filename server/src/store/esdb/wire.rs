//! Events on their way into the cluster and back: the bytes are never changed.

use std::sync::OnceLock;

use beckon_events::envelope;
use beckon_events::{DomainEvent, EventId, LogId, account, node, operator, session};
use eventstore::{Client, Credentials, EventData, Position as Place, RecordedEvent};
use eventstore::{ReadAllOptions, ReadStreamOptions, StreamPosition};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::trouble::Trouble;
use crate::store::{NewEvent, Position, StoredEvent, StreamName};

/// What an event is called that does not say it.
const NAMELESS: &str = "event";
/// The log's id stands within the first bytes of an envelope.
const LOG_WITHIN: usize = 200;

/// Which of the cluster's events are those of this log.
#[derive(Debug, Default)]
pub(super) struct OwnLog(OnceLock<Box<[u8]>>);

/// From where `$all` is read.
#[derive(Clone, Copy, Debug)]
pub(super) enum From {
    /// Forwards from the beginning.
    Start,
    /// Forwards from this position on, the event there included.
    At(u64),
    /// Backwards from the end.
    End,
    /// Backwards from before this position.
    Before(u64),
}

#[derive(Deserialize)]
struct Kind<'a> {
    #[serde(rename = "type", borrow)]
    kind: std::borrow::Cow<'a, str>,
}

impl OwnLog {
    /// Learns the log's id from an event of its node.
    pub(super) fn learn(&self, event: &StoredEvent) {
        if event.stream.kind() == node::Event::CATEGORY
            && let Ok(metadata) = envelope::metadata(&event.metadata)
        {
            let LogId(id) = metadata.log;
            let _ = self.0.set(format!("\"log\":\"{id}\"").into_bytes().into());
        }
    }

    /// Whether an event belongs to this log: its stream is of one of the four kinds and its
    /// envelope names this log. Before the log's first event nothing can be told apart.
    fn holds(&self, stream: &StreamName, metadata: &[u8]) -> bool {
        let ours = [
            session::Event::CATEGORY,
            operator::Event::CATEGORY,
            account::Event::CATEGORY,
            node::Event::CATEGORY,
        ];
        let Some(log) = self.0.get() else { return ours.contains(&stream.kind()) };
        let begin = metadata.get(..LOG_WITHIN).unwrap_or(metadata);
        ours.contains(&stream.kind()) && begin.windows(log.len()).any(|part| part == &**log)
    }

    /// The event, where it is one of this log.
    pub(super) fn own(&self, event: RecordedEvent) -> Result<Option<StoredEvent>, Trouble> {
        let Ok(stream) = event.stream_id.parse::<StreamName>() else { return Ok(None) };
        if self.holds(&stream, &event.custom_metadata) { stored(event).map(Some) } else { Ok(None) }
    }
}

/// An event as the client takes it.
pub(super) fn outgoing(event: &NewEvent) -> EventData {
    let kind = serde_json::from_slice::<Kind>(&event.metadata);
    let kind = kind.as_ref().map_or(NAMELESS, |named| &named.kind);
    let json = std::str::from_utf8(&event.data).ok().and_then(|text| {
        let raw: &RawValue = serde_json::from_str(text).ok()?;
        // White space around it would be lost.
        let whole = raw.get().len() == text.len();
        whole.then(|| EventData::json(kind, &raw).ok()).flatten()
    });
    let data = json.unwrap_or_else(|| EventData::binary(kind, event.data.clone()));
    data.id(event.id.0).metadata(event.metadata.clone())
}

/// An event as the client gives it.
pub(super) fn stored(event: RecordedEvent) -> Result<StoredEvent, Trouble> {
    let Place { commit, prepare } = event.position;
    // Older servers do not say where an event of a stream stands; one that was written in a
    // transaction of the old protocol has two positions, and none of ours is.
    if commit != prepare || i64::try_from(commit).is_err() {
        return Err(Trouble::TooOld);
    }
    let stream = event.stream_id.parse().map_err(|_| Trouble::Deleted)?;
    Ok(StoredEvent {
        stream,
        version: event.revision,
        position: Position::from_bits(commit),
        id: EventId(event.id),
        metadata: event.custom_metadata,
        data: event.data,
    })
}

/// At most `count` events of a stream from version `from` on; none of an unknown stream.
pub(super) async fn read_stream(
    client: Client,
    credentials: Option<Credentials>,
    stream: StreamName,
    from: u64,
    count: usize,
) -> Result<Vec<StoredEvent>, Trouble> {
    let options = ReadStreamOptions::default().position(StreamPosition::Position(from));
    stream_events(client, credentials, stream, options.forwards(), count).await
}

/// The last event of a stream.
pub(super) async fn read_head(
    client: Client,
    credentials: Option<Credentials>,
    stream: StreamName,
) -> Result<Option<StoredEvent>, Trouble> {
    let options = ReadStreamOptions::default().position(StreamPosition::End).backwards();
    Ok(stream_events(client, credentials, stream, options, 1).await?.pop())
}

async fn stream_events(
    client: Client,
    credentials: Option<Credentials>,
    stream: StreamName,
    options: ReadStreamOptions,
    count: usize,
) -> Result<Vec<StoredEvent>, Trouble> {
    let mut options = options.max_count(count).requires_leader(true);
    if let Some(credentials) = credentials {
        options = options.authenticated(credentials);
    }
    let mut found = Vec::new();
    let mut read = client.read_stream(stream.as_str(), &options).await.map_err(Trouble::of)?;
    loop {
        match read.next().await {
            Ok(Some(event)) => found.extend(event.event.map(stored).transpose()?),
            Ok(None) | Err(eventstore::Error::ResourceNotFound) => return Ok(found),
            Err(error) => return Err(Trouble::of(error)),
        }
    }
}

/// At most `count` events of the cluster, of this log or not.
pub(super) async fn read_all(
    client: Client,
    credentials: Option<Credentials>,
    from: From,
    count: usize,
) -> Result<Vec<RecordedEvent>, Trouble> {
    let at = |place| StreamPosition::Position(Place { commit: place, prepare: place });
    let options = ReadAllOptions::default();
    let options = match from {
        From::Start => options.position(StreamPosition::Start).forwards(),
        From::At(place) => options.position(at(place)).forwards(),
        From::End => options.position(StreamPosition::End).backwards(),
        From::Before(place) => options.position(at(place)).backwards(),
    };
    let mut options = options.max_count(count).requires_leader(true);
    if let Some(credentials) = credentials {
        options = options.authenticated(credentials);
    }
    let mut found = Vec::new();
    let mut read = client.read_all(&options).await.map_err(Trouble::of)?;
    while let Some(event) = read.next().await.map_err(Trouble::of)? {
        found.extend(event.event);
    }
    Ok(found)
}

//! What can be told of an event by itself, in any thread and in any order.

use std::time::Duration;

use beckon_events::{Digest, Subject, Timestamp, envelope};
use serde::Deserialize;
use uuid::Uuid;

use super::happened::{Fields, Happened};
use super::metadata::{self, Envelope};
use super::said::{self, Said};
use super::sealed;
use crate::clock::Stopwatch;
use crate::export::strict::{self, Style};
use crate::export::{Batch, Subjects, line};
use crate::text;
use crate::verdict::{Check, Place, Wrong};

/// What every event is measured against.
#[derive(Debug)]
pub struct Ground {
    /// The log.
    pub log: Uuid,
    /// The only session, where the export is of one.
    pub session: Option<Uuid>,
    /// The keys of personal values.
    pub subjects: Subjects,
}

/// An event, with everything that was found in it alone.
#[derive(Debug)]
pub struct Prepared {
    /// Its place in the log.
    pub index: u64,
    /// Its inclusion proof, where the export is of one session.
    pub proof: Vec<Digest>,
    /// Its leaf.
    pub leaf: Digest,
    /// The rest.
    pub event: Event,
}

/// What its envelope and its body say.
#[derive(Debug)]
pub struct Event {
    /// Its stream.
    pub stream: Stream,
    /// Its place in that.
    pub version: u64,
    /// The leaf before it there.
    pub prev: Digest,
    /// When.
    pub at: Timestamp,
    /// Whether the body is withheld.
    pub withheld: bool,
    /// V9: whose values stand in it, and how many were opened.
    pub sealed: Result<(Vec<Subject>, usize), String>,
    /// V7 and V8, of a session with its body.
    pub session: Option<Story>,
    /// Whether it closes a session.
    pub closes: bool,
    /// What it means for the whole log.
    pub turn: Turn,
}

/// What happened in a session, and what was signed.
#[derive(Debug)]
pub struct Story {
    /// V7.
    pub said: Result<Option<Said>, &'static str>,
    /// V8.
    pub happened: Result<Happened, String>,
}

/// The name of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stream {
    /// `session-<uuid>`.
    Session(Uuid),
    /// Any other.
    Other(String),
}

/// An event that changes how the others are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// None of those.
    No,
    /// `LogRestored`, with what could be read of it.
    Restored(Option<Restored>),
    /// `SubjectErased`; none where its body is withheld.
    Erased(Option<Subject>),
}

/// The beginning of an era.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Restored {
    /// Which.
    pub era: u32,
    /// How many events were restored.
    pub size: u64,
}

/// How long the checks took that are reported apart, and what they looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
    /// V9.
    pub sealed: Duration,
    /// V7.
    pub said: Duration,
    /// V8.
    pub legality: Duration,
    /// Statements whose signatures were checked.
    pub statements: u64,
}

/// Prepares each line of a batch; the last is the first that is wrong.
pub fn prepare(batch: &Batch, ground: &Ground) -> (Vec<Result<Prepared, Wrong>>, Spent) {
    let mut spent = Spent::default();
    let mut prepared = Vec::new();
    for (number, bytes) in batch.lines() {
        let one = one(number, bytes, ground, &mut spent);
        let wrong = one.is_err();
        prepared.push(one);
        if wrong {
            break;
        }
    }
    (prepared, spent)
}

fn one(number: u64, bytes: &[u8], ground: &Ground, spent: &mut Spent) -> Result<Prepared, Wrong> {
    let whole = ground.session.is_none();
    let (place, line) = line(bytes, whole).map_err(|unread| Wrong {
        check: Check::V0,
        place: match unread.index.or(whole.then_some(number)) {
            Some(index) => Place::Event(index),
            None => Place::file("events.ndjson"),
        },
        what: unread.what.to_owned(),
    })?;
    let (index, proof) = place.unwrap_or((number, Vec::new()));
    let wrong = |what| Wrong { check: Check::V1, place: Place::Event(index), what };
    let envelope = metadata::envelope(&line.metadata).map_err(wrong)?;
    let sealed = chain(&envelope, line.data.as_deref(), ground).map_err(wrong)?;
    let leaf = envelope::leaf(&line.metadata);
    let event = event(&envelope, line.data.as_deref(), sealed, ground, spent);
    Ok(Prepared { index, proof, leaf, event })
}

/// V1 of one event; whether something is sealed in it.
fn chain(envelope: &Envelope<'_>, data: Option<&[u8]>, ground: &Ground) -> Result<bool, String> {
    if envelope.log != ground.log {
        return Err(text::chain::OTHER_LOG.to_owned());
    }
    let own = |session: Uuid| envelope.stream == format!("session-{session}");
    if ground.session.is_some_and(|session| !own(session)) {
        return Err(text::chain::OTHER_STREAM.to_owned());
    }
    let Some(data) = data else { return Ok(false) };
    if Digest::of(data) != envelope.body {
        return Err(text::chain::BODY.to_owned());
    }
    let noticed = strict::check(data, Style::Canonical)
        .map_err(|what| text::chain::not_json("data", what))?;
    if data.first() == Some(&b'{') {
        Ok(noticed.sealed)
    } else {
        Err(text::chain::not_json("data", "it is not an object"))
    }
}

fn event(
    envelope: &Envelope<'_>,
    data: Option<&[u8]>,
    any: bool,
    ground: &Ground,
    spent: &mut Spent,
) -> Event {
    let watch = Stopwatch::start();
    let fields = match data {
        Some(data) if any || !envelope.sealed.is_empty() => {
            sealed::sealed(data, envelope, &ground.subjects)
        }
        Some(_) | None => Ok(sealed::SealedFields::default()),
    };
    spent.sealed += watch.elapsed();
    let stream = match envelope.stream.strip_prefix("session-").and_then(metadata::uuid) {
        Some(session) => Stream::Session(session),
        None => Stream::Other(envelope.stream.to_owned()),
    };
    let (opened, sealed) = match fields {
        Ok(fields) => {
            let count = fields.opened.len();
            (fields.opened, Ok((fields.subjects, count)))
        }
        Err(what) => (sealed::Opened::default(), Err(what)),
    };
    let session = match (&stream, data) {
        (Stream::Session(id), Some(data)) => Some(story(envelope, *id, data, &opened, spent)),
        (Stream::Session(_) | Stream::Other(_), _) => None,
    };
    Event {
        stream,
        version: envelope.version,
        prev: envelope.prev,
        at: envelope.at,
        withheld: data.is_none(),
        sealed,
        session,
        closes: matches!(envelope.kind, "Ended" | "Expired"),
        turn: turn(envelope.kind, data),
    }
}

fn story(
    envelope: &Envelope<'_>,
    session: Uuid,
    data: &[u8],
    opened: &sealed::Opened,
    spent: &mut Spent,
) -> Story {
    let watch = Stopwatch::start();
    let fields = Fields::read(data);
    let happened = Happened::read(envelope.kind, envelope.schema, session, fields.as_ref());
    spent.legality += watch.elapsed();
    let said = if said::is_signed(envelope.kind) {
        let watch = Stopwatch::start();
        let said = said::said(envelope.kind, session, fields.as_ref(), opened);
        spent.said += watch.elapsed();
        spent.statements += u64::from(!matches!(said, Ok(None)));
        said
    } else {
        Ok(None)
    };
    Story { said, happened }
}

fn turn(kind: &str, data: Option<&[u8]>) -> Turn {
    #[derive(Deserialize)]
    struct Erased {
        subject: Subject,
    }
    match kind {
        "LogRestored" => Turn::Restored(data.and_then(|data| serde_json::from_slice(data).ok())),
        "SubjectErased" => {
            let read = |data| serde_json::from_slice::<Erased>(data).ok();
            Turn::Erased(data.and_then(read).map(|erased| erased.subject))
        }
        _ => Turn::No,
    }
}

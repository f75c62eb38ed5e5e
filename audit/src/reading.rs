//! An export as a story: its events opened, without any judgement about them.

use std::path::Path;

use beckon_events::envelope::{self, EnvelopeError};
use beckon_events::{RecordedEvent, SessionId, Timestamp};
use serde::Deserialize;

use crate::export::{Container, Line, Lines, Manifest, NamesIn, Subjects, line};
use crate::text::told as text;
use crate::verdict::{CannotLook, Check, Place, Stop};

/// An export that is read for what it tells.
#[derive(Debug)]
pub struct Reading {
    container: Container,
    /// What it is.
    pub manifest: Manifest,
    /// The keys that it was given.
    pub subjects: Subjects,
}

/// An event at its place in the log.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its place.
    pub index: u64,
    /// As it is stored.
    pub line: Line,
    /// As it reads; none where its body is withheld, or where this program does not know it.
    pub event: Option<RecordedEvent>,
}

impl Reading {
    /// Opens an export.
    pub fn open(path: &Path) -> Result<Self, CannotLook> {
        let read = || {
            let container = Container::open(path)?;
            let manifest = crate::verify::manifest(&container)?;
            let there = container.files().contains_key(Subjects::PATH);
            let subjects = if manifest.names == NamesIn::None || !there {
                Ok(Subjects::default())
            } else {
                Subjects::read(&container.load(Subjects::PATH)?)
            };
            let place = || Place::file(Subjects::PATH);
            let subjects = subjects.map_err(|what| Stop::wrong(Check::V0, place(), what))?;
            Ok(Self { container, manifest, subjects })
        };
        read().map_err(unreadable)
    }

    /// Every event in order, as long as `each` gives true.
    pub fn lines(
        &self,
        each: &mut dyn FnMut(u64, Line) -> Result<bool, CannotLook>,
    ) -> Result<(), CannotLook> {
        const EVENTS: &str = "events.ndjson";
        let failed = |error| unreadable(Container::failed(EVENTS, error));
        let listed = self.manifest.files.iter().find(|file| file.path == EVENTS);
        let reader = self.container.read(EVENTS).map_err(failed)?;
        let mut lines = Lines::new(reader, listed.map_or(0, |file| file.bytes));
        while let Some(batch) = lines.batch().map_err(failed)? {
            for (number, bytes) in batch.lines() {
                let (place, line) = line(bytes, self.manifest.is_whole()).map_err(|unread| {
                    CannotLook::NotThere(text::unreadable(number, unread.what))
                })?;
                if !each(place.map_or(number, |(index, _)| index), line)? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The event in a line; none where its body is withheld, or where a newer server wrote what
    /// this program does not know.
    pub fn event(&self, index: u64, line: &Line) -> Result<Option<RecordedEvent>, CannotLook> {
        let Some(data) = &line.data else { return Ok(None) };
        let read = envelope::read(&line.metadata, data, index, &self.subjects);
        let why = |error| CannotLook::NotThere(text::unreadable(index, &format!("{error}")));
        match read {
            Err(error) if is_newer(&error) => Ok(None),
            read => read.map(Some).map_err(why),
        }
    }

    /// The events of one session, up to `as_of`.
    pub fn session(
        &self,
        session: SessionId,
        as_of: Option<AsOf>,
    ) -> Result<Vec<Told>, CannotLook> {
        let mark = format!("\"stream\":\"session-{session}\",");
        let mut told = Vec::new();
        self.lines(&mut |index, line| {
            if matches!(as_of, Some(AsOf::Position(last)) if index > last) {
                return Ok(false);
            }
            if !line.metadata.windows(mark.len()).any(|part| part == mark.as_bytes()) {
                return Ok(true);
            }
            if let Some(AsOf::Time(last)) = as_of
                && at(index, &line)? > last
            {
                return Ok(false);
            }
            let event = self.event(index, &line)?;
            told.push(Told { index, line, event });
            Ok(true)
        })?;
        if told.is_empty() {
            let what =
                if as_of.is_some() { text::not_yet(session) } else { text::no_session(session) };
            return Err(CannotLook::NotThere(what));
        }
        Ok(told)
    }
}

/// How many events cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Untold {
    /// Their bodies are withheld.
    pub withheld: u64,
    /// This program does not know them.
    pub unknown: u64,
}

impl Untold {
    /// Those among `told`.
    pub fn of(told: &[Told]) -> Self {
        let mut untold = Self::default();
        told.iter().filter(|one| one.event.is_none()).for_each(|one| untold.count(&one.line));
        untold
    }

    /// One more, which is in this line.
    pub fn count(&mut self, line: &Line) {
        let which = if line.data.is_none() { &mut self.withheld } else { &mut self.unknown };
        *which += 1;
    }

    /// In words: a line for either, where there is any.
    pub fn lines(self) -> Vec<String> {
        let withheld = (self.withheld > 0).then(|| text::withheld(self.withheld));
        let unknown = (self.unknown > 0).then(|| text::unknown(self.unknown));
        withheld.into_iter().chain(unknown).collect()
    }
}

/// A moment or a place in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// Up to this moment.
    Time(Timestamp),
    /// Up to the event at this place.
    Position(u64),
}

impl std::str::FromStr for AsOf {
    type Err = &'static str;

    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        if let Ok(position) = typed.parse() {
            return Ok(Self::Position(position));
        }
        // Days and seconds, as people write them, count to their end.
        let whole = match typed.len() {
            10 => format!("{typed}T23:59:59.999999Z"),
            20 => format!("{}.999999Z", typed.trim_end_matches('Z')),
            _ => typed.to_owned(),
        };
        whole.parse().map(Self::Time).map_err(|_| text::AS_OF)
    }
}

/// When an event was recorded, which its envelope says even where its body is withheld.
fn at(index: u64, line: &Line) -> Result<Timestamp, CannotLook> {
    #[derive(Deserialize)]
    struct Moment {
        at: Timestamp,
    }
    let read: Result<Moment, _> = serde_json::from_slice(&line.metadata);
    let why = |error| CannotLook::NotThere(text::unreadable(index, &format!("{error}")));
    read.map(|moment| moment.at).map_err(why)
}

/// Whether this is the work of a newer server rather than damage.
fn is_newer(error: &EnvelopeError) -> bool {
    match error {
        EnvelopeError::Unknown { .. }
        | EnvelopeError::Schema { .. }
        | EnvelopeError::Version(_) => true,
        EnvelopeError::Data { error, .. } => error.is_data(),
        EnvelopeError::Metadata(error) => {
            // serde has no other way of telling a new value from a missing one.
            error.is_data() && error.to_string().starts_with("unknown variant")
        }
        _ => false,
    }
}

/// Something is wrong with what is to be told: only `verify` judges that.
fn unreadable(stop: Stop) -> CannotLook {
    match stop {
        Stop::Wrong(wrong) => CannotLook::NotThere(text::damaged(&wrong)),
        Stop::CannotLook(error) => error,
    }
}

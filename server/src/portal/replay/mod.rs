//! The replay of a session: how it stood after each event, and what proves that.
//!
//! ```text
//! stream ─► Film ─► Axis ─► ticks, lanes ─► page
//!             │  └► facts, powers ────────┘   │ fetches
//!             └► Opened (bytes, statement)    ▼
//! tree ─► ways ─► proof (JSON) ─► proof.js checks all of it in the browser
//! ```

mod axis;
mod exact;
mod facts;
mod film;
mod lanes;
mod opened;
mod proof;
mod ticks;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use askama::Template;
use beckon_events::SessionId;
use beckon_projections::SessionRow;
use beckon_protocol::evidence::fingerprint;
use serde::Deserialize;
use uuid::Uuid;

use self::axis::{Axis, Gap};
use self::exact::Exact;
use self::facts::{Able, Fact};
use self::film::Film;
use self::lanes::Lane;
use self::ticks::Tick;
use super::page::{Page, html};
use super::person::Person;
use super::refusal::Refusal;
use super::row::{RowView, codes, seen};
use super::session_page::who;
use super::viewed::viewed;
use crate::hub::Hub;
use crate::store::{ReadError, StoredEvent, StreamName};
use crate::text;
pub use proof::get as proof;

#[derive(Template)]
#[template(path = "replay.html")]
struct ReplayPage<'a> {
    row: &'a RowView,
    path: String,
    extent: String,
    begun: Exact,
    fingerprint: String,
    /// Whether the event that was asked for is not there.
    missed: bool,
    at: usize,
    last: usize,
    gaps: Vec<Gap>,
    ticks: Vec<Tick>,
    lanes: Vec<Lane>,
    steps: Vec<StepView>,
    opened: String,
}

/// The session right after one event.
struct StepView {
    number: usize,
    /// Which event of how many.
    count: String,
    /// What the link to it is called.
    go: String,
    kind: String,
    at: Exact,
    since: String,
    who: String,
    sentence: String,
    facts: Vec<Fact>,
    able: Vec<Able>,
}

/// Which event.
#[derive(Deserialize)]
pub struct At {
    at: Option<String>,
}

/// Which bytes of which event.
#[derive(Deserialize)]
pub struct Part {
    at: u64,
    part: Bytes,
}

/// Both byte strings of an event.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Bytes {
    Metadata,
    Data,
}

/// The page.
pub async fn get(
    hub: web::Data<Hub>,
    person: Person,
    id: web::Path<Uuid>,
    at: web::Query<At>,
) -> Result<HttpResponse, Refusal> {
    let session = look(&hub, &person, SessionId(*id)).await?;
    let film = Film::of(&hub, session.id).await?;
    let codes = codes(&hub, &person, std::slice::from_ref(&session)).await?;
    let row = RowView::of(&hub, &person, &session, &codes);
    let (at, missed) = at.nearest(film.steps.len()).ok_or(Refusal::NotFound)?;
    let stored = &film.steps.get(at).ok_or(Refusal::NotFound)?.stored;
    let opened = opened::write(&hub, stored).await?;
    let axis = Axis::of(&film.times());
    let lasted = film.lasted();
    let page = ReplayPage {
        path: format!("/sessions/{}/replay", session.id),
        extent: text::replay::extent(film.steps.len(), lasted),
        begun: Exact(session.created),
        fingerprint: fingerprint(&hub.evidence.public_key()),
        missed,
        at,
        last: film.steps.len() - 1,
        ticks: ticks::of(&film, &axis),
        lanes: lanes::of(&film, &axis),
        gaps: axis.gaps(),
        steps: steps(&hub, &film),
        opened,
        row: &row,
    };
    let title = text::page_title(&text::replay::title(&row.title));
    Page { name: "replay", title, body: page.render()? }.answer(&hub, &person, StatusCode::OK)
}

/// One event with its bytes, its statement and its proof, to be put into the page.
pub async fn event(
    hub: web::Data<Hub>,
    person: Person,
    id: web::Path<Uuid>,
    at: web::Query<At>,
) -> Result<HttpResponse, Refusal> {
    let session = look(&hub, &person, SessionId(*id)).await?;
    let at = at.at.as_ref().and_then(|at| at.parse().ok()).ok_or(Refusal::NotFound)?;
    let stored = one(&hub, session.id, at).await?;
    Ok(html(StatusCode::OK, opened::write(&hub, &stored).await?))
}

/// The metadata or the data of one event, exactly as they are stored.
pub async fn bytes(
    hub: web::Data<Hub>,
    person: Person,
    id: web::Path<Uuid>,
    part: web::Query<Part>,
) -> Result<HttpResponse, Refusal> {
    let session = look(&hub, &person, SessionId(*id)).await?;
    let stored = one(&hub, session.id, part.at).await?;
    let (bytes, kind) = match part.part {
        Bytes::Metadata => (stored.metadata, "metadata"),
        Bytes::Data => (stored.data, "data"),
    };
    let short = session.id.to_string().get(..8).unwrap_or_default().to_owned();
    let name = format!("attachment; filename=\"beckon-{short}-{}-{kind}.json\"", part.at);
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CONTENT_DISPOSITION, name))
        .body(bytes))
}

/// This session, where `person` sees it; that they look at it is recorded, unless it is theirs.
async fn look(hub: &Hub, person: &Person, id: SessionId) -> Result<SessionRow, Refusal> {
    let session = seen(hub, person, id).await?;
    viewed(hub, person, Some(&session)).await?;
    Ok(session)
}

/// The event of this version, as it is stored.
async fn one(hub: &Hub, session: SessionId, version: u64) -> Result<StoredEvent, Refusal> {
    let readers = hub.journal.readers();
    let stream = StreamName::session(session);
    let read = web::block(move || readers.reader()?.read_stream(&stream, version, 1)).await?;
    let read: Result<Vec<StoredEvent>, ReadError> = read;
    let read = read.map_err(|error| {
        tracing::error!(%error, "the log cannot be read");
        Refusal::Busy
    })?;
    read.into_iter().next().ok_or(Refusal::NotFound)
}

impl ReplayPage<'_> {
    fn after_this(&self) -> usize {
        self.last.min(self.at + 1)
    }
}

impl At {
    /// The event that is meant, and whether it is not there, so that this is the nearest one;
    /// none where there is none at all.
    fn nearest(&self, events: usize) -> Option<(usize, bool)> {
        let last = events.checked_sub(1)?;
        let Some(at) = &self.at else { return Some((0, false)) };
        Some(match at.parse::<usize>() {
            Ok(at) if at <= last => (at, false),
            Ok(_) => (last, true),
            Err(_) => (0, true),
        })
    }
}

fn steps(hub: &Hub, film: &Film) -> Vec<StepView> {
    let mut before: Vec<Fact> = Vec::new();
    let mut steps = Vec::with_capacity(film.steps.len());
    let begun = film.times().first().copied().unwrap_or_default();
    for (index, step) in film.steps.iter().enumerate() {
        let mut facts = facts::of(hub, step);
        for (fact, before) in facts.iter_mut().zip(&before) {
            fact.changed = (&fact.words, fact.until) != (&before.words, before.until);
        }
        before.clone_from(&facts);
        steps.push(StepView {
            number: index + 1,
            count: text::replay::number(index + 1, film.steps.len()),
            go: text::replay::go_to(index + 1),
            kind: step.kind.clone(),
            at: Exact(step.at),
            since: text::replay::after(step.at.since(begun)),
            who: step.actor.map_or_else(String::new, |actor| who(hub, actor)),
            sentence: step.sentence.clone(),
            facts,
            able: facts::able(hub, step),
        });
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_event_is_shown_where_the_one_asked_for_is_not_there() {
        let nearest = |at: &str, events| At { at: Some(at.to_owned()) }.nearest(events);
        assert_eq!(nearest("2", 3), Some((2, false)));
        for (at, shown) in [("3", 2), ("18446744073709551615", 2), ("-1", 0), ("x", 0), ("", 0)] {
            assert_eq!(nearest(at, 3), Some((shown, true)), "{at}");
        }
        assert_eq!(At { at: None }.nearest(3), Some((0, false)));
        assert_eq!(At { at: None }.nearest(0), None);
    }
}

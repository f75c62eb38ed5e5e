//! The on-demand list.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use beckon_events::{SessionId, Timestamp};
use beckon_projections::{Right, SessionRow, SessionState};
use serde::Deserialize;

use super::page::{Page, html, living, to};
use super::person::Person;
use super::refusal::Refusal;
use super::row::{RowView, codes};
use crate::hub::Hub;
use crate::text;
use crate::views::Tables;

/// For so long an ended session stays in the list.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// Which page of the ended sessions, from 1.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    page: Option<usize>,
}

/// What of the list one person has on screen.
#[derive(Clone, Debug)]
struct Shown {
    live: Vec<SessionRow>,
    ended: Vec<SessionRow>,
    page: usize,
    pages: usize,
}

/// What tells whether the list of one person has changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    live: Vec<SessionRow>,
    /// What ended last: an ended session does not change in the list any more.
    ended: Option<SessionId>,
    /// Of the read models: another one where names may be gone.
    generation: u64,
}

#[derive(Template)]
#[template(path = "rows.html")]
struct Rows<'a> {
    csrf: &'a str,
    live: Vec<RowView>,
    ended: Vec<RowView>,
    page: usize,
    pages: usize,
    sees_all: bool,
    can_hold: bool,
}

#[derive(Template)]
#[template(path = "sessions.html")]
struct SessionsPage {
    rows: String,
    page: usize,
    can_hold: bool,
}

/// The first page after signing in.
pub async fn home(_: Person) -> HttpResponse {
    to("/sessions")
}

/// The list.
pub async fn list(
    hub: web::Data<Hub>,
    person: Person,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Refusal> {
    let shown = shown(&hub, &person, asked.page).await?;
    let can_hold = person.may(Right::HoldSessions);
    let page = shown.page;
    let (title, rows) = write(&hub, &person, shown).await?;
    let body = SessionsPage { rows, page, can_hold }.render()?;
    Page { name: "sessions", title, body }.answer(&hub, &person, StatusCode::OK)
}

/// The part of it that changes by itself.
pub async fn rows(
    hub: web::Data<Hub>,
    person: Person,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Refusal> {
    let (_, rows) = write(&hub, &person, shown(&hub, &person, asked.page).await?).await?;
    Ok(html(StatusCode::OK, rows))
}

/// What `person` sees at the moment on this page of the list.
async fn shown(hub: &Hub, person: &Person, page: Option<usize>) -> Result<Shown, Refusal> {
    let (sees, since) = (person.sees(), before(hub.clock.now(), KEPT));
    let wanted = page.unwrap_or(1).max(1);
    let look = move |tables: &Tables<'_>| {
        let ended = tables.ended(sees, since, wanted - 1)?;
        let page = wanted.min(ended.pages());
        let ended = if page == wanted { ended } else { tables.ended(sees, since, page - 1)? };
        Ok((page, ended))
    };
    let (page, ended) = hub.views.look(look).await?;
    let pages = ended.pages();
    Ok(Shown { live: live(hub, person), ended: ended.rows, page, pages })
}

/// What `person` sees at the moment, as far as it can change.
pub fn mark(hub: &Hub, person: &Person) -> Mark {
    let ended = hub.views.read(|models| models.sessions.last_ended(person.sees()));
    Mark { live: live(hub, person), ended, generation: hub.views.generation() }
}

fn live(hub: &Hub, person: &Person) -> Vec<SessionRow> {
    hub.views.read(|models| models.sessions.live(person.sees()).into_iter().cloned().collect())
}

fn before(now: Timestamp, by: Duration) -> Timestamp {
    Timestamp::from_micros(now.micros() - i64::try_from(by.as_micros()).unwrap_or(0))
}

async fn write(hub: &Hub, person: &Person, shown: Shown) -> Result<(String, String), Refusal> {
    let codes = codes(hub, person, &shown.live).await?;
    let view = |row: &SessionRow| RowView::of(hub, person, row, &codes);
    let live: Vec<_> = shown.live.iter().map(view).collect();
    let title = title(person, &shown.live, &live);
    let rows = Rows {
        csrf: &person.session.csrf,
        live,
        ended: shown.ended.iter().map(view).collect(),
        page: shown.page,
        pages: shown.pages,
        sees_all: person.may(Right::SeeEverySession),
        can_hold: person.may(Right::HoldSessions),
    };
    let rows = living(&title, &rows.render()?)?;
    Ok((title, rows))
}

/// Who waits for this person, and what happened last, stands in the page's title.
fn title(person: &Person, rows: &[SessionRow], views: &[RowView]) -> String {
    let own = || rows.iter().zip(views).filter(|(row, _)| person.holds(row));
    let waiting = own().filter(|(row, _)| row.state == SessionState::Available).count();
    match own().next() {
        Some((row, view))
            if matches!(row.state, SessionState::Available | SessionState::InSession) =>
        {
            text::attention(waiting, view.state, &view.title)
        }
        _ if waiting > 0 => text::waiting_title(waiting),
        _ => text::page_title(text::ON_DEMAND),
    }
}

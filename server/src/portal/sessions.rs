//! The on-demand list.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use beckon_events::Timestamp;
use beckon_projections::{Right, SessionRow, SessionState};
use serde::Deserialize;

use super::page::{Page, html, living, to};
use super::person::Person;
use super::refusal::Refusal;
use super::row::{RowView, codes};
use crate::hub::Hub;
use crate::text;

/// For so long an ended session stays in the list.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// Which page of the ended sessions, from 1.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    page: Option<usize>,
}

/// What of the list one person has on screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    live: Vec<SessionRow>,
    ended: Vec<SessionRow>,
    page: usize,
    pages: usize,
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
    let shown = shown(&hub, &person, asked.page);
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
    let (_, rows) = write(&hub, &person, shown(&hub, &person, asked.page)).await?;
    Ok(html(StatusCode::OK, rows))
}

/// What `person` sees at the moment on this page of the list.
pub fn shown(hub: &Hub, person: &Person, page: Option<usize>) -> Shown {
    let since = before(hub.clock.now(), KEPT);
    let owned = |rows: Vec<&SessionRow>| rows.into_iter().cloned().collect();
    hub.views.read(|models| {
        let pages = models.sessions.ended(person.sees(), since, 0).pages();
        let page = page.unwrap_or(1).clamp(1, pages);
        let ended = models.sessions.ended(person.sees(), since, page - 1).rows;
        let live = owned(models.sessions.live(person.sees()));
        Shown { live, ended: owned(ended), page, pages }
    })
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

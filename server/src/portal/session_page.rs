//! One session: where it stands, and what happened.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use beckon_events::envelope::{Actor, ActorKind};
use beckon_events::session::Device;
use beckon_events::{OperatorId, Personal, SessionId};
use beckon_projections::text::{label, sentence};
use beckon_projections::{Right, SessionRow};
use uuid::Uuid;

use super::moment::Moment;
use super::page::{Page, html, living};
use super::person::Person;
use super::refusal::Refusal;
use super::row::{RowView, codes, seen};
use super::viewed::viewed;
use crate::hub::Hub;
use crate::text;

#[derive(Template)]
#[template(path = "now.html")]
struct Now<'a> {
    csrf: &'a str,
    row: &'a RowView,
    /// What the agent says about the device; empty where it says nothing.
    device: String,
    note: Option<&'a str>,
    timeline: Vec<Line>,
}

#[derive(Template)]
#[template(path = "session.html")]
struct SessionPage<'a> {
    id: SessionId,
    now: String,
    csrf: &'a str,
    can_export: bool,
}

/// One line of the timeline.
struct Line {
    at: Moment,
    who: String,
    what: String,
}

/// The page.
pub async fn get(
    hub: web::Data<Hub>,
    person: Person,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Refusal> {
    let row = seen(&hub, &person, SessionId(*id)).await?;
    viewed(&hub, &person, Some(&row)).await?;
    let (title, now) = write(&hub, &person, &row).await?;
    let (csrf, can_export) = (&person.session.csrf, person.may(Right::ExportLog));
    let body = SessionPage { id: row.id, now, csrf, can_export }.render()?;
    Page { name: "session", title, body }.answer(&hub, &person, StatusCode::OK)
}

/// The part of it that changes by itself.
pub async fn now(
    hub: web::Data<Hub>,
    person: Person,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Refusal> {
    let row = seen(&hub, &person, SessionId(*id)).await?;
    viewed(&hub, &person, Some(&row)).await?;
    let (_, now) = write(&hub, &person, &row).await?;
    Ok(html(StatusCode::OK, now))
}

async fn write(
    hub: &Hub,
    person: &Person,
    session: &SessionRow,
) -> Result<(String, String), Refusal> {
    let codes = codes(hub, person, std::slice::from_ref(session)).await?;
    let row = RowView::of(hub, person, session, &codes);
    let timeline = hub.timeline(session.id).await?;
    let lines = timeline.entries().iter().map(|entry| Line {
        at: Moment(entry.at),
        who: who(hub, entry.actor),
        what: sentence(&entry.entry),
    });
    let device = session.device.as_ref().map(device).unwrap_or_default();
    let title = text::page_title(&format!("{}: {}", row.state, row.title));
    let now = Now {
        csrf: &person.session.csrf,
        row: &row,
        device,
        note: session.note.as_ref().map(|note| note.or(text::ERASED)),
        timeline: lines.collect(),
    };
    let now = living(&title, &now.render()?)?;
    Ok((title, now))
}

/// What the agent says about the device, quoted, without what it does not say.
fn device(device: &Device) -> String {
    let claimed = |claim: &Personal<String>| match claim {
        Personal::Known(claim) if label(claim).is_empty() => String::new(),
        Personal::Known(claim) => text::quoted(claim),
        Personal::Erased => text::ERASED.to_owned(),
    };
    let mut claims = vec![claimed(&device.host), claimed(&device.user), label(&device.system)];
    claims.retain(|claim| !claim.is_empty());
    claims.join(", ")
}

/// Who did something, in words.
pub fn who(hub: &Hub, actor: Actor) -> String {
    match (actor.kind, actor.id) {
        (ActorKind::Operator, Some(id)) => {
            let name = |row: &beckon_projections::OperatorRow| row.name.or(text::ERASED).to_owned();
            let known = hub.views.read(|models| models.roster.get(OperatorId(id)).map(name));
            known.unwrap_or_else(|| text::OPERATOR.to_owned())
        }
        (kind, _) => text::actor(kind).to_owned(),
    }
}

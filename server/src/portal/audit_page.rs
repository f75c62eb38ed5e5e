//! What proves the log, and who took copies of it.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use askama::Template;
use beckon_events::SessionId;
use beckon_projections::{ExportRow, SessionRow};
use beckon_protocol::evidence::fingerprint;

use super::audit_nav::AuditNav;
use super::moment::Moment;
use super::page::Page;
use super::person::Person;
use super::refusal::Refusal;
use super::session_page::who;
use crate::hub::Hub;
use crate::text;
use crate::views::Tables;

/// So many exports are shown.
const SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage<'a> {
    csrf: &'a str,
    nav: AuditNav,
    fingerprint: String,
    last: Option<LastCheckpoint>,
    exports: Vec<ExportView>,
    /// How many are not shown, in words.
    earlier: Option<String>,
}

struct LastCheckpoint {
    size: u64,
    at: Moment,
}

struct ExportView {
    at: Moment,
    who: String,
    session: Option<SessionId>,
    /// What the session is called.
    what: String,
    names: String,
}

/// The page.
pub async fn get(hub: web::Data<Hub>, person: Person) -> Result<HttpResponse, Refusal> {
    let (rows, all) = hub.views.read(|models| {
        let rows = models.exports.all();
        (rows.iter().rev().take(SHOWN).cloned().collect::<Vec<_>>(), rows.len())
    });
    let about: Vec<_> = rows.iter().filter_map(|row| row.session).collect();
    let look = move |tables: &Tables<'_>| {
        let rows = about.into_iter().map(|session| tables.session(session));
        rows.filter_map(Result::transpose).collect::<Result<Vec<_>, _>>()
    };
    let sessions = hub.views.look(look).await?;
    let page = AuditPage {
        csrf: &person.session.csrf,
        nav: AuditNav::of(&person, "proof"),
        fingerprint: fingerprint(&hub.evidence.public_key()),
        last: last(&hub).await?,
        exports: rows.into_iter().map(|row| view(&hub, row, &sessions)).collect(),
        earlier: all.checked_sub(SHOWN).filter(|more| *more > 0).map(text::earlier_exports),
    };
    let title = text::page_title(text::AUDIT);
    Page { name: "audit", title, body: page.render()? }.answer(&hub, &person, StatusCode::OK)
}

/// The last checkpoint, as it was signed.
pub async fn checkpoint(hub: web::Data<Hub>) -> Result<HttpResponse, Refusal> {
    let signed = hub.evidence.latest().ok_or(Refusal::NotFound)?;
    let name = format!("attachment; filename=\"beckon-checkpoint-{}.txt\"", signed.size);
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, name))
        .body(signed.note.clone()))
}

/// The last checkpoint; its time is that of the last event that it covers.
async fn last(hub: &Hub) -> Result<Option<LastCheckpoint>, Refusal> {
    let Some(signed) = hub.evidence.latest() else { return Ok(None) };
    let (readers, position) = (hub.journal.readers(), signed.position);
    let at = web::block(move || {
        let event = readers.reader()?.read_all_from(position, 1)?.into_iter().next();
        Ok::<_, crate::store::ReadError>(event)
    });
    let event = at.await?.map_err(|error| {
        tracing::error!(%error, "the log cannot be read");
        Refusal::Busy
    })?;
    let metadata = event.and_then(|event| beckon_events::envelope::metadata(&event.metadata).ok());
    Ok(metadata.map(|metadata| LastCheckpoint { size: signed.size, at: Moment(metadata.at) }))
}

fn view(hub: &Hub, row: ExportRow, sessions: &[SessionRow]) -> ExportView {
    let title = |id| {
        let session = sessions.iter().find(|session| session.id == id)?;
        Some(text::title(session.title(), session.created, None))
    };
    ExportView {
        at: Moment(row.at),
        who: who(hub, row.actor),
        session: row.session,
        what: row.session.and_then(title).unwrap_or_default(),
        names: text::export_names(&row.names),
    }
}

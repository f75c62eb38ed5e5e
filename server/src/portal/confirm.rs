//! Ending and cancelling, which ask once.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use beckon_events::SessionId;
use beckon_events::session::{self, EndReason, EndedBy};
use uuid::Uuid;

use super::form::Posted;
use super::page::{Page, part_or_page, to};
use super::person::Person;
use super::refusal::Refusal;
use super::row::{codes, held};
use crate::hub::Hub;
use crate::text;

#[derive(Template)]
#[template(path = "confirm.html")]
struct Confirm<'a> {
    csrf: &'a str,
    key: String,
    /// Where the yes goes.
    to: String,
    /// Where the no goes.
    back: String,
    question: String,
    hint: &'a str,
    yes: &'a str,
}

/// Asks whether to end a session.
pub async fn ask_end(
    hub: web::Data<Hub>,
    request: HttpRequest,
    person: Person,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Refusal> {
    let title = title(&hub, &person, SessionId(*id)).await?;
    let words = (text::end_question(&title), text::END_HINT, text::YES_END);
    ask(&hub, &person, &request, (SessionId(*id), "end"), words)
}

/// Asks whether to cancel an invitation.
pub async fn ask_cancel(
    hub: web::Data<Hub>,
    request: HttpRequest,
    person: Person,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Refusal> {
    let title = title(&hub, &person, SessionId(*id)).await?;
    let words = (text::cancel_question(&title), text::CANCEL_HINT, text::YES_CANCEL);
    ask(&hub, &person, &request, (SessionId(*id), "cancel"), words)
}

/// Ends a session.
pub async fn end(
    hub: web::Data<Hub>,
    person: Person,
    id: web::Path<Uuid>,
    posted: Posted<()>,
) -> Result<HttpResponse, Refusal> {
    let (by, why) = (EndedBy::Portal, EndReason::Asked);
    let end = session::Command::End { by, why, statement: None, suppressed: 0 };
    carry_out(&hub, &person, SessionId(*id), &posted.key, end).await
}

/// Cancels an invitation.
pub async fn cancel(
    hub: web::Data<Hub>,
    person: Person,
    id: web::Path<Uuid>,
    posted: Posted<()>,
) -> Result<HttpResponse, Refusal> {
    let cancel = session::Command::CancelInvitation;
    carry_out(&hub, &person, SessionId(*id), &posted.key, cancel).await
}

async fn carry_out(
    hub: &Hub,
    person: &Person,
    id: SessionId,
    key: &str,
    command: session::Command,
) -> Result<HttpResponse, Refusal> {
    held(hub, person, id).await?;
    let done = hub.session(id, person.source(key), command).await?;
    let vault = hub.vault.clone();
    // Whatever was open to join is closed with it.
    web::block(move || vault.close_invitation(id)).await??;
    hub.reached(&done).await;
    Ok(to("/sessions"))
}

async fn title(hub: &Hub, person: &Person, id: SessionId) -> Result<String, Refusal> {
    let row = held(hub, person, id).await?;
    if !row.is_live() {
        return Err(Refusal::Rule(session::Rejection::Over.to_string()));
    }
    let codes = codes(hub, person, std::slice::from_ref(&row)).await?;
    Ok(text::title(row.title(), row.created, codes.get(&id).map(String::as_str)))
}

fn ask(
    hub: &Hub,
    person: &Person,
    request: &HttpRequest,
    (id, verb): (SessionId, &str),
    (question, hint, yes): (String, &str, &str),
) -> Result<HttpResponse, Refusal> {
    let title = text::page_title(&question);
    let confirm = Confirm {
        csrf: &person.session.csrf,
        key: hub.random.uuid().to_string(),
        to: format!("/sessions/{id}/{verb}"),
        back: "/sessions".to_owned(),
        question,
        hint,
        yes,
    };
    let page = Page { name: "confirm", title, body: confirm.render()? };
    part_or_page(hub, person, request, StatusCode::OK, page)
}

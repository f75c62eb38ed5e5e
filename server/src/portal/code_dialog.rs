//! Show code again: the open invitation of a session, for whoever created it.

use actix_web::{HttpRequest, HttpResponse, web};
use beckon_events::SessionId;
use beckon_projections::{SessionRow, SessionState};
use serde::Deserialize;
use uuid::Uuid;

use super::form::Posted;
use super::invite::{Invite, Said, dialog};
use super::person::Person;
use super::refusal::Refusal;
use super::row::held;
use crate::hub::Hub;
use crate::{mail, text};

/// What the form holds.
#[derive(Debug, Deserialize)]
pub struct Fields {
    to: String,
}

/// The dialog.
pub async fn get(
    hub: web::Data<Hub>,
    request: HttpRequest,
    person: Person,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Refusal> {
    let (row, title, invite) = open(&hub, &person, SessionId(*id)).await?;
    let said = Said { sent: row.invitation_sent, ..Said::default() };
    dialog(&hub, &person, &request, (row.id, &title), &invite, said)
}

/// Mails the invitation (again).
pub async fn send(
    hub: web::Data<Hub>,
    request: HttpRequest,
    person: Person,
    id: web::Path<Uuid>,
    posted: Posted<Fields>,
) -> Result<HttpResponse, Refusal> {
    let (row, title, invite) = open(&hub, &person, SessionId(*id)).await?;
    let to = posted.form.to.trim();
    let (problem, done) = match mail::address(to) {
        None => (Some(text::EMAIL_WRONG.to_owned()), None),
        Some(address) => match invite.send(&hub, &person, (row.id, &posted.key), address).await {
            Ok(()) => (None, Some(text::sent(to))),
            Err(why) => (Some(text::not_sent(&why.to_string())), None),
        },
    };
    let said = Said { to, problem: problem.as_deref(), done: done.as_deref(), sent: true };
    dialog(&hub, &person, &request, (row.id, &title), &invite, said)
}

async fn open(
    hub: &Hub,
    person: &Person,
    id: SessionId,
) -> Result<(SessionRow, String, Invite), Refusal> {
    let row = held(hub, person, id).await?;
    let closed = || Refusal::Rule(text::INVITATION_CLOSED.to_owned());
    if row.state != SessionState::WaitingForUser {
        return Err(closed());
    }
    let invite = Invite::open(hub, id, row.deadline).await?.ok_or_else(closed)?;
    let title = text::title(row.title(), row.created, Some(&invite.code));
    Ok((row, title, invite))
}

//! View and Control: a link that opens Control, once.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use beckon_events::session::Rejection;
use beckon_events::{Action, ActionSet, SessionId};
use beckon_projections::SessionState;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::form::Posted;
use super::invite::server;
use super::page::Page;
use super::person::Person;
use super::refusal::Refusal;
use super::row::held;
use crate::hub::Hub;
use crate::text;

/// The icon that was pressed.
#[derive(Debug, Deserialize)]
pub struct Fields {
    wanted: String,
}

/// The token that a script asks about.
#[derive(Debug, Deserialize)]
pub struct TokenFields {
    token: String,
}

#[derive(Template)]
#[template(path = "launch.html")]
struct LaunchPage {
    link: String,
}

/// Issues a link: for a script as JSON, else as a page that holds it.
pub async fn post(
    hub: web::Data<Hub>,
    request: HttpRequest,
    person: Person,
    id: web::Path<Uuid>,
    posted: Posted<Fields>,
) -> Result<HttpResponse, Refusal> {
    let row = held(&hub, &person, SessionId(*id)).await?;
    let wanted = match posted.form.wanted.as_str() {
        "view" => ActionSet::EMPTY.with(Action::View),
        "control" => ActionSet::EMPTY.with(Action::Control),
        _ => return Err(Refusal::Rule(Rejection::NothingAsked.to_string())),
    };
    if row.state != SessionState::Available || row.reconnecting {
        let why = if row.is_live() { Rejection::NotNow } else { Rejection::Over };
        return Err(Refusal::Rule(why.to_string()));
    }
    let bound = (person.id(), row.id, wanted);
    let link = hub.launches.issue(server(&hub)?, bound, hub.clock.now(), &hub.random);
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("application/json")) {
        let answer = json!({ "link": link.to_string(), "token": link.token() });
        return Ok(HttpResponse::Ok().json(answer));
    }
    let body = LaunchPage { link: link.to_string() }.render()?;
    let page = Page { name: "launch", title: text::page_title(text::LAUNCH_TITLE), body };
    page.answer(&hub, &person, StatusCode::OK)
}

/// Whether Control has taken a link in.
pub async fn redeemed(
    hub: web::Data<Hub>,
    person: Person,
    posted: Posted<TokenFields>,
) -> HttpResponse {
    let redeemed = hub.launches.is_redeemed(&posted.form.token, person.id());
    HttpResponse::Ok().json(json!({ "redeemed": redeemed }))
}

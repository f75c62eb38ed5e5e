//! The one door of the portal: set up, from here, who, and may they.

use std::sync::Arc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, web};
use beckon_events::operator::Role;
use beckon_projections::OperatorRow;
use data_encoding::BASE64URL_NOPAD;

use super::cookie;
use super::form::FormToken;
use super::page::wants_part;
use super::permissions::{self, Access, Presence, Route};
use super::person::Person;
use super::refusal::Refusal;
use crate::hub::Hub;
use crate::vault::WebSession;

/// The id of a browser that had none yet.
#[derive(Clone)]
struct NewVisitor(String);

/// Lets a request in, or answers why not.
pub async fn keep(
    hub: web::Data<Hub>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let part = wants_part(request.request());
    if let Err(refusal) = admit(&hub, request.request()).await {
        if part {
            return Ok(request.into_response(refusal.part()));
        }
        return Ok(request.error_response(refusal));
    }
    let new = request.extensions_mut().remove::<NewVisitor>();
    let mut response = next.call(request).await?.map_into_boxed_body();
    if let Some(NewVisitor(id)) = new {
        let cookie = cookie::keep(cookie::VISITOR, id);
        response.response_mut().add_cookie(&cookie)?;
    }
    let refusal = response.response().error().and_then(|error| error.as_error::<Refusal>());
    if let Some(refusal) = refusal.filter(|_| part).cloned() {
        return Ok(response.into_response(refusal.part()));
    }
    Ok(response)
}

async fn admit(hub: &Hub, request: &HttpRequest) -> Result<(), Refusal> {
    let route = permissions::find(request.method(), request.path());
    if route.is_none_or(|route| route.access != Access::Always) && !is_set_up(hub) {
        return Err(Refusal::NotSetUp);
    }
    let route = route.ok_or(Refusal::NotFound)?;
    if *request.method() == Method::POST {
        came_from_here(hub, request)?;
    }
    if route.access.needs_sign_in() {
        let person = person(hub, request, route).await?.ok_or_else(|| sign_in_first(request))?;
        if !route.access.admits(person.row.role) {
            return Err(Refusal::NotAllowed);
        }
        let mut extensions = request.extensions_mut();
        extensions.insert(FormToken(person.session.csrf.clone()));
        extensions.insert(person);
    } else {
        welcome(hub, request);
    }
    Ok(())
}

/// Somebody who manages users has registered.
fn is_set_up(hub: &Hub) -> bool {
    let admin = |row: &OperatorRow| row.registered && row.role == Role::Admin;
    hub.views.read(|models| models.roster.all().iter().any(admin))
}

/// GET and HEAD never change anything, so only POST is asked.
fn came_from_here(hub: &Hub, request: &HttpRequest) -> Result<(), Refusal> {
    let own = hub.public_url.to_string();
    let said = |name: &str| request.headers().get(name).map(|value| value.as_bytes().to_vec());
    let origin = said("Origin").is_some_and(|origin| origin == own.as_bytes());
    // Browsers before 2023 do not send it; those that do cannot be made to say another thing.
    let site = said("Sec-Fetch-Site").is_none_or(|site| site == b"same-origin");
    if origin && site { Ok(()) } else { Err(Refusal::OtherOrigin(own)) }
}

async fn person(
    hub: &Hub,
    request: &HttpRequest,
    route: &Route,
) -> Result<Option<Person>, Refusal> {
    let Some(id) = cookie::read(request, cookie::SESSION) else { return Ok(None) };
    let (vault, now) = (hub.vault.clone(), hub.clock.now());
    // Whoever asks for a head only is a program.
    let head = *request.method() == Method::HEAD;
    let presence = if head { Presence::Watches } else { route.presence };
    let session = web::block(move || match presence {
        Presence::Acts => vault.touch_web_session(&id, now),
        Presence::Watches => vault.web_session(&id, now),
    });
    Ok(session.await??.and_then(|session| signed_in(hub, session)))
}

/// The person behind a web session, while they may sign in.
pub fn signed_in(hub: &Hub, session: WebSession) -> Option<Person> {
    let row = hub.views.read(|models| models.roster.get(session.operator).cloned())?;
    let session = Arc::new(session);
    row.is_active().then(|| Person { row: Arc::new(row), session })
}

fn sign_in_first(request: &HttpRequest) -> Refusal {
    let wants_page = request.headers().get(header::ACCEPT).is_none_or(|accept| {
        let accept = accept.to_str().unwrap_or_default();
        accept.contains("text/html") || accept.contains("*/*")
    });
    if *request.method() != Method::POST && wants_page {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        return Refusal::SignIn(Some(path.to_owned()));
    }
    Refusal::SignIn(None)
}

/// Gives a browser that is not signed in what its forms need.
fn welcome(hub: &Hub, request: &HttpRequest) {
    let known = cookie::read(request, cookie::VISITOR).filter(|id| id.len() == 43);
    let mut extensions = request.extensions_mut();
    let id = match known {
        Some(id) => id,
        // A form without the cookie cannot have been made for this browser.
        None if request.method() == Method::POST => return,
        None if request.path().starts_with("/assets/") => return,
        None if request.path().starts_with("/health") => return,
        None => {
            let id = BASE64URL_NOPAD.encode(&hub.random.bytes::<32>());
            if request.method() == Method::GET {
                extensions.insert(NewVisitor(id.clone()));
            }
            id
        }
    };
    extensions.insert(FormToken::of_visitor(hub.folder.pepper(), &id));
}

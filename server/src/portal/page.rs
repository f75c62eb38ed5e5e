//! Pages and the parts of them.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use beckon_events::Digest;
use beckon_projections::Right;

use super::person::Person;
use super::refusal::Refusal;
use crate::hub::Hub;
use crate::text;

/// A page without its frame.
#[derive(Debug)]
pub struct Page {
    /// Its name, for scripts and tests.
    pub name: &'static str,
    /// The whole title in the browser.
    pub title: String,
    /// Written HTML.
    pub body: String,
}

#[derive(Template)]
#[template(path = "layout.html")]
struct Layout<'a> {
    page: &'a Page,
    menu: Option<Menu>,
}

#[derive(Template)]
#[template(path = "living.html")]
struct Living<'a> {
    title: &'a str,
    version: &'a str,
    inner: &'a str,
}

struct Menu {
    person: String,
    company: String,
    csrf: String,
    /// Seconds until idle log-out.
    idle: u64,
    can_hold: bool,
    can_manage: bool,
    /// Where the audit pages begin, for those who may see one.
    audit: Option<&'static str>,
}

impl Page {
    /// The page for somebody who is not signed in.
    pub fn bare(&self) -> Result<String, Refusal> {
        Ok(Layout { page: self, menu: None }.render()?)
    }

    /// Answers somebody who is not signed in.
    pub fn open(&self, status: StatusCode) -> Result<HttpResponse, Refusal> {
        Ok(html(status, self.bare()?))
    }

    /// Answers somebody who is signed in.
    pub fn answer(
        &self,
        hub: &Hub,
        person: &Person,
        status: StatusCode,
    ) -> Result<HttpResponse, Refusal> {
        let menu = Menu {
            person: person.row.name.or(text::ERASED).to_owned(),
            company: hub.company(),
            csrf: person.session.csrf.clone(),
            idle: seconds_left(hub, person),
            can_hold: person.may(Right::HoldSessions),
            can_manage: person.may(Right::ManageUsers),
            audit: match (person.may(Right::ReadLog), person.may(Right::ExportLog)) {
                (true, _) => Some("/audit/log"),
                (false, true) => Some("/audit"),
                (false, false) => None,
            },
        };
        Ok(html(status, Layout { page: self, menu: Some(menu) }.render()?))
    }
}

/// A part that is fetched again when something has changed: with the page's title, and a version
/// that tells a script whether anything is new.
pub fn living(title: &str, inner: &str) -> Result<String, Refusal> {
    let version = Digest::of(inner.as_bytes()).to_string();
    let version = version.get(..16).unwrap_or_default();
    Ok(Living { title, version, inner }.render()?)
}

/// How long until the browser is signed out because nothing happens.
pub fn seconds_left(hub: &Hub, person: &Person) -> u64 {
    person.session.idle_until().since(hub.clock.now()).as_secs()
}

/// A whole page or a part of one.
pub fn html(status: StatusCode, body: String) -> HttpResponse {
    HttpResponse::build(status).content_type("text/html; charset=utf-8").body(body)
}

/// Sends the browser somewhere else, in this portal.
pub fn to(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header(("Location", path)).finish()
}

/// Whether a script asks for a part, to put it into the page that is there.
pub fn wants_part(request: &HttpRequest) -> bool {
    request.headers().contains_key("HX-Request")
}

/// Answers with the part alone where a script asks, else with a page around it.
pub fn part_or_page(
    hub: &Hub,
    person: &Person,
    request: &HttpRequest,
    status: StatusCode,
    page: Page,
) -> Result<HttpResponse, Refusal> {
    if wants_part(request) { Ok(html(status, page.body)) } else { page.answer(hub, person, status) }
}

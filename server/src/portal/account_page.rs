//! Where one is signed in, and signing out there.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::form::Posted;
use super::moment::Moment;
use super::page::{Page, to};
use super::person::Person;
use super::refusal::Refusal;
use crate::hub::Hub;
use crate::text;
use crate::vault::WebSessionKey;

/// Which browser.
#[derive(Debug, Deserialize)]
pub struct Fields {
    session: String,
}

#[derive(Template)]
#[template(path = "account_page.html")]
struct AccountPage<'a> {
    csrf: &'a str,
    browsers: Vec<BrowserView>,
}

struct BrowserView {
    key: String,
    is_this: bool,
    since: Moment,
    last_seen: Moment,
}

/// The list.
pub async fn get(hub: web::Data<Hub>, person: Person) -> Result<HttpResponse, Refusal> {
    let (id, now) = (person.id(), hub.clock.now());
    let sessions = hub.in_vault(move |vault| vault.web_sessions_of(id, now)).await?;
    let browsers = sessions.into_iter().map(|session| BrowserView {
        key: session.key.to_string(),
        is_this: session.key == person.session.key,
        since: Moment(session.created),
        last_seen: Moment(session.last_seen),
    });
    let page = AccountPage { csrf: &person.session.csrf, browsers: browsers.collect() };
    let title = text::page_title(text::YOUR_SIGN_INS);
    Page { name: "account", title, body: page.render()? }.answer(&hub, &person, StatusCode::OK)
}

/// Signs one of this person's browsers out.
pub async fn revoke(
    hub: web::Data<Hub>,
    person: Person,
    posted: Posted<Fields>,
) -> Result<HttpResponse, Refusal> {
    let key = WebSessionKey::from_hex(&posted.form.session).ok_or(Refusal::NotFound)?;
    let id = person.id();
    if !hub.in_vault(move |vault| vault.revoke_web_session(id, key)).await? {
        return Err(Refusal::NotFound);
    }
    hub.reception.ring();
    Ok(to("/account"))
}

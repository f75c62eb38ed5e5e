//! Signing in and out.

use std::fmt::Write as _;

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use beckon_events::envelope::Actor;
use beckon_events::{OperatorId, Personal, operator};
use serde::Deserialize;

use super::cookie;
use super::form::{FormToken, Posted};
use super::page::{Page, to};
use super::person::Person;
use super::refusal::Refusal;
use crate::client_address::client_address;
use crate::hub::Hub;
use crate::text;

/// Where somebody wanted to go, and why they are here.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    next: Option<String>,
    after: Option<String>,
}

/// What the form holds.
#[derive(Debug, Deserialize)]
pub struct Fields {
    email: String,
    password: String,
    #[serde(default)]
    next: String,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    csrf: &'a str,
    next: &'a str,
    email: &'a str,
    problem: Option<&'a str>,
    done: Option<&'a str>,
}

/// The form.
pub async fn get(token: FormToken, asked: web::Query<Asked>) -> Result<HttpResponse, Refusal> {
    let done = match asked.after.as_deref() {
        Some("idle") => Some(text::SIGNED_OUT_IDLE),
        Some("sign-out") => Some(text::SIGNED_OUT),
        _ => None,
    };
    let next = asked.next.as_deref().filter(|next| is_own_path(next)).unwrap_or("/");
    SignInPage { csrf: &token.0, next, email: "", problem: None, done }.answer(StatusCode::OK)
}

/// Signs in, or says that e-mail or password is wrong; never which.
pub async fn post(
    hub: web::Data<Hub>,
    request: HttpRequest,
    token: FormToken,
    posted: Posted<Fields>,
) -> Result<HttpResponse, Refusal> {
    let Fields { email, password, next } = posted.form;
    let next = if is_own_path(&next) { next.as_str() } else { "/" };
    let again = |status, problem| {
        let problem = Some(problem);
        SignInPage { csrf: &token.0, next, email: &email, problem, done: None }.answer(status)
    };
    let address = client_address(&hub.config.trusted_proxies, &request);
    let Ok(attempt) = hub.reception.attempt(&email, address, hub.clock.monotonic()) else {
        return again(StatusCode::TOO_MANY_REQUESTS, text::CROWDED);
    };
    attempt.turn().await;
    let (operator, active) = hub.views.read(|models| {
        let row = models.roster.by_email(email.trim());
        (row.map(|row| row.id), row.is_some_and(beckon_projections::OperatorRow::is_active))
    });
    let vault = hub.vault.clone();
    let right = hub.reception.hashing(move || vault.verify_password(operator, &password)).await?;
    let Some(operator) = operator.filter(|_| right && active) else {
        hub.metrics.sign_in_refused();
        tracing::info!("a sign-in was refused");
        if let Some(operator) = operator {
            record_refusal(&hub, operator, address.to_string().into());
        }
        return again(StatusCode::UNPROCESSABLE_ENTITY, text::WRONG_SIGN_IN);
    };
    attempt.succeed();
    tracing::info!(%operator, "signed in");
    let before = cookie::read(&request, cookie::SESSION);
    let cookie = sign_in(&hub, operator, before, address.to_string().into()).await?;
    let mut response = to(next);
    response.add_cookie(&cookie).map_err(|_| Refusal::Busy)?;
    Ok(response)
}

/// Signs this browser out. A Control that runs goes on.
pub async fn sign_out(
    hub: web::Data<Hub>,
    request: HttpRequest,
    person: Person,
    posted: Posted<()>,
) -> Result<HttpResponse, Refusal> {
    hub.operator(person.id(), person.source(&posted.key), operator::Command::SignOut).await?;
    if let Some(id) = cookie::read(&request, cookie::SESSION) {
        let vault = hub.vault.clone();
        web::block(move || vault.sign_out(&id)).await??;
    }
    hub.reception.ring();
    let mut response = to("/sign-in?after=sign-out");
    response.add_cookie(&cookie::forget(cookie::SESSION)).map_err(|_| Refusal::Busy)?;
    Ok(response)
}

/// Opens a web session for somebody who has proved who they are; the browser's earlier one ends.
pub async fn sign_in(
    hub: &Hub,
    operator: OperatorId,
    before: Option<String>,
    address: Personal<String>,
) -> Result<Cookie<'static>, Refusal> {
    let source = hub.own(Actor::operator(operator));
    let done = hub.operator(operator, source, operator::Command::SignIn { address }).await?;
    hub.reached(&done).await;
    let (vault, now) = (hub.vault.clone(), hub.clock.now());
    let signed_in = web::block(move || {
        if let Some(before) = before {
            vault.sign_out(&before)?;
        }
        vault.sign_in(operator, now)
    });
    let id = signed_in.await??.id;
    hub.reception.ring();
    Ok(cookie::keep(cookie::SESSION, id.as_str().to_owned()))
}

/// The address of the form, which leads to `next` afterwards.
pub fn with_next(next: &str) -> String {
    if next == "/" || !is_own_path(next) {
        return "/sign-in".to_owned();
    }
    let mut address = "/sign-in?next=".to_owned();
    for byte in next.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                address.push(char::from(byte));
            }
            other => {
                // Writing to a string does not fail.
                let _ = write!(address, "%{other:02X}");
            }
        }
    }
    address
}

/// Not waited for: a known address must not take longer to answer than an unknown one.
fn record_refusal(hub: &web::Data<Hub>, operator: OperatorId, address: Personal<String>) {
    let hub = web::Data::clone(hub);
    actix_web::rt::spawn(async move {
        let command = operator::Command::RefuseSignIn { address };
        let source = hub.own(Actor::SYSTEM);
        if let Err(error) = hub.operator(operator, source, command).await {
            tracing::warn!(%error, "a refused sign-in was not recorded");
        }
    });
}

/// Whether a path leads into this portal and nowhere else.
fn is_own_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains(|c: char| c == '\\' || c.is_control())
}

impl SignInPage<'_> {
    fn answer(&self, status: StatusCode) -> Result<HttpResponse, Refusal> {
        let title = text::page_title(text::SIGN_IN);
        Page { name: "sign-in", title, body: self.render()? }.open(status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_comes_back_to_a_page_of_this_portal_only() {
        assert_eq!(with_next("/sessions?page=2"), "/sign-in?next=/sessions%3Fpage%3D2");
        for elsewhere in ["//evil.org", "https://evil.org", "/\\evil.org", "evil", "/\nx"] {
            assert_eq!(with_next(elsewhere), "/sign-in", "{elsewhere:?}");
        }
    }
}

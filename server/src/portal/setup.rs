//! The setup link: somebody chooses their name, e-mail and password.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use beckon_events::envelope::Actor;
use beckon_events::{CommandId, OperatorId, operator};
use beckon_projections::OperatorRow;
use serde::Deserialize;
use uuid::Uuid;

use super::form::{FormToken, Posted};
use super::page::{Page, to};
use super::refusal::Refusal;
use super::{cookie, sign_in};
use crate::client_address::client_address;
use crate::dispatch::Source;
use crate::hub::Hub;
use crate::vault::{PASSWORD_MAX, PASSWORD_MIN};
use crate::{mail, text};

/// The longest name, in characters.
const NAME_MAX: usize = 80;

/// What the link holds.
#[derive(Debug, Deserialize)]
pub struct Claim {
    token: String,
}

/// What the form holds.
#[derive(Debug, Default, Deserialize)]
pub struct Fields {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    password: String,
    again: String,
}

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage<'a> {
    csrf: &'a str,
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    csrf: &'a str,
    company: &'a str,
    /// They have a name already and only choose another password.
    registered: bool,
    name: &'a str,
    email: &'a str,
    problem: Option<&'a str>,
}

/// The page that the link opens; its script sends on what stands after the `#`.
pub async fn get(token: FormToken) -> Result<HttpResponse, Refusal> {
    let body = SetupPage { csrf: &token.0 }.render()?;
    Page { name: "setup", title: text::page_title(text::SETUP), body }.open(StatusCode::OK)
}

/// Takes the link in: the first browser gets it.
pub async fn claim(hub: web::Data<Hub>, posted: Posted<Claim>) -> Result<HttpResponse, Refusal> {
    let (vault, now) = (hub.vault.clone(), hub.clock.now());
    let token = posted.form.token.trim().trim_start_matches('#').to_owned();
    let claim = web::block(move || vault.claim_setup(&token, now)).await??;
    let claim = claim.ok_or(Refusal::SetupGone)?;
    let cookie = cookie::keep(cookie::SETUP, claim.browser.as_str().to_owned());
    let mut response = to("/setup/account");
    response.add_cookie(&cookie).map_err(|_| Refusal::Busy)?;
    Ok(response)
}

/// The form.
pub async fn form(
    hub: web::Data<Hub>,
    request: HttpRequest,
    token: FormToken,
) -> Result<HttpResponse, Refusal> {
    let row = claimed(&hub, &request).await?;
    let name = if row.registered { "" } else { row.name.or("") };
    account_page(&hub, &token, &row, (name, ""), None)
}

/// Takes the form in and signs the browser in. Afterwards the link is used up.
pub async fn finish(
    hub: web::Data<Hub>,
    request: HttpRequest,
    token: FormToken,
    posted: Posted<Fields>,
) -> Result<HttpResponse, Refusal> {
    let row = claimed(&hub, &request).await?;
    let Fields { name, email, password, again } = posted.form;
    let (name, email) = (name.trim(), email.trim());
    if let Some(problem) = problem(&hub, &row, (name, email), (&password, &again)) {
        return account_page(&hub, &token, &row, (name, email), Some(problem));
    }
    let (id, vault) = (row.id, hub.vault.clone());
    hub.reception.hashing(move || vault.set_password(id, &password)).await?;
    let command = if row.registered {
        operator::Command::ChangePassword
    } else {
        operator::Command::Register { name: name.into(), email: email.into() }
    };
    let browser = cookie::read(&request, cookie::SETUP).ok_or(Refusal::SetupGone)?;
    let done = hub.operator(id, source(id, &browser), command).await?;
    hub.reached(&done).await;
    let (vault, now) = (hub.vault.clone(), hub.clock.now());
    // Who was signed in with an earlier password is out.
    web::block(move || {
        vault.finish_setup(&browser, now)?;
        vault.revoke_web_sessions_of(id)
    })
    .await??;
    let address = client_address(&hub.config.trusted_proxies, &request).to_string().into();
    let signed_in = sign_in::sign_in(&hub, id, None, address).await?;
    let mut response = to("/");
    for cookie in [signed_in, cookie::forget(cookie::SETUP)] {
        response.add_cookie(&cookie).map_err(|_| Refusal::Busy)?;
    }
    Ok(response)
}

/// The same browser finishing twice registers once.
fn source(operator: OperatorId, browser: &str) -> Source {
    const SETUP: Uuid = Uuid::from_u128(0x6265_636b_6f6e_4000_8000_0073_6574_7570);
    Source { command: CommandId::within(SETUP, browser), actor: Actor::operator(operator) }
}

async fn claimed(hub: &Hub, request: &HttpRequest) -> Result<OperatorRow, Refusal> {
    let browser = cookie::read(request, cookie::SETUP).ok_or(Refusal::SetupGone)?;
    let (vault, now) = (hub.vault.clone(), hub.clock.now());
    let id = web::block(move || vault.setup_of(&browser, now)).await??;
    let id = id.ok_or(Refusal::SetupGone)?;
    hub.views.read(|models| models.roster.get(id).cloned()).ok_or(Refusal::SetupGone)
}

fn problem(
    hub: &Hub,
    row: &OperatorRow,
    (name, email): (&str, &str),
    (password, again): (&str, &str),
) -> Option<&'static str> {
    if !row.registered {
        if !(1..=NAME_MAX).contains(&name.chars().count()) || name.chars().any(char::is_control) {
            return Some(text::NAME_LENGTH);
        }
        if mail::address(email).is_none() {
            return Some(text::EMAIL_WRONG);
        }
        if hub.views.read(|models| models.roster.by_email(email).is_some()) {
            return Some(text::EMAIL_TAKEN);
        }
    }
    if !(PASSWORD_MIN..=PASSWORD_MAX).contains(&password.chars().count()) {
        return Some(text::PASSWORD_LENGTH);
    }
    (password != again).then_some(text::PASSWORDS_DIFFER)
}

fn account_page(
    hub: &Hub,
    FormToken(csrf): &FormToken,
    row: &OperatorRow,
    (name, email): (&str, &str),
    problem: Option<&str>,
) -> Result<HttpResponse, Refusal> {
    let company = hub.company();
    let registered = row.registered;
    let page = AccountPage { csrf, company: &company, registered, name, email, problem };
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let title = if registered { text::NEW_PASSWORD } else { text::SETUP };
    Page { name: "account", title: text::page_title(title), body: page.render()? }.open(status)
}

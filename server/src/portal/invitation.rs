//! The page behind an invitation's link, for end users.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use beckon_projections::SessionState;
use beckon_protocol::{AgentFileName, JoinCode};
use serde::Deserialize;
use serde_json::json;

use super::control_page::{Offer, offers};
use super::form::{FormToken, Posted};
use super::invite::server;
use super::page::Page;
use super::refusal::Refusal;
use crate::downloads::Program;
use crate::hub::Hub;
use crate::text;

/// What stands after the `#`.
#[derive(Debug, Deserialize)]
pub struct TokenFields {
    token: String,
}

/// What is typed where no script runs.
#[derive(Debug, Deserialize)]
pub struct CodeFields {
    code: String,
}

#[derive(Template)]
#[template(path = "invitation.html")]
struct InvitationPage<'a> {
    csrf: &'a str,
    own: Offer,
    others: Vec<Offer>,
    /// As typed.
    typed: &'a str,
    problem: Option<&'a str>,
    /// Known only after the code was typed; the script fills it in otherwise.
    ready: Option<Ready>,
}

/// A code, and the download's name.
struct Ready {
    code: String,
    name: String,
}

/// The page; its script sends on what stands after the `#`.
pub async fn get(
    hub: web::Data<Hub>,
    request: HttpRequest,
    token: FormToken,
) -> Result<HttpResponse, Refusal> {
    show(&hub, &request, &token, "", None, None).await
}

/// Who waits behind a link, and its code. Expired, used, cancelled and unknown links get the
/// same answer.
pub async fn open(
    hub: web::Data<Hub>,
    posted: Posted<TokenFields>,
) -> Result<HttpResponse, Refusal> {
    let (vault, token, now) = (hub.vault.clone(), posted.form.token, hub.clock.now());
    let found = web::block(move || {
        let Some(session) = vault.session_by_token(&token)? else { return Ok(None) };
        Ok::<_, crate::vault::VaultError>(vault.invitation(session)?.map(|kept| (session, kept)))
    });
    let waiting = found.await??.and_then(|(session, kept)| {
        let row = hub.views.read(|models| models.sessions.get(session).cloned())?;
        let open = row.state == SessionState::WaitingForUser && now < row.deadline;
        open.then_some((row.operator, kept))
    });
    let Some((operator, kept)) = waiting else {
        let nothing = json!({ "problem": text::INVITATION_INVALID });
        return Ok(HttpResponse::NotFound().json(nothing));
    };
    let code: JoinCode = kept.code.parse().map_err(|_| Refusal::Busy)?;
    let ready = Ready::new(&hub, &code)?;
    Ok(HttpResponse::Ok().json(json!({
        "waiting": text::waiting(&hub.display_name(operator), &hub.company()),
        "code": ready.code,
        "name": ready.name,
    })))
}

/// The same download for a typed code. It is not looked up: that is for the agent to do, where
/// attempts are counted.
pub async fn typed(
    hub: web::Data<Hub>,
    request: HttpRequest,
    token: FormToken,
    posted: Posted<CodeFields>,
) -> Result<HttpResponse, Refusal> {
    let typed = posted.form.code.trim();
    match typed.parse::<JoinCode>() {
        Ok(code) => {
            let ready = Ready::new(&hub, &code)?;
            show(&hub, &request, &token, typed, None, Some(ready)).await
        }
        Err(error) => {
            let problem = text::code_wrong(&error.to_string());
            show(&hub, &request, &token, typed, Some(&problem), None).await
        }
    }
}

impl Ready {
    fn new(hub: &Hub, code: &JoinCode) -> Result<Self, Refusal> {
        let name = AgentFileName { server: server(hub)?, code: code.clone() };
        Ok(Self { code: code.to_string(), name: name.to_string() })
    }
}

async fn show(
    hub: &Hub,
    request: &HttpRequest,
    token: &FormToken,
    typed: &str,
    problem: Option<&str>,
    ready: Option<Ready>,
) -> Result<HttpResponse, Refusal> {
    let (own, others) = offers(hub, request, Program::Agent).await?;
    let typed = typed.get(..typed.len().min(64)).unwrap_or_default();
    let page = InvitationPage { csrf: &token.0, own, others, typed, problem, ready };
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let title = text::page_title(text::INVITATION);
    Page { name: "invitation", title, body: page.render()? }.open(status)
}

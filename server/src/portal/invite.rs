//! What an invitation shows: link, code, picture, and the field for an address.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use beckon_events::{SessionId, Timestamp, session};
use beckon_protocol::{InvitationLink, JoinCode, LinkToken, ServerAddress};

use super::moment::Moment;
use super::page::{Page, part_or_page};
use super::person::Person;
use super::qr;
use super::refusal::Refusal;
use crate::hub::Hub;
use crate::mail::{self, InvitationMail, MailError};
use crate::text;

/// An open invitation, as its creator sees it.
#[derive(Clone, Debug)]
pub struct Invite {
    /// The link.
    pub link: String,
    /// The code in groups.
    pub code: String,
    /// The picture's address.
    pub qr: Option<String>,
    /// Until when both work.
    pub until: Moment,
    /// Whether mail can be sent at all.
    pub can_mail: bool,
}

#[derive(Template)]
#[template(path = "invite.html")]
struct InviteDialog<'a> {
    id: SessionId,
    title: &'a str,
    csrf: &'a str,
    key: String,
    invite: &'a Invite,
    to: &'a str,
    problem: Option<&'a str>,
    done: Option<&'a str>,
    sent: bool,
}

/// What the dialog of an open invitation says besides.
#[derive(Clone, Debug, Default)]
pub struct Said<'a> {
    /// The address as typed.
    pub to: &'a str,
    /// What went wrong.
    pub problem: Option<&'a str>,
    /// What was done.
    pub done: Option<&'a str>,
    /// Whether it was mailed before.
    pub sent: bool,
}

impl Invite {
    /// The invitation with this code and token.
    pub fn new(
        hub: &Hub,
        code: &JoinCode,
        token: &LinkToken,
        until: Timestamp,
    ) -> Result<Self, Refusal> {
        let link =
            InvitationLink { server: server(hub)?, token: token.clone(), code: code.clone() };
        let link = link.to_string();
        Ok(Self {
            qr: qr::picture(&link),
            link,
            code: code.to_string(),
            until: Moment(until),
            can_mail: hub.config.smtp.is_some(),
        })
    }

    /// The open invitation of a session, from the vault.
    pub async fn open(hub: &Hub, id: SessionId, until: Timestamp) -> Result<Option<Self>, Refusal> {
        let vault = hub.vault.clone();
        let Some(kept) = web::block(move || vault.invitation(id)).await?? else { return Ok(None) };
        let (Ok(code), Ok(token)) = (kept.code.parse(), kept.token.parse()) else {
            return Ok(None);
        };
        Self::new(hub, &code, &token, until).map(Some)
    }

    /// Mails it and records that.
    pub async fn send(
        &self,
        hub: &Hub,
        person: &Person,
        (id, key): (SessionId, &str),
        to: lettre::Address,
    ) -> Result<(), NotSent> {
        let smtp = hub.config.smtp.as_ref().ok_or(NotSent::NoSmtp)?;
        let recipient = to.to_string();
        let mail = InvitationMail {
            to,
            operator: hub.display_name(person.id()),
            company: hub.company(),
            link: self.link.clone(),
            code: self.code.clone(),
            until: text::utc(self.until.0),
        };
        let handed_over = mail::send(smtp, &mail).await;
        hub.metrics.mailed(handed_over.is_ok());
        if let Err(error) = handed_over {
            tracing::warn!(why = error.kind(), session = %id, "an invitation was not mailed");
            return Err(NotSent::Mail(error));
        }
        let sent = session::Command::RecordInvitation { to: recipient.into() };
        let done = hub.session(id, person.source(key), sent).await.map_err(Refusal::from);
        hub.reached(&done.map_err(NotSent::Refused)?).await;
        Ok(())
    }
}

/// Why an invitation was not mailed, or that was not recorded.
#[derive(Debug)]
pub enum NotSent {
    /// The server has no mail server.
    NoSmtp,
    /// The mail server did not take it.
    Mail(MailError),
    /// It was not recorded.
    Refused(Refusal),
}

impl std::fmt::Display for NotSent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoSmtp => f.write_str(text::NO_SMTP),
            Self::Mail(error) => f.write_str(&text::sentence(&error.to_string())),
            Self::Refused(refusal) => f.write_str(&refusal.to_string()),
        }
    }
}

/// Where agents and Controls reach this server.
pub fn server(hub: &Hub) -> Result<ServerAddress, Refusal> {
    hub.public_url.to_string().parse().map_err(|error| {
        tracing::error!(%error, "public_url is no address for agents");
        Refusal::Busy
    })
}

/// The dialog of an open invitation.
pub fn dialog(
    hub: &Hub,
    person: &Person,
    request: &HttpRequest,
    (id, title): (SessionId, &str),
    invite: &Invite,
    said: Said<'_>,
) -> Result<HttpResponse, Refusal> {
    let Said { to, problem, done, sent } = said;
    let (csrf, key) = (person.session.csrf.as_str(), hub.random.uuid().to_string());
    let body = InviteDialog { id, title, csrf, key, invite, to, problem, done, sent }.render()?;
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = Page { name: "invite", title: text::page_title(title), body };
    part_or_page(hub, person, request, status, page)
}

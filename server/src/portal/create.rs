//! The Create dialog: a draft until Create or Send is pressed.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use beckon_events::{Personal, session};
use beckon_projections::SessionState;
use beckon_protocol::JoinCode;
use serde::Deserialize;

use super::draft::{Draft, DraftFields};
use super::form::Posted;
use super::invite::{Invite, Said, dialog};
use super::page::{Page, part_or_page, to as redirect, wants_part};
use super::person::Person;
use super::refusal::Refusal;
use crate::hub::Hub;
use crate::{mail, text};

/// The longest name, in characters.
const NAME_MAX: usize = 80;
/// The longest note, in characters.
const NOTE_MAX: usize = 2_000;

/// What the form holds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    session: String,
    code: String,
    token: String,
    expires: String,
    mac: String,
    name: String,
    note: String,
    to: String,
    /// The button: `create` or `send`.
    #[serde(rename = "do")]
    button: String,
}

#[derive(Template)]
#[template(path = "create.html")]
struct CreateDialog<'a> {
    csrf: &'a str,
    draft: &'a DraftFields,
    invite: &'a Invite,
    name: &'a str,
    note: &'a str,
    to: &'a str,
    problem: Option<&'a str>,
}

/// A new draft. Nothing is stored.
pub async fn form(
    hub: web::Data<Hub>,
    request: HttpRequest,
    person: Person,
) -> Result<HttpResponse, Refusal> {
    let draft = fresh(&hub);
    let fields = Fields { name: draft.code.to_string(), ..Fields::default() };
    show(&hub, &person, &request, &draft, &fields, None)
}

/// Makes the session, and for Send mails the invitation.
pub async fn post(
    hub: web::Data<Hub>,
    request: HttpRequest,
    person: Person,
    posted: Posted<Fields>,
) -> Result<HttpResponse, Refusal> {
    let fields = posted.form;
    let draft = match read(&hub, &person, &fields) {
        Ok(draft) => draft,
        Err(problem) => return anew(&hub, &person, &request, &fields, problem),
    };
    let typed = match Typed::check(&fields, &draft.code) {
        Ok(typed) => typed,
        Err(problem) => return show(&hub, &person, &request, &draft, &fields, Some(problem)),
    };
    let most = hub.config.session.max_open_invitations;
    let known = hub.find(draft.session).await?;
    let open = hub.views.read(|models| models.sessions.open_invitations(person.id()).len());
    if known.is_none() && open >= usize::try_from(most).unwrap_or(usize::MAX) {
        let problem = text::too_many_invitations(most);
        return show(&hub, &person, &request, &draft, &fields, Some(&problem));
    }
    // The form was sent again after somebody had joined, or the invitation is over.
    if known.is_some_and(|row| row.state != SessionState::WaitingForUser) {
        return anew(&hub, &person, &request, &fields, text::DRAFT_OLD);
    }
    if let Err(refusal) = create(&hub, &person, &draft, &typed).await {
        return show(&hub, &person, &request, &draft, &fields, Some(&refusal.to_string()));
    }
    let Some(address) = typed.to else {
        return Ok(created(&request));
    };
    let shown_to = address.to_string();
    let invite = Invite::new(&hub, &draft.code, &draft.token, draft.expires)?;
    let key = format!("send {}", draft.session);
    let sent = invite.send(&hub, &person, (draft.session, &key), address).await;
    let (problem, done) = match sent {
        Ok(()) => (None, Some(text::created_and_sent(&shown_to))),
        Err(why) => (Some(text::created_not_sent(&why.to_string())), None),
    };
    let title = typed.name.unwrap_or_else(|| draft.code.to_string());
    let said =
        Said { to: &shown_to, problem: problem.as_deref(), done: done.as_deref(), sent: true };
    dialog(&hub, &person, &request, (draft.session, &title), &invite, said)
}

/// What was typed, as it is stored.
#[derive(Debug, PartialEq, Eq)]
struct Typed {
    /// None: named after its code.
    name: Option<String>,
    note: Option<String>,
    /// None: not to be mailed.
    to: Option<lettre::Address>,
}

impl Typed {
    fn check(fields: &Fields, code: &JoinCode) -> Result<Self, &'static str> {
        let name = fields.name.trim();
        if !(1..=NAME_MAX).contains(&name.chars().count()) || name.chars().any(char::is_control) {
            return Err(text::SESSION_NAME_LENGTH);
        }
        let note = fields.note.trim().replace("\r\n", "\n");
        if note.chars().count() > NOTE_MAX {
            return Err(text::NOTE_LENGTH);
        }
        let to = match fields.button.as_str() {
            "send" => Some(mail::address(&fields.to).ok_or(text::EMAIL_WRONG)?),
            _ => None,
        };
        let prefilled = name.parse().as_ref() == Ok(code);
        Ok(Self {
            name: (!prefilled).then(|| name.to_owned()),
            note: (!note.is_empty()).then_some(note),
            to,
        })
    }
}

fn fresh(hub: &Hub) -> Draft {
    Draft::new(&hub.random, hub.clock.now(), hub.config.session.invitation_expiry)
}

fn read(hub: &Hub, person: &Person, fields: &Fields) -> Result<Draft, &'static str> {
    let draft = DraftFields {
        session: fields.session.clone(),
        code: fields.code.clone(),
        token: fields.token.clone(),
        expires: fields.expires.clone(),
        mac: fields.mac.clone(),
    };
    let draft = Draft::read(&draft, hub.folder.pepper(), person.id()).ok_or(text::DRAFT_WRONG)?;
    if hub.clock.now() >= draft.expires { Err(text::DRAFT_OLD) } else { Ok(draft) }
}

/// Keeps code and token before the session is recorded: a session without them could never be
/// joined.
async fn create(hub: &Hub, person: &Person, draft: &Draft, typed: &Typed) -> Result<(), Refusal> {
    let (vault, id, invitation) = (hub.vault.clone(), draft.session, draft.invitation());
    web::block(move || {
        // Sent twice: it is kept already.
        if vault.invitation(id)?.as_ref() == Some(&invitation) {
            return Ok(());
        }
        vault.keep_invitation(id, &invitation)
    })
    .await??;
    let account = hub.views.read(|models| models.account.account()).ok_or(Refusal::NotSetUp)?;
    let pepper = hub.folder.pepper();
    let command = session::Command::Create {
        session: id,
        account,
        operator: person.id(),
        name: typed.name.clone().map(Personal::Known),
        note: typed.note.clone().map(Personal::Known),
        code: pepper.code_digest(&draft.code.folded()),
        token: pepper.code_digest(draft.token.as_str()),
        expires: draft.expires,
    };
    let source = person.source(&format!("create {id}"));
    let done = hub.create(person.id(), id, source, command).await?;
    hub.reached(&done).await;
    Ok(())
}

fn created(request: &HttpRequest) -> HttpResponse {
    if wants_part(request) {
        HttpResponse::NoContent().insert_header(("HX-Redirect", "/sessions")).finish()
    } else {
        redirect("/sessions")
    }
}

/// The form again with a new draft, and with what was typed.
fn anew(
    hub: &Hub,
    person: &Person,
    request: &HttpRequest,
    fields: &Fields,
    problem: &str,
) -> Result<HttpResponse, Refusal> {
    let draft = fresh(hub);
    let mut fields = fields.clone();
    if fields.name.trim().parse::<JoinCode>().is_ok() {
        // It was the old code.
        fields.name = draft.code.to_string();
    }
    show(hub, person, request, &draft, &fields, Some(problem))
}

fn show(
    hub: &Hub,
    person: &Person,
    request: &HttpRequest,
    draft: &Draft,
    fields: &Fields,
    problem: Option<&str>,
) -> Result<HttpResponse, Refusal> {
    let invite = Invite::new(hub, &draft.code, &draft.token, draft.expires)?;
    let written = draft.write(hub.folder.pepper(), person.id());
    let Fields { name, note, to, .. } = fields;
    let csrf = person.session.csrf.as_str();
    let dialog = CreateDialog { csrf, draft: &written, invite: &invite, name, note, to, problem };
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let title = text::page_title(text::NEW_SESSION);
    let page = Page { name: "create", title, body: dialog.render()? };
    part_or_page(hub, person, request, status, page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_stored_as_typed_and_a_name_left_alone_is_none() {
        let code = JoinCode::from_random(&[0, 1, 2, 3, 4, 5, 6, 7, 8]);
        let typed = |name: &str, note: &str, to: &str, button: &str| {
            let fields = Fields {
                name: name.to_owned(),
                note: note.to_owned(),
                to: to.to_owned(),
                button: button.to_owned(),
                ..Fields::default()
            };
            Typed::check(&fields, &code)
        };
        let plain = typed(" 01234-56789 ", "  ", "", "create").unwrap();
        assert_eq!(plain, Typed { name: None, note: None, to: None });
        let named = typed("Printer", "a\r\nb", "x@y.org", "send").unwrap();
        assert_eq!(named.name.as_deref(), Some("Printer"));
        assert_eq!(named.note.as_deref(), Some("a\nb"));
        assert_eq!(named.to.unwrap().to_string(), "x@y.org");
        assert_eq!(typed(" ", "", "", "create"), Err(text::SESSION_NAME_LENGTH));
        assert_eq!(typed(&"é".repeat(81), "", "", "create"), Err(text::SESSION_NAME_LENGTH));
        assert!(typed(&"é".repeat(80), &"é".repeat(2_000), "", "create").is_ok());
        assert_eq!(typed("a", &"é".repeat(2_001), "", "create"), Err(text::NOTE_LENGTH));
        assert_eq!(typed("a", "", "nobody", "send"), Err(text::EMAIL_WRONG));
        assert!(typed("a", "", "nobody", "create").is_ok(), "the address counts for Send only");
    }
}

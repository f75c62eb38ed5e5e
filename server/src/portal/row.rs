//! One session as somebody sees it in a list.

use std::collections::HashMap;

use actix_web::web;
use beckon_events::SessionId;
use beckon_projections::{Right, SessionRow, SessionState};
use beckon_protocol::JoinCode;

use super::moment::Moment;
use super::person::Person;
use super::refusal::Refusal;
use crate::hub::Hub;
use crate::text;

/// The codes of open invitations, by session, in groups.
pub type Codes = HashMap<SessionId, String>;

/// One row, ready for a template.
#[derive(Clone, Debug)]
pub struct RowView {
    /// The session.
    pub id: SessionId,
    /// What it is called for this reader.
    pub title: String,
    /// The state in words.
    pub state: &'static str,
    /// The state for scripts and tests.
    pub slug: &'static str,
    /// Whether the agent is away.
    pub reconnecting: bool,
    /// When it was created.
    pub created: Moment,
    /// When it expires, while it waits for somebody.
    pub expires: Option<Moment>,
    /// When it ended.
    pub ended: Option<Moment>,
    /// How it ended.
    pub how: &'static str,
    /// Whose it is, for those who see everybody's.
    pub operator: Option<String>,
    /// The device that joined, quoted.
    pub device: Option<String>,
    /// What this reader can do with it.
    pub offers: Offers,
}

/// What somebody can do with a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offers {
    /// Look at it.
    Nothing,
    /// Show its invitation, and cancel it.
    Invitation,
    /// View, Control, End.
    Start,
    /// End.
    End,
}

/// The codes that `person` may read among `rows`.
pub async fn codes(hub: &Hub, person: &Person, rows: &[SessionRow]) -> Result<Codes, Refusal> {
    let wanted: Vec<_> = rows
        .iter()
        .filter(|row| person.holds(row) && row.state == SessionState::WaitingForUser)
        .map(|row| row.id)
        .collect();
    if wanted.is_empty() {
        return Ok(Codes::new());
    }
    let vault = hub.vault.clone();
    let read = web::block(move || {
        let mut codes = Codes::new();
        for id in wanted {
            if let Some(invitation) = vault.invitation(id)? {
                codes.insert(id, grouped(&invitation.code));
            }
        }
        Ok::<_, crate::vault::VaultError>(codes)
    });
    Ok(read.await??)
}

/// A folded code in groups of five.
pub fn grouped(code: &str) -> String {
    code.parse::<JoinCode>().map_or_else(|_| code.to_owned(), |code| code.to_string())
}

impl RowView {
    /// The row of `session` for `person`.
    pub fn of(hub: &Hub, person: &Person, session: &SessionRow, codes: &Codes) -> Self {
        use SessionState::{
            ApprovalRequested, Available, Ended, Expired, InSession, WaitingForUser,
        };
        let code = codes.get(&session.id).map(String::as_str);
        let expires = match session.state {
            WaitingForUser | Available => Some(Moment(session.deadline)),
            ApprovalRequested | InSession | Ended | Expired => None,
        };
        let operator = person.may(Right::SeeEverySession).then(|| {
            let name = |row: &beckon_projections::OperatorRow| row.name.or(text::ERASED).to_owned();
            hub.views.read(|models| models.roster.get(session.operator).map(name))
        });
        let device = session.device.as_ref().and_then(|device| device.host.known());
        let device = device.filter(|host| !host.trim().is_empty());
        Self {
            id: session.id,
            title: text::title(session.title(), session.created, code),
            state: text::state(session.state),
            slug: slug(session.state),
            reconnecting: session.reconnecting,
            created: Moment(session.created),
            expires,
            ended: session.closed_at.map(Moment),
            how: session.closed.map_or("", text::closed),
            operator: operator.flatten(),
            device: device.map(|device| text::quoted(device)),
            offers: match session.state {
                Ended | Expired => Offers::Nothing,
                _ if !person.holds(session) => Offers::Nothing,
                WaitingForUser => Offers::Invitation,
                Available if !session.reconnecting => Offers::Start,
                Available | ApprovalRequested | InSession => Offers::End,
            },
        }
    }

    /// Whether View and Control can be pressed.
    pub fn can_open(&self) -> bool {
        self.offers == Offers::Start
    }

    /// Whether the invitation can be shown and cancelled.
    pub fn can_invite(&self) -> bool {
        self.offers == Offers::Invitation
    }

    /// Whether it can be ended.
    pub fn can_end(&self) -> bool {
        matches!(self.offers, Offers::Start | Offers::End)
    }
}

/// The name of a state for scripts and addresses.
pub fn slug(state: SessionState) -> &'static str {
    match state {
        SessionState::WaitingForUser => "waiting-for-user",
        SessionState::Available => "available",
        SessionState::ApprovalRequested => "approval-requested",
        SessionState::InSession => "in-session",
        SessionState::Ended => "ended",
        SessionState::Expired => "expired",
    }
}

/// This session, where `person` sees it; else it does not exist for them.
pub async fn seen(hub: &Hub, person: &Person, id: SessionId) -> Result<SessionRow, Refusal> {
    let row = hub.find(id).await?;
    row.filter(|row| person.sees_session(row)).ok_or(Refusal::NotFound)
}

/// This session, where `person` holds it; else it does not exist for them.
pub async fn held(hub: &Hub, person: &Person, id: SessionId) -> Result<SessionRow, Refusal> {
    let row = hub.find(id).await?;
    row.filter(|row| person.holds(row)).ok_or(Refusal::NotFound)
}

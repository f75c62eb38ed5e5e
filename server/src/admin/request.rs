//! The administrator's requests.

use std::time::Duration;

use beckon_events::envelope::Actor;
use beckon_events::operator::{Command, Role};
use beckon_events::{AccountId, OperatorId, Personal, account};
use serde::{Deserialize, Serialize};

use crate::dispatch::DispatchError;
use crate::hub::Hub;
use crate::text;

/// A setup link opens so long.
const SETUP_FOR: Duration = Duration::from_mins(15);

/// What can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case", deny_unknown_fields)]
pub enum AdminRequest {
    /// Set the server up for a company; `again` makes a further link once an administrator exists.
    Init {
        /// The company's name.
        company: String,
        /// Whether an administrator is locked out.
        again: bool,
    },
    /// Let somebody register.
    AddUser {
        /// Their first and last name.
        name: String,
        /// What they may do.
        role: Role,
    },
}

/// The answer: a text for the terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdminAnswer {
    /// It is done.
    Done(String),
    /// It is not, and why.
    Refused(String),
}

/// Carries out one request.
pub async fn carry_out(hub: &Hub, request: AdminRequest) -> AdminAnswer {
    let answer = match request {
        AdminRequest::Init { company, again } => init(hub, company, again).await,
        AdminRequest::AddUser { name, role } => add_user(hub, name, role).await,
    };
    match answer {
        Ok(done) => AdminAnswer::Done(done),
        Err(error) => AdminAnswer::Refused(error.to_string()),
    }
}

async fn init(hub: &Hub, company: String, again: bool) -> Result<String, DispatchError> {
    let (open, has_admin, waiting) = hub.views.read(|models| {
        let invited = models
            .roster
            .all()
            .iter()
            .find(|row| row.role == Role::Admin && !row.registered && !row.disabled);
        (models.account.account(), models.roster.has_admin(), invited.map(|row| row.id))
    });
    if has_admin && !again {
        return Err(DispatchError::Rejected(text::INIT_DONE_BEFORE.to_owned()));
    }
    let account = if let Some(account) = open {
        account
    } else {
        let account = AccountId(hub.random.uuid());
        let command = account::Command::Open { account, company };
        let done = hub.account(hub.own(Actor::SYSTEM), command).await?;
        hub.reached(&done).await;
        account
    };
    let operator = match waiting {
        Some(operator) => operator,
        None => invite(hub, account, text::ADMINISTRATOR.to_owned(), Role::Admin).await?,
    };
    let link = setup_link(hub, operator).await?;
    Ok(text::init_done(&hub.company(), &link))
}

async fn add_user(hub: &Hub, name: String, role: Role) -> Result<String, DispatchError> {
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > account::COMPANY_MAX {
        return Err(DispatchError::Rejected(text::NAME_LENGTH.to_owned()));
    }
    let account = hub.views.read(|models| models.account.account());
    let account =
        account.ok_or_else(|| DispatchError::Rejected(account::Rejection::Missing.to_string()))?;
    let operator = invite(hub, account, name.clone(), role).await?;
    let link = setup_link(hub, operator).await?;
    Ok(text::user_added(&name, role, &link))
}

async fn invite(
    hub: &Hub,
    account: AccountId,
    name: String,
    role: Role,
) -> Result<OperatorId, DispatchError> {
    let operator = OperatorId(hub.random.uuid());
    let command = Command::Invite { operator, account, name: Personal::Known(name), role };
    let done = hub.operator(operator, hub.own(Actor::SYSTEM), command).await?;
    hub.reached(&done).await;
    Ok(operator)
}

async fn setup_link(hub: &Hub, operator: OperatorId) -> Result<String, DispatchError> {
    let now = hub.journal.now();
    let secret = hub.in_vault(move |vault| vault.issue_setup(operator, SETUP_FOR, now)).await?;
    Ok(format!("{}/setup#{}", hub.public_url, secret.as_str()))
}

//! The administrator's requests.

use std::path::PathBuf;
use std::time::Duration;

use beckon_events::account::Names;
use beckon_events::envelope::Actor;
use beckon_events::operator::{Command, Role};
use beckon_events::{AccountId, OperatorId, Personal, SessionId, account};
use beckon_protocol::evidence::fingerprint;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::dispatch::DispatchError;
use crate::doctor::Standing;
use crate::erase::erase;
use crate::export::{self, Contents, Wish};
use crate::hub::Hub;
use crate::views::ViewsError;
use crate::{backup, text};

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
    /// Everybody with a sign-in.
    ListUsers {},
    /// Erase a subject.
    Erase {
        /// Whom.
        subject: String,
        /// Why.
        reason: String,
    },
    /// Make an API token that opens the log.
    AddToken {
        /// What it is for.
        label: String,
    },
    /// Every API token.
    ListTokens {},
    /// Revoke an API token.
    RevokeToken {
        /// Its id.
        token: Uuid,
    },
    /// Copy the data folder.
    Backup {
        /// Where to; an absolute path.
        folder: PathBuf,
        /// Where the keys go, if anywhere.
        keys: Option<PathBuf>,
    },
    /// Take a copy of the log, or of one session, away.
    Export {
        /// Where to; an absolute path.
        target: PathBuf,
        /// One session, or the whole log.
        session: Option<SessionId>,
        /// Whose personal values can be read in it.
        names: Names,
    },
    /// How far every read model is.
    ListModels {},
    /// Build read models anew.
    RebuildModels {
        /// One of them, or all.
        name: Option<String>,
    },
    /// How the server stands, with a fresh probe, as JSON: for the doctor.
    Examine {},
    /// Where the requests of a probe came from, as JSON.
    Probed {
        /// What the probe asks.
        probe: String,
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

impl AdminRequest {
    /// Whether the answer holds a link, for which the server's address must be known.
    pub fn prints_link(&self) -> bool {
        matches!(self, Self::Init { .. } | Self::AddUser { .. })
    }

    /// How long an answer may take.
    pub fn within(&self) -> Duration {
        match self {
            Self::Examine {} | Self::Probed { .. } => Duration::from_secs(5),
            // The whole log may be read for it, or written.
            Self::Erase { .. }
            | Self::Backup { .. }
            | Self::Export { .. }
            | Self::RebuildModels { .. } => Duration::from_hours(1),
            _ => Duration::from_secs(30),
        }
    }

    /// Whether it records nothing.
    pub fn only_looks(&self) -> bool {
        matches!(self, Self::ListUsers {} | Self::ListTokens {} | Self::ListModels {})
    }

    /// Whether it makes sense on a data folder that holds nothing yet.
    pub fn may_begin(&self) -> bool {
        matches!(self, Self::Init { .. })
    }
}

/// Carries out one request.
pub async fn carry_out(hub: &Hub, request: AdminRequest) -> AdminAnswer {
    let answer = match request {
        AdminRequest::Init { company, again } => init(hub, company, again).await,
        AdminRequest::AddUser { name, role } => add_user(hub, name, role).await,
        AdminRequest::ListUsers {} => Ok(users(hub)),
        AdminRequest::AddToken { label } => {
            hub.issue_token(&label).await.map(|(id, token)| text::token_added(id, token.as_str()))
        }
        AdminRequest::ListTokens {} => Ok(hub.list_tokens()),
        AdminRequest::RevokeToken { token } => {
            hub.revoke_token(token).await.map(|()| text::token_revoked(token))
        }
        AdminRequest::Erase { subject, reason } => erase(hub, &subject, &reason).await,
        AdminRequest::Backup { folder, keys } => back_up(hub, folder, keys).await,
        AdminRequest::Export { target, session, names } => {
            take_out(hub, target, Wish { session, names }).await
        }
        AdminRequest::ListModels {} => list_models(hub).await,
        AdminRequest::RebuildModels { name } => rebuild_models(hub, name).await,
        AdminRequest::Examine {} => json(&Standing::of(hub).await),
        AdminRequest::Probed { probe } => json(&hub.probes.seen(&probe, hub.clock.monotonic())),
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
            .filter(|row| row.role == Role::Admin && !row.registered && !row.disabled)
            // Without their key they cannot register any more.
            .find(|row| row.name != Personal::Erased);
        (models.account.account(), models.roster.has_admin(), invited.map(|row| row.id))
    });
    let renamed = open.is_some() && company.trim() != hub.company();
    let stays = if renamed { text::company_stays(&hub.company()) } else { String::new() };
    if has_admin && !again {
        return Err(DispatchError::Rejected(format!("{}{stays}", text::INIT_DONE_BEFORE)));
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
    let key = text::log_key(&fingerprint(&hub.folder.log_key().public_key()));
    Ok(format!("{}{stays}\n\n{key}", text::init_done(&hub.company(), &link)))
}

async fn add_user(hub: &Hub, name: String, role: Role) -> Result<String, DispatchError> {
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > account::COMPANY_MAX {
        return Err(DispatchError::Rejected(text::USER_NAME_LENGTH.to_owned()));
    }
    let account = hub.views.read(|models| models.account.account());
    let account =
        account.ok_or_else(|| DispatchError::Rejected(account::Rejection::Missing.to_string()))?;
    let operator = invite(hub, account, name.clone(), role).await?;
    let link = setup_link(hub, operator).await?;
    Ok(text::user_added(&name, role, &link))
}

fn users(hub: &Hub) -> String {
    hub.views.read(|models| {
        let lines: Vec<_> = models.roster.all().iter().map(text::user_line).collect();
        if lines.is_empty() { text::NO_USERS.to_owned() } else { lines.join("\n") }
    })
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

async fn back_up(
    hub: &Hub,
    folder: PathBuf,
    keys: Option<PathBuf>,
) -> Result<String, DispatchError> {
    let (data, store, random) = (hub.folder.clone(), hub.config.store.clone(), hub.random.clone());
    let now = hub.journal.now();
    let copy = move || backup::make(&data, &store, &folder, keys.as_deref(), now, &random);
    match tokio::task::spawn_blocking(copy).await {
        Ok(Ok(made)) => Ok(text::backed_up(made.events, &made.folder, made.keys.as_deref())),
        Ok(Err(error)) => Err(DispatchError::Rejected(error.to_string())),
        Err(error) => Err(DispatchError::Unavailable(error.to_string())),
    }
}

async fn take_out(hub: &Hub, target: PathBuf, wish: Wish) -> Result<String, DispatchError> {
    let session = wish.session;
    match export::write_to(hub, target.clone(), wish).await {
        Ok(Contents { events, opened, .. }) => {
            let key = fingerprint(&hub.folder.log_key().public_key());
            Ok(text::exported(&target, session, (events, opened), &key))
        }
        Err(error) => Err(DispatchError::Rejected(error.to_string())),
    }
}

async fn list_models(hub: &Hub) -> Result<String, DispatchError> {
    let views = hub.views.clone();
    with_views(move || views.standings().map(|all| text::models(&all))).await
}

async fn rebuild_models(hub: &Hub, name: Option<String>) -> Result<String, DispatchError> {
    let (views, clock, begin) = (hub.views.clone(), hub.clock.clone(), hub.clock.monotonic());
    let rebuild = move || match name {
        Some(name) => views.rebuild_one(&name),
        None => views.rebuild(),
    };
    let done = with_views(rebuild).await?;
    Ok(text::models_rebuilt(&done, clock.monotonic().saturating_sub(begin)))
}

async fn with_views<R: Send + 'static>(
    work: impl FnOnce() -> Result<R, ViewsError> + Send + 'static,
) -> Result<R, DispatchError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(|error| DispatchError::Rejected(error.to_string())),
        Err(error) => Err(DispatchError::Unavailable(error.to_string())),
    }
}

async fn setup_link(hub: &Hub, operator: OperatorId) -> Result<String, DispatchError> {
    let now = hub.journal.now();
    let secret = hub.in_vault(move |vault| vault.issue_setup(operator, SETUP_FOR, now)).await?;
    Ok(format!("{}/setup#{}", hub.public_url, secret.as_str()))
}

fn json(value: &impl Serialize) -> Result<String, DispatchError> {
    serde_json::to_string(value).map_err(|error| DispatchError::Unavailable(error.to_string()))
}

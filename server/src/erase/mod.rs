//! Erasing a subject: its key goes, and with it every value of it in the log.
//!
//! ```text
//! Disabled (an operator) ─► the key, and whatever wrapped it ─► rows of the vault ─► SubjectErased
//!    ─► read models without the key ─► the copies that cannot be recalled
//! ```
//!
//! Each step can be repeated. What was cut off once the key was gone is finished by the next start,
//! or by running the command again; before that nothing is lost.

mod copies;
mod finish;
#[cfg(test)]
pub(crate) mod tests;

use beckon_events::envelope::{Actor, ActorKind};
use beckon_events::operator::Command;
use beckon_events::{OperatorId, Personal, SessionId, Subject, SubjectKind, Timestamp, account};
use beckon_projections::Right;

use crate::data_folder::Pepper;
use crate::dispatch::DispatchError;
use crate::hub::Hub;
use crate::ip_prefix::IpPrefix;
use crate::keyring::KeyringError;
use crate::text;
use crate::vault::throttle;
pub use copies::{Copies, Copy};
pub use finish::finish;

/// Erases the subject that `who` names, and says what was done.
pub async fn erase(hub: &Hub, who: &str, reason: &str) -> Result<String, DispatchError> {
    let rejected = |why: &str| DispatchError::Rejected(why.to_owned());
    let subject = named(who, hub.folder.pepper()).ok_or_else(|| rejected(text::SUBJECT_NAME))?;
    let reason =
        account::reason(reason).map_err(|rule| DispatchError::Rejected(rule.to_string()))?;
    if hub.views.read(|models| models.account.account()).is_none() {
        return Err(DispatchError::Rejected(account::Rejection::Missing.to_string()));
    }
    if hub.in_vault(move |vault| vault.subject_key(subject)).await?.is_none() {
        return Err(DispatchError::Rejected(text::subject_unknown(who, subject.kind())));
    }
    free(hub, subject)?;
    if subject.kind() == SubjectKind::Operator {
        let disable = hub.own(Actor::SYSTEM);
        let done = hub.operator(OperatorId(subject.id()), disable, Command::Disable).await?;
        hub.reached(&done).await;
        // A session that they began in between is seen here, and they can begin no other:
        // [`Hub::create`] comes before their end or is refused after it.
        free(hub, subject)?;
    }
    let destroyed = destroy(hub, subject).await?;
    record(hub, subject, reason).await?;
    forget_in_views(hub).await?;
    tracing::info!(%subject, "erased");
    let copies = find_copies(hub, subject).await?;
    let exports = copies.exports.iter().map(|copy| described(hub, copy)).collect::<Vec<_>>();
    let lists = copies.since.map_or(Vec::new(), |since| lists(hub, since));
    Ok(text::erased(subject, destroyed, &exports, &lists))
}

/// `user:<session id>`, `operator:<id>`, `address:<id>` or `address:<ip or network>`.
fn named(who: &str, pepper: &Pepper) -> Option<Subject> {
    let who = who.trim();
    if let Ok(subject) = who.parse() {
        return Some(subject);
    }
    let address = who.strip_prefix("address:")?;
    let network = match address.parse() {
        Ok(ip) => throttle::household(ip),
        Err(_) => address.parse::<IpPrefix>().ok()?,
    };
    Some(Subject::address(pepper.address_subject(&network)))
}

/// Refuses whoever is still needed.
fn free(hub: &Hub, subject: Subject) -> Result<(), DispatchError> {
    let refused = hub.views.read(|models| match subject.kind() {
        SubjectKind::User => {
            let row = models.sessions.get(SessionId(subject.id()));
            row.filter(|row| row.is_live()).map(|_| text::SUBJECT_LIVE)
        }
        SubjectKind::Operator => {
            let operator = OperatorId(subject.id());
            let manages = |id| models.roster.may(id, Right::ManageUsers);
            let others =
                models.roster.all().iter().any(|row| row.id != operator && manages(row.id));
            if manages(operator) && !others {
                Some(text::SUBJECT_LAST_ADMIN)
            } else if models.sessions.live(Some(operator)).is_empty() {
                None
            } else {
                Some(text::SUBJECT_BUSY)
            }
        }
        SubjectKind::Address => None,
    });
    refused.map_or(Ok(()), |why| Err(DispatchError::Rejected(why.to_owned())))
}

/// The key, then whatever else the vault knows; whether there was a key.
async fn destroy(hub: &Hub, subject: Subject) -> Result<bool, DispatchError> {
    let (keys, vault) = (hub.keys.clone(), hub.vault.clone());
    let destroy = move || -> Result<bool, KeyringError> {
        let destroyed = keys.erase(subject)?;
        vault.forget_rows_of(subject)?;
        vault.scrub()?;
        Ok(destroyed)
    };
    blocking(destroy).await
}

/// Says so in the log. The key is gone by now, whatever happens to this.
async fn record(hub: &Hub, subject: Subject, reason: String) -> Result<(), DispatchError> {
    let command = account::Command::Erase { subject, reason };
    let recorded = hub.account(hub.own(Actor::SYSTEM), command).await;
    recorded.map(drop).map_err(|error| {
        let why = match error {
            DispatchError::Unavailable(why) => why,
            error => error.to_string(),
        };
        DispatchError::Unavailable(text::erasure_not_recorded(subject, &why))
    })
}

async fn forget_in_views(hub: &Hub) -> Result<(), DispatchError> {
    let views = hub.views.clone();
    blocking(move || views.rebuild()).await.map(drop)
}

async fn find_copies(hub: &Hub, subject: Subject) -> Result<Copies, DispatchError> {
    let readers = hub.journal.readers();
    blocking(move || copies::copies(&*readers.reader()?, subject)).await
}

/// The lists that somebody took away since then.
fn lists(hub: &Hub, since: Timestamp) -> Vec<String> {
    let taken = hub.views.read(|models| {
        let later = models.exports.lists().iter().filter(|row| row.at >= since);
        later.cloned().collect::<Vec<_>>()
    });
    taken.iter().map(|row| text::list_out(row, &named_operator(hub, row.operator))).collect()
}

fn named_operator(hub: &Hub, id: OperatorId) -> String {
    hub.views.read(|models| {
        let name = models.roster.get(id).map(|row| &row.name).and_then(Personal::known);
        name.cloned().unwrap_or_else(|| text::erased_operator(id))
    })
}

fn described(hub: &Hub, copy: &Copy) -> String {
    let by = match (copy.by.kind, copy.by.id) {
        (ActorKind::Operator, Some(id)) => named_operator(hub, OperatorId(id)),
        _ => text::COMMAND_LINE.to_owned(),
    };
    text::copy_out(copy.at, &by, copy.export, copy.session, copy.readable)
}

/// Waits for work that waits for the disk. What fails can be done again.
async fn blocking<T, E>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, DispatchError>
where
    T: Send + 'static,
    E: std::fmt::Display + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(DispatchError::Unavailable(text::erase_unfinished(&error))),
        Err(error) => Err(DispatchError::Unavailable(text::erase_unfinished(&error))),
    }
}

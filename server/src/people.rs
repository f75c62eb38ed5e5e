//! What sockets and pages want to know about people and sessions, from the read models.

use beckon_events::session::{ControlKeys, Event};
use beckon_events::{
    Action, ActionSet, NoKeys, OperatorId, Personal, PublicKey, SessionId, envelope,
};
use beckon_projections::{Right, SessionRow};
use beckon_protocol::ClaimedDevice;

use crate::dispatch::DispatchError;
use crate::hub::Hub;
use crate::store::StreamName;
use crate::text;
use crate::vault::{Vault, VaultError};

/// What this server lets operators ask for.
pub(crate) fn offered() -> ActionSet {
    [Action::View, Action::Control, Action::Clipboard].into_iter().collect()
}

impl Hub {
    /// The company's name.
    pub fn company(&self) -> String {
        self.views.read(|models| models.account.company().to_owned())
    }

    /// An operator's name as end users see it.
    pub fn display_name(&self, operator: OperatorId) -> String {
        let display = &self.config.session.operator_display;
        self.views.read(|models| {
            let row = models.roster.get(operator);
            row.map(|row| text::operator_name(row, display)).unwrap_or_default()
        })
    }

    /// Whether this Control may act for this operator now.
    pub fn may_control(&self, operator: OperatorId, keys: &ControlKeys) -> bool {
        self.views.read(|models| {
            let row = models.roster.get(operator);
            row.is_some_and(|row| row.may(Right::HoldSessions) && row.has_control(keys))
        })
    }

    /// The title and the device of a live session, for those who may see them.
    pub(crate) fn described(&self, session: SessionId) -> (String, Option<ClaimedDevice>) {
        self.views.read(|models| {
            let Some(row) = models.sessions.get(session) else { return (String::new(), None) };
            let shown = |claimed: &Personal<String>| claimed.or(text::ERASED).to_owned();
            let device = row.device.as_ref().map(|device| ClaimedDevice {
                host: shown(&device.host),
                user: shown(&device.user),
                system: device.system.clone(),
                build: device.build.clone(),
            });
            (text::title(row.title(), row.created, None), device)
        })
    }

    /// This session, live or over.
    pub async fn find(&self, session: SessionId) -> Result<Option<SessionRow>, DispatchError> {
        if let Some(row) = self.views.read(|models| models.sessions.get(session).cloned()) {
            return Ok(Some(row));
        }
        self.views.look(move |tables| tables.session(session)).await
    }

    /// The key of the agent that joined a session.
    pub(crate) async fn agent_of(
        &self,
        session: SessionId,
    ) -> Result<Option<PublicKey>, DispatchError> {
        let events = self.journal.read_stream(StreamName::session(session)).await?;
        Ok(events.iter().find_map(|stored| {
            let position = stored.position.to_bits();
            match envelope::read_as::<Event>(&stored.metadata, &stored.data, position, &NoKeys)
                .ok()?
                .event
            {
                Event::Joined { agent, .. } => Some(agent.ed25519),
                _ => None,
            }
        }))
    }

    /// Works with the vault on a thread that may wait for the disk.
    pub async fn in_vault<R, F>(&self, work: F) -> Result<R, DispatchError>
    where
        R: Send + 'static,
        F: FnOnce(&Vault) -> Result<R, VaultError> + Send + 'static,
    {
        let vault = self.vault.clone();
        let worked = tokio::task::spawn_blocking(move || work(&vault)).await;
        match worked {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => Err(DispatchError::Unavailable(error.to_string())),
            Err(_) => Err(DispatchError::Unavailable("the vault failed".to_owned())),
        }
    }
}

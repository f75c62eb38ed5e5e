//! What portal and gateway share: the way to every aggregate, and to what is known.

use std::sync::Arc;

use actix::{Addr, MailboxError};
use beckon_events::envelope::{self, Actor};
use beckon_events::{
    AccountId, CommandId, OperatorId, SessionId, account, node, operator, session,
};
use beckon_projections::{Projection, SessionTimeline};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::actors::{Do, Journal, Presence, Router, SessionActor};
use crate::clock::{Clock, Random};
use crate::config::{Config, PublicUrl};
use crate::data_folder::DataFolder;
use crate::dispatch::{DispatchError, Done, Source};
use crate::downloads::Downloads;
use crate::evidence::Evidence;
use crate::face::News;
use crate::keyring::Keyring;
use crate::launches::Launches;
use crate::metrics::Metrics;
use crate::probes::Probes;
use crate::rare::Rare;
use crate::store::StreamName;
use crate::tickets::Tickets;
use crate::tokens::Tokens;
use crate::vault::Vault;
use crate::views::Views;

/// The heart of a running server, cheap to clone.
#[derive(Clone)]
pub struct Hub {
    /// The settings.
    pub config: Arc<Config>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Random,
    /// Secrets and counters.
    pub vault: Vault,
    /// The keys of personal values.
    pub keys: Keyring,
    /// Keys and paths.
    pub folder: Arc<DataFolder>,
    /// Where browsers reach this server.
    pub public_url: PublicUrl,
    /// The read models.
    pub views: Views,
    /// Launch tokens, in memory.
    pub launches: Launches,
    /// Relay tickets, in memory.
    pub tickets: Tickets,
    /// The API tokens that stopped counting.
    pub tokens: Tokens,
    /// Rings when the log has grown.
    pub news: News,
    /// The builds of agent and Control that this server hands out.
    pub downloads: Downloads,
    /// What the portal keeps in memory about sign-ins.
    pub reception: crate::portal::Reception,
    /// Proofs from the Merkle tree over the log.
    pub evidence: Evidence,
    /// The way into the log.
    pub journal: Journal,
    /// What is counted.
    pub metrics: Metrics,
    /// What the doctor asks through the public address.
    pub probes: Probes,
    /// Who is connected.
    pub presence: Presence,
    pub(crate) router: Addr<Router>,
    /// One writer per stream: operators and the account share a lock, as they change rarely.
    pub(crate) rare: Arc<Mutex<Rare>>,
}

impl Hub {
    /// Sends a command to a session.
    pub async fn session(
        &self,
        id: SessionId,
        source: Source,
        command: session::Command,
    ) -> Result<Done, DispatchError> {
        self.ask(id, Do { source, command }).await
    }

    /// Makes a session of `operator`, unless they are disabled. Whoever disables them either sees
    /// this session or comes before it.
    pub(crate) async fn create(
        &self,
        operator: OperatorId,
        id: SessionId,
        source: Source,
        command: session::Command,
    ) -> Result<Done, DispatchError> {
        let mut not_meanwhile = self.rare.lock().await;
        let stream = StreamName::operator(operator);
        let known = not_meanwhile.aggregate::<operator::Operator>(&stream, &self.journal);
        known.load().await?;
        if known.state().role().is_none() {
            return Err(DispatchError::Rejected(operator::Rejection::Disabled.to_string()));
        }
        self.session(id, source, command).await
    }

    /// Sends a command to an operator's stream.
    pub async fn operator(
        &self,
        id: OperatorId,
        source: Source,
        command: operator::Command,
    ) -> Result<Done, DispatchError> {
        self.rarely::<operator::Operator>(StreamName::operator(id), source, command).await
    }

    /// Sends a command to the account; before it is open, `Open` names the new one.
    pub async fn account(
        &self,
        source: Source,
        command: account::Command,
    ) -> Result<Done, DispatchError> {
        let known = self.views.read(|models| models.account.account());
        let opened = match &command {
            account::Command::Open { account, .. } => Some(*account),
            _ => None,
        };
        let id: AccountId = known
            .or(opened)
            .ok_or_else(|| DispatchError::Rejected(account::Rejection::Missing.to_string()))?;
        self.rarely::<account::Account>(StreamName::account(id), source, command).await
    }

    pub(crate) async fn node(
        &self,
        stream: StreamName,
        source: Source,
        command: node::Command,
    ) -> Result<Done, DispatchError> {
        self.rarely::<node::Node>(stream, source, command).await
    }

    /// What happened in one session, folded from its stream.
    pub async fn timeline(&self, id: SessionId) -> Result<SessionTimeline, DispatchError> {
        let events = self.journal.read_stream(StreamName::session(id)).await?;
        let keys = self.keys.clone();
        let fold = move || {
            let mut timeline = SessionTimeline::of(id);
            for stored in events {
                let position = stored.position.to_bits();
                timeline.apply(&envelope::read(&stored.metadata, &stored.data, position, &keys)?);
            }
            Ok(timeline)
        };
        match tokio::task::spawn_blocking(fold).await {
            Ok(Ok(timeline)) => Ok(timeline),
            Ok(Err(error)) => {
                let error: envelope::EnvelopeError = error;
                Err(DispatchError::Unavailable(error.to_string()))
            }
            Err(_) => Err(DispatchError::Unavailable("reading the log failed".to_owned())),
        }
    }

    /// Waits (at most 1 s) until the read models show what was done.
    pub async fn reached(&self, done: &Done) -> bool {
        match done.position {
            Some(position) => self.views.reached(position).await,
            None => true,
        }
    }

    /// A source of commands that nobody repeats: the server itself.
    pub fn own(&self, actor: Actor) -> Source {
        Source { command: CommandId(self.random.uuid()), actor }
    }

    /// A source of commands by a rule: the same rule about the same thing gives the same id.
    pub fn policy(&self, rule: &str) -> Source {
        const POLICIES: Uuid = Uuid::from_u128(0x6265_636b_6f6e_4000_8000_706f_6c69_6379);
        Source { command: CommandId::within(POLICIES, rule), actor: Actor::POLICY }
    }

    /// Sends any message to a session's actor, starting it where it sleeps.
    pub(crate) async fn ask<M, R>(&self, id: SessionId, message: M) -> Result<R, DispatchError>
    where
        M: actix::Message<Result = Result<R, DispatchError>> + Clone + Send + 'static,
        R: Send + 'static,
        SessionActor: actix::Handler<M>,
        <SessionActor as actix::Actor>::Context: actix::dev::ToEnvelope<SessionActor, M>,
    {
        // An actor may fall asleep between the look-up and the message: look it up again.
        for _ in 0..3 {
            let find = crate::actors::Find { id, hub: self.clone() };
            let addr = self.router.send(find).await.map_err(unavailable)?;
            match addr.send(message.clone()).await {
                Ok(answer) => return answer,
                Err(MailboxError::Closed) => {}
                Err(error) => return Err(unavailable(error)),
            }
        }
        Err(DispatchError::Unavailable("the session does not answer".to_owned()))
    }

    async fn rarely<D>(
        &self,
        stream: StreamName,
        source: Source,
        command: D::Command,
    ) -> Result<Done, DispatchError>
    where
        D: beckon_events::Decider + Clone + Send + 'static,
        D::Command: Clone,
        D::Event: beckon_events::DomainEvent + Send + 'static,
        D::Rejection: std::fmt::Display,
    {
        let mut one_at_a_time = self.rare.lock().await;
        let aggregate = one_at_a_time.aggregate::<D>(&stream, &self.journal);
        let executed = aggregate.execute(source, command).await?;
        Ok(executed.done)
    }
}

fn unavailable(error: MailboxError) -> DispatchError {
    DispatchError::Unavailable(format!("the server is busy: {error}"))
}

//! The actor of one live session.

use std::sync::Arc;
use std::time::Duration;

use actix::fut::ActorFutureExt;
use actix::{
    Actor, ActorContext, AsyncContext, AtomicResponse, Context, Handler, Message, WrapFuture,
};
use beckon_events::session::{Command, Event, Phase, Rejection, Session};
use beckon_events::{SessionId, Timestamp};
use beckon_protocol::{Policy, Recording, SignedCertificate, ToAgent, ToControl};

use crate::actors::outcome::{self, Facts, RelayAfter};
use crate::actors::session_receipt::Receipt;
use crate::actors::{Aggregate, ConnectionId, ExecuteError, Executed, Missing, Out};
use crate::dispatch::{DispatchError, Done, Source};
use crate::gateway::pipe::{Joint, Side};
use crate::hub::Hub;
use crate::store::StreamName;

/// An actor that nobody needs goes to sleep after this.
const IDLE_FOR: Duration = Duration::from_mins(10);
/// An actor of a closed session goes to sleep after this.
const CLOSED_FOR: Duration = Duration::from_mins(1);
/// How often the actor looks after its relay and after itself.
const WATCH_EVERY: Duration = Duration::from_secs(2);

/// Owns the stream of one session and knows who is connected to it. Never touches a picture,
/// never keeps a deadline, never waits for a socket.
pub struct SessionActor {
    pub(super) id: SessionId,
    pub(super) hub: Hub,
    /// `None` only while a command is on its way to the log.
    pub(super) core: Option<Aggregate<Session>>,
    pub(super) agent: Option<Out>,
    pub(super) control: Option<Out>,
    pub(super) joint: Option<Arc<Joint>>,
    /// Who may ask for the relay that the other side has asked for already: both see the same
    /// break.
    pub(super) echo: Option<ConnectionId>,
    pub(super) receipt: Receipt,
    damped: u32,
    pub(super) suppressed: u32,
    used: Duration,
}

/// Carries out a command of a session.
#[derive(Message, Clone)]
#[rtype(result = "Result<Done, DispatchError>")]
pub struct Do {
    /// Who asks.
    pub source: Source,
    /// For what.
    pub command: Command,
}

pub(super) type Executing = (Aggregate<Session>, Result<Executed<Event>, ExecuteError<Rejection>>);

impl SessionActor {
    /// The actor of session `id`; it reads its stream at the first message.
    pub fn new(id: SessionId, hub: Hub) -> Self {
        let core = Aggregate::new(StreamName::session(id), hub.journal.clone());
        let used = hub.clock.monotonic();
        let (agent, control, joint) = (None, None, None);
        Self {
            id,
            hub,
            core: Some(core),
            agent,
            control,
            joint,
            echo: None,
            receipt: Receipt::default(),
            damped: 0,
            suppressed: 0,
            used,
        }
    }

    /// Takes the core out, for the time of one command; the actor handles nothing else meanwhile.
    pub(super) fn lend(&mut self) -> Aggregate<Session> {
        self.used = self.hub.clock.monotonic();
        self.core.take().unwrap_or_else(|| {
            Aggregate::new(StreamName::session(self.id), self.hub.journal.clone())
        })
    }

    /// Takes the core back, tells agent and Control what happened, and answers.
    pub(super) fn settle(&mut self, executing: Executing) -> Result<Done, DispatchError> {
        let (core, result) = executing;
        self.core = Some(core);
        match result {
            Ok(executed) => {
                for event in &executed.events {
                    self.tell(event);
                }
                Ok(executed.done)
            }
            Err(ExecuteError::Rejected(Rejection::Full)) => {
                self.suppressed += 1;
                Ok(Done { position: None })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The folded state, once it has been read.
    pub(super) fn state(&self) -> Option<&Session> {
        self.core.as_ref().map(Aggregate::state)
    }

    pub(super) fn facts<R>(&self, f: impl FnOnce(&Facts<'_>) -> R) -> R {
        let now = self.hub.journal.now();
        let policy = || self.policy();
        let certificate = |request: &beckon_events::session::Request, name: &str| {
            self.hub.certificate(request.operator, request.control, name, now)
        };
        f(&Facts { now, policy: &policy, certificate: &certificate })
    }

    /// P: what the server says about this session to both ends alike.
    pub(super) fn policy(&self) -> Vec<u8> {
        let account = self.hub.views.read(|models| models.account.account());
        Policy {
            v: 1,
            session: self.id,
            account: account.unwrap_or(beckon_events::AccountId(uuid::Uuid::nil())),
            recording: Recording::Off,
            audit_key: None,
            allowed: crate::people::offered(),
        }
        .to_bytes()
    }

    /// Gives both ends tickets for a new relay, where both are there and need one.
    pub(super) fn open_relay(&mut self) {
        self.shut_relay("replaced");
        let wanted = self.state().is_some_and(outcome::wants_relay);
        let (true, Some(agent), Some(control)) = (wanted, &self.agent, &self.control) else {
            return;
        };
        let now = self.hub.clock.monotonic();
        let joint = Arc::new(Joint::new(now));
        let ticket = |side| self.hub.tickets.issue(Arc::clone(&joint), side, now, &self.hub.random);
        agent.say(&ToAgent::Relay { ticket: ticket(Side::Agent) });
        control.say(&ToControl::Relay { ticket: ticket(Side::Control) });
        self.joint = Some(joint);
    }

    pub(super) fn shut_relay(&mut self, why: &'static str) {
        if let Some(joint) = self.joint.take() {
            joint.shut(why);
        }
    }

    fn tell(&mut self, event: &Event) {
        let outcome = self.facts(|facts| outcome::of(event, facts));
        if let (Some(agent), Some(message)) = (&self.agent, &outcome.agent) {
            agent.say(message);
        }
        if let (Some(control), Some(message)) = (&self.control, &outcome.control) {
            control.say(message);
        }
        match outcome.relay {
            RelayAfter::Keep => {}
            RelayAfter::Open => self.open_relay(),
            RelayAfter::Shut => self.shut_relay("the session moved on"),
        }
        let now = self.hub.clock.now();
        tracing::info!(session = %self.id, event = beckon_events::DomainEvent::name(event), "recorded");
        match event {
            Event::Approved { .. } if self.control.is_none() => {
                let within = self.hub.config.session.operator_away;
                self.hub.presence.missing(self.id, Missing::Operator, now, within);
            }
            Event::OperatorLeft { .. } => {
                self.hub.presence.settled(self.id, Missing::Operator);
            }
            Event::ApprovalRequested { .. } => self.damped = 0,
            Event::Ended { .. } | Event::Expired { .. } | Event::InvitationCancelled {} => {
                self.hub.presence.settled(self.id, Missing::Operator);
                self.hub.presence.settled(self.id, Missing::Agent);
                self.forget_invitation();
                self.ask_for_receipt();
            }
            _ => {}
        }
    }

    /// The code of a closed session opens nothing; its row in the vault goes.
    fn forget_invitation(&self) {
        let (vault, id) = (self.hub.vault.clone(), self.id);
        drop(tokio::task::spawn_blocking(move || {
            if let Err(error) = vault.close_invitation(id) {
                tracing::warn!(session = %id, %error, "an invitation could not be forgotten");
            }
        }));
    }

    fn filled(&self, command: Command) -> Command {
        let mut command = command;
        match &mut command {
            Command::RequestApproval { damped, .. } => *damped = self.damped,
            Command::End { suppressed, .. }
            | Command::GiveUp { suppressed, .. }
            | Command::LoseAgent { suppressed, .. } => {
                *suppressed = self.suppressed;
            }
            _ => {}
        }
        command
    }

    fn watch(&mut self, ctx: &mut Context<Self>) {
        if let Some(joint) = &self.joint
            && joint.is_stuck(self.hub.clock.monotonic())
        {
            tracing::warn!(session = %self.id, "a relay is shut: the other side stopped reading");
            self.shut_relay("stopped reading");
        }
        // Somebody's way to the relay broke before it had come: both get another ticket.
        if self.joint.as_ref().is_some_and(|joint| joint.is_deserted(self.hub.clock.monotonic())) {
            self.open_relay();
        }
        let idle = self.hub.clock.monotonic().saturating_sub(self.used);
        let closed = self.state().is_some_and(|s| s.phase() > Phase::Active);
        let alone = self.agent.is_none() && self.control.is_none();
        if alone && self.core.is_some() && (idle >= IDLE_FOR || (closed && idle >= CLOSED_FOR)) {
            ctx.stop();
        }
    }
}

impl Actor for SessionActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(1_024);
        ctx.run_interval(WATCH_EVERY, Self::watch);
    }
}

impl Handler<Do> for SessionActor {
    type Result = AtomicResponse<Self, Result<Done, DispatchError>>;

    fn handle(&mut self, message: Do, _: &mut Self::Context) -> Self::Result {
        let mut core = self.lend();
        let command = self.filled(message.command);
        let asks = matches!(command, Command::RequestApproval { .. });
        let executing = async move {
            let result = core.execute(message.source, command).await;
            (core, result)
        };
        AtomicResponse::new(Box::pin(executing.into_actor(self).map(
            move |(core, result), actor, _| {
                if let (true, Err(ExecuteError::Rejected(why))) = (asks, &result) {
                    actor.refuse_request(*why);
                }
                actor.settle((core, result))
            },
        )))
    }
}

impl SessionActor {
    /// Control hears why the end user was not asked.
    fn refuse_request(&mut self, why: Rejection) {
        let message = if why == Rejection::Damped {
            self.damped += 1;
            ToControl::Damped {}
        } else {
            ToControl::Refused { why: why.to_string() }
        };
        if let Some(control) = &self.control {
            control.say(&message);
        }
    }
}

impl Hub {
    /// A certificate over the keys of an operator's Control, valid for one session's length.
    pub(crate) fn certificate(
        &self,
        operator: beckon_events::OperatorId,
        control: beckon_events::session::ControlKeys,
        name: &str,
        now: Timestamp,
    ) -> SignedCertificate {
        const EARLIER: i64 = 5 * 60 * 1_000_000;
        const VALID_FOR: Duration = Duration::from_hours(13);
        let (account, company) = self
            .views
            .read(|models| (models.account.account(), models.account.company().to_owned()));
        let certificate = beckon_protocol::Certificate {
            v: 1,
            account: account.unwrap_or(beckon_events::AccountId(uuid::Uuid::nil())),
            company,
            operator,
            name: name.to_owned(),
            x25519: control.x25519,
            ed25519: control.ed25519,
            not_before: Timestamp::from_micros(now.micros() - EARLIER),
            not_after: now.plus(VALID_FOR),
        };
        let bytes = certificate.to_bytes();
        let sig = self.folder.account_key().sign(&bytes).to_vec();
        SignedCertificate {
            certificate: beckon_protocol::Base64(bytes),
            sig: beckon_protocol::Base64(sig),
        }
    }
}

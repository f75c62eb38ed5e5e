//! Who comes to a session and who goes.

use std::time::Duration;

use actix::fut::ActorFutureExt;
use actix::{AtomicResponse, Handler, Message, WrapFuture};
use beckon_events::envelope::Actor as Who;
use beckon_events::session::{Command, ControlKeys, Endpoint, LeftReason, Phase, Rejection};
use beckon_events::{ActionSet, OperatorId};
use beckon_protocol::{Base64, ClaimedDevice, SessionDoor, ToAgent, ToControl};

use crate::actors::{ConnectionId, Missing, Out, SessionActor, outcome};
use crate::dispatch::DispatchError;

/// The agent is connected; `first` is what it hears before anything else.
#[derive(Message, Clone)]
#[rtype(result = "Result<(), DispatchError>")]
pub struct AgentHere {
    /// The way to it.
    pub out: Out,
    /// Joined or Resumed.
    pub first: ToAgent,
}

/// The operator's Control is connected.
#[derive(Message, Clone)]
#[rtype(result = "Result<(), DispatchError>")]
pub struct ControlHere {
    /// The way to it.
    pub out: Out,
    /// Whose it is.
    pub operator: OperatorId,
    /// The operator's name as the end user sees it.
    pub name: String,
    /// Its keys.
    pub keys: ControlKeys,
    /// What the icon in the portal asks for.
    pub wanted: ActionSet,
}

/// A connection is gone.
#[derive(Message, Clone, Copy)]
#[rtype(result = "Result<(), DispatchError>")]
pub struct Gone {
    /// Which.
    pub connection: ConnectionId,
}

/// Somebody's time to come back is over.
#[derive(Message, Clone, Copy)]
#[rtype(result = "Result<(), DispatchError>")]
pub struct Absent {
    /// Who.
    pub who: Missing,
}

/// The relay broke while the connections to the server did not.
#[derive(Message, Clone, Copy)]
#[rtype(result = "Result<(), DispatchError>")]
pub struct RelayWanted {
    /// Who says so.
    pub connection: ConnectionId,
}

/// An absence that could not be recorded is tried again after this.
const AGAIN_AFTER: Duration = Duration::from_secs(2);

type Answer = AtomicResponse<SessionActor, Result<(), DispatchError>>;

impl SessionActor {
    /// Reads the stream, then goes on with `then`; nothing else is handled meanwhile.
    fn loaded<F>(&mut self, then: F) -> Answer
    where
        F: FnOnce(&mut Self) -> Result<(), DispatchError> + 'static,
    {
        let mut core = self.lend();
        let loading = async move {
            let loaded = core.load().await;
            (core, loaded)
        };
        AtomicResponse::new(Box::pin(loading.into_actor(self).map(|(core, loaded), actor, _| {
            actor.core = Some(core);
            loaded?;
            then(actor)
        })))
    }

    /// Carries out the server's own command, where there is one, then goes on with `then`.
    fn executed<F>(&mut self, who: Who, command: Option<Command>, then: F) -> Answer
    where
        F: FnOnce(&mut Self) + 'static,
    {
        let mut core = self.lend();
        let source = self.hub.own(who);
        let executing = async move {
            let result = match command {
                Some(command) => Some(core.execute(source, command).await),
                None => core.load().await.err().map(|error| Err(error.into())),
            };
            (core, result)
        };
        AtomicResponse::new(Box::pin(executing.into_actor(self).map(|(core, result), actor, _| {
            let answer = if let Some(result) = result {
                actor.settle((core, result)).map(drop)
            } else {
                actor.core = Some(core);
                Ok(())
            };
            match answer {
                // Where the state moved on in the meantime, nothing is left to record.
                Ok(()) | Err(DispatchError::Rejected(_)) => {
                    then(actor);
                    Ok(())
                }
                Err(error) => Err(error),
            }
        })))
    }

    fn greet_agent(&mut self, out: Out, first: &ToAgent) {
        if let Some(old) = self.agent.take().filter(|old| old.connection != out.connection) {
            old.close("replaced by a newer connection");
        }
        out.say(first);
        if let Some(last) = self.last_words_to_agent() {
            out.say(&last);
            return self.hand_receipt_to_agent(out);
        }
        let Some(state) = self.state() else { return };
        // Whatever was said while it was away is said again: the state, not the story.
        if let Some(request) = state.request().cloned() {
            let name = self.hub.display_name(request.operator);
            let asked = self.facts(|facts| outcome::asked_again(&request, &name, facts));
            out.say(&asked);
        } else if let Some(grant) = state.grant() {
            out.say(&ToAgent::Recorded { n: grant.n });
            if let Some(actions) = state.extension() {
                out.say(&ToAgent::ExtensionAsked { actions });
            }
        } else if *first == (ToAgent::Resumed {}) {
            out.say(&ToAgent::OperatorLeft {});
        }
        self.agent = Some(out);
        self.hub.presence.settled(self.id, Missing::Agent);
        self.open_relay();
    }

    fn greet_control(&mut self, here: ControlHere) -> Result<(), DispatchError> {
        let refuse = |why: Rejection| Err(DispatchError::Rejected(why.to_string()));
        let Some(state) = self.state() else { return refuse(Rejection::NotNow) };
        match state.phase() {
            Phase::Nothing => return refuse(Rejection::Missing),
            Phase::Created => return refuse(Rejection::NotNow),
            // Whoever held it to the end and comes back gets what is left: the receipt.
            Phase::Ended | Phase::Expired
                if here.wanted != ActionSet::EMPTY
                    || state.endpoint(Endpoint::Control) != Some(here.keys.ed25519) =>
            {
                return refuse(Rejection::Over);
            }
            Phase::Ended | Phase::Expired | Phase::Available | Phase::Requested | Phase::Active => {
            }
        }
        if state.operator() != Some(here.operator) {
            return refuse(Rejection::NotYours);
        }
        let holder = state.grant().map(|grant| grant.control);
        let asking = state.request().map(|request| request.control);
        if holder.or(asking).is_some_and(|held| held != here.keys) {
            return Err(DispatchError::Rejected(
                "another Control of yours is in this session".to_owned(),
            ));
        }
        let Some(agent) = state.agent() else { return refuse(Rejection::NotNow) };
        let grant = state.grant().map(|grant| grant.statement.clone());
        let asked = state.request().cloned();
        let (lost, paused) = (state.agent_is_lost(), state.is_paused());
        let now = self.hub.journal.now();
        let (title, device) = self.hub.described(self.id);
        let (account_key, company) =
            (self.hub.folder.account_key().public_key(), self.hub.company());
        let door = SessionDoor {
            session: self.id,
            title,
            company,
            operator: here.name.clone(),
            policy: Base64(self.policy()),
            certificate: self.hub.certificate(here.operator, here.keys, &here.name, now),
            account_key,
            log_key: self.hub.folder.log_key().public_key(),
            checkpoint: self.hub.evidence.latest().map(|latest| latest.note.clone()),
            agent,
            device: device.unwrap_or(ClaimedDevice {
                host: String::new(),
                user: String::new(),
                system: String::new(),
                build: String::new(),
            }),
            wanted: here.wanted,
            grant,
        };
        if let Some(old) = self.control.take() {
            old.close("replaced by a newer connection");
        }
        here.out.say(&ToControl::Door { door: Box::new(door) });
        if let Some(last) = self.last_words_to_control() {
            here.out.say(&last);
            self.hand_receipt_to_control(here.out);
            return Ok(());
        }
        if lost {
            here.out.say(&ToControl::AgentLost {});
        }
        if paused {
            here.out.say(&ToControl::Paused {});
        }
        if let Some(request) = asked {
            let lapse_seconds = request.lapses.since(now).as_secs();
            here.out.say(&ToControl::Asked { request: request.number, lapse_seconds });
        }
        self.control = Some(here.out);
        self.hub.presence.settled(self.id, Missing::Operator);
        self.open_relay();
        Ok(())
    }
}

impl Handler<AgentHere> for SessionActor {
    type Result = Answer;

    fn handle(&mut self, here: AgentHere, _: &mut Self::Context) -> Answer {
        self.executed(Who::AGENT, Some(Command::ResumeAgent), move |actor| {
            actor.greet_agent(here.out, &here.first);
        })
    }
}

impl Handler<ControlHere> for SessionActor {
    type Result = Answer;

    fn handle(&mut self, here: ControlHere, _: &mut Self::Context) -> Answer {
        self.loaded(move |actor| actor.greet_control(here))
    }
}

impl Handler<Gone> for SessionActor {
    type Result = Answer;

    fn handle(&mut self, gone: Gone, _: &mut Self::Context) -> Answer {
        let is = |out: &Option<Out>| out.as_ref().is_some_and(|o| o.connection == gone.connection);
        let now = self.hub.journal.now();
        if is(&self.agent) {
            self.agent = None;
            self.shut_relay("the agent is gone");
            // Should it not be recorded, the policy runner tries again until the agent is back.
            self.hub.presence.missing(self.id, Missing::Agent, now, AGAIN_AFTER);
            let until = now.plus(self.hub.config.session.agent_away);
            let suppressed = self.suppressed;
            return self.executed(
                Who::SYSTEM,
                Some(Command::LoseAgent { until, suppressed }),
                |actor| {
                    actor.hub.presence.settled(actor.id, Missing::Agent);
                },
            );
        }
        if is(&self.control) {
            self.control = None;
            self.shut_relay("control is gone");
            if self.state().is_some_and(|state| state.grant().is_some()) {
                let within = self.hub.config.session.operator_away;
                self.hub.presence.missing(self.id, Missing::Operator, now, within);
            }
        }
        self.loaded(|_| Ok(()))
    }
}

impl Handler<Absent> for SessionActor {
    type Result = Answer;

    fn handle(&mut self, absent: Absent, _: &mut Self::Context) -> Answer {
        let now = self.hub.journal.now();
        let command = match absent.who {
            Missing::Agent if self.agent.is_none() => {
                let until = now.plus(self.hub.config.session.agent_away);
                Some(Command::LoseAgent { until, suppressed: self.suppressed })
            }
            Missing::Operator if self.control.is_none() => {
                Some(Command::LoseOperator { why: LeftReason::Away, now })
            }
            Missing::Agent | Missing::Operator => None,
        };
        self.executed(Who::POLICY, command, |_| {})
    }
}

impl Handler<RelayWanted> for SessionActor {
    type Result = Answer;

    fn handle(&mut self, wanted: RelayWanted, _: &mut Self::Context) -> Answer {
        self.loaded(move |actor| {
            let ends = [&actor.agent, &actor.control].map(|out| out.as_ref().map(|o| o.connection));
            let now = actor.hub.clock.monotonic();
            let fresh = actor.joint.as_ref().is_some_and(|joint| joint.is_fresh(now));
            // Both ends see a broken relay and both ask; the first to ask gets one for both.
            if fresh && actor.echo.take() == Some(wanted.connection) {
                return Ok(());
            }
            if ends.contains(&Some(wanted.connection)) {
                actor.open_relay();
                let mut others = ends.into_iter().flatten();
                actor.echo = others.find(|other| *other != wanted.connection);
            }
            Ok(())
        })
    }
}

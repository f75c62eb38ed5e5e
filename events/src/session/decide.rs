//! The rules of a session.

use super::{
    CONTINUE_WITHIN, Command, EndReason, EndedBy, Endpoint, Event, FULL_AT, Fact, InForce, LAST_AT,
    Phase, Rejection, Request, START_BEFORE, Said, Session, StopReason, Waited, head_bytes,
};
use crate::envelope::stream_name;
use crate::{
    Action, Committed, Decider, Digest, DomainEvent, Grant, GrantError, Personal, Statement,
    Timestamp,
};

pub(super) type Decided = Result<Vec<Event>, Rejection>;

impl Decider for Session {
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(&self, command: Command) -> Decided {
        match command {
            Command::Create { session, account, operator, name, note, code, token, expires } => {
                if self.phase != Phase::Nothing {
                    return Err(Rejection::Exists);
                }
                one(Event::Created { session, account, operator, name, note, code, token, expires })
            }
            Command::RecordInvitation { to } => {
                self.require(Phase::Created)?;
                self.minor(Event::InvitationSent { to })
            }
            Command::CancelInvitation => {
                self.require(Phase::Created)?;
                one(Event::InvitationCancelled {})
            }
            Command::Join { agent, device, address, now, wait_until } => {
                self.require(Phase::Created)?;
                if now >= self.deadline {
                    return Err(Rejection::TooLate);
                }
                one(Event::Joined { agent, device, address, wait_until })
            }
            request @ Command::RequestApproval { .. } => self.request_approval(request),
            Command::CancelRequest => {
                let request = self.waiting()?;
                one(Event::ApprovalCancelled { request: request.number })
            }
            Command::Approve { request, statement, now } => self.approve(request, statement, now),
            Command::Reject { request, now } => {
                let waiting = self.answered(request)?;
                let damped_until = self.damped_after(waiting.actions, now);
                one(Event::Rejected { request, damped_until })
            }
            Command::Lapse { now } => {
                let waiting = self.waiting()?;
                if now < waiting.lapses {
                    return Err(Rejection::TooEarly);
                }
                let damped_until = self.damped_after(waiting.actions, now);
                one(Event::ApprovalLapsed { request: waiting.number, damped_until })
            }
            Command::Connect { operator, control } => {
                let grant = self.in_force()?;
                if grant.operator != operator || grant.control != control {
                    return Err(Rejection::NotAllowed);
                }
                self.minor(Event::OperatorConnected { operator, control: control.ed25519 })
            }
            Command::StartAction { action, now } => self.start(action, now),
            Command::StopAction { action } => {
                self.in_force()?;
                let stopped = self.running.minus(self.running.without(action));
                let why = StopReason::Operator;
                Ok(stopped.iter().map(|action| Event::ActionStopped { action, why }).collect())
            }
            Command::ShareClipboard { direction, kind, bytes } => {
                // It has gone over: that is told even where the clipboard has stopped meanwhile.
                self.require_joined()?;
                if !self.has_shared {
                    self.in_force()?;
                    return Err(Rejection::NotAllowed);
                }
                self.minor(Event::ClipboardShared { direction, kind, bytes })
            }
            Command::RequestExtension { actions } => self.request_extension(actions),
            Command::Extend { statement, now } => self.extend(statement, now),
            Command::RefuseExtension => {
                self.in_force()?;
                let actions = self.extension.ok_or(Rejection::OtherRequest)?;
                one(Event::ExtensionRefused { actions })
            }
            Command::Withdraw { statement } => self.withdraw(statement),
            Command::Pause => {
                self.in_force()?;
                if self.paused { Ok(Vec::new()) } else { self.minor(Event::Paused {}) }
            }
            Command::Continue => {
                self.in_force()?;
                if self.paused { self.minor(Event::Continued {}) } else { Ok(Vec::new()) }
            }
            Command::LoseOperator { why, now } => {
                let operator = self.in_force()?.operator;
                let continue_until = now.plus(CONTINUE_WITHIN);
                Ok(self.stopping(
                    StopReason::Left,
                    Event::OperatorLeft { operator, why, continue_until },
                ))
            }
            Command::LoseAgent { until, suppressed } => {
                self.require_joined()?;
                if self.agent_is_lost() {
                    return Ok(Vec::new());
                }
                if self.events >= LAST_AT {
                    return Ok(self.ending(EndedBy::Policy, EndReason::Full, None, suppressed));
                }
                Ok(self.stopping(StopReason::Lost, Event::AgentLost { until }))
            }
            Command::ResumeAgent => {
                self.require_joined()?;
                if self.agent_is_lost() {
                    return one(Event::AgentResumed {});
                }
                // It was away without anybody noticing (the server was down): an agent that
                // comes back has stopped everything first.
                Ok(self.stops(StopReason::Lost))
            }
            Command::GiveUp { now, suppressed } => {
                self.require_joined()?;
                match self.lost_until {
                    Some(until) if now >= until => {
                        Ok(self.ending(EndedBy::Policy, EndReason::AgentLost, None, suppressed))
                    }
                    Some(_) => Err(Rejection::TooEarly),
                    None => Err(Rejection::NotNow),
                }
            }
            Command::End { by, why, statement, suppressed } => {
                self.require_open()?;
                let said = statement.as_ref().map(|said| self.said(said)).transpose()?;
                // Whoever ends it in the agent says so in the agent's own hand.
                let signed = by != EndedBy::User || said.is_some();
                if !signed || said.is_some_and(|said| said != Fact::Ended) {
                    return Err(Rejection::NotAllowed);
                }
                Ok(self.ending(by, why, statement, suppressed))
            }
            Command::Expire { now } => {
                let what = match self.phase {
                    Phase::Created => Waited::Invitation,
                    Phase::Available => Waited::Wait,
                    Phase::Nothing => return Err(Rejection::Missing),
                    Phase::Ended | Phase::Expired => return Err(Rejection::Over),
                    Phase::Requested | Phase::Active => return Err(Rejection::NotNow),
                };
                if now < self.deadline {
                    return Err(Rejection::TooEarly);
                }
                one(Event::Expired { what })
            }
            Command::RecordRemoval { removed, left, statement } => {
                self.record_removal(removed, left, statement)
            }
            Command::SignHead { by, leaf, statement } => self.sign_head(by, leaf, statement),
        }
    }

    fn evolve(self, event: &Event) -> Self {
        self.fold(event)
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of every decision")]
pub(super) fn one(event: Event) -> Decided {
    Ok(vec![event])
}

impl Session {
    pub(super) fn require_open(&self) -> Result<(), Rejection> {
        match self.phase {
            Phase::Nothing => Err(Rejection::Missing),
            Phase::Ended | Phase::Expired => Err(Rejection::Over),
            Phase::Created | Phase::Available | Phase::Requested | Phase::Active => Ok(()),
        }
    }

    pub(super) fn require(&self, phase: Phase) -> Result<(), Rejection> {
        self.require_open()?;
        if self.phase == phase { Ok(()) } else { Err(Rejection::NotNow) }
    }

    fn require_joined(&self) -> Result<(), Rejection> {
        self.require_open()?;
        if self.phase == Phase::Created { Err(Rejection::NotNow) } else { Ok(()) }
    }

    pub(super) fn waiting(&self) -> Result<&Request, Rejection> {
        self.require_open()?;
        self.request.as_ref().ok_or(Rejection::NotNow)
    }

    pub(super) fn answered(&self, number: u32) -> Result<&Request, Rejection> {
        let waiting = self.waiting()?;
        if waiting.number == number { Ok(waiting) } else { Err(Rejection::OtherRequest) }
    }

    pub(super) fn in_force(&self) -> Result<&InForce, Rejection> {
        self.require_open()?;
        self.grant.as_ref().ok_or(Rejection::NotNow)
    }

    fn said(&self, statement: &Statement) -> Result<Fact, Rejection> {
        let (Some(agent), Some(id)) = (self.agent, self.id) else {
            return Err(Rejection::NotNow);
        };
        Ok(Said::open(statement, &agent.ed25519, id)?)
    }

    pub(super) fn granted_in(&self, statement: &Statement) -> Result<Grant, Rejection> {
        let (Some(agent), Some(id)) = (self.agent, self.id) else {
            return Err(Rejection::NotNow);
        };
        let grant = Grant::open(statement, &agent.ed25519, id)?;
        if grant.n <= self.granted { Err(Rejection::Stale) } else { Ok(grant) }
    }

    /// An event that is left out once the log of this session is full.
    pub(super) fn minor(&self, event: Event) -> Decided {
        if self.events >= FULL_AT { Err(Rejection::Full) } else { one(event) }
    }

    /// Everything in use stops.
    fn stops(&self, why: StopReason) -> Vec<Event> {
        self.running.iter().map(|action| Event::ActionStopped { action, why }).collect()
    }

    /// Everything in use stops, and then `event`.
    fn stopping(&self, why: StopReason, event: Event) -> Vec<Event> {
        let mut events = self.stops(why);
        events.push(event);
        events
    }

    fn ending(
        &self,
        by: EndedBy,
        why: EndReason,
        statement: Option<Statement>,
        suppressed: u32,
    ) -> Vec<Event> {
        self.stopping(StopReason::Ended, Event::Ended { by, why, statement, suppressed })
    }

    fn start(&self, action: Action, now: Timestamp) -> Decided {
        let grant = self.in_force()?;
        if !grant.actions.contains(action) || now.plus(START_BEFORE) >= grant.until {
            return Err(Rejection::NotAllowed);
        }
        if self.agent_is_lost() {
            return Err(Rejection::AgentAway);
        }
        if self.running.contains(action) {
            return Ok(Vec::new());
        }
        self.minor(Event::ActionStarted { action })
    }

    fn require_closed(&self) -> Result<(), Rejection> {
        match self.phase {
            Phase::Nothing => Err(Rejection::Missing),
            Phase::Ended | Phase::Expired => Ok(()),
            Phase::Created | Phase::Available | Phase::Requested | Phase::Active => {
                Err(Rejection::NotNow)
            }
        }
    }

    fn record_removal(
        &self,
        removed: Vec<Personal<Committed>>,
        left: Vec<Personal<Committed>>,
        statement: Statement,
    ) -> Decided {
        self.require_closed()?;
        if self.removed {
            return Ok(Vec::new());
        }
        if !self.said(&statement)?.is_removal(&removed, &left) {
            return Err(Rejection::NotAllowed);
        }
        one(Event::AgentRemoved { removed, left, statement })
    }

    fn sign_head(&self, by: Endpoint, leaf: Digest, statement: Statement) -> Decided {
        self.require_closed()?;
        if self.signed.contains(&by) {
            return Ok(Vec::new());
        }
        let (Some(key), Some(version), Some(id)) = (self.endpoint(by), self.closed(), self.id)
        else {
            return Err(Rejection::NotNow);
        };
        let signed = statement.open(&key).map_err(GrantError::from)?;
        if signed != head_bytes(&stream_name(Event::CATEGORY, id), version, &leaf) {
            return Err(Rejection::NotAllowed);
        }
        one(Event::HeadSigned { by, version, leaf, statement })
    }
}

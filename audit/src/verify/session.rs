//! V7 and V8 of one session: who may sign, and what may come next.
//!
//! This follows the words of `docs/log-format.md`, not the programs that wrote the log: it shares
//! no decision with them.

use beckon_events::session::Endpoint;
use beckon_events::{Action, ActionSet, Digest, PublicKey, Timestamp};
use ring::digest::{SHA256, digest};
use uuid::Uuid;

use super::happened::{Happened, alone};
use super::said::Said;
use crate::text::{endpoint, legality as text};

/// Where a session stands, in the order in which it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
enum State {
    #[default]
    Nothing,
    Created,
    Available,
    Requested,
    Active,
    Over,
}

/// A session that is not over.
#[derive(Debug, Default)]
pub struct Session {
    state: State,
    agent: Option<PublicKey>,
    /// The last request, answered or not.
    request: Option<Request>,
    /// For whom the request was that was approved last.
    holder: Option<(Uuid, PublicKey)>,
    n: Option<u64>,
    granted: ActionSet,
    until: Timestamp,
    extension: Option<ActionSet>,
    running: ActionSet,
    /// Whether the clipboard was ever started.
    has_shared: bool,
    paused: bool,
    lost: bool,
}

#[derive(Clone, Copy, Debug)]
struct Request {
    number: u64,
    holder: (Uuid, PublicKey),
    actions: ActionSet,
}

/// A session that is over: as little as the rest needs, since there may be a million of them.
#[derive(Debug)]
pub struct Over {
    agent: Option<Mark>,
    control: Option<Mark>,
    removed: bool,
    agent_signed: bool,
    control_signed: bool,
    /// The version of the event that closed it.
    pub version: u64,
    /// Its leaf.
    pub leaf: Digest,
}

/// The first half of SHA-256 of a key: nobody finds another key with the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark([u8; 16]);

impl Mark {
    fn of(key: &PublicKey) -> Self {
        let mut mark = [0; 16];
        for (to, from) in mark.iter_mut().zip(digest(&SHA256, &key.0).as_ref()) {
            *to = *from;
        }
        Self(mark)
    }
}

/// What is wrong, in words.
pub type Legal = Result<(), &'static str>;

impl Session {
    /// V7: whether `said`, which holds by its own key, is by the agent and for whom it should be.
    pub fn signed(&self, happened: Option<&Happened>, said: Option<&Said>) -> Legal {
        let Some(said) = said else { return Ok(()) };
        let key = match happened {
            Some(Happened::HeadSigned { by: Endpoint::Control, .. }) => {
                self.holder.map(|(_, control)| control)
            }
            Some(_) | None => self.agent,
        };
        if key != Some(said.key) {
            return Err(endpoint::OTHER_KEY);
        }
        let approved = matches!(happened, Some(Happened::Approved { .. }));
        let request = self.request.map(|request| request.holder);
        let expected = if approved { request } else { self.holder };
        match (said.holder, expected) {
            (Some(holder), Some(expected)) if holder != expected => Err(endpoint::OTHER_HOLDER),
            _ => Ok(()),
        }
    }

    /// V8: takes the event in where it may come now.
    pub fn take(&mut self, happened: &Happened, at: Timestamp) -> Legal {
        use Happened as H;
        use State as S;
        let next = match (self.state, happened) {
            (S::Nothing, H::Created) | (S::Created, H::InvitationSent) => S::Created,
            (S::Created, H::Joined { agent }) => {
                self.agent = Some(*agent);
                S::Available
            }
            (S::Created, H::InvitationCancelled)
            | (S::Created | S::Available, H::Expired)
            | (S::Created | S::Available | S::Requested | S::Active, H::Ended) => S::Over,
            (S::Available, H::ApprovalRequested { request, operator, control, actions }) => {
                let (number, holder) = (*request, (*operator, *control));
                self.request = Some(Request { number, holder, actions: *actions });
                S::Requested
            }
            (S::Requested, H::Approved { request, n, actions, until }) => {
                let asked = self.answered(*request)?;
                if actions.is_empty() || !asked.actions.contains_all(*actions) {
                    return Err(text::MORE_THAN_ASKED);
                }
                self.grant(*n, *actions, Some(*until))?;
                self.holder = Some(asked.holder);
                self.extension = None;
                self.paused = false;
                S::Active
            }
            (
                S::Requested,
                H::Rejected { request }
                | H::ApprovalLapsed { request }
                | H::ApprovalCancelled { request },
            ) => {
                self.answered(*request)?;
                S::Available
            }
            (S::Active, H::OperatorLeft) => S::Available,
            (S::Available | S::Requested | S::Active, H::AgentLost | H::AgentResumed) => {
                let lost = *happened == H::AgentLost;
                if self.lost == lost {
                    return Err(text::NOT_IN_TURN);
                }
                self.lost = lost;
                self.state
            }
            (S::Available | S::Requested | S::Active, H::ClipboardShared) => {
                need(self.has_shared, text::NEVER_SHARED)?;
                self.state
            }
            (S::Active, _) => {
                self.during(happened, at)?;
                S::Active
            }
            _ => return Err(text::NOT_NOW),
        };
        self.state = next;
        Ok(())
    }

    /// What is left of it once it is over; `version` and `leaf` are those of the event that was
    /// taken in last.
    pub fn over(&self, version: u64, leaf: Digest) -> Option<Over> {
        (self.state == State::Over).then(|| Over {
            agent: self.agent.as_ref().map(Mark::of),
            control: self.holder.as_ref().map(|(_, control)| Mark::of(control)),
            removed: false,
            agent_signed: false,
            control_signed: false,
            version,
            leaf,
        })
    }

    fn during(&mut self, happened: &Happened, at: Timestamp) -> Legal {
        match happened {
            Happened::OperatorConnected { operator, control } => {
                need(self.holder == Some((*operator, *control)), text::OTHER_OPERATOR)
            }
            Happened::ActionStarted { action } => {
                let may = self.granted.contains(*action) && at < self.until;
                need(may, text::NOT_ALLOWED)?;
                need(!self.running.contains(*action), text::RUNS_ALREADY)?;
                // Who controls sees: `with` brings view along.
                self.running = self.running.with(*action);
                self.has_shared |= *action == Action::Clipboard;
                Ok(())
            }
            Happened::ActionStopped { action } => {
                need(self.running.contains(*action), text::DOES_NOT_RUN)?;
                self.running = self.running.minus(alone(*action));
                Ok(())
            }
            Happened::ExtensionRequested { actions } => {
                self.extension = Some(*actions);
                Ok(())
            }
            Happened::GrantExtended { n, actions, until } => {
                let asked = self.extension.take().ok_or(text::NOT_ASKED)?;
                let fits = actions.contains_all(self.granted)
                    && self.granted.or(asked).contains_all(*actions);
                need(fits, text::MORE_THAN_ASKED)?;
                self.grant(*n, *actions, Some(*until))
            }
            Happened::ExtensionRefused { actions } => {
                let asked = self.extension.take().ok_or(text::NOT_ASKED)?;
                need(asked == *actions, text::OTHER_REQUEST)
            }
            Happened::GrantWithdrawn { n, withdrawn, actions } => {
                let part = self.granted.contains_all(*actions) && self.granted != *actions;
                need(part, text::NO_PART)?;
                need(*withdrawn == self.granted.minus(*actions), text::OTHER_PART)?;
                self.grant(*n, *actions, None)
            }
            Happened::Paused | Happened::Continued => {
                let paused = *happened == Happened::Paused;
                need(self.paused != paused, text::NOT_IN_TURN)?;
                self.paused = paused;
                Ok(())
            }
            _ => Err(text::NOT_NOW),
        }
    }

    fn answered(&self, number: u64) -> Result<Request, &'static str> {
        self.request.filter(|request| request.number == number).ok_or(text::OTHER_REQUEST)
    }

    fn grant(&mut self, n: u64, actions: ActionSet, until: Option<Timestamp>) -> Legal {
        need(self.n.is_none_or(|before| n > before), text::NO_NEWER)?;
        self.n = Some(n);
        self.granted = actions;
        self.until = until.unwrap_or(self.until);
        Ok(())
    }
}

impl Over {
    /// V7: whether `said` is by the endpoint that it should be by.
    pub fn signed(&self, happened: Option<&Happened>, said: Option<&Said>) -> Legal {
        let Some(said) = said else { return Ok(()) };
        let expected = match happened {
            Some(Happened::HeadSigned { by: Endpoint::Control, .. }) => self.control,
            Some(_) | None => self.agent,
        };
        if expected == Some(Mark::of(&said.key)) { Ok(()) } else { Err(endpoint::OTHER_KEY) }
    }

    /// V8: takes the event in where it may come after the end.
    pub fn take(&mut self, happened: &Happened) -> Legal {
        let before = match happened {
            Happened::AgentRemoved => &mut self.removed,
            Happened::HeadSigned { by: Endpoint::Agent, .. } => &mut self.agent_signed,
            Happened::HeadSigned { by: Endpoint::Control, .. } => &mut self.control_signed,
            _ => return Err(text::AFTER_THE_END),
        };
        if std::mem::replace(before, true) { Err(text::TWICE) } else { Ok(()) }
    }
}

fn need(holds: bool, otherwise: &'static str) -> Legal {
    if holds { Ok(()) } else { Err(otherwise) }
}

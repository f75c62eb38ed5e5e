//! How long who helped whom, one row a session.

use beckon_events::session::Event;
use beckon_events::{Action, ActionSet, OperatorId, Recorded, RecordedEvent, SessionId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::projection::stream_id;
use crate::{Rows, kept};

/// The work done in every session.
#[derive(Clone, Copy, Debug)]
pub struct WorkReport;

/// The work done in one session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkRow {
    /// The session.
    pub session: SessionId,
    /// Whose it is.
    pub operator: OperatorId,
    /// When it was created.
    #[serde(with = "kept::moment")]
    pub created: Timestamp,
    /// When the end user joined.
    #[serde(with = "kept::moments")]
    pub joined: Option<Timestamp>,
    /// When it came to its end.
    #[serde(with = "kept::moments")]
    pub ended: Option<Timestamp>,
    /// When an operator was connected, in that order. A spell ends while the agent is away, and a
    /// new one begins when it is back.
    pub spells: Vec<Spell>,
    /// What was in use and for how long, in the order of the first use.
    pub in_use: Vec<InUse>,
    /// Who goes on when the agent is back.
    interrupted: Option<OperatorId>,
}

/// A time without a break in which an operator was connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spell {
    /// Who.
    pub operator: OperatorId,
    /// From when.
    #[serde(with = "kept::moment")]
    pub from: Timestamp,
    /// Until when; none where it still lasts.
    #[serde(with = "kept::moments")]
    pub to: Option<Timestamp>,
}

/// An action and how long it was in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InUse {
    /// What.
    pub action: Action,
    /// For how many microseconds, without the use that still lasts.
    pub micros: u64,
    /// Since when it is in use; none where it is not.
    #[serde(with = "kept::moments")]
    pub since: Option<Timestamp>,
}

impl Spell {
    /// How many seconds it lasted; none where it still does.
    pub fn seconds(&self) -> Option<u64> {
        Some(self.to?.since(self.from).as_secs())
    }
}

impl WorkRow {
    /// For how many seconds operators were connected, without the spell that still lasts.
    pub fn connected(&self) -> u64 {
        let lasted = self.spells.iter().filter_map(|spell| Some(spell.to?.since(spell.from)));
        lasted.sum::<std::time::Duration>().as_secs()
    }

    /// For how many seconds `action` was in use, without the use that still lasts.
    pub fn seconds_of(&self, action: Action) -> u64 {
        self.in_use
            .iter()
            .find(|used| used.action == action)
            .map_or(0, |used| used.micros / 1_000_000)
    }

    fn created(recorded: &Recorded<Event>) -> Option<Self> {
        let Event::Created { operator, .. } = &recorded.event else { return None };
        Some(Self {
            session: stream_id(&recorded.metadata)?,
            operator: *operator,
            created: recorded.metadata.at,
            joined: None,
            ended: None,
            spells: Vec::new(),
            in_use: Vec::new(),
            interrupted: None,
        })
    }

    fn fold(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::Joined { .. } => self.joined = Some(at),
            Event::OperatorConnected { operator, .. } => {
                self.interrupted = None;
                if self.spells.last().is_none_or(|last| last.to.is_some()) {
                    self.spells.push(Spell { operator: *operator, from: at, to: None });
                }
            }
            Event::ActionStarted { action } => self.start(*action, at),
            Event::ActionStopped { action, .. } => self.keep(self.running().without(*action), at),
            Event::GrantWithdrawn { actions, .. } | Event::GrantExtended { actions, .. } => {
                self.keep(*actions, at);
            }
            Event::OperatorLeft { .. } => self.stop(at),
            Event::AgentLost { .. } => {
                let lasting = self.spells.last().filter(|last| last.to.is_none());
                let interrupted = lasting.map(|last| last.operator);
                self.stop(at);
                self.interrupted = interrupted;
            }
            Event::AgentResumed {} => {
                if let Some(operator) = self.interrupted.take() {
                    self.spells.push(Spell { operator, from: at, to: None });
                }
            }
            Event::InvitationCancelled {} | Event::Ended { .. } | Event::Expired { .. } => {
                self.ended = self.ended.or(Some(at));
                self.stop(at);
            }
            Event::Created { .. }
            | Event::InvitationSent { .. }
            | Event::ApprovalRequested { .. }
            | Event::ApprovalCancelled { .. }
            | Event::Approved { .. }
            | Event::Rejected { .. }
            | Event::ApprovalLapsed { .. }
            | Event::ClipboardShared { .. }
            | Event::ExtensionRequested { .. }
            | Event::ExtensionRefused { .. }
            | Event::Paused {}
            | Event::Continued {}
            | Event::AgentRemoved { .. }
            | Event::HeadSigned { .. } => {}
        }
    }

    fn running(&self) -> ActionSet {
        self.in_use.iter().filter(|used| used.since.is_some()).map(|used| used.action).collect()
    }

    fn start(&mut self, action: Action, at: Timestamp) {
        // Control brings view along.
        for action in ActionSet::EMPTY.with(action).iter() {
            match self.in_use.iter_mut().find(|used| used.action == action) {
                Some(used) => used.since = used.since.or(Some(at)),
                None => self.in_use.push(InUse { action, micros: 0, since: Some(at) }),
            }
        }
    }

    /// What is not in `kept` is no longer in use.
    fn keep(&mut self, kept: ActionSet, at: Timestamp) {
        for used in self.in_use.iter_mut().filter(|used| !kept.contains(used.action)) {
            if let Some(since) = used.since.take() {
                let lasted = u64::try_from(at.since(since).as_micros()).unwrap_or(u64::MAX);
                used.micros = used.micros.saturating_add(lasted);
            }
        }
    }

    /// Nobody is connected and nothing is in use any more.
    fn stop(&mut self, at: Timestamp) {
        self.keep(ActionSet::EMPTY, at);
        self.interrupted = None;
        if let Some(spell) = self.spells.last_mut() {
            spell.to = spell.to.or(Some(at));
        }
    }
}

impl Rows for WorkReport {
    type Key = SessionId;
    type Row = WorkRow;
    const NAME: &'static str = "work_report";
    const VERSION: u32 = 1;

    fn key(event: &RecordedEvent) -> Option<SessionId> {
        match event {
            RecordedEvent::Session(recorded) => stream_id(&recorded.metadata),
            RecordedEvent::Operator(_) | RecordedEvent::Account(_) | RecordedEvent::Node(_) => None,
        }
    }

    fn fold(row: Option<WorkRow>, event: &RecordedEvent) -> Option<WorkRow> {
        let RecordedEvent::Session(recorded) = event else { return row };
        let Some(mut row) = row else { return WorkRow::created(recorded) };
        row.fold(&recorded.event, recorded.metadata.at);
        Some(row)
    }
}

#[cfg(test)]
mod tests;

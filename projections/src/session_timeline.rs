//! What happened in one session, ready to be told.

use beckon_events::envelope::Actor;
use beckon_events::session::{
    Copied, Device, Direction, EndReason, EndedBy, Endpoint, Event, LeftReason, StopReason, Waited,
};
use beckon_events::{
    Action, ActionSet, Committed, Personal, Recorded, RecordedEvent, SessionId, Timestamp,
};

use crate::Projection;
use crate::projection::{Reached, stream_id};

/// What happened, with what a sentence about it needs. `operator` is the name that the end
/// user was shown.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each field is the event's field of the same name")]
pub enum Entry {
    /// An operator created it.
    Created,
    /// The invitation was mailed.
    InvitationSent { to: Personal<String> },
    /// The invitation was taken back.
    InvitationCancelled,
    /// The end user came.
    Joined { device: Device },
    /// The operator asked to be let in.
    ApprovalRequested {
        operator: Personal<String>,
        actions: ActionSet,
        continues: bool,
        damped: u32,
    },
    /// The operator took that back.
    ApprovalCancelled { operator: Personal<String> },
    /// The end user said yes; `left_out` was asked for and not allowed.
    Approved { operator: Personal<String>, actions: ActionSet, left_out: ActionSet },
    /// The end user said no; `damped`: for the last time in a while.
    Rejected { operator: Personal<String>, damped: bool },
    /// The end user did not answer; `damped`: for the last time in a while.
    ApprovalLapsed { operator: Personal<String>, damped: bool },
    /// Control and agent are connected.
    OperatorConnected { operator: Personal<String> },
    /// An action came into use.
    ActionStarted { operator: Personal<String>, action: Action },
    /// An action is no longer in use.
    ActionStopped { operator: Personal<String>, action: Action, why: StopReason },
    /// What was copied went to the other computer.
    ClipboardShared { operator: Personal<String>, direction: Direction, kind: Copied, bytes: u64 },
    /// The operator asked for more.
    ExtensionRequested { operator: Personal<String>, actions: ActionSet },
    /// The end user allowed more: `added`.
    GrantExtended { operator: Personal<String>, added: ActionSet },
    /// The end user did not allow more.
    ExtensionRefused { operator: Personal<String>, actions: ActionSet },
    /// The end user took something back.
    GrantWithdrawn { operator: Personal<String>, withdrawn: ActionSet },
    /// The end user paused.
    Paused,
    /// The end user let it go on.
    Continued,
    /// The operator is no longer there.
    OperatorLeft { operator: Personal<String>, why: LeftReason },
    /// The agent cannot be reached.
    AgentLost,
    /// The agent is back.
    AgentResumed,
    /// It is over; `operator` was in it last.
    Ended { operator: Option<Personal<String>>, by: EndedBy, why: EndReason, suppressed: u32 },
    /// Nobody came in time.
    Expired { what: Waited },
    /// The agent removed itself.
    AgentRemoved { removed: Vec<Personal<Committed>>, left: Vec<Personal<Committed>> },
    /// An endpoint signed the end.
    HeadSigned { by: Endpoint },
}

/// One line of a timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct TimelineEntry {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// Where in the log.
    pub position: u64,
    /// Where in the session's stream.
    pub version: u64,
    /// What.
    pub entry: Entry,
}

/// What happened in one session: the one it was made for, or else the first one it meets.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SessionTimeline {
    reached: Reached,
    session: Option<SessionId>,
    entries: Vec<TimelineEntry>,
    /// The name under which somebody last asked to be let in.
    operator: Option<Personal<String>>,
    /// What was last asked for.
    asked: ActionSet,
    /// What the grant in force allows.
    allowed: ActionSet,
}

impl SessionTimeline {
    /// The empty timeline of `session`.
    pub fn of(session: SessionId) -> Self {
        Self { session: Some(session), ..Self::default() }
    }

    /// What one event says by itself, about the operator of this name.
    pub(crate) fn alone(event: &Event, operator: Personal<String>) -> Entry {
        Self { operator: Some(operator), ..Self::default() }.entry(event)
    }

    /// Whose timeline it is.
    pub fn session(&self) -> Option<SessionId> {
        self.session
    }

    /// What happened, the oldest first.
    pub fn entries(&self) -> &[TimelineEntry] {
        &self.entries
    }

    fn fold(&mut self, recorded: &Recorded<Event>) {
        let id = stream_id(&recorded.metadata);
        self.session = self.session.or(id);
        if id.is_none() || id != self.session {
            return;
        }
        let entry = self.entry(&recorded.event);
        self.entries.push(TimelineEntry {
            at: recorded.metadata.at,
            actor: recorded.metadata.actor,
            position: recorded.position,
            version: recorded.metadata.version,
            entry,
        });
    }

    fn entry(&mut self, event: &Event) -> Entry {
        // Nobody acts before they have asked under a name; a log without it has lost the name.
        let operator = self.operator.clone().unwrap_or(Personal::Erased);
        match event {
            Event::Created { .. } => Entry::Created,
            Event::InvitationSent { to } => Entry::InvitationSent { to: to.clone() },
            Event::InvitationCancelled {} => Entry::InvitationCancelled,
            Event::Joined { device, .. } => Entry::Joined { device: device.clone() },
            Event::ApprovalRequested { operator_name, actions, continues, damped, .. } => {
                self.operator = Some(operator_name.clone());
                self.asked = *actions;
                Entry::ApprovalRequested {
                    operator: operator_name.clone(),
                    actions: *actions,
                    continues: *continues,
                    damped: *damped,
                }
            }
            Event::ApprovalCancelled { .. } => Entry::ApprovalCancelled { operator },
            Event::Approved { actions, .. } => {
                self.allowed = *actions;
                let left_out = self.asked.minus(*actions);
                Entry::Approved { operator, actions: *actions, left_out }
            }
            Event::Rejected { damped_until, .. } => {
                Entry::Rejected { operator, damped: damped_until.is_some() }
            }
            Event::ApprovalLapsed { damped_until, .. } => {
                Entry::ApprovalLapsed { operator, damped: damped_until.is_some() }
            }
            Event::OperatorConnected { .. } => Entry::OperatorConnected { operator },
            Event::ActionStarted { action } => Entry::ActionStarted { operator, action: *action },
            Event::ActionStopped { action, why } => {
                Entry::ActionStopped { operator, action: *action, why: *why }
            }
            Event::ClipboardShared { direction, kind, bytes } => {
                let (direction, kind, bytes) = (*direction, *kind, *bytes);
                Entry::ClipboardShared { operator, direction, kind, bytes }
            }
            Event::ExtensionRequested { actions } => {
                Entry::ExtensionRequested { operator, actions: *actions }
            }
            Event::GrantExtended { actions, .. } => {
                let added = actions.minus(self.allowed);
                self.allowed = *actions;
                Entry::GrantExtended { operator, added }
            }
            Event::ExtensionRefused { actions } => {
                Entry::ExtensionRefused { operator, actions: *actions }
            }
            Event::GrantWithdrawn { withdrawn, actions, .. } => {
                self.allowed = *actions;
                Entry::GrantWithdrawn { operator, withdrawn: *withdrawn }
            }
            Event::Paused {} => Entry::Paused,
            Event::Continued {} => Entry::Continued,
            Event::OperatorLeft { why, .. } => Entry::OperatorLeft { operator, why: *why },
            Event::AgentLost { .. } => Entry::AgentLost,
            Event::AgentResumed {} => Entry::AgentResumed,
            Event::Ended { by, why, suppressed, .. } => Entry::Ended {
                operator: self.operator.clone(),
                by: *by,
                why: *why,
                suppressed: *suppressed,
            },
            Event::Expired { what } => Entry::Expired { what: *what },
            Event::AgentRemoved { removed, left, .. } => {
                Entry::AgentRemoved { removed: removed.clone(), left: left.clone() }
            }
            Event::HeadSigned { by, .. } => Entry::HeadSigned { by: *by },
        }
    }
}

impl Projection for SessionTimeline {
    const NAME: &'static str = "session_timeline";
    const VERSION: u32 = 1;

    fn apply(&mut self, event: &RecordedEvent) {
        if !self.reached.advance(event) {
            return;
        }
        match event {
            RecordedEvent::Session(recorded) => self.fold(recorded),
            RecordedEvent::Operator(_) | RecordedEvent::Account(_) | RecordedEvent::Node(_) => {}
        }
    }

    fn position(&self) -> Option<u64> {
        self.reached.position()
    }
}

#[cfg(test)]
mod tests;

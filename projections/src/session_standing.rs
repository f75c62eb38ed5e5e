//! Where one session stands, and who may do what there.

use beckon_events::operator::Role;
use beckon_events::session::{
    AgentKeys, Command, ControlKeys, Device, EndReason, EndedBy, Endpoint, Event, LeftReason,
    Rejection, Session,
};
use beckon_events::{
    Action, ActionSet, Decider, Digest, OperatorId, Personal, PublicKey, Recorded, RecordedEvent,
    SessionId, Statement, Timestamp,
};
use uuid::Uuid;

use crate::projection::{Reached, stream_id};
use crate::{Deadlines, Due, Power, Projection, Right, SessionRow, Who};

/// One session right after one of its events: the one it was made for, or else the first one it
/// meets.
///
/// What may be done is asked of the decider, which is the rule itself.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SessionStanding {
    reached: Reached,
    id: Option<SessionId>,
    session: Session,
    row: Option<SessionRow>,
    deadlines: Deadlines,
    at: Timestamp,
    version: Option<u64>,
    /// INVARIANT: who is connected, while a grant is in force and the agent is there.
    connected: Option<OperatorId>,
}

impl SessionStanding {
    /// The standing of `session` before its first event.
    pub fn of(session: SessionId) -> Self {
        Self { id: Some(session), ..Self::default() }
    }

    /// The standing right after the event of this version, from the session's events.
    pub fn at_version(events: &[RecordedEvent], version: u64) -> Self {
        let mut standing = Self::default();
        let until = events.iter().take_while(|event| event.metadata().version <= version);
        until.for_each(|event| standing.apply(event));
        standing
    }

    /// The session as lists show it; none before its first event.
    pub fn row(&self) -> Option<&SessionRow> {
        self.row.as_ref()
    }

    /// The session as the rules know it.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The time of the last event.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// The version of the last event.
    pub fn version(&self) -> Option<u64> {
        self.version
    }

    /// Who is connected.
    pub fn connected(&self) -> Option<OperatorId> {
        self.connected
    }

    /// Who may do what at `now`; who may do nothing stands there with nothing. Empty before the
    /// first event.
    pub fn powers(&self, now: Timestamp) -> Vec<(Who, Vec<Power>)> {
        let Some(row) = &self.row else { return Vec::new() };
        let mut all = Vec::new();
        if self.session.agent().is_some() {
            all.push((Who::EndUser, self.of_user(now)));
        } else if row.is_live() {
            let until = self.session.deadline();
            let join = self.may(join(now)).then_some(Power::Join { until });
            all.push((Who::Invited, join.into_iter().collect()));
        }
        all.push((Who::Holder(row.operator), self.of_holder(row.operator, now)));
        if let Some(operator) = self.controlling() {
            all.push((Who::Control(operator), self.of_control(now)));
        }
        all.push((Who::Server, self.of_server()));
        let stranger = self.may_ask(OperatorId(Uuid::nil()), now);
        all.push((Who::OtherOperators, stranger.then_some(Power::Ask).into_iter().collect()));
        all.push((Who::Administrators, of_role(Role::Admin)));
        all.push((Who::Auditors, of_role(Role::Auditor)));
        all
    }

    /// Whether the rules would accept it, given a right statement where one is needed.
    fn may(&self, command: Command) -> bool {
        match self.session.decide(command) {
            Ok(events) => !events.is_empty(),
            Err(rejection) => matches!(rejection, Rejection::Unbelieved(_)),
        }
    }

    fn may_end(&self, by: EndedBy) -> bool {
        let statement = (by == EndedBy::User).then(Statement::unsigned);
        self.may(Command::End { by, why: EndReason::Asked, statement, suppressed: 0 })
    }

    fn may_ask(&self, operator: OperatorId, now: Timestamp) -> bool {
        // What was declined several times is held back for a while; something else is not.
        [Action::View].into_iter().chain([Action::Chat]).any(|action| {
            self.may(Command::RequestApproval {
                operator,
                operator_name: Personal::Erased,
                control: ControlKeys { x25519: NOBODY, ed25519: NOBODY },
                actions: ActionSet::EMPTY.with(action),
                now,
                lapses: now,
                damped: 0,
            })
        })
    }

    fn may_sign(&self, by: Endpoint) -> bool {
        let statement = Statement::unsigned();
        self.may(Command::SignHead { by, leaf: Digest::ZERO, statement })
    }

    /// Whose Control acts, or acted last where it may still sign.
    fn controlling(&self) -> Option<OperatorId> {
        let in_force = self.session.grant().map(|grant| grant.operator);
        let last = || {
            let row = self.row.as_ref()?;
            let last = row.helpers.last().copied().unwrap_or(row.operator);
            self.may_sign(Endpoint::Control).then_some(last)
        };
        in_force.or_else(last)
    }

    fn of_user(&self, now: Timestamp) -> Vec<Power> {
        let statement = Statement::unsigned;
        let mut powers = Vec::new();
        if let Some(request) = self.session.request() {
            let (number, actions, until) = (request.number, request.actions, request.lapses);
            let approve = Command::Approve { request: number, statement: statement(), now };
            powers.extend(self.may(approve).then_some(Power::Approve { actions, until }));
            let reject = Command::Reject { request: number, now };
            powers.extend(self.may(reject).then_some(Power::Reject));
        }
        if let Some(actions) = self.session.extension() {
            let extend = Command::Extend { statement: statement(), now };
            powers.extend(self.may(extend).then_some(Power::AllowMore { actions }));
            powers.extend(self.may(Command::RefuseExtension).then_some(Power::RefuseMore));
        }
        if let Some(actions) = self.session.grant().map(|grant| grant.actions) {
            let withdraw = Command::Withdraw { statement: statement() };
            let something = !actions.is_empty() && self.may(withdraw);
            powers.extend(something.then_some(Power::Withdraw { actions }));
        }
        let (removed, left) = (Vec::new(), Vec::new());
        let removal = Command::RecordRemoval { removed, left, statement: statement() };
        powers.extend(
            [
                (self.may(Command::Pause), Power::Pause),
                (self.may(Command::Continue), Power::Continue),
                (self.may_end(EndedBy::User), Power::End),
                (self.may(removal), Power::ReportRemoval),
                (self.may_sign(Endpoint::Agent), Power::SignEnd),
            ]
            .into_iter()
            .filter_map(|(may, power)| may.then_some(power)),
        );
        powers
    }

    fn of_holder(&self, holder: OperatorId, now: Timestamp) -> Vec<Power> {
        let powers = [
            (self.may(Command::CancelInvitation), Power::CancelInvitation),
            (self.may_ask(holder, now), Power::Ask),
            (self.may(Command::CancelRequest), Power::TakeBackRequest),
            (self.may_end(EndedBy::Portal), Power::End),
            (true, Power::See),
            (true, Power::Replay),
        ];
        powers.into_iter().filter_map(|(may, power)| may.then_some(power)).collect()
    }

    fn of_control(&self, now: Timestamp) -> Vec<Power> {
        let mut powers = Vec::new();
        if let Some(grant) = self.session.grant() {
            // The agent holds everything back while the end user has paused.
            let usable = grant.actions.iter().filter(|action| {
                let start = Command::StartAction { action: *action, now };
                !self.session.is_paused() && self.session.decide(start).is_ok()
            });
            powers.extend(usable.map(|action| Power::Use { action, until: grant.until }));
            let everything = Action::ALL.into_iter().collect();
            let more = self.may(Command::RequestExtension { actions: everything });
            powers.extend(more.then_some(Power::AskForMore));
            let leave = Command::LoseOperator { why: LeftReason::Left, now };
            powers.extend(self.may(leave).then_some(Power::Leave));
        }
        powers.extend(self.may_end(EndedBy::Control).then_some(Power::End));
        powers.extend(self.may_sign(Endpoint::Control).then_some(Power::SignEnd));
        powers
    }

    /// What the server does by itself, and when.
    fn of_server(&self) -> Vec<Power> {
        let due = self.deadlines.due(Timestamp::from_micros(i64::MAX)).into_iter();
        due.filter_map(|overdue| {
            let (now, at) = (overdue.at, overdue.at);
            let (command, power) = match overdue.due {
                Due::Expire => (Command::Expire { now }, Power::Expire { at }),
                Due::Lapse => (Command::Lapse { now }, Power::Lapse { at }),
                Due::GiveUp => (Command::GiveUp { now, suppressed: 0 }, Power::GiveUp { at }),
            };
            self.may(command).then_some(power)
        })
        .collect()
    }

    fn fold(&mut self, recorded: &Recorded<Event>) {
        let id = stream_id(&recorded.metadata);
        self.id = self.id.or(id);
        if id.is_none() || id != self.id {
            return;
        }
        self.at = recorded.metadata.at;
        self.version = Some(recorded.metadata.version);
        match &mut self.row {
            Some(row) => row.fold(&recorded.event, recorded.metadata.at, recorded.position),
            None => self.row = SessionRow::created(recorded),
        }
        self.session = std::mem::take(&mut self.session).evolve(&recorded.event);
        self.connect(&recorded.event);
    }

    fn connect(&mut self, event: &Event) {
        match event {
            Event::OperatorConnected { operator, .. } => self.connected = Some(*operator),
            Event::Approved { .. }
            | Event::OperatorLeft { .. }
            | Event::AgentLost { .. }
            | Event::InvitationCancelled {}
            | Event::Ended { .. }
            | Event::Expired { .. } => self.connected = None,
            Event::Created { .. }
            | Event::InvitationSent { .. }
            | Event::Joined { .. }
            | Event::ApprovalRequested { .. }
            | Event::ApprovalCancelled { .. }
            | Event::Rejected { .. }
            | Event::ApprovalLapsed { .. }
            | Event::ActionStarted { .. }
            | Event::ActionStopped { .. }
            | Event::ClipboardShared { .. }
            | Event::ExtensionRequested { .. }
            | Event::GrantExtended { .. }
            | Event::ExtensionRefused { .. }
            | Event::GrantWithdrawn { .. }
            | Event::Paused {}
            | Event::Continued {}
            | Event::AgentResumed {}
            | Event::AgentRemoved { .. }
            | Event::HeadSigned { .. } => {}
        }
    }
}

impl Projection for SessionStanding {
    const NAME: &'static str = "session_standing";
    const VERSION: u32 = 1;

    fn apply(&mut self, event: &RecordedEvent) {
        if !self.reached.advance(event) {
            return;
        }
        match event {
            RecordedEvent::Session(recorded) => {
                self.fold(recorded);
                if stream_id(&recorded.metadata) == self.id {
                    self.deadlines.apply(event);
                }
            }
            RecordedEvent::Operator(_) | RecordedEvent::Account(_) | RecordedEvent::Node(_) => {}
        }
    }

    fn position(&self) -> Option<u64> {
        self.reached.position()
    }
}

/// The key of nobody.
const NOBODY: PublicKey = PublicKey([0; 32]);

/// Somebody joins.
fn join(now: Timestamp) -> Command {
    let nothing = || Personal::Erased;
    let (system, build) = (String::new(), String::new());
    Command::Join {
        agent: AgentKeys { x25519: NOBODY, ed25519: NOBODY },
        device: Device { host: nothing(), user: nothing(), system, build },
        address: nothing(),
        now,
        wait_until: now,
    }
}

/// What a role may do in the sessions of others.
fn of_role(role: Role) -> Vec<Power> {
    let powers = [
        (Right::SeeEverySession, Power::See),
        (Right::ReadLog, Power::Replay),
        (Right::ExportLog, Power::Export),
    ];
    let rights = Right::of(role);
    powers.into_iter().filter(|(right, _)| rights.contains(right)).map(|(_, power)| power).collect()
}

#[cfg(test)]
mod tests;

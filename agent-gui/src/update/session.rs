//! In a session: who is heard, and what time does.

use std::sync::Arc;
use std::time::Duration;

use beckon_desk::clipboard::Shares;
use beckon_events::session::{Direction, EndReason, EndedBy, Fact, Said};
use beckon_events::{ActionSet, Grant, SessionId};
use beckon_peer::{Gate, Identity};
use beckon_protocol::{AgentSays, ServerAddress};

use super::over;
use crate::effect::Effect;
use crate::input::{Input, Link, User};
use crate::model::{Channel, Copies, Handshakes, How, Joined, Model, Now, Phase, Session, Stage};
use crate::text;

/// The server has to confirm a grant within this time.
pub(super) const CONFIRM_WITHIN: Duration = Duration::from_secs(5);
/// A channel that was away for longer does not bring anything back by itself.
pub(super) const RESUME_WITHIN: Duration = Duration::from_mins(1);
/// How often a new relay is asked for.
const WANT_EVERY: Duration = Duration::from_secs(5);

pub(super) fn step(model: &mut Model, input: Input, now: Now, out: &mut Vec<Effect>) {
    let Stage::Session(session) = &mut model.stage else { return };
    let mut leaving = false;
    let end = match input {
        Input::Line(number, line) if number == model.line => session.hear_line(line, now, out),
        // It went over, though the relay may be gone or another one by now.
        Input::Link(_, Link::ClipSent(sort)) => {
            session.went_over(Direction::ToOperator, sort, now, out);
            None
        }
        Input::Link(number, link) if number == session.link => session.hear_link(link, now, out),
        Input::User(User::Ends) => Some(BY_USER),
        Input::User(user) => {
            session.obey(&user, now, out);
            None
        }
        Input::NoPictures(why) => {
            session.fail_pictures(&why, out);
            None
        }
        Input::NoHands(why) => {
            session.fail_hands(&why, out);
            None
        }
        Input::Clipboard(event) => {
            session.hear_clipboard(event, now, out);
            None
        }
        Input::Terminated => {
            leaving = true;
            Some(BY_USER)
        }
        Input::Passed => {
            session.pass(now, out);
            None
        }
        _ => None,
    };
    if let Some(how) = end {
        over::begin(model, how, leaving, now, out);
    }
}

/// The user's own end.
pub(super) const BY_USER: How = How::Ended { by: EndedBy::User, why: EndReason::Asked };

impl Session {
    /// The start: joined, nobody connected.
    pub(super) fn joined(identity: Arc<Identity>, server: ServerAddress, joined: Joined) -> Self {
        Self {
            identity,
            server,
            id: joined.session,
            company: joined.company,
            account_key: joined.account_key,
            log_key: joined.log_key,
            joined: joined.at,
            online: true,
            phase: Phase::Ready,
            gate: Gate::closed(),
            n: 0,
            channel: Channel::Closed,
            link: 0,
            wanted: None,
            suspended: None,
            abandoned: None,
            asks_end: false,
            dialog_closed: None,
            notice: None,
            copies: Copies::default(),
            unsaid: Vec::new(),
            signed: None,
            answered: None,
            handshakes: Handshakes::default(),
            helper: None,
            began: None,
            allowed: ActionSet::EMPTY,
            used: ActionSet::EMPTY,
        }
    }

    /// Tells the server now, or as soon as it can be reached again.
    pub(super) fn say(&mut self, said: AgentSays, out: &mut Vec<Effect>) {
        if self.online {
            out.push(Effect::Say(said));
        } else {
            self.unsaid.push(said);
        }
    }

    /// Tells the server of a grant, again where it does not know of it later.
    pub(super) fn say_grant(&mut self, said: AgentSays, out: &mut Vec<Effect>) {
        self.signed = Some(said.clone());
        self.say(said, out);
    }

    /// Answers a request, again where it is asked again.
    pub(super) fn answer(&mut self, request: u32, said: AgentSays, out: &mut Vec<Effect>) {
        self.answered = Some((request, said.clone()));
        self.say(said, out);
    }

    /// Nothing goes over the channel any more.
    pub(super) fn close_channel(&mut self, now: Now, out: &mut Vec<Effect>) {
        if self.channel != Channel::Closed {
            self.channel = Channel::Closed;
            out.push(Effect::CloseRelay);
        }
        if let Phase::Recording(recording) = &mut self.phase {
            recording.early.clear();
        }
        if let Some(active) = self.active_mut() {
            active.running = ActionSet::EMPTY;
            active.clipboard = Shares::NOTHING;
            active.broken.get_or_insert(now.up);
        }
    }

    /// Back to waiting, with something to say about why.
    pub(super) fn back_to_ready(&mut self, notice: String, now: Now, out: &mut Vec<Effect>) {
        self.close_channel(now, out);
        if self.has_dialog() {
            self.dialog_closed = Some(now.up);
        }
        self.gate.close();
        self.phase = Phase::Ready;
        self.notice = Some(notice);
    }

    /// A grant like `grant`, newer, with other actions.
    pub(super) fn next_grant(&mut self, grant: &Grant, actions: ActionSet) -> Grant {
        self.n += 1;
        Grant { n: self.n, actions, ..grant.clone() }
    }

    /// Puts a newer grant in force. What is in use and not in it stops.
    pub(super) fn enforce(&mut self, grant: Grant) {
        let actions = grant.actions;
        if self.gate.open(grant).is_err() {
            return;
        }
        self.allowed = self.allowed.or(actions);
        if let Some(active) = self.active_mut() {
            active.running = active.running.and(actions);
        }
    }

    pub(super) fn state(&self, fact: Fact) -> beckon_events::Statement {
        state(&self.identity, self.id, fact)
    }

    fn pass(&mut self, now: Now, out: &mut Vec<Effect>) {
        match &self.phase {
            Phase::Ready => {}
            Phase::Asked(request) => {
                if now.up >= request.lapses {
                    self.back_to_ready(text::LAPSED.to_owned(), now, out);
                }
            }
            Phase::Recording(recording) => {
                if now.up.saturating_sub(recording.since) >= CONFIRM_WITHIN {
                    self.abandoned = Some(recording.clone());
                    self.back_to_ready(text::NOT_RECORDED.to_owned(), now, out);
                }
            }
            Phase::Active(_) => self.pass_active(now),
        }
        self.say_clipboard(now, out);
        if let Some(suspended) = &self.suspended
            && now.up >= suspended.until
        {
            self.suspended = None;
        }
        self.want_relay(WANT_EVERY, now, out);
    }

    fn pass_active(&mut self, now: Now) {
        let Some(active) = self.active_mut() else { return };
        let late = |since: Duration| now.up.saturating_sub(since) >= CONFIRM_WITHIN;
        if active.growing.as_ref().is_some_and(|growing| late(growing.since)) {
            active.growing = None;
            self.notice = Some(text::NOT_RECORDED.to_owned());
        }
        self.let_lapse(now);
    }

    /// After too long a gap nothing of the grant is left; the server is told when it is there.
    pub(super) fn let_lapse(&mut self, now: Now) {
        let Some(active) = self.active() else { return };
        let gone = active.broken.is_some_and(|at| now.up.saturating_sub(at) > RESUME_WITHIN);
        if !gone || active.lapsed.is_some() {
            return;
        }
        let Some(grant) = self.gate.grant().cloned() else { return };
        let allowed = grant.actions;
        let nothing = self.next_grant(&grant, ActionSet::EMPTY);
        let statement = self.identity.grant(&nothing);
        self.enforce(nothing);
        if let Some(active) = self.active_mut() {
            active.growing = None;
            active.lapsed = Some((statement, allowed));
        }
        self.notice = Some(text::GONE_TOO_LONG.to_owned());
    }

    /// Asks for a new relay where one is needed and none is on its way.
    pub(super) fn want_relay(&mut self, every: Duration, now: Now, out: &mut Vec<Effect>) {
        let needed = !matches!(self.phase, Phase::Ready) && self.channel == Channel::Closed;
        let due = self.wanted.is_none_or(|at| now.up.saturating_sub(at) >= every);
        if needed && due && self.online {
            self.wanted = Some(now.up);
            out.push(Effect::Say(AgentSays::RelayWanted {}));
        }
    }
}

/// A fact in the agent's hand.
pub(super) fn state(
    identity: &Identity,
    session: SessionId,
    fact: Fact,
) -> beckon_events::Statement {
    identity.state(&serde_json::to_vec(&Said::new(session, fact)).unwrap_or_default())
}

//! What happens in one session, as commands to its decider.

use std::time::Duration;

use beckon_events::envelope::{Actor, stream_name};
use beckon_events::session::{
    Command, Copied, Device, Direction, EndReason, EndedBy, Endpoint, Fact, LeftReason, Said,
    Session, head_bytes,
};
use beckon_events::{
    AccountId, Action, ActionSet, Committed, Digest, Grant, Limits, Statement, Timestamp,
};

use super::recipe::{Recipe, Ways};
use super::seed::Seed;

/// A session on its way.
pub struct Script {
    number: u32,
    operator: u32,
    ending: Ending,
    /// How many fillers are still to come.
    fill: u32,
    heads: bool,
    step: u32,
    /// How much came after the end.
    tail: u32,
    /// The grant that was signed last.
    n: u32,
    /// Whether the clipboard is shared.
    shares: bool,
}

/// How a session goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Usual,
    Cancelled,
    Expired,
    Portal,
    Withdrawn,
    Continued,
    Silent,
}

impl Script {
    /// Session `number` of a log.
    pub fn new(number: u32, recipe: &Recipe) -> Self {
        let ways = [
            Ending::Usual,
            Ending::Portal,
            Ending::Cancelled,
            Ending::Withdrawn,
            Ending::Expired,
            Ending::Continued,
            Ending::Silent,
        ];
        let ending = match recipe.ways {
            Ways::Usual => Ending::Usual,
            Ways::Short => Ending::Expired,
            Ways::All => ways[number as usize % ways.len()],
        };
        let (fill, heads) = (recipe.events.clamp(14, 880) - 14, recipe.heads);
        let operator = number % recipe.operators.max(1);
        Self { number, operator, ending, fill, heads, step: 0, tail: 0, n: 0, shares: false }
    }

    /// The next command and who gives it; none once nothing more happens. `closing` is the leaf
    /// of the event that closed it, once there is one.
    pub fn next(
        &mut self,
        seed: &Seed,
        state: &Session,
        closing: Digest,
        now: Timestamp,
    ) -> Option<(Command, Actor)> {
        let step = self.step;
        self.step += 1;
        let operator = Actor::operator(seed.operator(self.operator));
        let user = Actor::USER;
        let command = match step {
            0 => (self.create(seed, now), operator),
            1 => (Command::RecordInvitation { to: "ida@example.org".into() }, operator),
            2 if self.ending == Ending::Cancelled => (Command::CancelInvitation, operator),
            2 if self.ending == Ending::Expired => {
                (Command::Expire { now: now.plus(Duration::from_hours(24)) }, Actor::POLICY)
            }
            3 if matches!(self.ending, Ending::Cancelled | Ending::Expired) => return None,
            2 => (self.join(seed, now), user),
            3 => (self.request(seed, now), operator),
            4 if self.ending == Ending::Silent => {
                let now = now.plus(Duration::from_mins(5));
                (Command::Lapse { now }, Actor::POLICY)
            }
            4 => (self.approve(seed, now), user),
            5 if self.ending == Ending::Silent => (self.end(seed, false), operator),
            5 => {
                let control = seed.control_keys(self.operator);
                let operator_id = seed.operator(self.operator);
                (Command::Connect { operator: operator_id, control }, operator)
            }
            6 | 7 if state.is_open() => {
                // Who begins with control sees without asking for it again.
                let first = if self.ending == Ending::Portal { 6 } else { 7 };
                let action = if step == first { Action::Control } else { Action::View };
                (Command::StartAction { action, now }, Actor::AGENT)
            }
            _ if state.is_open() => self.during(seed, state, step, now, operator),
            _ => return self.after(seed, closing, state),
        };
        Some(command)
    }

    fn during(
        &mut self,
        seed: &Seed,
        state: &Session,
        step: u32,
        now: Timestamp,
        operator: Actor,
    ) -> (Command, Actor) {
        let user = Actor::USER;
        if self.ending == Ending::Continued && step == 8 {
            return (Command::LoseOperator { why: LeftReason::Away, now }, Actor::POLICY);
        }
        if self.ending == Ending::Continued && step == 9 {
            return (self.request(seed, now), operator);
        }
        if self.ending == Ending::Continued && step == 10 {
            return (self.approve(seed, now), user);
        }
        if self.ending == Ending::Withdrawn && step == 8 {
            let actions = ActionSet::EMPTY.with(Action::Clipboard);
            return (Command::RequestExtension { actions }, operator);
        }
        if self.ending == Ending::Withdrawn && step == 9 {
            let actions = allowed().with(Action::Clipboard);
            let statement = self.grant(seed, actions, now);
            return (Command::Extend { statement, now }, user);
        }
        // Three events more: with what stops when it is taken back.
        if self.ending == Ending::Withdrawn && step == 10 && self.fill >= 3 {
            self.fill -= 3;
            self.shares = true;
            return (Command::StartAction { action: Action::Clipboard, now }, Actor::AGENT);
        }
        if self.shares && step == 11 {
            let (direction, kind) = (Direction::ToUser, Copied::Text);
            return (Command::ShareClipboard { direction, kind, bytes: 312 }, Actor::AGENT);
        }
        if self.ending == Ending::Withdrawn && step == if self.shares { 12 } else { 10 } {
            let statement = self.grant(seed, ActionSet::EMPTY.with(Action::View), now);
            return (Command::Withdraw { statement }, user);
        }
        if self.fill > 0 {
            self.fill -= 1;
            if state.agent_is_lost() {
                return (Command::ResumeAgent, Actor::AGENT);
            }
            if state.is_paused() {
                return (Command::Continue, user);
            }
            if !state.running().contains(Action::View) {
                return (Command::StartAction { action: Action::View, now }, Actor::AGENT);
            }
            return match self.fill % 5 {
                0 | 2 => (Command::Pause, user),
                3 if self.fill % 20 == 3 => {
                    let until = now.plus(Duration::from_mins(5));
                    (Command::LoseAgent { until, suppressed: 0 }, Actor::POLICY)
                }
                _ => (Command::StopAction { action: Action::View }, operator),
            };
        }
        if self.ending == Ending::Portal {
            return (self.end(seed, false), operator);
        }
        (self.end(seed, true), user)
    }

    /// What comes when it is over; `closing` is the leaf of the event that closed it.
    fn after(&mut self, seed: &Seed, closing: Digest, state: &Session) -> Option<(Command, Actor)> {
        let end = state.closed()?;
        self.tail += 1;
        let stream = stream_name("session", seed.session(self.number));
        let head = head_bytes(&stream, end, &closing);
        let sign = |by, pair| Command::SignHead {
            by,
            leaf: closing,
            statement: Statement::sign(&head, &pair),
        };
        match self.tail {
            1 => Some((self.removal(seed), Actor::AGENT)),
            2 if self.heads => Some((sign(Endpoint::Agent, seed.agent(self.number)), Actor::AGENT)),
            3 if state.endpoint(Endpoint::Control).is_some() => {
                let operator = Actor::operator(seed.operator(self.operator));
                Some((sign(Endpoint::Control, seed.control(self.operator)), operator))
            }
            _ => None,
        }
    }

    fn create(&self, seed: &Seed, now: Timestamp) -> Command {
        let number = u64::from(self.number);
        Command::Create {
            session: seed.session(self.number),
            account: AccountId(seed.uuid("account", 0)),
            operator: seed.operator(self.operator),
            name: (!self.number.is_multiple_of(3))
                .then(|| format!("Printer of floor {number}").into()),
            note: self.number.is_multiple_of(4).then(|| "called twice, “urgent”".into()),
            code: Digest(seed.bytes("code", number)),
            token: Digest(seed.bytes("token", number)),
            expires: now.plus(Duration::from_hours(2)),
        }
    }

    fn join(&self, seed: &Seed, now: Timestamp) -> Command {
        let device = Device {
            host: format!("DESK-{}", self.number).as_str().into(),
            user: "ida".into(),
            system: "Debian 12".to_owned(),
            build: "0.1.0".to_owned(),
        };
        let wait_until = now.plus(Duration::from_hours(1));
        let agent = seed.agent_keys(self.number);
        Command::Join { agent, device, address: "192.0.2.7".into(), now, wait_until }
    }

    fn request(&self, seed: &Seed, now: Timestamp) -> Command {
        Command::RequestApproval {
            operator: seed.operator(self.operator),
            operator_name: format!("Ana Silva {}", self.operator).as_str().into(),
            control: seed.control_keys(self.operator),
            actions: allowed(),
            now,
            lapses: now.plus(Duration::from_mins(1)),
            damped: 0,
        }
    }

    fn approve(&mut self, seed: &Seed, now: Timestamp) -> Command {
        let statement = self.grant(seed, allowed(), now);
        // The second request is that of an operator who came back.
        let request = if self.step > 10 { 2 } else { 1 };
        Command::Approve { request, statement, now }
    }

    fn grant(&mut self, seed: &Seed, actions: ActionSet, now: Timestamp) -> Statement {
        self.n += 1;
        let grant = Grant {
            v: Grant::VERSION,
            session: seed.session(self.number),
            operator: seed.operator(self.operator),
            control: seed.control_keys(self.operator).ed25519,
            actions,
            until: now.plus(Duration::from_hours(8)),
            n: self.n,
            limits: Limits {},
        };
        grant.sign(&seed.agent(self.number))
    }

    fn end(&self, seed: &Seed, by_user: bool) -> Command {
        let said = Said::new(seed.session(self.number), Fact::Ended);
        let statement = by_user.then(|| said.sign(&seed.agent(self.number)));
        let by = if by_user { EndedBy::User } else { EndedBy::Portal };
        Command::End { by, why: EndReason::Asked, statement, suppressed: 0 }
    }

    fn removal(&self, seed: &Seed) -> Command {
        let salt = |index: u64| seed.salt(u64::from(self.number) * 4 + index);
        let thing =
            |index: u64, value: &str| Committed { salt: salt(index), value: value.to_owned() };
        let removed = vec![thing(0, "/home/ida/Downloads/beckon-agent"), thing(1, "/tmp/beckon-7")];
        let left = vec![thing(2, "/home/ida/receipt.txt")];
        let said = Said::new(seed.session(self.number), Fact::removal(&removed, &left));
        let statement = said.sign(&seed.agent(self.number));
        let personal = |things: Vec<Committed>| things.into_iter().map(Into::into).collect();
        Command::RecordRemoval { removed: personal(removed), left: personal(left), statement }
    }
}

fn allowed() -> ActionSet {
    [Action::Control, Action::Chat].into_iter().collect()
}

//! Rules of the agent as tables: what is fed, what follows.

mod active;
mod approval;
mod clipboard;
mod ending;
mod entry;
mod gaps;
mod lost;
pub(crate) mod receipt;

use std::sync::Arc;
use std::time::Duration;

use beckon_events::{
    AccountId, Action, ActionSet, Grant, OperatorId, PublicKey, SessionId, Statement, Timestamp,
};
use beckon_peer::{ControlMessage, Identity, InputEvent, PeerKeys, Text};
use beckon_protocol::{
    AgentSays, Base64, ClaimedDevice, Policy, Recording, SignedCertificate, ToAgent,
};
use time::UtcOffset;

use super::update;
use crate::effect::Effect;
use crate::input::{Input, Line, Link, User};
use crate::model::{Active, Model, Now, Session, Stage, Who};

const CODE: &str = "01234-56789";

/// A model and the time, fed step by step.
pub(crate) struct World {
    pub(crate) model: Model,
    pub(crate) now: Now,
    /// What the server takes for the time when it greets.
    pub(crate) server_time: Timestamp,
}

impl World {
    /// The first page; the clocks stand somewhere.
    pub(crate) fn new() -> Self {
        let identity = Identity::generate(&beckon_desk::clock::random()).unwrap();
        let device = ClaimedDevice {
            host: "host".into(),
            user: "ana".into(),
            system: "Debian".into(),
            build: "1".into(),
        };
        let model = Model::new(Arc::new(identity), device, UtcOffset::UTC);
        let at = Timestamp::from_micros(1_795_334_400_000_000);
        Self { model, now: Now { at, up: Duration::from_hours(1) }, server_time: at }
    }

    /// Joined, waiting.
    pub(crate) fn joined() -> Self {
        Self::joined_in(Self::new())
    }

    /// The same, from a first page.
    pub(crate) fn joined_in(mut world: Self) -> Self {
        world.user(User::TypesServer("localhost:8080".into()));
        world.user(User::TypesCode(CODE.into()));
        world.user(User::Starts);
        world.up();
        world.server(ToAgent::Joined {
            session: session(),
            company: "Acme".into(),
            operator: "Bo".into(),
            account_key: PublicKey([5; 32]),
            log_key: receipt::log_key(),
            wait_seconds: 7_200,
        });
        world
    }

    /// The dialog is on the screen and armed.
    pub(crate) fn asked(actions: &[Action]) -> Self {
        let mut world = Self::joined();
        world.ask(1, actions);
        world.after(1_000);
        world
    }

    /// Approved and recorded.
    pub(crate) fn active(actions: &[Action]) -> Self {
        let mut world = Self::asked(actions);
        world.user(User::Approves);
        world.server(ToAgent::Recorded { n: 1 });
        world.after(1_000);
        world
    }

    /// Approved, recorded, both in use.
    pub(crate) fn controlled() -> Self {
        let mut world = Self::active(&[Action::Control]);
        world.control(ControlMessage::StartAction(Action::View));
        world.control(ControlMessage::StartAction(Action::Control));
        world
    }

    pub(crate) fn feed(&mut self, input: Input) -> Vec<Effect> {
        update(&mut self.model, input, self.now)
    }

    pub(crate) fn user(&mut self, user: User) -> Vec<Effect> {
        self.feed(Input::User(user))
    }

    pub(crate) fn up(&mut self) -> Vec<Effect> {
        let line = self.model.line;
        self.feed(Input::Line(line, Line::Up { nonce: vec![1; 32], now: self.server_time }))
    }

    pub(crate) fn down(&mut self) -> Vec<Effect> {
        let line = self.model.line;
        self.feed(Input::Line(line, Line::Down { why: "the connection was lost".into() }))
    }

    pub(crate) fn server(&mut self, message: ToAgent) -> Vec<Effect> {
        let line = self.model.line;
        self.feed(Input::Line(line, Line::Message(message)))
    }

    pub(crate) fn link(&mut self, link: Link) -> Vec<Effect> {
        let number = self.session().link;
        self.feed(Input::Link(number, link))
    }

    pub(crate) fn control(&mut self, message: ControlMessage) -> Vec<Effect> {
        self.link(Link::Message(message))
    }

    /// Time passes, and is noticed.
    pub(crate) fn after(&mut self, millis: u64) -> Vec<Effect> {
        self.later(millis);
        self.feed(Input::Passed)
    }

    /// Time passes unnoticed.
    pub(crate) fn later(&mut self, millis: u64) {
        let by = Duration::from_millis(millis);
        self.now = Now { at: self.now.at.plus(by), up: self.now.up + by };
    }

    /// Asks, and proves who asks.
    pub(crate) fn ask(&mut self, request: u32, actions: &[Action]) -> Vec<Effect> {
        self.server(asked(request, actions));
        self.relay(who(7))
    }

    /// A relay opens and Control proves that it is `who`.
    pub(crate) fn relay(&mut self, who: Who) -> Vec<Effect> {
        let mut effects = self.server(ToAgent::Relay { ticket: "t".into() });
        effects.extend(self.link(Link::Answered));
        effects.extend(self.link(Link::Verified(who)));
        effects
    }

    pub(crate) fn session(&mut self) -> &mut Session {
        match &mut self.model.stage {
            Stage::Session(session) => session,
            other => panic!("not in a session but {other:?}"),
        }
    }

    pub(crate) fn active_now(&mut self) -> &Active {
        self.session().active().expect("active")
    }

    pub(crate) fn notice(&mut self) -> String {
        self.session().notice.clone().unwrap_or_default()
    }

    /// Reads the grant in a statement, checked under the agent's key.
    pub(crate) fn grant(&self, statement: &Statement) -> Grant {
        Grant::open(statement, &self.model.identity.ed25519_public(), session()).unwrap()
    }
}

pub(crate) fn session() -> SessionId {
    "00000000-0000-0000-0000-000000000001".parse().unwrap()
}

pub(crate) fn set(actions: &[Action]) -> ActionSet {
    actions.iter().copied().collect()
}

/// An operator whose Control has these keys.
pub(crate) fn who(key: u8) -> Who {
    let keys = PeerKeys { ed25519: PublicKey([key; 32]), x25519: PublicKey([key + 1; 32]) };
    let operator: OperatorId = "00000000-0000-0000-0000-000000000002".parse().unwrap();
    Who { operator, name: "Bo Operator".into(), company: "Acme".into(), keys }
}

pub(crate) fn asked(request: u32, actions: &[Action]) -> ToAgent {
    let account: AccountId = "00000000-0000-0000-0000-000000000003".parse().unwrap();
    let policy = Policy {
        v: 1,
        session: session(),
        account,
        recording: Recording::Off,
        audit_key: None,
        allowed: set(&[Action::Control, Action::Chat, Action::Clipboard]),
    };
    ToAgent::Asked {
        request,
        policy: Base64(policy.to_bytes()),
        certificate: SignedCertificate { certificate: Base64(vec![]), sig: Base64(vec![]) },
        actions: set(actions),
        continues: false,
        lapse_seconds: 60,
    }
}

fn typed() -> ControlMessage {
    ControlMessage::Input(InputEvent::Text(Text::new("x").unwrap()))
}

/// What is said to the server, in order.
fn said(effects: &[Effect]) -> Vec<&AgentSays> {
    let mut said = Vec::new();
    for effect in effects {
        if let Effect::Say(one) = effect {
            said.push(one);
        }
    }
    said
}

//! Given, when, then: what the window does.

mod asking;
mod clipboard;
pub(crate) mod farewell;
mod lasting;
mod log;
mod opening;
mod owed;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use beckon_events::{
    AccountId, Action, ActionSet, Grant, OperatorId, PublicKey, SessionId, Timestamp,
};
use beckon_peer::{Identity, PeerKeys};
use beckon_protocol::{
    Base64, ClaimedDevice, LaunchLink, Policy, Recording, SessionDoor, SignedCertificate, ToControl,
};
use uuid::Uuid;

use super::update;
use crate::effect::Effect;
use crate::input::{Input, TunnelEvent};
use crate::log_memory::tests::LOG;
use crate::model::Model;
use crate::moment::Moment;

pub(crate) const SESSION: SessionId = SessionId(Uuid::from_u128(1));

/// A Control, an agent and a clock.
pub(crate) struct Scene {
    pub(crate) model: Model,
    pub(crate) agent: Identity,
    control: PeerKeys,
    now: Duration,
}

impl Scene {
    /// A Control that trusts `127.0.0.1:8080`, whose log had 5 entries.
    pub(crate) fn new() -> Self {
        let random = beckon_desk::clock::random();
        let control = Identity::generate(&random).unwrap().public();
        let known = BTreeSet::from(["127.0.0.1:8080".to_owned()]);
        let logs = BTreeMap::from([("127.0.0.1:8080".to_owned(), LOG.seen(5))]);
        Self {
            model: Model::new(control, known, logs),
            agent: Identity::generate(&random).unwrap(),
            control,
            now: Duration::from_secs(1_000),
        }
    }

    /// A Control whose request for `wanted` waits for the end user, the tunnel being up.
    pub(crate) fn asking(wanted: ActionSet) -> Self {
        let mut scene = Self::new();
        scene.does(Input::Open(link("127.0.0.1:8080")));
        scene.does(Input::LineUp { nonce: vec![1; 32] });
        let door = scene.door(wanted);
        scene.hears(ToControl::Door { door: Box::new(door) });
        scene.hears(ToControl::Asked { request: 1, lapse_seconds: 60 });
        scene.tunnel_comes_up();
        scene
    }

    /// A Control in a session in which `granted` was asked for and granted.
    pub(crate) fn active(granted: ActionSet) -> Self {
        let mut scene = Self::asking(granted);
        let statement = scene.grant(granted, 1);
        scene.hears(ToControl::Approved { statement });
        scene
    }

    pub(crate) fn does(&mut self, input: Input) -> Vec<Effect> {
        let wall = Timestamp::from_micros(0).plus(self.now);
        update(&mut self.model, input, Moment { uptime: self.now, wall })
    }

    pub(crate) fn hears(&mut self, said: ToControl) -> Vec<Effect> {
        self.does(Input::Said(Box::new(said)))
    }

    pub(crate) fn happens(&mut self, event: TunnelEvent) -> Vec<Effect> {
        self.does(Input::Tunnel { number: self.model.tunnels, event })
    }

    pub(crate) fn tunnel_comes_up(&mut self) -> Vec<Effect> {
        self.hears(ToControl::Relay { ticket: "ticket".to_owned() });
        self.happens(TunnelEvent::Up)
    }

    /// `by` later.
    pub(crate) fn later(&mut self, by: Duration) -> Vec<Effect> {
        self.now += by;
        self.does(Input::Tick)
    }

    pub(crate) fn now(&self) -> Duration {
        self.now
    }

    pub(crate) fn door(&self, wanted: ActionSet) -> SessionDoor {
        let agent = self.agent.public();
        let policy = Policy {
            v: 1,
            session: SESSION,
            account: AccountId(Uuid::from_u128(2)),
            recording: Recording::Off,
            audit_key: None,
            allowed: view_and_control(),
        };
        let name = |name: &str| name.to_owned();
        SessionDoor {
            session: SESSION,
            title: name("Printer of Ana"),
            company: name("Acme"),
            operator: name("Olga Operator"),
            policy: Base64(policy.to_bytes()),
            certificate: SignedCertificate {
                certificate: Base64(Vec::new()),
                sig: Base64(Vec::new()),
            },
            account_key: PublicKey([9; 32]),
            log_key: LOG.key(),
            checkpoint: Some(LOG.note(5)),
            agent: agent.into(),
            device: ClaimedDevice {
                host: name("pc-7"),
                user: name("ana"),
                system: name("Debian 12"),
                build: name("0.1.0"),
            },
            wanted,
            grant: None,
        }
    }

    pub(crate) fn grant(&self, actions: ActionSet, n: u32) -> beckon_events::Statement {
        self.agent.grant(&self.grant_for(self.control.ed25519, actions, n))
    }

    pub(crate) fn grant_for(&self, control: PublicKey, actions: ActionSet, n: u32) -> Grant {
        Grant {
            v: 1,
            session: SESSION,
            operator: OperatorId(Uuid::from_u128(3)),
            control,
            actions,
            until: Timestamp::from_micros(0).plus(self.now + Duration::from_hours(12)),
            n,
            limits: beckon_events::Limits::default(),
        }
    }
}

pub(crate) fn link(server: &str) -> LaunchLink {
    LaunchLink::new(server.parse().unwrap(), [7; 32])
}

pub(crate) fn view() -> ActionSet {
    ActionSet::EMPTY.with(Action::View)
}

pub(crate) fn view_and_control() -> ActionSet {
    ActionSet::EMPTY.with(Action::Control)
}

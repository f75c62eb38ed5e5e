//! A log for tests, as it is once it has been read.

use std::collections::BTreeMap;
use std::time::Duration;

use beckon_events::envelope::{self, Actor, Metadata};
use beckon_events::session::{self, AgentKeys, ControlKeys, Device};
use beckon_events::{
    AccountId, Action, ActionSet, CommandId, Digest, DomainEvent, LogId, OperatorId, Personal,
    PublicKey, Recorded, RecordedEvent, SessionId, Statement, Timestamp,
};
use ring::signature::Ed25519KeyPair;
use uuid::Uuid;

use crate::Projection;

pub(crate) const ANA: OperatorId = OperatorId(Uuid::from_u128(2));
pub(crate) const BEN: OperatorId = OperatorId(Uuid::from_u128(3));
pub(crate) const ACCOUNT: AccountId = AccountId(Uuid::from_u128(4));
pub(crate) const LOG: LogId = LogId(Uuid::from_u128(5));

/// A log that grows; positions go up by ten.
#[derive(Default)]
pub(crate) struct History {
    log: Vec<RecordedEvent>,
    heads: BTreeMap<String, u64>,
}

impl History {
    /// Appends `event`, of `actor`, at `second`.
    pub(crate) fn add<E: DomainEvent>(
        &mut self,
        id: Uuid,
        second: u64,
        actor: Actor,
        event: E,
    ) -> &mut Self {
        let stream = envelope::stream_name(E::CATEGORY, id);
        let head = self.heads.entry(stream.clone()).or_default();
        let position = 10 * (self.log.len() as u64 + 1);
        let command = CommandId(Uuid::from_u128(u128::from(position)));
        let metadata = Metadata {
            v: envelope::VERSION,
            id: command.event(0),
            log: LOG,
            stream,
            version: *head,
            kind: event.name().to_owned(),
            schema: E::schema(event.name()),
            at: at(second),
            actor,
            causation: command,
            correlation: id,
            body: Digest::ZERO,
            prev: Digest::ZERO,
            sealed: Vec::new(),
        };
        *head += 1;
        self.log.push(E::recorded(Recorded { metadata, position, event }));
        self
    }

    /// Appends an event of this session.
    pub(crate) fn session(&mut self, n: u128, second: u64, event: session::Event) -> &mut Self {
        self.add(session(n).0, second, Actor::SYSTEM, event)
    }

    pub(crate) fn log(&self) -> &[RecordedEvent] {
        &self.log
    }

    /// The value of the whole log, once it has been shown that no prefix can be applied twice.
    pub(crate) fn fold<P: Projection + PartialEq + Clone + std::fmt::Debug>(&self) -> P {
        let mut value = P::default();
        for (index, event) in self.log.iter().enumerate() {
            value.apply(event);
            assert_eq!(value.position(), Some(event.position()));
            let once = value.clone();
            self.log[..=index].iter().for_each(|event| value.apply(event));
            assert_eq!(value, once, "the first {} events, applied twice", index + 1);
            assert_eq!(value, P::as_of(&self.log, event.position()));
        }
        value
    }
}

pub(crate) fn session(n: u128) -> SessionId {
    SessionId(Uuid::from_u128(0xA0 + n))
}

pub(crate) fn at(second: u64) -> Timestamp {
    Timestamp::from_micros(0).plus(Duration::from_secs(second))
}

pub(crate) fn set(actions: &[Action]) -> ActionSet {
    actions.iter().copied().collect()
}

pub(crate) fn keys(n: u8) -> ControlKeys {
    ControlKeys { x25519: PublicKey([n; 32]), ed25519: PublicKey([n + 100; 32]) }
}

pub(crate) fn statement() -> Statement {
    Statement::sign(b"{}", &Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap())
}

pub(crate) fn device() -> Device {
    Device {
        host: "DESK-7".into(),
        user: "ida".into(),
        system: "Debian 12".to_owned(),
        build: "0.1.0".to_owned(),
    }
}

pub(crate) fn created(n: u128, operator: OperatorId, name: Option<&str>) -> session::Event {
    session::Event::Created {
        session: session(n),
        account: ACCOUNT,
        operator,
        name: name.map(Personal::from),
        note: None,
        code: Digest([1; 32]),
        token: Digest([2; 32]),
        expires: at(7_200),
    }
}

pub(crate) fn joined(wait_until: u64) -> session::Event {
    session::Event::Joined {
        agent: AgentKeys { x25519: PublicKey([3; 32]), ed25519: PublicKey([4; 32]) },
        device: device(),
        address: "192.0.2.7".into(),
        wait_until: at(wait_until),
    }
}

pub(crate) fn asked(request: u32, actions: &[Action], lapses: u64) -> session::Event {
    session::Event::ApprovalRequested {
        request,
        operator: ANA,
        operator_name: "Ana Silva".into(),
        control: keys(5),
        actions: set(actions),
        continues: false,
        lapses: at(lapses),
        damped: 0,
    }
}

pub(crate) fn approved(request: u32, actions: &[Action]) -> session::Event {
    session::Event::Approved {
        request,
        n: request,
        actions: set(actions),
        until: at(36_000),
        statement: statement(),
    }
}

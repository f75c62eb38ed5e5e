//! Given a session, when a command comes, then these events or this rejection.

mod answers;
mod laws;
mod life;
mod presence;
mod requests;
mod table;
mod use_of_actions;

use std::time::Duration;

use ring::signature::Ed25519KeyPair;
use uuid::Uuid;

use super::*;
use crate::{
    AccountId, Action, ActionSet, Committed, Decider, Digest, Grant, GrantError, Limits, Personal,
    PublicKey, Salt, Statement, StatementError,
};

const SESSION: SessionId = SessionId(Uuid::from_u128(1));
const ANA: OperatorId = OperatorId(Uuid::from_u128(2));
const BEN: OperatorId = OperatorId(Uuid::from_u128(3));

/// The agent's key is 1.
fn pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn public(seed: u8) -> PublicKey {
    Statement::sign(b"", &pair(seed)).key()
}

fn at(second: u64) -> Timestamp {
    Timestamp::from_micros(0).plus(Duration::from_secs(second))
}

fn set(actions: &[Action]) -> ActionSet {
    actions.iter().copied().collect()
}

/// Ana's Control is 5.
fn keys(n: u8) -> ControlKeys {
    ControlKeys { x25519: PublicKey([n; 32]), ed25519: public(n + 100) }
}

fn create() -> Command {
    Command::Create {
        session: SESSION,
        account: AccountId(Uuid::from_u128(4)),
        operator: ANA,
        name: None,
        note: Some("printer".into()),
        code: Digest([1; 32]),
        token: Digest([2; 32]),
        expires: at(7_200),
    }
}

fn device() -> Device {
    Device {
        host: "DESK-7".into(),
        user: "ida".into(),
        system: "Debian 12".to_owned(),
        build: "0.1.0".to_owned(),
    }
}

/// 312 bytes of text came from the end user's computer.
fn copied() -> Command {
    let (direction, kind) = (Direction::ToOperator, Copied::Text);
    Command::ShareClipboard { direction, kind, bytes: 312 }
}

fn join() -> Command {
    join_at(at(10), at(7_210))
}

fn join_at(now: Timestamp, wait_until: Timestamp) -> Command {
    Command::Join {
        agent: AgentKeys { x25519: PublicKey([9; 32]), ed25519: public(1) },
        device: device(),
        address: "192.0.2.7".into(),
        now,
        wait_until,
    }
}

/// Ana asks at second 20, the request lapses at second 80.
fn ask(actions: &[Action]) -> Command {
    ask_at(20, actions)
}

fn ask_at(second: u64, actions: &[Action]) -> Command {
    ask_by(ANA, keys(5), actions, at(second))
}

fn ask_by(
    operator: OperatorId,
    control: ControlKeys,
    actions: &[Action],
    now: Timestamp,
) -> Command {
    Command::RequestApproval {
        operator,
        operator_name: "Ana Silva".into(),
        control,
        actions: set(actions),
        now,
        lapses: now.plus(Duration::from_mins(1)),
        damped: 0,
    }
}

fn grant(n: u32, actions: &[Action]) -> Grant {
    Grant {
        v: Grant::VERSION,
        session: SESSION,
        operator: ANA,
        control: keys(5).ed25519,
        actions: set(actions),
        until: at(36_000),
        n,
        limits: Limits {},
    }
}

fn signed(n: u32, actions: &[Action]) -> Statement {
    grant(n, actions).sign(&pair(1))
}

fn approve(n: u32, actions: &[Action]) -> Command {
    approve_with(signed(n, actions))
}

fn approve_with(statement: Statement) -> Command {
    Command::Approve { request: 1, statement, now: at(30) }
}

fn start(action: Action) -> Command {
    Command::StartAction { action, now: at(40) }
}

fn leave() -> Command {
    Command::LoseOperator { why: LeftReason::Left, now: at(100) }
}

fn end(by: EndedBy) -> Command {
    Command::End { by, why: EndReason::Asked, statement: None, suppressed: 0 }
}

fn said(fact: Fact) -> Statement {
    Said::new(SESSION, fact).sign(&pair(1))
}

/// What the agent signs of a session that is over.
fn head(session: Session) -> Statement {
    head_by(session, 1)
}

fn head_by(session: Session, seed: u8) -> Statement {
    let stream = crate::envelope::stream_name("session", SESSION);
    let version = session.closed().unwrap();
    Statement::sign(&head_bytes(&stream, version, &Digest([3; 32])), &pair(seed))
}

/// One key for everybody, and one nonce: what is built here is not kept.
struct OneKey;

impl crate::Keys for OneKey {
    fn key(&self, _: crate::Subject) -> Result<Option<crate::SubjectKey>, crate::KeysError> {
        Ok(Some(crate::SubjectKey::new([7; 32])))
    }
}

impl crate::Nonces for OneKey {
    fn nonce(&self) -> [u8; 12] {
        [7; 12]
    }
}

/// The session after these commands, all of which must be accepted.
fn given(commands: impl IntoIterator<Item = Command>) -> Session {
    commands.into_iter().fold(Session::default(), after)
}

fn after(session: Session, command: Command) -> Session {
    let decided = session.decide(command.clone());
    let events = decided.unwrap_or_else(|refused| panic!("{command:?} was refused: {refused}"));
    events.iter().fold(session, Session::evolve)
}

fn created() -> Session {
    given([create()])
}

fn available() -> Session {
    given([create(), join()])
}

fn requested() -> Session {
    given([create(), join(), ask(&[Action::Control, Action::Chat])])
}

/// View and control are allowed, chat was asked for and left out.
fn active() -> Session {
    after(requested(), approve(1, &[Action::Control]))
}

/// Ana is in, sees the screen and uses mouse and keyboard.
fn at_work() -> Session {
    after(after(active(), start(Action::View)), start(Action::Control))
}

fn away(session: Session) -> Session {
    after(session, Command::LoseAgent { until: at(400), suppressed: 2 })
}

fn ended() -> Session {
    after(active(), end(EndedBy::Portal))
}

fn expired() -> Session {
    after(available(), Command::Expire { now: at(7_210) })
}

fn full(session: Session) -> Session {
    Session { events: FULL_AT, ..session }
}

fn refused(session: &Session, command: Command) -> Rejection {
    session.decide(command).expect_err("the command is accepted")
}

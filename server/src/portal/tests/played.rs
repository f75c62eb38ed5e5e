//! A session that is played to the point where the operator sees the screen.

use std::time::Duration;

use beckon_events::operator::Role;
use beckon_events::session::{AgentKeys, Command, ControlKeys, Device};
use beckon_events::{Action, ActionSet, Grant, Limits, OperatorId, PublicKey, SessionId};
use ring::signature::{Ed25519KeyPair, KeyPair};

use super::stage::Stage;

/// A session in which Ana sees the screen of Eva: six events, a minute between each two.
pub struct Played {
    pub session: SessionId,
    pub operator: OperatorId,
}

/// A pair of keys; the agent's is 2, the Control's 3.
pub fn pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

pub fn public(pair: &Ed25519KeyPair) -> PublicKey {
    PublicKey(pair.public_key().as_ref().try_into().unwrap())
}

/// Plays it.
pub async fn active(stage: &Stage) -> Played {
    let operator = stage.person("Ana", Role::Operator).await;
    stage.browser(operator).create(&[("name", "Printer"), ("do", "create")]).await;
    let session = stage.session().id;
    let minute = || stage.clock.advance(Duration::from_mins(1));
    minute();
    let agent = AgentKeys { x25519: PublicKey([1; 32]), ed25519: public(&pair(2)) };
    let device = Device {
        host: "<b>PC</b>".into(),
        user: "eva".into(),
        system: "Debian 12".to_owned(),
        build: "1".to_owned(),
    };
    let now = stage.now();
    let wait_until = now.plus(Duration::from_hours(2));
    let address = "192.0.2.1".into();
    stage.tell(session, Command::Join { agent, device, address, now, wait_until }).await;
    minute();
    let control = ControlKeys { x25519: PublicKey([3; 32]), ed25519: public(&pair(3)) };
    let actions: ActionSet = [Action::View, Action::Control].into_iter().collect();
    let now = stage.now();
    let lapses = now.plus(Duration::from_hours(1));
    let operator_name = "Ana".into();
    let ask = Command::RequestApproval {
        operator,
        operator_name,
        control,
        actions,
        now,
        lapses,
        damped: 0,
    };
    stage.tell(session, ask).await;
    minute();
    let now = stage.now();
    let grant = Grant {
        v: 1,
        session,
        operator,
        control: control.ed25519,
        actions,
        until: now.plus(Duration::from_hours(12)),
        n: 1,
        limits: Limits {},
    };
    let statement = grant.sign(&pair(2));
    stage.tell(session, Command::Approve { request: 1, statement, now }).await;
    minute();
    stage.tell(session, Command::Connect { operator, control }).await;
    minute();
    stage.tell(session, Command::StartAction { action: Action::View, now: stage.now() }).await;
    Played { session, operator }
}

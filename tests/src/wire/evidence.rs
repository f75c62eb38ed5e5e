//! What stays of a session: receipts, signed heads, and a tree that only grows.

use std::time::Duration;

use beckon_events::session::{EndReason, EndedBy, Endpoint, Event, head_bytes};
use beckon_events::{PublicKey, SessionId, Statement};
use beckon_protocol::evidence::{
    CheckedReceipt, ReceiptProof, SignedCheckpoint, verify_consistency,
};
use beckon_protocol::{AgentSays, ControlSays, ToAgent, ToControl};
use ring::signature::Ed25519KeyPair;

use beckon_tests::inside::client::{Agent, Control, active, available};
use beckon_tests::inside::ground::Ground;

/// The receipt that an agent hears next, after whatever else is said.
async fn agent_receipt(agent: &mut Agent) -> Box<ReceiptProof> {
    loop {
        if let ToAgent::Receipt { receipt } = agent.hear().await {
            return receipt;
        }
    }
}

async fn control_receipt(control: &mut Control) -> Box<ReceiptProof> {
    match control.until(|heard| matches!(heard, ToControl::Receipt { .. })).await {
        ToControl::Receipt { receipt } => receipt,
        other => panic!("{other:?}"),
    }
}

fn signed(receipt: &ReceiptProof, pair: &Ed25519KeyPair) -> Statement {
    let metadata = receipt.event().unwrap();
    Statement::sign(&head_bytes(&metadata.stream, metadata.version, &receipt.leaf()), pair)
}

fn checked(receipt: &ReceiptProof, session: SessionId, key: &PublicKey) -> CheckedReceipt {
    receipt.check(session, key).unwrap()
}

#[tokio::test]
async fn both_ends_get_the_same_receipt_and_the_log_holds_both_their_signatures() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let mut agent = Agent::connect(&ground).await;
    let answer = agent.try_code(&invited.code.folded(), None).await;
    let ToAgent::Joined { log_key, .. } = answer else { panic!("{answer:?}") };
    let mut control = Control::launched(&ground, &invited).await;
    assert_eq!(control.door.log_key, log_key);
    control.request([beckon_events::Action::View]).await;
    agent.approve(&control, ground.hub.journal.now()).await;
    let end = agent.ended();
    agent.socket.say(&end).await;
    let receipt = agent_receipt(&mut agent).await;
    assert_eq!(control_receipt(&mut control).await, receipt);
    let proven = checked(&receipt, invited.session, &log_key);
    assert_eq!((proven.metadata.kind.as_str(), proven.metadata.version), ("Ended", 4));
    assert!(receipt.check(invited.session, &PublicKey([9; 32])).is_err());

    let statement = signed(&receipt, &agent.pair);
    agent.socket.say(&AgentSays::SignHead { statement: statement.clone() }).await;
    assert_eq!(agent.hear().await, ToAgent::HeadRecorded {});
    let by_control = signed(&receipt, &control.pair);
    control.socket.say(&ControlSays::SignHead { statement: by_control.clone() }).await;
    control.until(|heard| *heard == ToControl::HeadRecorded {}).await;
    agent.socket.say(&AgentSays::SignHead { statement: statement.clone() }).await;
    assert_eq!(agent.hear().await, ToAgent::HeadRecorded {}, "said again, answered again");
    let log = ground.log(invited.session).await;
    let heads = [(Endpoint::Agent, statement), (Endpoint::Control, by_control)];
    let (version, leaf) = (4, proven.leaf);
    let heads = heads.map(|(by, statement)| Event::HeadSigned { by, version, leaf, statement });
    assert_eq!(log[5..], heads, "the event that closed it is the fifth");
}

#[tokio::test]
async fn a_head_counts_only_after_the_end_over_that_event_and_by_the_right_key() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let (mut agent, mut control) = active(&ground, &invited).await;
    let early = Statement::sign(b"anything", &control.pair);
    control.socket.say(&ControlSays::SignHead { statement: early }).await;
    control.until(|heard| matches!(heard, ToControl::Refused { .. })).await;
    control.socket.say(&ControlSays::End {}).await;
    let receipt = agent_receipt(&mut agent).await;
    let metadata = receipt.event().unwrap();
    let other = head_bytes(&metadata.stream, metadata.version - 1, &receipt.leaf());
    for wrong in [signed(&receipt, &control.pair), Statement::sign(&other, &agent.pair)] {
        agent.socket.say(&AgentSays::SignHead { statement: wrong }).await;
        let answer = agent.hear().await;
        assert!(matches!(answer, ToAgent::NotRecorded { .. }), "{answer:?}");
    }
    let by_agent = signed(&receipt, &agent.pair);
    control.socket.say(&ControlSays::SignHead { statement: by_agent }).await;
    control.until(|heard| matches!(heard, ToControl::Refused { .. })).await;
    assert_eq!(ground.story(invited.session).await.last(), Some(&"Ended"));
}

#[tokio::test]
async fn who_comes_back_after_the_end_still_gets_the_receipt_and_can_sign() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let (agent, mut control) = active(&ground, &invited).await;
    control.socket.say(&ControlSays::End {}).await;
    let receipt = control_receipt(&mut control).await;
    let over = (EndedBy::Control, EndReason::Asked);
    let mut agent = agent.resume(&ground).await;
    assert_eq!(agent.hear().await, ToAgent::Ended { by: over.0, why: over.1 });
    assert_eq!(agent_receipt(&mut agent).await, receipt);
    let mut control = control.resume(&ground).await;
    control.until(|heard| *heard == ToControl::Ended { by: over.0, why: over.1 }).await;
    assert_eq!(control_receipt(&mut control).await, receipt);
    // A server that starts anew makes it anew, under a later checkpoint.
    let ground = ground.restart();
    let mut agent = agent.resume(&ground).await;
    let late = agent_receipt(&mut agent).await;
    assert_eq!((late.index, &late.metadata), (receipt.index, &receipt.metadata));
    checked(&late, invited.session, &control.door.log_key);
    agent.socket.say(&AgentSays::SignHead { statement: signed(&late, &agent.pair) }).await;
    assert_eq!(agent.hear().await, ToAgent::HeadRecorded {});
}

#[tokio::test]
async fn a_wait_that_is_over_has_a_receipt_too() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let mut agent = Agent::joined(&ground, &invited).await;
    ground.clock.advance(Duration::from_hours(2));
    assert_eq!(agent.hear().await, ToAgent::Expired {});
    let receipt = agent_receipt(&mut agent).await;
    let proven = checked(&receipt, invited.session, &ground.hub.evidence.public_key());
    assert_eq!(proven.metadata.kind, "Expired");
}

#[tokio::test]
async fn control_can_have_it_proven_that_the_log_only_grew() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let (_agent, mut control) = available(&ground, &invited).await;
    let first = ground.hub.evidence.prove(0).await.unwrap().0;
    let first = SignedCheckpoint::parse(&first.note).unwrap().checkpoint;
    let other = ground.invitation(invited.operator).await;
    let (_other_agent, mut other) = active(&ground, &other).await;
    other.socket.say(&ControlSays::End {}).await;
    control_receipt(&mut other).await;

    control.socket.say(&ControlSays::Prove { from: first.size }).await;
    let heard = control.until(|heard| matches!(heard, ToControl::Proof { .. })).await;
    let ToControl::Proof { from, checkpoint, proof } = heard else { panic!() };
    let newer = SignedCheckpoint::parse(&checkpoint).unwrap();
    assert!(newer.verify(&control.door.log_key));
    let newer = newer.checkpoint;
    assert!(from == first.size && newer.size > from);
    assert!(verify_consistency(from, &first.root, newer.size, &newer.root, &proof));
    let forged = beckon_events::Digest([1; 32]);
    assert!(!verify_consistency(from, &forged, newer.size, &newer.root, &proof));
    control.socket.say(&ControlSays::Prove { from: newer.size + 1_000 }).await;
    control.until(|heard| matches!(heard, ToControl::Refused { .. })).await;
}

#[tokio::test]
async fn a_server_that_was_killed_goes_on_with_the_same_tree() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let (mut agent, _control) = active(&ground, &invited).await;
    let end = agent.ended();
    agent.socket.say(&end).await;
    let receipt = agent_receipt(&mut agent).await;
    let notes = ground.hub.evidence.notes(0).unwrap().map(Result::unwrap).collect::<Vec<_>>();
    assert_eq!(notes.last(), Some(&receipt.checkpoint));
    let seen = SignedCheckpoint::parse(&receipt.checkpoint).unwrap().checkpoint;

    let ground = ground.killed();
    let (newer, proof) = ground.hub.evidence.prove(seen.size).await.unwrap();
    assert!(newer.size >= seen.size);
    assert!(verify_consistency(seen.size, &seen.root, newer.size, &newer.root, &proof));
    let after = ground.hub.evidence.notes(0).unwrap().map(Result::unwrap).collect::<Vec<_>>();
    assert_eq!(after[..notes.len()], notes[..], "what was signed stays");
    let origin = SignedCheckpoint::parse(&newer.note).unwrap().checkpoint.origin;
    assert_eq!(origin, seen.origin, "a log keeps its name, whatever the port");
}

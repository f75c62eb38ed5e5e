use super::*;
use crate::model::{Keepsake, Over, Removal, Saved, Told};
use beckon_events::Digest;
use beckon_events::session::{EndReason, EndedBy};
use beckon_protocol::evidence::{Checkpoint, Frontier, Receipt, ReceiptProof};
use ring::signature::Ed25519KeyPair;

const LOG: &str = "00000000-0000-0000-0000-00000000000a";

fn log_pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

/// The key of the server's log.
pub(crate) fn log_key() -> PublicKey {
    Statement::sign(b"", &log_pair(6)).key()
}

/// The end of `of` as the second event of a log whose key is made from `seed`.
pub(crate) fn proof(of: SessionId, seed: u8) -> ReceiptProof {
    let digest = Digest::ZERO;
    let metadata = format!(
        concat!(
            r#"{{"v":1,"id":"{id}","log":"{log}","stream":"session-{of}","version":4,"#,
            r#""type":"Ended","schema":1,"at":"2026-11-22T08:30:00.000000Z","#,
            r#""actor":{{"kind":"user","id":null}},"$causationId":"{id}","#,
            r#""$correlationId":"{of}","body":"{digest}","prev":"{digest}","sealed":[]}}"#
        ),
        id = LOG,
        log = LOG,
        of = of,
        digest = digest,
    );
    let first = Digest([1; 32]);
    let mut tree = Frontier::default();
    tree.push(first);
    tree.push(beckon_events::envelope::leaf(metadata.as_bytes()));
    let origin = format!("localhost/beckon/{LOG}/0").parse().unwrap();
    let checkpoint = Checkpoint { origin, size: 2, root: tree.root() };
    ReceiptProof {
        metadata: Base64(metadata.into_bytes()),
        index: 1,
        proof: vec![first],
        checkpoint: checkpoint.sign(&log_pair(seed)).note,
        log_key: Statement::sign(b"", &log_pair(seed)).key(),
    }
}

impl World {
    /// The server shows the end in its log.
    pub(crate) fn receipt(&mut self) -> Vec<Effect> {
        self.server(ToAgent::Receipt { receipt: Box::new(proof(session(), 6)) })
    }

    /// The server has all that it is told.
    pub(crate) fn recorded(&mut self) -> Vec<Effect> {
        self.server(ToAgent::RemovalRecorded {});
        self.receipt();
        self.server(ToAgent::HeadRecorded {})
    }
}

fn over(world: &World) -> &Over {
    match &world.model.stage {
        Stage::Over(over) => over,
        other => panic!("not over but {other:?}"),
    }
}

fn kept(world: &World) -> &Receipt {
    match &over(world).keepsake {
        Keepsake::Receipt { receipt, .. } => receipt,
        other => panic!("no receipt but {other:?}"),
    }
}

/// Over, with the removal said.
fn ended() -> World {
    let mut world = World::controlled();
    world.user(User::Ends);
    world.feed(Input::Removed(Removal::default()));
    world
}

#[test]
fn a_receipt_that_fits_is_signed_and_can_be_read_and_checked_again() {
    let mut world = ended();
    let effects = world.receipt();
    let [AgentSays::SignHead { statement }] = said(&effects)[..] else { panic!("{effects:?}") };
    let receipt = kept(&world);
    assert_eq!(&receipt.signed, statement);
    assert_eq!(statement.key(), world.model.identity.ed25519_public());
    let read = Receipt::parse(&receipt.to_text()).unwrap();
    assert_eq!(read.check(&log_key()).unwrap().metadata.kind, "Ended");
    assert_eq!((read.company.as_str(), read.operator.as_deref()), ("Acme", Some("Bo Operator")));
    assert_eq!(read.actions, set(&[Action::Control]), "what was allowed");
    assert_eq!(read.started, world.server_time, "when the user joined");
}

#[test]
fn the_line_stays_until_removal_and_signature_are_recorded() {
    let mut world = ended();
    assert_eq!(world.server(ToAgent::RemovalRecorded {}), []);
    assert_eq!(over(&world).told, Told::Yes);
    world.receipt();
    assert!(!over(&world).settled);
    let effects = world.after(1_000);
    assert!(matches!(said(&effects)[..], [AgentSays::SignHead { .. }]), "said again: {effects:?}");
    assert_eq!(world.server(ToAgent::HeadRecorded {}), [Effect::Disconnect]);
    assert_eq!(world.after(10_000), [], "the page stays until the user has kept it");
}

#[test]
fn without_a_receipt_in_time_there_is_none_and_a_late_one_is_not_taken() {
    let mut world = ended();
    world.server(ToAgent::RemovalRecorded {});
    world.after(4_999);
    assert_eq!(over(&world).keepsake, Keepsake::Awaited);
    assert_eq!(world.after(1), [Effect::Disconnect]);
    assert_eq!((&over(&world).keepsake, over(&world).told), (&Keepsake::Missing, Told::Yes));
    assert_eq!(world.user(User::SavesReceipt), []);
    assert_eq!(world.receipt(), []);
    assert_eq!(over(&world).keepsake, Keepsake::Missing);
}

#[test]
fn a_signature_that_is_not_recorded_in_time_does_not_take_the_receipt_away() {
    let mut world = ended();
    world.receipt();
    assert_eq!(world.after(5_000), [Effect::Disconnect]);
    assert_eq!(over(&world).told, Told::No);
    assert!(matches!(world.user(User::SavesReceipt)[..], [Effect::Save { .. }]));
}

#[test]
fn a_receipt_that_does_not_fit_is_said_and_nothing_is_signed() {
    let other: SessionId = "00000000-0000-0000-0000-000000000009".parse().unwrap();
    let mut unproven = proof(session(), 6);
    unproven.proof = vec![Digest([2; 32])];
    for wrong in [proof(other, 6), proof(session(), 7), unproven] {
        let mut world = ended();
        let receipt = Box::new(wrong);
        let effects = world.server(ToAgent::Receipt { receipt });
        assert_eq!(said(&effects).len(), 0, "{effects:?}");
        let Keepsake::Wrong { note, .. } = &over(&world).keepsake else { panic!() };
        assert!(note.contains(&session().to_string()), "{note}");
        world.receipt();
        assert!(matches!(over(&world).keepsake, Keepsake::Wrong { .. }), "no second try");
        let effects = world.user(User::SavesReceipt);
        let [Effect::Save { name, text }] = &effects[..] else { panic!("{effects:?}") };
        assert_eq!(name, "beckon-note-2026-11-22-00000000");
        assert!(text.contains("log_key"), "what was shown is kept too: {text}");
        assert_eq!(world.server(ToAgent::RemovalRecorded {}), [Effect::Disconnect]);
        assert_eq!(world.after(3_600_000), [], "it stays until it was read");
        let saved = Input::Saved(Ok("/home/ana/n.txt".into()));
        assert_eq!(world.feed(saved), [Effect::Exit]);
    }
}

#[test]
fn the_receipt_is_saved_when_the_user_asks_and_can_be_tried_again() {
    let mut world = ended();
    assert_eq!(world.user(User::SavesReceipt), [], "there is nothing yet");
    world.recorded();
    let effects = world.user(User::SavesReceipt);
    let [Effect::Save { name, text }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(name, "beckon-receipt-2026-11-22-00000000");
    assert_eq!(text, &kept(&world).to_text());
    world.feed(Input::Saved(Err("the disk is full".into())));
    assert_eq!(over(&world).saved, Saved::Failed("the disk is full".into()));
    assert_eq!(world.user(User::SavesReceipt).len(), 1);
    world.feed(Input::Saved(Ok("/home/ana/r.txt".into())));
    assert_eq!(world.user(User::SavesReceipt), [], "once is enough");
}

#[test]
fn a_receipt_comes_after_any_end_and_after_a_broken_line() {
    let mut world = World::controlled();
    world.server(ToAgent::Ended { by: EndedBy::Portal, why: EndReason::Full });
    world.feed(Input::Removed(Removal::default()));
    world.down();
    world.up();
    world.server(ToAgent::Resumed {});
    assert_eq!(said(&world.receipt()).len(), 1);
    let mut world = World::joined();
    world.server(ToAgent::Expired {});
    world.receipt();
    assert_eq!(kept(&world).operator, None, "nobody came");
}

//! The receipt, after the end.

use std::time::Duration;

use beckon_events::session::{EndReason, EndedBy};
use beckon_events::{Digest, envelope};
use beckon_protocol::evidence::{ReceiptProof, node};
use beckon_protocol::{ControlSays, ToControl};

use super::*;
use crate::effect::NewReceipt;
use crate::input::Wish;
use crate::log_memory::LogMemory;
use crate::log_memory::tests::{LOG, Log};
use crate::model::{Keepsake, Over, Stage};

/// The end of the test's session as the second and last entry of `log`.
pub(crate) fn receipt(log: Log) -> ReceiptProof {
    let (id, none) = (Uuid::from_u128(log.id), Digest::ZERO);
    let metadata = format!(
        concat!(
            r#"{{"v":1,"id":"{id}","log":"{id}","stream":"session-{session}","version":4,"#,
            r#""type":"Ended","schema":1,"at":"2026-11-22T08:30:00.000000Z","#,
            r#""actor":{{"kind":"user","id":null}},"$causationId":"{id}","#,
            r#""$correlationId":"{session}","body":"{none}","prev":"{none}","sealed":[]}}"#
        ),
        id = id,
        session = SESSION,
        none = none,
    );
    let first = Digest([1; 32]);
    let root = node(&first, &envelope::leaf(metadata.as_bytes()));
    ReceiptProof {
        metadata: Base64(metadata.into_bytes()),
        index: 1,
        proof: vec![first],
        checkpoint: log.note_of(2, root),
        log_key: log.key(),
    }
}

impl Scene {
    /// Ended by the end user, who had granted `granted`.
    pub(crate) fn ended(granted: ActionSet) -> Self {
        let mut scene = Self::active(granted).without_memory();
        scene.hears(ToControl::Ended { by: EndedBy::User, why: EndReason::Asked });
        scene
    }

    /// The log of the server was never seen.
    pub(crate) fn without_memory(mut self) -> Self {
        self.model.logs.clear();
        self
    }

    /// The server shows the end in its log.
    pub(crate) fn shows(&mut self, proof: ReceiptProof) -> Vec<Effect> {
        self.hears(ToControl::Receipt { receipt: Box::new(proof) })
    }
}

fn keepsake(scene: &Scene) -> &Keepsake {
    &scene.model.farewell.as_ref().unwrap().receipt
}

fn new(effects: &[Effect]) -> &NewReceipt {
    match effects {
        [Effect::KeepReceipt(new), ..] => new,
        other => panic!("no receipt in {other:?}"),
    }
}

#[test]
fn after_the_end_the_line_stays_until_the_receipt_is_there_and_signed() {
    let mut scene = Scene::active(view()).without_memory();
    let ended = ToControl::Ended { by: EndedBy::User, why: EndReason::Asked };
    assert_eq!(scene.hears(ended), vec![Effect::CloseTunnel]);
    let effects = scene.shows(receipt(LOG));
    let kept = new(&effects);
    assert!(kept.says, "the server is to record the signature");
    assert_eq!((kept.company.as_str(), kept.operator.as_str()), ("Acme", "Olga Operator"));
    assert_eq!((kept.actions, kept.session), (view(), SESSION));
    assert_eq!(effects.len(), 1);
    assert_eq!(keepsake(&scene), &Keepsake::Keeping);
    assert_eq!(scene.hears(ToControl::HeadRecorded {}), vec![Effect::CloseLine]);
    scene.does(Input::ReceiptKept(Ok("/r.txt".to_owned())));
    assert_eq!(keepsake(&scene), &Keepsake::Kept("/r.txt".to_owned()));
    assert!(matches!(scene.model.stage, Stage::Over(Over::Ended { .. })));
}

#[test]
fn a_control_that_was_never_let_in_keeps_a_receipt_and_signs_nothing() {
    let mut scene = Scene::asking(view()).without_memory();
    scene.hears(ToControl::Expired {});
    let effects = scene.shows(receipt(LOG));
    assert!(!new(&effects).says);
    assert_eq!(effects.last(), Some(&Effect::CloseLine));
}

#[test]
fn without_a_receipt_in_time_there_is_none() {
    let mut scene = Scene::ended(view());
    assert_eq!(scene.later(Duration::from_millis(4_999)), vec![]);
    assert_eq!(scene.model.next_deadline(), Some(scene.now() + Duration::from_millis(1)));
    assert_eq!(scene.later(Duration::from_millis(1)), vec![Effect::CloseLine]);
    assert_eq!(keepsake(&scene), &Keepsake::Missing);
    assert_eq!(scene.shows(receipt(LOG)), vec![], "too late");
    assert_eq!(scene.later(Duration::from_secs(9)), vec![]);
    assert_eq!(scene.model.next_deadline(), None);
}

#[test]
fn a_receipt_that_does_not_fit_is_said_kept_as_evidence_and_not_signed() {
    let other_key = receipt(Log { key: 7, ..LOG });
    let unproven = ReceiptProof { proof: vec![], ..receipt(LOG) };
    for wrong in [other_key, unproven] {
        let mut scene = Scene::ended(view());
        let json = serde_json::to_string(&wrong).unwrap();
        let effects = scene.shows(wrong);
        let [Effect::KeepEvidence(evidence), Effect::CloseLine] = &effects[..] else {
            panic!("{effects:?}")
        };
        assert_eq!(evidence.files.last(), Some(&("receipt.json", json)));
        let Keepsake::Wrong(note) = keepsake(&scene) else { panic!() };
        assert!(note.contains(&SESSION.to_string()), "{note}");
    }
}

#[test]
fn a_receipt_of_a_log_that_grew_is_remembered_only_with_its_proof() {
    let root = Digest([1; 32]);
    let mut scene = Scene::ended(view());
    let before = LogMemory { checkpoint: Some(LOG.note_of(1, root)), ..LOG.seen(0) };
    scene.model.logs.insert("127.0.0.1:8080".to_owned(), before.clone());
    let shown = receipt(LOG);
    let leaf = envelope::leaf(&shown.metadata.0);
    let checkpoint = shown.checkpoint.clone();
    let effects = scene.shows(shown.clone());
    assert_eq!(effects[1..], [Effect::Say(ControlSays::Prove { from: 1 })]);
    assert_eq!(scene.hears(ToControl::HeadRecorded {}), vec![], "the proof is waited for");
    let proof = ToControl::Proof { from: 1, checkpoint: checkpoint.clone(), proof: vec![leaf] };
    let after = LogMemory { checkpoint: Some(checkpoint.clone()), ..before.clone() };
    let server = "127.0.0.1:8080".parse().unwrap();
    let remembered = vec![Effect::RememberLog(server, after), Effect::CloseLine];
    assert_eq!(scene.hears(proof), remembered);

    let mut late = Scene::ended(view());
    late.model.logs.insert("127.0.0.1:8080".to_owned(), before.clone());
    late.shows(shown.clone());
    late.hears(ToControl::HeadRecorded {});
    assert_eq!(late.later(Duration::from_secs(5)), vec![Effect::CloseLine]);
    assert_eq!(late.model.logs["127.0.0.1:8080"], before, "the older one still counts");
    assert_eq!(keepsake(&late), &Keepsake::Keeping, "and the receipt is one");

    let mut forked = Scene::ended(view());
    forked.model.logs.insert("127.0.0.1:8080".to_owned(), before);
    forked.shows(shown);
    let proof = ToControl::Proof { from: 1, checkpoint, proof: vec![root] };
    let effects = forked.hears(proof);
    assert!(matches!(effects[0], Effect::KeepEvidence(_)), "{effects:?}");
    assert!(matches!(keepsake(&forked), Keepsake::Wrong(_)));
}

#[test]
fn a_receipt_of_another_log_than_the_one_remembered_is_said() {
    let mut scene = Scene::ended(view());
    scene.model.logs.insert("127.0.0.1:8080".to_owned(), LOG.seen(2));
    let other = Log { id: 11, ..LOG };
    let effects = scene.shows(receipt(other));
    assert!(matches!(new(&effects).proof, ReceiptProof { index: 1, .. }), "kept all the same");
    assert!(matches!(effects[1], Effect::KeepEvidence(_)), "{effects:?}");
    assert!(matches!(keepsake(&scene), Keepsake::Wrong(_)));
    scene.does(Input::ReceiptKept(Ok("/r.txt".to_owned())));
    assert!(matches!(keepsake(&scene), Keepsake::Wrong(_)), "the warning stays");
}

/// After a session in whose course the log was proven to have 9 entries, if `proven`.
fn at_its_end(proven: bool, goes_on: bool) -> Scene {
    let mut scene = Scene::active(view());
    scene.does(Input::LineUp { nonce: vec![2; 32] });
    let grant = Some(scene.grant(view(), 1));
    let door = SessionDoor { checkpoint: Some(LOG.note(9)), grant, ..scene.door(view()) };
    scene.hears(ToControl::Door { door: Box::new(door) });
    if proven {
        let (checkpoint, proof) = (LOG.note(9), LOG.proof(5, 9));
        scene.hears(ToControl::Proof { from: 5, checkpoint, proof });
    }
    if goes_on {
        scene.hears(ToControl::Relay { ticket: "ticket".to_owned() });
    }
    scene.hears(ToControl::Ended { by: EndedBy::User, why: EndReason::Asked });
    scene
}

/// The end as the last entry of a log of `size`.
fn receipt_in(size: u64) -> ReceiptProof {
    let shown = receipt(LOG);
    let (checkpoint, proof) = LOG.with_last(size - 1, shown.leaf());
    ReceiptProof { index: size - 1, proof, checkpoint, ..shown }
}

#[test]
fn a_receipt_from_a_smaller_log_than_was_seen_in_the_session_is_an_alarm() {
    let alarmed = |mut scene: Scene, receipt: ReceiptProof| {
        let effects = scene.shows(receipt);
        effects.iter().any(|effect| matches!(effect, Effect::KeepEvidence(_)))
            && matches!(keepsake(&scene), Keepsake::Wrong(_))
    };
    for (size, alarm) in [(4, true), (8, true), (9, true), (10, false)] {
        assert_eq!(alarmed(at_its_end(true, true), receipt_in(size)), alarm, "{size}");
    }
    // The end may have come before the door that showed 9, and the receipt between them.
    for (size, alarm) in [(4, true), (6, false), (8, false), (10, false)] {
        assert_eq!(alarmed(at_its_end(true, false), receipt_in(size)), alarm, "{size}");
        assert_eq!(alarmed(at_its_end(false, false), receipt_in(size)), alarm, "{size}");
    }
}

#[test]
fn a_refused_proof_at_the_end_is_an_alarm_and_one_that_comes_later_is_none() {
    let owing = || {
        let mut scene = at_its_end(true, true);
        scene.shows(receipt_in(12));
        scene.hears(ToControl::HeadRecorded {});
        scene
    };
    let mut scene = owing();
    let effects = scene.hears(ToControl::Refused { why: "it is shorter".to_owned() });
    assert!(matches!(effects[..], [Effect::KeepEvidence(_), Effect::CloseLine]), "{effects:?}");
    assert!(matches!(keepsake(&scene), Keepsake::Wrong(_)));
    let mut scene = owing();
    let later = ToControl::ProofLater { why: "busy".to_owned() };
    assert_eq!(scene.hears(later), vec![Effect::CloseLine]);
    assert_eq!(keepsake(&scene), &Keepsake::Keeping);
    let mut scene = at_its_end(true, true);
    scene.shows(receipt_in(12));
    let refused = ToControl::Refused { why: "the signature".to_owned() };
    assert_eq!(scene.hears(refused), vec![], "that was about the signature");
    assert_eq!(scene.model.logs["127.0.0.1:8080"], LOG.seen(9));
}

#[test]
fn a_broken_line_after_the_end_is_come_back_over() {
    let mut scene = Scene::ended(view());
    let again_in = Duration::from_secs(1);
    scene.does(Input::LineDown { why: "gone".to_owned(), again_in });
    let up = scene.does(Input::LineUp { nonce: vec![2; 32] });
    assert!(matches!(up[..], [Effect::Resume { .. }]));
    let ended = ToControl::Ended { by: EndedBy::User, why: EndReason::Asked };
    assert_eq!(scene.hears(ended), vec![], "that is known");
    assert!(new(&scene.shows(receipt(LOG))).says);
    assert!(new(&scene.shows(receipt(LOG))).says, "said again until it is recorded");
    assert_eq!(scene.hears(ToControl::HeadRecorded {}), vec![Effect::CloseLine]);
    let mut scene = Scene::ended(view());
    let why = "it is over".to_owned();
    assert_eq!(scene.hears(ToControl::NotValid { why }), vec![Effect::CloseLine]);
    assert_eq!(keepsake(&scene), &Keepsake::Missing);
}

#[test]
fn a_window_that_is_to_close_waits_for_the_receipt_but_not_twice() {
    let mut scene = Scene::ended(view());
    assert_eq!(scene.does(Input::Close(Wish::CloseWindow)), vec![]);
    scene.shows(receipt(LOG));
    let closed = vec![Effect::CloseLine, Effect::Quit];
    assert_eq!(scene.hears(ToControl::HeadRecorded {}), closed);
    let mut scene = Scene::ended(view());
    scene.does(Input::Close(Wish::CloseWindow));
    assert_eq!(scene.does(Input::Close(Wish::CloseWindow)), vec![Effect::Quit]);
    let mut scene = Scene::ended(view());
    scene.does(Input::Close(Wish::CloseWindow));
    let wrong = receipt(Log { key: 7, ..LOG });
    assert_eq!(scene.shows(wrong).last(), Some(&Effect::CloseLine), "a warning is to be read");
}

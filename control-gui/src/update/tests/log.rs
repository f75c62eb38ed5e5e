//! The log of the server, before anything is asked of the end user.

use std::time::Duration;

use beckon_protocol::evidence::ReceiptProof;
use beckon_protocol::{ControlSays, ToControl};

use super::*;
use crate::effect::Evidence;
use crate::input::Wish;
use crate::log_memory::tests::{LOG, Log};
use crate::log_memory::{LogMemory, Wrong};
use crate::model::{Answer, Over, Stage};

const SERVER: &str = "127.0.0.1:8080";

/// On the way to a door that shows `checkpoint` under the key of `log`.
fn door_of(
    log: Log,
    checkpoint: Option<String>,
    remembered: Option<LogMemory>,
) -> (Scene, ToControl) {
    let mut scene = Scene::new();
    scene.model.logs = remembered.map(|memory| (SERVER.to_owned(), memory)).into_iter().collect();
    scene.does(Input::Open(link(SERVER)));
    scene.does(Input::LineUp { nonce: vec![1; 32] });
    let door = SessionDoor { log_key: log.key(), checkpoint, ..scene.door(view()) };
    (scene, ToControl::Door { door: Box::new(door) })
}

fn request() -> Effect {
    Effect::Say(ControlSays::Request { actions: view() })
}

/// A new connection whose door shows `log` with `size` entries, in a session that goes on.
fn comes_back(scene: &mut Scene, log: Log, size: u64) -> Vec<Effect> {
    scene.does(Input::LineUp { nonce: vec![2; 32] });
    let grant = Some(scene.grant(view(), 1));
    let door = SessionDoor { checkpoint: Some(log.note(size)), grant, ..scene.door(view()) };
    scene.hears(ToControl::Door { door: Box::new(door) })
}

fn remembers(memory: LogMemory) -> Effect {
    Effect::RememberLog(SERVER.parse().unwrap(), memory)
}

fn proof(log: Log, from: u64, to: u64) -> ToControl {
    ToControl::Proof { from, checkpoint: log.note(to), proof: log.proof(from, to) }
}

fn alarm(scene: &Scene) -> (Wrong, bool) {
    match &scene.model.stage {
        Stage::Over(Over::Alarm(alarm)) => (alarm.wrong, alarm.asked),
        other => panic!("no alarm but {other:?}"),
    }
}

fn kept(effects: &[Effect]) -> &Evidence {
    match effects {
        [.., Effect::KeepEvidence(evidence)] => evidence,
        other => panic!("no evidence in {other:?}"),
    }
}

fn names(evidence: &Evidence) -> Vec<&str> {
    evidence.files.iter().map(|(name, _)| *name).collect()
}

#[test]
fn the_first_time_key_and_checkpoint_are_remembered() {
    for (checkpoint, memory) in [
        (Some(LOG.note(5)), LOG.seen(5)),
        (None, LogMemory { log_key: LOG.key(), checkpoint: None }),
    ] {
        let (mut scene, door) = door_of(LOG, checkpoint, None);
        assert_eq!(scene.hears(door), vec![remembers(memory.clone()), request()]);
        assert_eq!(scene.model.logs[SERVER], memory);
    }
}

#[test]
fn the_same_log_is_no_news() {
    let (mut scene, door) = door_of(LOG, Some(LOG.note(5)), Some(LOG.seen(5)));
    assert_eq!(scene.hears(door), vec![request()]);
}

#[test]
fn a_larger_log_is_proven_before_the_user_is_asked() {
    let (mut scene, door) = door_of(LOG, Some(LOG.note(9)), Some(LOG.seen(5)));
    let asked = scene.hears(door);
    assert_eq!(asked, vec![Effect::Say(ControlSays::Prove { from: 5 })]);
    assert_eq!(scene.model.stage, Stage::Opening);
    assert_eq!(scene.model.logs[SERVER], LOG.seen(5), "not before it is proven");
    assert_eq!(scene.hears(proof(LOG, 4, 9)), vec![], "nobody asked for this");
    let effects = scene.hears(proof(LOG, 5, 9));
    assert_eq!(effects, vec![remembers(LOG.seen(9)), request()]);
    assert!(matches!(scene.model.stage, Stage::Asking(_)));
}

#[test]
fn a_log_that_is_not_what_it_was_is_an_alarm_and_nothing_is_asked() {
    let forged = Log { key: 7, ..LOG };
    let other = Log { id: 11, ..LOG };
    let fork = Log { entries: 2, ..LOG };
    let both = vec!["about.txt", "checkpoint-before.txt", "checkpoint-now.txt"];
    let one = vec!["about.txt", "checkpoint-before.txt"];
    for (log, checkpoint, wrong, files) in [
        (LOG, Some(LOG.note(4)), Wrong::Shrunk { before: 5, now: 4 }, &both),
        (LOG, Some(fork.note(5)), Wrong::Forked { size: 5 }, &both),
        (LOG, Some(forged.note(9)), Wrong::Signature, &both),
        (LOG, None, Wrong::Missing, &one),
        (forged, Some(forged.note(9)), Wrong::OtherKey, &both),
        (other, Some(other.note(9)), Wrong::OtherLog, &both),
    ] {
        let (mut scene, door) = door_of(log, checkpoint.clone(), Some(LOG.seen(5)));
        let effects = scene.hears(door);
        assert_eq!(effects[..2], [Effect::CloseTunnel, Effect::CloseLine], "{wrong:?}");
        assert_eq!(alarm(&scene), (wrong, false));
        let evidence = kept(&effects);
        assert_eq!(&names(evidence), files);
        assert_eq!(evidence.files[1].1, LOG.note(5), "verbatim");
        assert_eq!(evidence.files.get(2).map(|file| &file.1), checkpoint.as_ref());
        assert!(evidence.files[0].1.contains(&beckon_protocol::evidence::fingerprint(&log.key())));
        assert_eq!(scene.model.logs[SERVER], LOG.seen(5), "what was seen before still counts");
        assert_eq!(scene.does(Input::AskAgain), vec![], "there is no way on");
        assert_eq!(scene.does(Input::Close(Wish::CloseWindow)), vec![Effect::Quit]);
    }
}

#[test]
fn a_checkpoint_that_nobody_signed_is_an_alarm_at_the_first_time_too() {
    let forged = Log { key: 7, ..LOG };
    let (mut scene, door) = door_of(LOG, Some(forged.note(5)), None);
    let effects = scene.hears(door);
    assert_eq!(alarm(&scene), (Wrong::Signature, false));
    assert_eq!(names(kept(&effects)), ["about.txt", "checkpoint-now.txt"]);
    assert!(scene.model.logs.is_empty());
}

#[test]
fn a_wrong_proof_and_a_refusal_are_alarms() {
    let fork = Log { entries: 2, ..LOG };
    let wrong = (Wrong::NotProved { before: 5 }, false);
    for answer in [
        proof(fork, 5, 9),
        ToControl::Proof { from: 5, checkpoint: LOG.note(9), proof: vec![] },
        ToControl::Refused { why: "not today".to_owned() },
    ] {
        let (mut scene, door) = door_of(LOG, Some(LOG.note(9)), Some(LOG.seen(5)));
        scene.hears(door);
        let effects = scene.hears(answer);
        assert_eq!(alarm(&scene), wrong);
        assert_eq!(kept(&effects).files.len(), 3);
    }
    let mut scene = Scene::active(view());
    comes_back(&mut scene, LOG, 9);
    let effects = scene.hears(ToControl::Refused { why: "it is shorter".to_owned() });
    assert_eq!(effects[0], Effect::Say(ControlSays::Leave {}));
    assert_eq!((alarm(&scene).0, kept(&effects).files.len()), (wrong.0, 3));
}

#[test]
fn a_restored_log_is_said_and_remembered() {
    let restored = Log { era: 1, ..LOG };
    let (mut scene, door) = door_of(restored, Some(restored.note(3)), Some(LOG.seen(5)));
    assert_eq!(scene.hears(door), vec![remembers(restored.seen(3)), request()]);
    assert_eq!(scene.model.restored, Some(1));
    let (mut scene, door) = door_of(LOG, Some(LOG.note(9)), Some(restored.seen(3)));
    scene.hears(door);
    assert_eq!(alarm(&scene).0, Wrong::OldEra { before: 1, now: 0 });
}

#[test]
fn a_line_that_breaks_before_the_proof_begins_anew_at_the_door() {
    let (mut scene, door) = door_of(LOG, Some(LOG.note(9)), Some(LOG.seen(5)));
    scene.hears(door.clone());
    let again_in = Duration::from_secs(1);
    scene.does(Input::LineDown { why: "gone".to_owned(), again_in });
    assert_eq!(scene.later(Duration::from_mins(1)), vec![], "a broken line is no alarm");
    let up = scene.does(Input::LineUp { nonce: vec![2; 32] });
    assert!(matches!(up[..], [Effect::Resume { .. }]));
    assert_eq!(scene.hears(door), vec![Effect::Say(ControlSays::Prove { from: 5 })]);
    assert_eq!(scene.hears(proof(LOG, 5, 9)).last(), Some(&request()));
    let (mut scene, door) = door_of(LOG, Some(LOG.note(9)), Some(LOG.seen(5)));
    scene.hears(door);
    assert_eq!(scene.does(Input::Cancel), vec![Effect::CloseLine]);
    assert_eq!(scene.later(Duration::from_mins(1)), vec![]);
    assert_eq!(scene.model.stage, Stage::Start);
}

#[test]
fn whoever_comes_back_looks_at_the_log_again() {
    let mut scene = Scene::active(view());
    assert_eq!(comes_back(&mut scene, LOG, 9), vec![Effect::Say(ControlSays::Prove { from: 5 })]);
    assert!(matches!(scene.model.stage, Stage::Active(_)), "the session goes on meanwhile");
    assert_eq!(scene.hears(proof(LOG, 5, 9)), vec![remembers(LOG.seen(9))]);
    let fork = Log { entries: 2, ..LOG };
    let effects = comes_back(&mut scene, fork, 9);
    assert_eq!(effects[0], Effect::Say(ControlSays::Leave {}));
    assert_eq!(alarm(&scene), (Wrong::Forked { size: 9 }, true));
}

#[test]
fn a_proof_that_the_end_overtakes_is_still_a_proof() {
    let mut scene = Scene::active(view());
    scene.does(Input::LineUp { nonce: vec![2; 32] });
    let grant = Some(scene.grant(view(), 1));
    let door = SessionDoor { checkpoint: Some(LOG.note(9)), grant, ..scene.door(view()) };
    scene.hears(ToControl::Door { door: Box::new(door) });
    scene.hears(ToControl::Expired {});
    let shown = super::farewell::receipt(LOG);
    let (checkpoint, included) = LOG.with_last(11, shown.leaf());
    let effects = scene.shows(ReceiptProof { index: 11, proof: included, checkpoint, ..shown });
    assert!(matches!(effects[..], [Effect::KeepReceipt(_)]), "one proof at a time: {effects:?}");
    scene.hears(ToControl::HeadRecorded {});
    let remembered = vec![remembers(LOG.seen(9)), Effect::CloseLine];
    assert_eq!(scene.hears(proof(LOG, 5, 9)), remembered);
}

#[test]
fn asking_again_waits_for_the_proof_too() {
    let mut scene = Scene::asking(view());
    scene.hears(ToControl::Rejected {});
    scene.does(Input::LineUp { nonce: vec![2; 32] });
    let door = SessionDoor { checkpoint: Some(LOG.note(9)), ..scene.door(view()) };
    scene.hears(ToControl::Door { door: Box::new(door) });
    assert_eq!(scene.does(Input::AskAgain), vec![]);
    assert_eq!(scene.model.stage, Stage::Answered(Answer::Rejected));
    scene.hears(proof(LOG, 5, 9));
    assert_eq!(scene.does(Input::AskAgain), vec![request()]);
}

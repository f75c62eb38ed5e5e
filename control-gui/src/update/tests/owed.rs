//! A proof that the server owes and cannot give just now.

use std::time::Duration;

use beckon_peer::{ControlMessage, InputEvent};
use beckon_protocol::{ControlSays, ToControl};

use super::*;
use crate::log_memory::tests::LOG;
use crate::model::{Hands, Over, Stage};
use crate::text;

const LATER: Duration = Duration::from_secs(2);

fn later() -> ToControl {
    ToControl::ProofLater { why: "the disk is full".to_owned() }
}

fn prove() -> Effect {
    Effect::Say(ControlSays::Prove { from: 5 })
}

fn proof() -> ToControl {
    ToControl::Proof { from: 5, checkpoint: LOG.note(9), proof: LOG.proof(5, 9) }
}

/// A new connection whose door shows a larger log; `grant` is in force.
fn door(scene: &mut Scene, grant: Option<ActionSet>) -> Vec<Effect> {
    scene.does(Input::LineUp { nonce: vec![2; 32] });
    let grant = grant.map(|actions| scene.grant(actions, 1));
    let door = SessionDoor { checkpoint: Some(LOG.note(9)), grant, ..scene.door(view()) };
    scene.hears(ToControl::Door { door: Box::new(door) })
}

fn drops(scene: &mut Scene) {
    let again_in = Duration::from_secs(1);
    scene.does(Input::LineDown { why: "gone".to_owned(), again_in });
}

fn opening() -> Scene {
    let mut scene = Scene::new();
    scene.does(Input::Open(link("127.0.0.1:8080")));
    assert_eq!(door(&mut scene, None), vec![prove()]);
    scene
}

fn unproved(scene: &Scene) -> bool {
    match &scene.model.stage {
        Stage::Over(Over::Unproved { asked }) => *asked,
        other => panic!("not unproved but {other:?}"),
    }
}

#[test]
fn a_server_that_cannot_prove_its_log_just_now_is_left_without_an_alarm() {
    let mut scene = opening();
    assert_eq!(scene.hears(later()), vec![Effect::CloseTunnel, Effect::CloseLine]);
    assert!(!unproved(&scene));
    let (_, said) = text::over(&Over::Unproved { asked: false }, "");
    let calm = "The server could not prove its log just now. Nothing was asked of the user. Try \
                again later.";
    assert_eq!(said, calm);
    let mut scene = opening();
    assert_eq!(scene.later(Duration::from_millis(9_999)), vec![]);
    assert_eq!(scene.model.next_deadline(), Some(scene.now() + Duration::from_millis(1)));
    let effects = scene.later(Duration::from_millis(1));
    assert_eq!(effects, vec![Effect::CloseTunnel, Effect::CloseLine], "silence is no alarm");
    assert!(!unproved(&scene));
    assert_eq!(scene.model.logs["127.0.0.1:8080"], LOG.seen(5), "what was seen still counts");
}

#[test]
fn in_a_session_the_proof_is_asked_for_again_and_then_it_is_left() {
    let mut scene = Scene::active(view());
    assert_eq!(door(&mut scene, Some(view())), vec![prove()]);
    for _ in 0..5 {
        assert_eq!(scene.hears(later()), vec![]);
        assert_eq!(scene.hears(later()), vec![], "nobody asked");
        assert_eq!(scene.later(LATER), vec![prove()]);
    }
    let effects = scene.hears(later());
    assert_eq!(effects[0], Effect::Say(ControlSays::Leave {}));
    assert_eq!(effects[1..], [Effect::CloseTunnel, Effect::CloseLine]);
    assert!(unproved(&scene));

    let mut scene = Scene::active(view());
    door(&mut scene, Some(view()));
    assert_eq!(scene.later(Duration::from_secs(10)), vec![]);
    assert_eq!(scene.later(LATER), vec![prove()]);
    assert!(matches!(scene.hears(proof())[..], [Effect::RememberLog(..)]));
    assert!(!scene.model.owes_proof());
}

#[test]
fn until_the_proof_nothing_more_goes_to_the_other_computer() {
    let mut scene = Scene::active(view_and_control());
    assert!(scene.model.sends_input());
    let release = Effect::Send(ControlMessage::Input(InputEvent::ReleaseAll));
    assert_eq!(door(&mut scene, Some(view_and_control())), vec![release, prove()]);
    let nothing = |scene: &mut Scene| {
        assert!(!scene.model.sends_input());
        assert_eq!(scene.does(Input::Did(InputEvent::ReleaseAll)), vec![]);
        assert_eq!(scene.does(Input::TakeControl), vec![]);
        assert_eq!(scene.does(Input::AskFor(Action::Control)), vec![]);
    };
    nothing(&mut scene);
    drops(&mut scene);
    nothing(&mut scene);
    assert_eq!(door(&mut scene, Some(view_and_control())), vec![prove()]);
    scene.happens(TunnelEvent::Down);
    let view_only = [
        Effect::Say(ControlSays::Connected {}),
        Effect::Send(ControlMessage::StartAction(Action::View)),
    ];
    assert_eq!(scene.tunnel_comes_up(), view_only);
    assert_eq!(scene.later(Duration::from_secs(3)), vec![]);
    assert!(matches!(scene.model.active(), Some((_, active)) if active.hands != Hands::On));
    scene.hears(proof());
    let control = vec![Effect::Send(ControlMessage::StartAction(Action::Control))];
    assert_eq!(scene.later(Duration::from_millis(300)), control, "it was only put off");
    assert!(scene.model.sends_input());
}

#[test]
fn a_server_that_drops_every_line_before_the_proof_is_left() {
    let mut scene = Scene::active(view());
    for _ in 0..3 {
        assert_eq!(door(&mut scene, Some(view())), vec![prove()]);
        drops(&mut scene);
    }
    let effects = door(&mut scene, Some(view()));
    assert_eq!(effects[0], Effect::Say(ControlSays::Leave {}));
    assert!(unproved(&scene));
    let mut scene = Scene::active(view());
    for _ in 0..9 {
        door(&mut scene, Some(view()));
        scene.hears(proof());
        drops(&mut scene);
    }
    assert!(matches!(scene.model.stage, Stage::Active(_)), "each was proven");
}

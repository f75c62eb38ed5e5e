//! From the request to the first picture.

use std::time::Duration;

use beckon_peer::{AgentMessage, ControlMessage, InputEvent, Point, Why};
use beckon_protocol::{ControlSays, ToControl};

use super::*;
use crate::input::Wish;
use crate::model::{Answer, Hands, Over, Stage, Tunnel};

fn start(action: Action) -> Effect {
    Effect::Send(ControlMessage::StartAction(action))
}

#[test]
fn the_tunnel_opens_before_the_answer_and_nothing_begins_before_the_yes() {
    let mut scene = Scene::asking(view_and_control());
    assert_eq!(scene.model.session.as_ref().unwrap().tunnel, Tunnel::Up);
    let moved = InputEvent::PointerMove(Point { monitor: 0, x: 1, y: 1 });
    assert_eq!(scene.does(Input::Did(moved)), vec![]);
    let statement = scene.grant(view_and_control(), 1);
    assert_eq!(
        scene.hears(ToControl::Approved { statement }),
        vec![Effect::Say(ControlSays::Connected {}), start(Action::View), start(Action::Control)]
    );
    assert!(scene.model.sends_input());
}

#[test]
fn a_yes_that_comes_before_the_tunnel_begins_with_the_tunnel() {
    let mut scene = Scene::asking(view());
    scene.happens(TunnelEvent::Down);
    let statement = scene.grant(view(), 1);
    assert_eq!(scene.hears(ToControl::Approved { statement }), vec![]);
    let effects = scene.tunnel_comes_up();
    assert_eq!(effects, vec![Effect::Say(ControlSays::Connected {}), start(Action::View)]);
}

#[test]
fn only_what_the_end_user_left_ticked_begins() {
    let mut scene = Scene::asking(view_and_control());
    let statement = scene.grant(view(), 1);
    let effects = scene.hears(ToControl::Approved { statement });
    assert_eq!(effects, vec![Effect::Say(ControlSays::Connected {}), start(Action::View)]);
    assert!(!scene.model.sends_input());
}

#[test]
fn a_grant_that_the_agent_did_not_sign_for_this_control_is_not_believed() {
    let stranger = Identity::generate(&beckon_desk::clock::random()).unwrap();
    let scene = Scene::asking(view());
    let grant = scene.grant_for(stranger.ed25519_public(), view(), 1);
    for statement in [scene.agent.grant(&grant), stranger.grant(&grant)] {
        let mut scene = Scene { model: scene.model.clone(), ..Scene::new() };
        let effects = scene.hears(ToControl::Approved { statement });
        assert_eq!(effects.first(), Some(&Effect::Say(ControlSays::Disturbed {})));
        assert!(matches!(scene.model.stage, Stage::Over(Over::Distrust(_))));
    }
}

#[test]
fn every_answer_that_is_not_a_yes_is_shown_and_can_be_asked_again() {
    let why = "not now".to_owned();
    for (said, answer) in [
        (ToControl::Rejected {}, Answer::Rejected),
        (ToControl::Lapsed {}, Answer::Lapsed),
        (ToControl::Cancelled {}, Answer::Cancelled),
        (ToControl::Damped {}, Answer::Damped),
        (ToControl::Refused { why: why.clone() }, Answer::Refused(why)),
    ] {
        let mut scene = Scene::asking(view());
        assert_eq!(scene.hears(said), vec![Effect::CloseTunnel]);
        assert_eq!(scene.model.stage, Stage::Answered(answer));
        let asked = scene.does(Input::AskAgain);
        assert_eq!(asked, vec![Effect::Say(ControlSays::Request { actions: view() })]);
        assert!(matches!(scene.model.stage, Stage::Asking(_)));
    }
}

#[test]
fn the_operator_takes_the_request_back_once() {
    let mut scene = Scene::asking(view());
    assert_eq!(scene.does(Input::Cancel), vec![Effect::Say(ControlSays::Cancel {})]);
    assert_eq!(scene.does(Input::Cancel), vec![]);
}

#[test]
fn closing_the_window_takes_the_request_back() {
    let mut scene = Scene::asking(view());
    assert_eq!(
        scene.does(Input::Close(Wish::CloseWindow)),
        vec![Effect::Say(ControlSays::Cancel {}), Effect::Say(ControlSays::Leave {}), Effect::Quit]
    );
}

#[test]
fn an_answer_that_came_while_the_line_was_down_is_not_waited_for_forever() {
    let mut scene = Scene::asking(view());
    let again_in = Duration::from_secs(1);
    scene.does(Input::LineDown { why: "gone".to_owned(), again_in });
    let nonce = vec![2; 32];
    let resume = Effect::Resume { session: SESSION, nonce: nonce.clone() };
    assert_eq!(scene.does(Input::LineUp { nonce }), vec![resume]);
    let door = scene.door(ActionSet::EMPTY);
    scene.hears(ToControl::Door { door: Box::new(door.clone()) });
    let mut waits = Scene { model: scene.model.clone(), ..Scene::new() };
    waits.hears(ToControl::Asked { request: 1, lapse_seconds: 9 });
    waits.later(Duration::from_secs(3));
    assert!(matches!(waits.model.stage, Stage::Asking(_)), "the server says that it waits");
    scene.later(Duration::from_secs(3));
    assert_eq!(scene.model.stage, Stage::Answered(Answer::Unknown));
}

#[test]
fn too_many_handshakes_that_nobody_finishes_end_the_session() {
    let mut scene = Scene::asking(view());
    for _ in 0..3 {
        scene.hears(ToControl::Relay { ticket: "ticket".to_owned() });
        assert!(matches!(scene.model.stage, Stage::Asking(_)));
        scene.happens(TunnelEvent::Down);
    }
    let effects = scene.hears(ToControl::Relay { ticket: "ticket".to_owned() });
    assert_eq!(effects.first(), Some(&Effect::Say(ControlSays::Disturbed {})));
}

#[test]
fn an_agent_that_has_not_yet_heard_of_its_approval_is_asked_again() {
    let mut scene = Scene::active(view());
    let not_granted = AgentMessage::Stopped { action: Action::View, why: Why::NotGranted };
    assert_eq!(scene.happens(TunnelEvent::Told(not_granted.clone())), vec![]);
    assert_eq!(scene.later(Duration::from_millis(300)), vec![start(Action::View)]);
    scene.later(Duration::from_secs(6));
    let effects = scene.happens(TunnelEvent::Told(not_granted));
    assert_eq!(effects, vec![Effect::Say(ControlSays::Leave {})], "it will not change its mind");
    scene.hears(ToControl::Left {});
    assert_eq!(scene.model.stage, Stage::Answered(Answer::Away));
}

#[test]
fn control_alone_can_be_late_too() {
    let mut scene = Scene::active(view_and_control());
    let not_granted = AgentMessage::Stopped { action: Action::Control, why: Why::NotGranted };
    scene.happens(TunnelEvent::Told(not_granted));
    assert!(!scene.model.sends_input());
    assert_eq!(scene.later(Duration::from_millis(300)), vec![start(Action::Control)]);
    let active = scene.model.active().unwrap().1;
    assert_eq!(active.hands, Hands::On);
}

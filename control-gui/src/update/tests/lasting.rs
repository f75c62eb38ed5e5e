//! While a session goes on, and how it ends.

use std::time::Duration;

use beckon_events::session::{EndReason, EndedBy};
use beckon_peer::{AgentMessage, ControlMessage, InputEvent, Why};
use beckon_protocol::{ControlSays, ToControl};

use super::*;
use crate::input::Wish;
use crate::model::{Active, Answer, Hands, LineState, Notice, Over, Question, Stage};

fn active(scene: &Scene) -> &Active {
    scene.model.active().unwrap().1
}

fn notice(scene: &Scene) -> Option<&Notice> {
    active(scene).notice.as_ref().map(|(notice, _)| notice)
}

/// The line and the tunnel break; after `gap` both are back.
fn gap(scene: &mut Scene, gap: Duration) -> Vec<Effect> {
    scene.happens(TunnelEvent::Down);
    let again_in = Duration::from_secs(1);
    scene.does(Input::LineDown { why: "gone".to_owned(), again_in });
    scene.later(gap);
    scene.does(Input::LineUp { nonce: vec![3; 32] });
    let statement = scene.model.session.as_ref().unwrap().mandate.grant().cloned().unwrap();
    let mut door = scene.door(ActionSet::EMPTY);
    door.grant = Some(scene.agent.grant(&statement));
    scene.hears(ToControl::Door { door: Box::new(door) });
    scene.tunnel_comes_up()
}

#[test]
fn after_a_short_gap_control_comes_back_after_three_seconds() {
    let mut scene = Scene::active(view_and_control());
    let effects = gap(&mut scene, Duration::from_secs(20));
    let start = |action| Effect::Send(ControlMessage::StartAction(action));
    assert_eq!(effects, vec![Effect::Say(ControlSays::Connected {}), start(Action::View)]);
    assert!(matches!(active(&scene).hands, Hands::Countdown { .. }));
    assert_eq!(scene.later(Duration::from_secs(2)), vec![]);
    assert_eq!(scene.later(Duration::from_secs(1)), vec![start(Action::Control)]);
    assert!(scene.model.sends_input());
}

#[test]
fn the_countdown_can_be_stopped() {
    let mut scene = Scene::active(view_and_control());
    gap(&mut scene, Duration::from_secs(20));
    assert_eq!(scene.does(Input::StopControl), vec![]);
    assert_eq!(scene.later(Duration::from_secs(5)), vec![]);
    assert_eq!(active(&scene).hands, Hands::Off);
}

#[test]
fn after_a_longer_gap_control_waits_for_a_click() {
    let mut scene = Scene::active(view_and_control());
    gap(&mut scene, Duration::from_secs(31));
    assert!(active(&scene).viewing);
    assert_eq!(scene.later(Duration::from_secs(5)), vec![]);
    let taken = scene.does(Input::TakeControl);
    assert_eq!(taken, vec![Effect::Send(ControlMessage::StartAction(Action::Control))]);
}

#[test]
fn control_that_was_off_stays_off() {
    let mut scene = Scene::active(view_and_control());
    let stopped = scene.does(Input::StopControl);
    assert_eq!(stopped, vec![Effect::Send(ControlMessage::StopAction(Action::Control))]);
    gap(&mut scene, Duration::from_secs(5));
    assert_eq!(active(&scene).hands, Hands::Off);
}

#[test]
fn an_operator_who_was_away_for_too_long_asks_again() {
    let mut scene = Scene::active(view());
    scene.does(Input::LineUp { nonce: vec![3; 32] });
    let door = scene.door(ActionSet::EMPTY);
    scene.hears(ToControl::Door { door: Box::new(door) });
    assert_eq!(scene.model.stage, Stage::Answered(Answer::Away));
    let asked = scene.does(Input::AskAgain);
    assert_eq!(asked, vec![Effect::Say(ControlSays::Request { actions: view() })]);
}

#[test]
fn a_relay_that_broke_alone_is_asked_for_until_it_comes() {
    let mut scene = Scene::active(view());
    scene.happens(TunnelEvent::Down);
    let wanted = vec![Effect::Say(ControlSays::RelayWanted {})];
    assert_eq!(scene.later(Duration::from_millis(300)), wanted);
    assert_eq!(scene.later(Duration::from_secs(1)), vec![]);
    assert_eq!(scene.later(Duration::from_secs(2)), wanted);
    scene.hears(ToControl::AgentLost {});
    assert_eq!(scene.later(Duration::from_secs(9)), vec![], "an agent that is away has no relay");
    scene.hears(ToControl::AgentResumed {});
    scene.tunnel_comes_up();
    assert_eq!(scene.later(Duration::from_secs(9)), vec![]);
}

#[test]
fn what_the_end_user_takes_back_stops_at_once() {
    let mut scene = Scene::active(view_and_control());
    let statement = scene.grant(view(), 2);
    scene.hears(ToControl::Withdrawn { statement });
    assert!(!scene.model.sends_input());
    assert_eq!(notice(&scene), Some(&Notice::ControlWithdrawn));
    let statement = scene.grant(ActionSet::EMPTY, 3);
    scene.happens(TunnelEvent::Told(AgentMessage::Granted(statement)));
    assert!(!active(&scene).viewing);
    assert_eq!(notice(&scene), Some(&Notice::ViewWithdrawn));
    let old = scene.grant(view_and_control(), 1);
    scene.hears(ToControl::Extended { statement: old });
    assert!(!scene.model.session.as_ref().unwrap().granted(Action::View), "the highest n counts");
}

#[test]
fn more_is_asked_for_once_and_begins_when_it_is_recorded() {
    let mut scene = Scene::active(view());
    let actions = view_and_control();
    let asked = scene.does(Input::AskFor(Action::Control));
    assert_eq!(asked, vec![Effect::Say(ControlSays::Extend { actions })]);
    assert_eq!(scene.does(Input::AskFor(Action::Control)), vec![]);
    scene.hears(ToControl::ExtensionRefused {});
    assert_eq!(notice(&scene), Some(&Notice::MoreRefused));
    scene.does(Input::AskFor(Action::Control));
    let statement = scene.grant(actions, 2);
    let told = AgentMessage::Granted(statement.clone());
    assert_eq!(scene.happens(TunnelEvent::Told(told)), vec![], "not yet recorded");
    let start = Effect::Send(ControlMessage::StartAction(Action::Control));
    assert_eq!(scene.hears(ToControl::Extended { statement }), vec![start]);
    assert_eq!(notice(&scene), Some(&Notice::MoreAllowed));
    assert_eq!(scene.does(Input::AskFor(Action::Camera)), vec![], "this server does not allow it");
}

#[test]
fn nothing_is_sent_while_the_end_user_has_paused() {
    let mut scene = Scene::active(view_and_control());
    scene.hears(ToControl::Paused {});
    assert_eq!(scene.does(Input::Did(InputEvent::ReleaseAll)), vec![]);
    scene.happens(TunnelEvent::Told(AgentMessage::Continued));
    let sent = scene.does(Input::Did(InputEvent::ReleaseAll));
    assert_eq!(sent, vec![Effect::Send(ControlMessage::Input(InputEvent::ReleaseAll))]);
}

#[test]
fn after_a_gap_only_what_the_server_says_again_still_holds() {
    let mut scene = Scene::active(view());
    scene.does(Input::AskFor(Action::Control));
    scene.hears(ToControl::Paused {});
    // The answer and the Continue of the end user are lost with the line.
    gap(&mut scene, Duration::from_secs(5));
    assert!(!active(&scene).paused);
    let asked = scene.does(Input::AskFor(Action::Control));
    let extend = ControlSays::Extend { actions: view_and_control() };
    assert_eq!(asked, vec![Effect::Say(extend)]);
    scene.hears(ToControl::Paused {});
    scene.hears(ToControl::AgentLost {});
    assert!(active(&scene).paused);
    assert!(scene.model.session.as_ref().unwrap().agent_lost);
}

#[test]
fn a_screen_that_cannot_be_captured_is_said() {
    let mut scene = Scene::active(view());
    let stopped = AgentMessage::Stopped { action: Action::View, why: Why::Unavailable };
    scene.happens(TunnelEvent::Told(stopped));
    assert_eq!(notice(&scene), Some(&Notice::ViewUnavailable));
    scene.later(Duration::from_secs(10));
    assert_eq!(notice(&scene), None, "a notice goes away by itself");
}

#[test]
fn a_disturbed_tunnel_ends_the_session_and_says_why() {
    let mut scene = Scene::active(view());
    let why = "the connection was tampered with".to_owned();
    assert_eq!(
        scene.happens(TunnelEvent::Disturbed(why.clone())),
        vec![Effect::Say(ControlSays::Disturbed {}), Effect::CloseTunnel, Effect::CloseLine]
    );
    assert_eq!(scene.model.stage, Stage::Over(Over::Distrust(why)));
}

#[test]
fn another_agent_behind_the_same_session_is_not_believed() {
    let mut scene = Scene::active(view());
    let mut other = Scene::new().door(view());
    other.grant = None;
    scene.does(Input::LineUp { nonce: vec![3; 32] });
    scene.hears(ToControl::Door { door: Box::new(other) });
    assert!(matches!(scene.model.stage, Stage::Over(Over::Distrust(_))));
}

#[test]
fn end_asks_first_and_then_leaves_ends_or_goes_on() {
    for wish in [Wish::End, Wish::CloseWindow] {
        let mut scene = Scene::active(view());
        assert_eq!(scene.does(Input::Close(wish)), vec![]);
        assert_eq!(scene.model.question, Some(Question::Leaving(wish)));
        scene.does(Input::Stay);
        assert_eq!(scene.model.question, None);
        scene.does(Input::Close(wish));
        let left = scene.does(Input::Leave);
        assert_eq!(left, vec![Effect::Say(ControlSays::Leave {}), Effect::Quit]);
    }
}

#[test]
fn a_session_that_the_operator_ends_is_over_when_it_is_recorded() {
    let ended = ToControl::Ended { by: EndedBy::Control, why: EndReason::Asked };
    let closed = vec![Effect::CloseLine];
    for (wish, after) in
        [(Wish::End, closed.clone()), (Wish::CloseWindow, [closed, vec![Effect::Quit]].concat())]
    {
        let mut scene = Scene::active(view());
        scene.does(Input::Close(wish));
        let said = scene.does(Input::EndSession);
        assert_eq!(said, vec![Effect::Say(ControlSays::End {})]);
        assert!(matches!(scene.model.stage, Stage::Active(_)), "not before it is recorded");
        assert_eq!(scene.hears(ended.clone()), vec![Effect::CloseTunnel]);
        assert_eq!(scene.later(Duration::from_secs(5)), after, "the receipt was waited for");
        assert!(matches!(scene.model.stage, Stage::Over(Over::Ended { .. })));
    }
}

#[test]
fn an_end_that_was_said_into_a_broken_line_is_said_again() {
    let mut scene = Scene::active(view());
    scene.does(Input::Close(Wish::End));
    scene.does(Input::EndSession);
    let again_in = Duration::from_secs(1);
    scene.does(Input::LineDown { why: "gone".to_owned(), again_in });
    assert!(matches!(scene.model.line, LineState::Down { .. }));
    scene.does(Input::LineUp { nonce: vec![4; 32] });
    let mut door = scene.door(ActionSet::EMPTY);
    door.grant = Some(scene.grant(view(), 1));
    let effects = scene.hears(ToControl::Door { door: Box::new(door) });
    assert_eq!(effects, vec![Effect::Say(ControlSays::End {})]);
}

#[test]
fn a_session_that_somebody_else_ended_is_over() {
    for (said, over) in [
        (
            ToControl::Ended { by: EndedBy::User, why: EndReason::Asked },
            Over::Ended { by: EndedBy::User, why: EndReason::Asked },
        ),
        (ToControl::Expired {}, Over::Expired),
    ] {
        let mut scene = Scene::active(view());
        scene.does(Input::Close(Wish::End));
        scene.hears(said);
        assert_eq!(scene.model.stage, Stage::Over(over));
        assert_eq!(scene.model.question, None, "the question has been answered");
    }
}

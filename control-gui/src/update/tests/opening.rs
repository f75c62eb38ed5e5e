//! From the link to the door.

use std::time::Duration;

use beckon_protocol::{ControlSays, LaunchError, ToControl};

use super::*;
use crate::input::Wish;
use crate::model::{LineState, Over, Question, Stage};

#[test]
fn a_portal_that_is_not_known_is_asked_about_and_never_connected_to() {
    let mut scene = Scene::new();
    let elsewhere = link("help.example.org");
    assert_eq!(scene.does(Input::Open(elsewhere.clone())), vec![Effect::Focus]);
    assert_eq!(scene.model.stage, Stage::Trust { link: elsewhere.clone() });
    let server = elsewhere.server().clone();
    let trusted = vec![Effect::Remember(server.clone()), Effect::OpenLine(server)];
    assert_eq!(scene.does(Input::Trust), trusted);
    assert_eq!(scene.model.stage, Stage::Opening);
}

#[test]
fn a_portal_that_is_not_trusted_is_forgotten() {
    let mut scene = Scene::new();
    scene.does(Input::Open(link("help.example.org")));
    assert_eq!(scene.does(Input::DoNotTrust), vec![]);
    assert_eq!(scene.model.stage, Stage::Start);
    assert_eq!(scene.does(Input::Trust), vec![], "there is nothing left to trust");
}

#[test]
fn a_known_portal_is_connected_to_and_the_token_redeemed_for_this_connection() {
    let mut scene = Scene::new();
    let link = link("127.0.0.1:8080");
    let opened = scene.does(Input::Open(link.clone()));
    assert_eq!(opened, vec![Effect::Focus, Effect::OpenLine(link.server().clone())]);
    let nonce = vec![1; 32];
    let redeem = Effect::Redeem { token: link.token().to_owned(), nonce: nonce.clone() };
    assert_eq!(scene.does(Input::LineUp { nonce }), vec![redeem]);
    let door = scene.door(view());
    let asked = scene.hears(ToControl::Door { door: Box::new(door) });
    assert_eq!(asked, vec![Effect::Say(ControlSays::Request { actions: view() })]);
    assert!(matches!(scene.model.stage, Stage::Asking(_)));
}

#[test]
fn a_link_that_is_not_valid_is_said_and_the_line_closed() {
    let mut scene = Scene::new();
    scene.does(Input::Open(link("127.0.0.1:8080")));
    scene.does(Input::LineUp { nonce: vec![1; 32] });
    let why = "this link has been used".to_owned();
    let effects = scene.hears(ToControl::NotValid { why: why.clone() });
    assert_eq!(effects, vec![Effect::CloseTunnel, Effect::CloseLine]);
    assert_eq!(scene.model.stage, Stage::Over(Over::NotValid(why)));
}

#[test]
fn a_forged_link_is_said_in_the_window() {
    let mut scene = Scene::new();
    let effects = scene.does(Input::OpenForged(LaunchError::Malformed));
    assert_eq!(effects, vec![Effect::Focus]);
    let why = LaunchError::Malformed.to_string();
    assert_eq!(scene.model.stage, Stage::Over(Over::NotValid(why)));
    let mut busy = Scene::active(view());
    busy.does(Input::OpenForged(LaunchError::Malformed));
    assert!(matches!(busy.model.stage, Stage::Active(_)), "a session goes on");
}

#[test]
fn a_server_that_cannot_be_reached_is_said_and_opening_can_be_given_up() {
    let mut scene = Scene::new();
    scene.does(Input::Open(link("127.0.0.1:8080")));
    let again_in = Duration::from_secs(1);
    scene.does(Input::LineDown { why: "gone".to_owned(), again_in });
    let again_at = scene.now() + again_in;
    assert_eq!(scene.model.line, LineState::Down { why: "gone".to_owned(), again_at });
    assert_eq!(scene.model.stage, Stage::Opening);
    assert_eq!(scene.does(Input::Cancel), vec![Effect::CloseLine]);
    assert_eq!(scene.model.stage, Stage::Start);
}

#[test]
fn another_link_waits_until_the_operator_leaves_this_session() {
    let mut scene = Scene::active(view());
    let other = link("127.0.0.1:8080");
    assert_eq!(scene.does(Input::Open(other.clone())), vec![Effect::Focus]);
    assert_eq!(scene.model.question, Some(Question::Switch(other.clone())));
    scene.does(Input::Stay);
    assert!(matches!(scene.model.stage, Stage::Active(_)));
    scene.does(Input::Open(other.clone()));
    assert_eq!(
        scene.does(Input::Leave),
        vec![
            Effect::Say(ControlSays::Leave {}),
            Effect::CloseTunnel,
            Effect::CloseLine,
            Effect::OpenLine(other.server().clone())
        ]
    );
    assert_eq!(scene.model.stage, Stage::Opening);
}

#[test]
fn what_the_old_tunnel_says_after_another_one_opened_is_ignored() {
    let mut scene = Scene::active(view());
    let old = scene.model.tunnels;
    scene.hears(ToControl::Relay { ticket: "new".to_owned() });
    scene.happens(TunnelEvent::Up);
    let why = "late".to_owned();
    let late = Input::Tunnel { number: old, event: TunnelEvent::Disturbed(why) };
    assert_eq!(scene.does(late), vec![]);
    assert!(matches!(scene.model.stage, Stage::Active(_)));
}

#[test]
fn closing_the_window_before_anything_is_open_just_closes_it() {
    let mut scene = Scene::new();
    assert_eq!(scene.does(Input::Close(Wish::CloseWindow)), vec![Effect::Quit]);
}

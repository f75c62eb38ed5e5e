//! The clipboard, as the operator shares it.

use beckon_desk::clipboard::{ClipboardEvent, Kept, Shares, Sort};
use beckon_peer::{AgentMessage, Clip, ControlMessage, Why};

use super::*;
use crate::model::{Hands, Notice, Way};

const SENDS: Shares = Shares { sends: true, takes: false };
const BOTH: Shares = Shares { sends: true, takes: true };

fn clip() -> Clip {
    Clip::text("a word".to_owned()).unwrap()
}

fn allowed() -> ActionSet {
    view().with(Action::Clipboard)
}

fn copied() -> Input {
    Input::Clipboard(ClipboardEvent::Copied(clip()))
}

fn send(message: ControlMessage) -> Effect {
    Effect::Send(message)
}

#[test]
fn the_operator_chooses_the_directions_of_what_is_allowed() {
    let mut scene = Scene::active(view());
    assert_eq!(scene.does(Input::ShareClipboard(BOTH)), vec![], "it is not allowed");
    let mut scene = Scene::active(allowed());
    assert_eq!(scene.does(copied()), vec![], "neither direction is on at first");
    assert_eq!(scene.happens(TunnelEvent::Copied(clip())), vec![]);
    let begun = vec![
        Effect::ShareClipboard(SENDS),
        send(ControlMessage::StartAction(Action::Clipboard)),
        send(ControlMessage::ShareClipboard { out: true, back: false }),
    ];
    assert_eq!(scene.does(Input::ShareClipboard(SENDS)), begun);
    assert_eq!(scene.does(copied()), vec![Effect::SendClip(clip())]);
    assert_eq!(scene.happens(TunnelEvent::Copied(clip())), vec![], "that direction is off");
    scene.does(Input::ShareClipboard(BOTH));
    assert_eq!(scene.happens(TunnelEvent::Copied(clip())), vec![Effect::PutClip(clip())]);
    let ended = vec![
        Effect::ShareClipboard(Shares::NOTHING),
        send(ControlMessage::ShareClipboard { out: false, back: false }),
        send(ControlMessage::StopAction(Action::Clipboard)),
    ];
    assert_eq!(scene.does(Input::ShareClipboard(Shares::NOTHING)), ended);
    assert_eq!(scene.does(copied()), vec![]);
}

#[test]
fn a_late_answer_to_a_stop_does_not_undo_the_start_after_it() {
    let mut scene = Scene::active(allowed().with(Action::Control));
    for shares in [BOTH, Shares::NOTHING, BOTH] {
        scene.does(Input::ShareClipboard(shares));
    }
    for wanted in [false, true] {
        scene.does(if wanted { Input::TakeControl } else { Input::StopControl });
    }
    for action in [Action::Clipboard, Action::Control] {
        let stopped = AgentMessage::Stopped { action, why: Why::Finished };
        assert_eq!(scene.happens(TunnelEvent::Told(stopped)), vec![], "{action:?}");
    }
    let active = scene.model.active().unwrap().1;
    assert_eq!((active.hands, active.clipboard.wanted), (Hands::On, BOTH));
    assert!(active.notice.is_none());
    assert_eq!(scene.happens(TunnelEvent::Copied(clip())), vec![Effect::PutClip(clip())]);
}

#[test]
fn what_went_over_last_is_shown() {
    let mut scene = Scene::active(allowed());
    scene.does(Input::ShareClipboard(BOTH));
    scene.happens(TunnelEvent::ClipSent(Sort::of(&clip())));
    let last = |scene: &Scene| scene.model.active().unwrap().1.clipboard.last.unwrap();
    assert_eq!(last(&scene).way, Way::Sent);
    scene.does(Input::Clipboard(ClipboardEvent::Took(Sort::of(&clip()))));
    assert_eq!(last(&scene).way, Way::Got);
    scene.does(Input::Clipboard(ClipboardEvent::Kept(Kept::TooLarge)));
    let notice = scene.model.active().unwrap().1.notice.clone().unwrap().0;
    assert_eq!(notice, Notice::Kept(Kept::TooLarge));
}

#[test]
fn a_pause_a_break_and_the_end_user_stop_it() {
    let shared = || {
        let mut scene = Scene::active(allowed());
        scene.does(Input::ShareClipboard(BOTH));
        scene
    };
    let nothing = Effect::ShareClipboard(Shares::NOTHING);
    let mut scene = shared();
    let paused = scene.happens(TunnelEvent::Told(AgentMessage::Paused));
    assert_eq!(paused.first(), Some(&nothing));
    let goes_on = scene.happens(TunnelEvent::Told(AgentMessage::Continued));
    assert!(goes_on.contains(&Effect::ShareClipboard(BOTH)), "{goes_on:?}");
    let stopped = AgentMessage::Stopped { action: Action::Clipboard, why: Why::Withdrawn };
    for event in [TunnelEvent::Down, TunnelEvent::Told(stopped)] {
        let mut scene = shared();
        assert_eq!(scene.happens(event).first(), Some(&nothing));
        assert_eq!(scene.model.active().unwrap().1.clipboard.wanted, Shares::NOTHING);
        assert_eq!(scene.does(copied()), vec![]);
    }
}

use beckon_desk::clipboard::{ClipboardEvent, Kept, Shares, Sort};
use beckon_events::session::{Copied, Direction};
use beckon_peer::Clip;

use super::*;

const BOTH: Shares = Shares { sends: true, takes: true };

fn clip() -> Clip {
    Clip::text("a word".to_owned()).unwrap()
}

fn told(direction: Direction, bytes: u64) -> Effect {
    Effect::Say(AgentSays::ClipboardShared { direction, kind: Copied::Text, bytes })
}

/// The clipboard is shared in both directions.
fn shared() -> World {
    let mut world = World::active(&[Action::View, Action::Clipboard]);
    world.control(ControlMessage::StartAction(Action::Clipboard));
    world.control(ControlMessage::ShareClipboard { out: true, back: true });
    world
}

fn copied() -> Input {
    Input::Clipboard(ClipboardEvent::Copied(clip()))
}

#[test]
fn it_is_shared_only_once_it_is_allowed_started_and_wanted() {
    let mut world = World::active(&[Action::View]);
    let want = || ControlMessage::ShareClipboard { out: true, back: true };
    assert_eq!(world.control(want()), [], "it is not allowed");
    let mut world = World::active(&[Action::Clipboard]);
    assert_eq!(world.control(want()), [], "it is not started");
    let mut world = World::active(&[Action::Clipboard]);
    let effects = world.control(ControlMessage::StartAction(Action::Clipboard));
    let started = AgentSays::ActionStarted { action: Action::Clipboard };
    assert_eq!(effects, [Effect::Say(started)], "no direction is on at first");
    let out = ControlMessage::ShareClipboard { out: true, back: false };
    let takes = Shares { sends: false, takes: true };
    assert_eq!(world.control(out), [Effect::ShareClipboard(takes)]);
    assert_eq!(world.feed(copied()), [], "that direction is off");
    assert_eq!(world.link(Link::Clip(clip())), [Effect::PutClip(clip())]);
}

#[test]
fn what_goes_over_is_told_once_a_second_and_summed_up() {
    let mut world = shared();
    assert_eq!(world.feed(copied()), [Effect::SendClip(1, clip())]);
    let sort = Sort::of(&clip());
    let sent = world.link(Link::ClipSent(sort));
    assert_eq!(sent, [told(Direction::ToOperator, 6)]);
    assert_eq!(world.link(Link::ClipSent(sort)), []);
    assert_eq!(world.link(Link::ClipSent(sort)), []);
    assert_eq!(world.feed(Input::Clipboard(ClipboardEvent::Took(sort))), []);
    let mut said = world.after(1_000);
    said.extend(world.after(500));
    said.extend(world.after(600));
    assert_eq!(said, [told(Direction::ToUser, 6), told(Direction::ToOperator, 12)]);
}

#[test]
fn after_it_stops_nothing_goes_over_and_what_went_over_is_told() {
    let sort = Sort::of(&clip());
    let begun = || {
        let mut world = shared();
        world.link(Link::ClipSent(sort));
        world.link(Link::ClipSent(sort));
        world
    };
    let rest = told(Direction::ToOperator, 6);
    let mut world = begun();
    let effects = world.user(User::Withdraws(Action::Clipboard));
    assert_eq!(effects[0], Effect::ShareClipboard(Shares::NOTHING), "first of all it stops");
    assert_eq!(world.feed(copied()), []);
    assert_eq!(world.link(Link::Clip(clip())), [], "it was on its way");
    assert_eq!(world.after(1_000), std::slice::from_ref(&rest));
    world.after(1_000);
    let late = world.link(Link::ClipSent(sort));
    assert_eq!(late, std::slice::from_ref(&rest), "it was with the relay already");
    let mut world = begun();
    world.control(ControlMessage::StopAction(Action::Clipboard));
    assert_eq!(world.after(1_000), std::slice::from_ref(&rest));
    let mut world = begun();
    let effects = world.user(User::Ends);
    assert_eq!(effects[0], Effect::ShareClipboard(Shares::NOTHING), "first of all it stops");
    let at = |is: &dyn Fn(&Effect) -> bool| effects.iter().position(is);
    let (told, ended) = (
        at(&|effect| *effect == rest),
        at(&|effect| matches!(effect, Effect::Say(AgentSays::End { .. }))),
    );
    assert!(told.is_some() && told < ended, "{effects:?}");
}

#[test]
fn an_operator_who_leaves_keeps_nothing_out_of_the_log() {
    let sort = Sort::of(&clip());
    let mut world = shared();
    world.link(Link::ClipSent(sort));
    world.link(Link::ClipSent(sort));
    world.server(ToAgent::OperatorLeft {});
    assert_eq!(world.after(1_000), [told(Direction::ToOperator, 6)]);
}

#[test]
fn what_is_copied_without_end_in_one_direction_hides_nothing_in_the_other() {
    let sort = Sort::of(&clip());
    let mut world = shared();
    world.link(Link::ClipSent(sort));
    world.link(Link::ClipSent(sort));
    let mut said = Vec::new();
    for _ in 0..4 {
        world.feed(Input::Clipboard(ClipboardEvent::Took(sort)));
        said.extend(world.after(1_000));
    }
    assert!(said.contains(&told(Direction::ToOperator, 6)), "{said:?}");
    assert!(said.contains(&told(Direction::ToUser, 6)), "{said:?}");
}

#[test]
fn in_a_pause_it_is_not_shared_and_a_break_ends_it() {
    let mut world = shared();
    assert_eq!(world.user(User::Pauses)[0], Effect::ShareClipboard(Shares::NOTHING));
    assert_eq!(world.feed(copied()), []);
    assert_eq!(world.link(Link::Clip(clip())), []);
    assert_eq!(world.user(User::Continues).last(), Some(&Effect::ShareClipboard(BOTH)));
    world.link(Link::Broke);
    assert_eq!(world.active_now().clipboard, Shares::NOTHING);
}

#[test]
fn what_nobody_could_send_ends_the_session() {
    let mut world = World::active(&[Action::View]);
    let effects = world.link(Link::Clip(clip()));
    assert!(effects.contains(&Effect::Say(AgentSays::Disturbed {})), "{effects:?}");
}

#[test]
fn what_stays_here_is_said() {
    let mut world = shared();
    world.feed(Input::Clipboard(ClipboardEvent::Kept(Kept::TooLarge)));
    assert!(world.notice().contains("too large"));
}

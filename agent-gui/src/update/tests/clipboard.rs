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
    let effects = world.server(ToAgent::OperatorLeft {});
    assert!(effects.contains(&told(Direction::ToOperator, 6)), "{effects:?}");
    let late = world.feed(Input::Clipboard(ClipboardEvent::Took(sort)));
    let later = world.after(1_000);
    assert_eq!([late, later].concat(), [told(Direction::ToUser, 6)], "also what is heard later");
}

#[test]
fn what_went_over_is_told_before_a_disturbance_ends_the_session() {
    let sort = Sort::of(&clip());
    let mut world = shared();
    world.link(Link::ClipSent(sort));
    world.link(Link::ClipSent(sort));
    let effects = world.link(Link::Disturbed);
    let bytes = 6;
    let copied =
        AgentSays::ClipboardShared { direction: Direction::ToOperator, kind: Copied::Text, bytes };
    assert_eq!(said(&effects)[..2], [&copied, &AgentSays::Disturbed {}]);
}

#[test]
fn what_went_over_before_the_relay_broke_is_told_though_it_is_heard_later() {
    let sort = Sort::of(&clip());
    let mut world = shared();
    let link = world.session().link;
    world.link(Link::Broke);
    let late = world.feed(Input::Link(link, Link::ClipSent(sort)));
    assert_eq!(late, [told(Direction::ToOperator, 6)]);
    world.after(5_000);
    world.relay(who(7));
    let late = world.feed(Input::Link(link, Link::ClipSent(sort)));
    assert_eq!(late, [told(Direction::ToOperator, 6)], "another relay is there already");
}

#[test]
fn what_could_not_be_told_before_the_line_was_lost_is_told_when_it_is_back() {
    let sort = Sort::of(&clip());
    let mut world = shared();
    world.link(Link::ClipSent(sort));
    world.link(Link::ClipSent(sort));
    world.down();
    assert_eq!(world.after(2_000), []);
    let mut other = World { model: world.model.clone(), ..world };
    world.up();
    let back = world.server(ToAgent::Resumed {});
    let all = [back, world.after(100)].concat();
    assert_eq!(all.iter().filter(|one| **one == told(Direction::ToOperator, 6)).count(), 1);

    other.user(User::Ends);
    other.feed(Input::Clipboard(ClipboardEvent::Took(sort)));
    other.up();
    let effects = other.server(ToAgent::Resumed {});
    let all = said(&effects);
    let copied = |direction| AgentSays::ClipboardShared { direction, kind: Copied::Text, bytes: 6 };
    let before = [copied(Direction::ToUser), copied(Direction::ToOperator)];
    assert_eq!(all[..2], [&before[0], &before[1]]);
    assert!(matches!(all[2], AgentSays::End { .. }), "{all:?}");
}

#[test]
fn the_operator_s_own_stop_lets_what_is_halfway_arrive_and_the_user_s_does_not() {
    let nothing = Effect::ShareClipboard(Shares::NOTHING);
    let mut world = shared();
    let effects = world.control(ControlMessage::ShareClipboard { out: false, back: false });
    assert_eq!(effects, std::slice::from_ref(&nothing));
    let effects = world.control(ControlMessage::StopAction(Action::Clipboard));
    assert!(!effects.contains(&Effect::RecallClips), "{effects:?}");
    assert!(world.user(User::Withdraws(Action::Clipboard)).contains(&Effect::RecallClips));
    for stop in [User::Withdraws(Action::Clipboard), User::Pauses, User::Ends] {
        assert_eq!(shared().user(stop)[..2], [nothing.clone(), Effect::RecallClips]);
    }
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

use super::*;
use crate::outward::Tone;
use beckon_peer::{AgentMessage, Key, Press, Why};

fn stopped(action: Action, why: Why) -> Effect {
    Effect::Tell(AgentMessage::Stopped { action, why })
}

#[test]
fn control_does_nothing_before_it_has_started_and_only_what_is_granted() {
    let mut world = World::active(&[Action::View]);
    assert_eq!(world.control(typed()), []);
    let effects = world.control(ControlMessage::StartAction(Action::Control));
    assert_eq!(effects, [stopped(Action::Control, Why::NotGranted)]);
    assert_eq!(world.control(typed()), []);
    let mut world = World::active(&[Action::Control]);
    assert_eq!(world.control(typed()), [], "granted, but not started");
    let effects = world.control(ControlMessage::StartAction(Action::Control));
    assert_eq!(
        effects,
        [
            Effect::Say(AgentSays::ActionStarted { action: Action::View }),
            Effect::Say(AgentSays::ActionStarted { action: Action::Control }),
            Effect::TakeHands,
            Effect::StartPictures(1),
            Effect::Border(Some(Tone::Used)),
        ]
    );
    let effects = world.control(typed());
    assert!(matches!(effects[..], [Effect::Inject(InputEvent::Text(_))]), "{effects:?}");
}

#[test]
fn viewing_has_another_border_than_control() {
    let mut world = World::active(&[Action::Control]);
    let effects = world.control(ControlMessage::StartAction(Action::View));
    assert!(effects.contains(&Effect::Border(Some(Tone::Seen))));
    world.control(ControlMessage::StartAction(Action::Control));
    let effects = world.control(ControlMessage::StopAction(Action::Control));
    assert_eq!(
        effects,
        [
            Effect::ReleaseHands,
            stopped(Action::Control, Why::Finished),
            Effect::Say(AgentSays::ActionStopped { action: Action::Control }),
            Effect::Border(Some(Tone::Seen)),
        ]
    );
}

#[test]
fn what_this_version_cannot_do_is_said() {
    let mut world = World::active(&[Action::Chat]);
    let effects = world.control(ControlMessage::StartAction(Action::Chat));
    assert_eq!(effects, [stopped(Action::Chat, Why::Unavailable)]);
}

#[test]
fn pictures_are_chosen_and_acknowledged_only_while_the_screen_is_seen() {
    let mut world = World::active(&[Action::View]);
    assert_eq!(world.control(ControlMessage::RequestFullPicture), []);
    world.control(ControlMessage::StartAction(Action::View));
    assert_eq!(world.control(ControlMessage::RequestFullPicture), [Effect::FullPicture]);
    assert_eq!(world.control(ControlMessage::SelectMonitor(3)), [Effect::ShowMonitor(3)]);
    assert_eq!(world.control(ControlMessage::Ack { update: 1 }), [Effect::Acked(1)]);
    let pong = Effect::Pong(9);
    assert_eq!(world.control(ControlMessage::Ping { nonce: 9 }), [pong]);
}

#[test]
fn withdrawing_is_local_first_and_lasts() {
    let mut world = World::controlled();
    let effects = world.user(User::Withdraws(Action::Control));
    assert_eq!(effects[0], Effect::ReleaseHands);
    assert_eq!(effects[1], stopped(Action::Control, Why::Withdrawn));
    let [AgentSays::Withdraw { statement }] = said(&effects)[..] else { panic!() };
    let grant = world.grant(statement);
    assert_eq!((grant.n, grant.actions), (2, set(&[Action::View])));
    assert_eq!(world.control(typed()), []);
    let effects = world.control(ControlMessage::StartAction(Action::Control));
    assert_eq!(effects, [stopped(Action::Control, Why::NotGranted)]);
    let effects = world.user(User::Withdraws(Action::View));
    assert_eq!(effects[..2], [Effect::StopPictures, Effect::Border(None)]);
    assert_eq!(world.user(User::Withdraws(Action::View)), [], "there is nothing left");
}

#[test]
fn a_pause_stops_everything_and_goes_on_with_a_new_picture() {
    let mut world = World::controlled();
    let effects = world.user(User::Pauses);
    assert_eq!(
        effects,
        [
            Effect::ReleaseHands,
            Effect::StopPictures,
            Effect::Border(None),
            Effect::Tell(AgentMessage::Paused),
            Effect::Say(AgentSays::Pause {}),
        ]
    );
    assert_eq!(world.control(typed()), []);
    assert_eq!(world.user(User::Pauses), []);
    let effects = world.user(User::Continues);
    assert!(effects.contains(&Effect::StartPictures(1)) && effects.contains(&Effect::TakeHands));
}

#[test]
fn no_input_while_a_question_is_open_and_shortly_after() {
    let mut world = World::controlled();
    let effects = world.user(User::AsksToEnd);
    assert_eq!(effects, [Effect::ReleaseHands]);
    assert_eq!(world.control(typed()), []);
    world.user(User::Stays);
    world.later(299);
    assert_eq!(world.control(typed()), []);
    world.later(1);
    let effects = world.control(typed());
    assert_eq!(effects[0], Effect::TakeHands, "before anything is carried out");
    assert!(matches!(effects[1..], [Effect::Inject(_)]));
    let effects = world.server(ToAgent::ExtensionAsked { actions: set(&[Action::Chat]) });
    assert_eq!(effects, [Effect::ReleaseHands]);
}

#[test]
fn more_is_granted_with_one_click_once_it_is_recorded() {
    let mut world = World::active(&[Action::View]);
    world.server(ToAgent::ExtensionAsked { actions: set(&[Action::Control]) });
    assert_eq!(world.user(User::Allows), [], "not before a second is over");
    world.after(1_000);
    let effects = world.user(User::Allows);
    let [AgentSays::Extend { statement }] = said(&effects)[..] else { panic!() };
    let grant = world.grant(statement);
    assert_eq!((grant.n, grant.actions), (2, set(&[Action::Control])));
    let effects = world.control(ControlMessage::StartAction(Action::Control));
    assert_eq!(effects, [stopped(Action::Control, Why::NotGranted)]);
    world.server(ToAgent::Recorded { n: 2 });
    let effects = world.control(ControlMessage::StartAction(Action::Control));
    assert_eq!(said(&effects).len(), 2);
}

#[test]
fn more_can_be_refused() {
    let mut world = World::active(&[Action::View]);
    world.server(ToAgent::ExtensionAsked { actions: set(&[Action::Control]) });
    let effects = world.user(User::Refuses);
    assert_eq!(effects, [Effect::Say(AgentSays::RefuseExtension {})]);
    let effects = world.server(ToAgent::ExtensionAsked { actions: set(&[Action::Camera]) });
    assert_eq!(effects, [Effect::Say(AgentSays::RefuseExtension {})], "the policy forbids it");
}

#[test]
fn a_grant_ends_with_its_time() {
    let mut world = World::controlled();
    let until = world.session().gate.grant().unwrap().until;
    let left = until.since(world.now.at).as_millis();
    world.later(u64::try_from(left).unwrap());
    let effects = world.feed(Input::Passed);
    assert_eq!(effects, [Effect::ReleaseHands, Effect::StopPictures, Effect::Border(None)]);
    assert_eq!(world.control(typed()), []);
}

#[test]
fn a_disturbed_channel_ends_the_session() {
    let mut world = World::controlled();
    let effects = world.link(Link::Disturbed);
    assert_eq!(effects[0], Effect::ReleaseHands);
    assert!(said(&effects).contains(&&AgentSays::Disturbed {}));
    assert!(matches!(world.model.stage, Stage::Over(_)));
}

#[test]
fn what_an_older_relay_says_is_ignored() {
    let mut world = World::controlled();
    let key = InputEvent::Key { key: Key::Enter, press: Press::Down };
    let late = Input::Link(0, Link::Message(ControlMessage::Input(key)));
    assert_eq!(world.feed(late), []);
}

#[test]
fn a_screen_that_cannot_be_shown_ends_control_too() {
    let mut world = World::controlled();
    let effects = world.feed(Input::NoPictures("the system refuses".into()));
    assert!(effects.contains(&stopped(Action::View, Why::Unavailable)));
    assert!(effects.contains(&stopped(Action::Control, Why::Unavailable)));
    assert_eq!(world.notice(), "Your screen cannot be shown: the system refuses.");
}

#[test]
fn control_alone_fills_no_log_by_turning_something_on_and_off() {
    let mut world = World::active(&[Action::Control]);
    let toggle = |world: &mut World| {
        let mut all = world.control(ControlMessage::StartAction(Action::View));
        all.extend(world.control(ControlMessage::StopAction(Action::View)));
        said(&all).len()
    };
    let at_once: usize = (0..500).map(|_| toggle(&mut world)).sum();
    assert_eq!(at_once, 2 * 6);
    let refused = world.control(ControlMessage::StartAction(Action::View));
    assert_eq!(refused, [stopped(Action::View, Why::Unavailable)]);
    world.after(10_000);
    assert_eq!(toggle(&mut world), 2, "after a while it may again");
    let mut slowly = 2 * 7;
    for _ in 0..300 {
        world.after(2_000);
        slowly += toggle(&mut world);
    }
    assert_eq!(slowly, 2 * 100, "not for ever");
}

#[test]
fn what_a_broken_channel_stops_may_begin_again_each_time() {
    let mut world = World::active(&[Action::Control]);
    for _ in 0..150 {
        let began = world.control(ControlMessage::StartAction(Action::View));
        assert_eq!(said(&began), [&AgentSays::ActionStarted { action: Action::View }]);
        world.link(Link::Broke);
        world.after(5_000);
        world.relay(who(7));
    }
}

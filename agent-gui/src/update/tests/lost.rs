//! What was said on a connection that was dead already.

use super::*;
use crate::model::Told;

/// The line breaks and comes back; nothing of what was said before has arrived.
fn comes_back(world: &mut World) -> Vec<Effect> {
    world.down();
    world.up();
    world.server(ToAgent::Resumed {})
}

#[test]
fn a_withdrawal_that_got_lost_is_said_again_until_the_server_knows_it() {
    let mut world = World::controlled();
    world.user(User::Withdraws(Action::Control));
    assert_eq!(said(&comes_back(&mut world)).len(), 0);
    let effects = world.server(ToAgent::Recorded { n: 1 });
    let [AgentSays::Withdraw { statement }] = said(&effects)[..] else { panic!("{effects:?}") };
    let grant = world.grant(statement);
    assert_eq!((grant.n, grant.actions), (2, set(&[Action::View])));
    assert_eq!(world.server(ToAgent::Recorded { n: 2 }), [], "it knows");
}

#[test]
fn a_withdrawal_is_kept_however_often_the_user_pauses_without_a_line() {
    let mut world = World::controlled();
    world.down();
    for _ in 0..20 {
        world.user(User::Pauses);
        world.user(User::Continues);
    }
    world.user(User::Withdraws(Action::Control));
    world.up();
    let effects = world.server(ToAgent::Resumed {});
    let [AgentSays::Withdraw { .. }, AgentSays::Continue {}] = said(&effects)[..] else {
        panic!("{effects:?}")
    };
}

#[test]
fn a_pause_that_got_lost_is_said_again() {
    let mut world = World::controlled();
    world.user(User::Pauses);
    assert_eq!(said(&comes_back(&mut world)), [&AgentSays::Pause {}]);
}

#[test]
fn more_that_was_allowed_and_got_lost_is_said_again_and_not_asked_again() {
    let mut world = World::active(&[Action::View]);
    let more = ToAgent::ExtensionAsked { actions: set(&[Action::Control]) };
    world.server(more.clone());
    world.after(1_000);
    world.user(User::Allows);
    comes_back(&mut world);
    let effects = world.server(ToAgent::Recorded { n: 1 });
    assert!(matches!(said(&effects)[..], [AgentSays::Extend { .. }]), "{effects:?}");
    assert_eq!(world.server(more), []);
    assert!(!world.session().has_dialog());
    world.server(ToAgent::Recorded { n: 2 });
    let now = world.now.at;
    assert!(world.session().gate.allows(Action::Control, now));
}

#[test]
fn more_that_was_given_up_and_recorded_after_all_is_taken_back() {
    let mut world = World::active(&[Action::View]);
    world.server(ToAgent::ExtensionAsked { actions: set(&[Action::Control]) });
    world.after(1_000);
    world.user(User::Allows);
    world.after(5_000);
    let effects = world.server(ToAgent::Recorded { n: 2 });
    let [AgentSays::Withdraw { statement }] = said(&effects)[..] else { panic!("{effects:?}") };
    let grant = world.grant(statement);
    assert_eq!((grant.n, grant.actions), (3, set(&[Action::View])));
}

#[test]
fn a_question_that_was_on_the_screen_is_not_answered_by_the_break() {
    let mut world = World::active(&[Action::View]);
    world.server(ToAgent::ExtensionAsked { actions: set(&[Action::Control]) });
    assert_eq!(said(&comes_back(&mut world)).len(), 0);
    world.server(ToAgent::ExtensionAsked { actions: set(&[Action::Control]) });
    assert!(world.session().has_dialog());
}

#[test]
fn an_answer_that_got_lost_is_given_again_without_asking() {
    for yes in [true, false] {
        let mut world = World::asked(&[Action::View]);
        let effects = world.user(if yes { User::Approves } else { User::Rejects });
        let answer = said(&effects).first().copied().cloned().expect("an answer");
        comes_back(&mut world);
        let effects = world.server(asked(1, &[Action::View]));
        assert_eq!(said(&effects), [&answer]);
        assert!(!world.session().has_dialog());
        world.server(ToAgent::Recorded { n: 1 });
        assert_eq!(world.session().active().is_some(), yes);
    }
}

#[test]
fn a_yes_that_was_given_up_is_asked_for_again() {
    let mut world = World::asked(&[Action::View]);
    world.user(User::Approves);
    world.after(5_000);
    comes_back(&mut world);
    world.ask(1, &[Action::View]);
    assert!(world.session().has_dialog());
}

#[test]
fn who_has_left_is_not_news_to_somebody_who_waits() {
    let mut world = World::asked(&[Action::View]);
    world.user(User::Rejects);
    comes_back(&mut world);
    let before = world.notice();
    assert_eq!(world.server(ToAgent::OperatorLeft {}), []);
    assert_eq!(world.notice(), before);
}

#[test]
fn end_and_removal_are_said_every_second_until_they_are_recorded() {
    let mut world = World::controlled();
    world.user(User::Ends);
    let removal = crate::model::Removal::default();
    world.feed(Input::Removed(removal));
    world.server(ToAgent::NotRecorded { why: "the disk is full".into() });
    for _ in 0..2 {
        let effects = world.after(1_000);
        let [AgentSays::End { .. }, AgentSays::Removed { .. }] = said(&effects)[..] else {
            panic!("{effects:?}")
        };
        assert_eq!(world.after(500), []);
    }
    world.server(ToAgent::RemovalRecorded {});
    assert_eq!(said(&world.after(1_000)).len(), 0);
    let Stage::Over(over) = &world.model.stage else { panic!() };
    assert_eq!(over.told, Told::Yes);
}

#[test]
fn an_end_that_got_lost_is_said_again() {
    let mut world = World::controlled();
    world.user(User::Ends);
    let effects = comes_back(&mut world);
    assert!(matches!(said(&effects)[..], [AgentSays::End { .. }]), "{effects:?}");
}

#[test]
fn what_control_asked_for_early_does_not_outlive_its_channel() {
    let mut world = World::asked(&[Action::Control]);
    world.user(User::Approves);
    world.control(ControlMessage::StartAction(Action::View));
    world.link(Link::Broke);
    let effects = world.server(ToAgent::Recorded { n: 1 });
    assert_eq!(said(&effects).len(), 0, "{effects:?}");
    assert!(world.active_now().running.is_empty());
}

#[test]
fn grants_count_by_the_server_s_time_whatever_this_computer_s_clock_says() {
    let days = Duration::from_hours(24 * 100);
    let mut world = World::new();
    world.server_time = world.now.at.plus(days);
    let mut world = World::joined_in(world);
    world.later(60_000);
    world.server(asked(1, &[Action::View]));
    let effects = world.server(ToAgent::Relay { ticket: "t".into() });
    let [Effect::OpenRelay(terms)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(terms.now.at, world.now.at.plus(days), "certificates are checked by it too");
    world.link(Link::Answered);
    world.link(Link::Verified(who(7)));
    world.after(1_000);
    let effects = world.user(User::Approves);
    let [AgentSays::Approve { statement, .. }] = said(&effects)[..] else { panic!() };
    let until = world.grant(statement).until;
    let left = until.since(world.now.at.plus(days));
    assert!(left > Duration::from_hours(11) && left <= Duration::from_hours(12), "{left:?}");
    world.server(ToAgent::Recorded { n: 1 });
    let effects = world.control(ControlMessage::StartAction(Action::View));
    assert!(effects.contains(&Effect::StartPictures(1)), "{effects:?}");
    // The user puts the clock right: that is no reason to stop.
    world.now.at = world.now.at.plus(days);
    assert_eq!(world.after(100), []);
}

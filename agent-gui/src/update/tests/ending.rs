use super::*;
use crate::model::{Fate, How, Over, Removal, Told};
use beckon_events::session::{EndReason, EndedBy, Fact, Said};
use beckon_events::{Committed, Salt};

fn over(world: &World) -> &Over {
    match &world.model.stage {
        Stage::Over(over) => over,
        other => panic!("not over but {other:?}"),
    }
}

fn removal() -> Removal {
    let ticket = Committed { salt: Salt([3; 16]), value: "/tmp/a".into() };
    Removal { removed: vec![ticket], left: vec![], program: Fate::Gone }
}

fn fact(world: &World, statement: &Statement) -> Fact {
    Said::open(statement, &world.model.identity.ed25519_public(), session()).unwrap()
}

#[test]
fn the_end_is_local_first_and_signed() {
    let mut world = World::controlled();
    world.user(User::AsksToEnd);
    let effects = world.user(User::Ends);
    let server = "localhost:8080".parse().unwrap();
    let [
        Effect::StopPictures,
        Effect::Border(None),
        Effect::CloseRelay,
        Effect::Say(end),
        Effect::Remove(at),
    ] = &effects[..]
    else {
        panic!("{effects:?}")
    };
    assert_eq!(at, &server);
    let AgentSays::End { statement } = end else { panic!("{end:?}") };
    assert_eq!(fact(&world, statement), Fact::Ended);
    let page = over(&world);
    assert_eq!(page.used, set(&[Action::Control]));
    assert_eq!(page.helper.as_ref().unwrap().name, "Bo Operator");
}

#[test]
fn what_was_removed_is_told_and_confirmed() {
    let mut world = World::joined();
    world.user(User::Ends);
    let effects = world.feed(Input::Removed(removal()));
    let [AgentSays::Removed { removed, left, statement }] = said(&effects)[..] else { panic!() };
    assert_eq!((removed, left), (&removal().removed, &vec![]));
    assert_eq!(fact(&world, statement), Fact::removal(&removal().removed, &[]));
    assert_eq!(world.recorded(), [Effect::Disconnect]);
    assert_eq!(over(&world).told, Told::Yes);
    assert_eq!(world.user(User::Closes), [Effect::Exit]);
}

#[test]
fn a_removal_that_the_server_does_not_record_is_said_once_and_not_repeated() {
    let mut world = World::joined();
    world.user(User::Ends);
    world.feed(Input::Removed(removal()));
    world.server(ToAgent::Ended { by: EndedBy::User, why: EndReason::Asked });
    let why = "the session has had its removal".to_owned();
    world.server(ToAgent::NotRecorded { why: why.clone() });
    assert_eq!((over(&world).told, &over(&world).refused), (Told::No, &Some(why.clone())));
    assert_eq!(said(&world.after(1_000)).len(), 0, "not again");
    assert!(!over(&world).settled, "the receipt is still waited for");
    assert!(crate::text::not_recorded(&why).starts_with("The server could not record it: "));

    let mut world = World::joined();
    world.user(User::Ends);
    world.server(ToAgent::Ended { by: EndedBy::User, why: EndReason::Asked });
    world.receipt();
    world.feed(Input::Removed(removal()));
    world.server(ToAgent::NotRecorded { why });
    assert_eq!(over(&world).told, Told::Trying, "that was the signature");
    world.server(ToAgent::RemovalRecorded {});
    assert_eq!((over(&world).told, &over(&world).refused), (Told::Yes, &None));
}

#[test]
fn a_server_that_is_away_is_tried_for_five_seconds() {
    let mut world = World::joined();
    world.down();
    let effects = world.user(User::Ends);
    assert_eq!(said(&effects).len(), 0);
    world.feed(Input::Removed(removal()));
    world.user(User::Closes);
    world.after(4_999);
    assert_eq!(over(&world).told, Told::Trying);
    let effects = world.after(1);
    assert_eq!(effects, [Effect::Disconnect, Effect::Exit], "the window was to be closed");
    let mut world = World::joined();
    world.down();
    world.user(User::Ends);
    world.feed(Input::Removed(removal()));
    world.up();
    let effects = world.server(ToAgent::Resumed {});
    assert!(matches!(said(&effects)[..], [AgentSays::End { .. }, AgentSays::Removed { .. }]));
}

#[test]
fn whoever_ends_it_nothing_goes_on() {
    for (by, why) in [
        (EndedBy::Portal, EndReason::Asked),
        (EndedBy::Control, EndReason::Asked),
        (EndedBy::Policy, EndReason::AgentLost),
    ] {
        let mut world = World::controlled();
        let effects = world.server(ToAgent::Ended { by, why });
        assert_eq!(effects[..2], [Effect::ReleaseHands, Effect::StopPictures]);
        assert!(said(&effects).is_empty(), "the server knows");
        assert_eq!(over(&world).how, How::Ended { by, why });
    }
}

#[test]
fn an_expired_session_closes_after_a_moment() {
    let mut world = World::joined();
    world.server(ToAgent::Expired {});
    world.feed(Input::Removed(removal()));
    world.recorded();
    assert_eq!(world.after(29_999), []);
    assert_eq!(world.after(1), [Effect::Exit]);
}

#[test]
fn a_signal_ends_the_session_properly_and_then_the_program() {
    let mut world = World::controlled();
    let effects = world.feed(Input::Terminated);
    assert!(matches!(said(&effects)[..], [AgentSays::End { .. }]));
    world.feed(Input::Removed(removal()));
    assert_eq!(world.recorded(), [Effect::Disconnect, Effect::Exit]);
}

#[test]
fn closing_the_window_asks_once() {
    let mut world = World::joined();
    world.user(User::Closes);
    assert!(world.session().asks_end);
    world.user(User::Stays);
    assert!(!world.session().asks_end);
}

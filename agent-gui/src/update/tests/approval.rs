use super::*;
use crate::model::{Channel, Phase};
use crate::text;

#[test]
fn the_dialog_comes_only_when_the_channel_has_said_who_asks() {
    let mut world = World::joined();
    assert_eq!(world.server(asked(1, &[Action::View])), []);
    assert!(!world.session().has_dialog());
    let effects = world.server(ToAgent::Relay { ticket: "t".into() });
    let [Effect::OpenRelay(terms)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((terms.link, terms.pinned, &*terms.ticket), (1, None, "t"));
    world.link(Link::Verified(who(7)));
    let Phase::Asked(request) = &world.session().phase else { panic!() };
    let dialog = request.dialog.as_ref().unwrap();
    assert_eq!((&dialog.who, dialog.ticked), (&who(7), set(&[Action::View])));
}

#[test]
fn approval_signs_a_grant_for_this_operator_and_nothing_starts_before_it_is_recorded() {
    let mut world = World::asked(&[Action::Control]);
    let effects = world.user(User::Approves);
    let [AgentSays::Approve { request: 1, statement }] = said(&effects)[..] else { panic!() };
    let grant = world.grant(statement);
    assert_eq!((grant.n, grant.actions), (1, set(&[Action::Control])));
    assert_eq!((grant.operator, grant.control), (who(7).operator, who(7).keys.ed25519));
    assert!(grant.until.since(world.now.at) <= Duration::from_hours(12));
    assert_eq!(world.control(ControlMessage::StartAction(Action::View)), [], "it is early");
    assert_eq!(world.control(typed()), []);
    let effects = world.server(ToAgent::Recorded { n: 2 });
    assert_eq!(effects, [], "another grant");
    let effects = world.server(ToAgent::Recorded { n: 1 });
    let started = AgentSays::ActionStarted { action: Action::View };
    assert_eq!(said(&effects), [&started], "what was early counts now");
    assert!(effects.contains(&Effect::StartPictures(1)), "{effects:?}");
}

#[test]
fn yes_counts_only_after_a_second() {
    let mut world = World::joined();
    world.ask(1, &[Action::View]);
    world.after(999);
    assert_eq!(world.user(User::Approves), []);
    world.after(1);
    assert_eq!(said(&world.user(User::Approves)).len(), 1);
}

#[test]
fn approval_without_a_tick_is_a_rejection() {
    let mut world = World::asked(&[Action::Control]);
    world.user(User::Ticks(Action::View));
    let effects = world.user(User::Approves);
    assert_eq!(said(&effects), [&AgentSays::Reject { request: 1 }]);
    assert_eq!(world.notice(), text::REJECTED);
}

#[test]
fn a_tick_that_was_taken_away_is_not_granted_and_none_can_be_added() {
    let mut world = World::asked(&[Action::Control]);
    world.user(User::Ticks(Action::Control));
    world.user(User::Ticks(Action::Chat));
    let effects = world.user(User::Approves);
    let [AgentSays::Approve { statement, .. }] = said(&effects)[..] else { panic!() };
    assert_eq!(world.grant(statement).actions, set(&[Action::View]));
}

#[test]
fn rejection_closes_the_channel() {
    let mut world = World::asked(&[Action::View]);
    let effects = world.user(User::Rejects);
    assert_eq!(effects, [Effect::Say(AgentSays::Reject { request: 1 }), Effect::CloseRelay]);
    assert_eq!(world.session().channel, Channel::Closed);
}

#[test]
fn dialogs_close_with_a_word_about_why() {
    for (message, notice) in [
        (ToAgent::Withdrawn { request: 1 }, "Bo Operator has withdrawn the request."),
        (ToAgent::Lapsed { request: 1 }, text::LAPSED),
    ] {
        let mut world = World::asked(&[Action::View]);
        assert_eq!(world.server(message), [Effect::CloseRelay]);
        assert_eq!(world.notice(), notice);
        assert!(!world.session().has_dialog());
    }
    let mut world = World::asked(&[Action::View]);
    world.after(59_000);
    assert_eq!(world.notice(), text::LAPSED, "also when the server does not say so");
    let mut world = World::asked(&[Action::View]);
    assert_eq!(world.server(ToAgent::Lapsed { request: 2 }), [], "another request");
}

#[test]
fn without_a_confirmation_in_five_seconds_nothing_starts_and_a_late_one_is_taken_back() {
    let mut world = World::asked(&[Action::View]);
    world.user(User::Approves);
    world.after(4_999);
    assert_eq!(world.notice(), "");
    world.after(1);
    assert_eq!(world.notice(), text::NOT_RECORDED);
    let effects = world.server(ToAgent::Recorded { n: 1 });
    let [AgentSays::Withdraw { statement }] = said(&effects)[..] else { panic!("{effects:?}") };
    let grant = world.grant(statement);
    assert_eq!((grant.n, grant.actions), (2, ActionSet::EMPTY));
    world.relay(who(7));
    let effects = world.control(ControlMessage::StartAction(Action::View));
    assert!(matches!(effects[..], [Effect::Tell(_)]), "{effects:?}");
}

#[test]
fn an_approval_that_the_server_refuses_starts_nothing() {
    let mut world = World::asked(&[Action::View]);
    world.user(User::Approves);
    world.server(ToAgent::NotRecorded { why: "too late".into() });
    assert_eq!(world.notice(), text::NOT_RECORDED);
    assert!(world.session().gate.grant().is_none());
}

#[test]
fn what_the_policy_does_not_allow_is_not_even_asked() {
    let mut world = World::joined();
    let effects = world.server(asked(1, &[Action::Camera]));
    assert_eq!(said(&effects), [&AgentSays::Reject { request: 1 }]);
    world.ask(2, &[Action::View, Action::Camera]);
    let Phase::Asked(request) = &world.session().phase else { panic!() };
    assert_eq!(request.actions, set(&[Action::View]));
}

#[test]
fn whoever_cannot_prove_who_they_are_is_turned_down() {
    let mut world = World::joined();
    world.server(asked(1, &[Action::View]));
    world.server(ToAgent::Relay { ticket: "t".into() });
    let effects = world.link(Link::NotVerified("the other side is not who it was".into()));
    assert_eq!(said(&effects), [&AgentSays::Reject { request: 1 }]);
    assert_eq!(world.notice(), "A request was turned down: the other side is not who it was.");
}

#[test]
fn a_fourth_unfinished_handshake_in_a_row_ends_the_session() {
    let mut world = World::joined();
    for request in 1..=4 {
        world.server(asked(request, &[Action::View]));
        world.server(ToAgent::Relay { ticket: "t".into() });
        let effects = world.link(Link::Answered);
        let ended = matches!(world.model.stage, Stage::Over(_));
        assert_eq!(ended, request == 4);
        assert_eq!(said(&effects).contains(&&AgentSays::Disturbed {}), request == 4);
        if !ended {
            world.server(ToAgent::Withdrawn { request });
        }
    }
}

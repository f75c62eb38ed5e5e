use super::*;
use crate::model::{Channel, Phase};
use crate::text;

fn continued(request: u32, actions: &[Action]) -> ToAgent {
    match asked(request, actions) {
        ToAgent::Asked { policy, certificate, actions, lapse_seconds, .. } => {
            ToAgent::Asked { request, policy, certificate, actions, continues: true, lapse_seconds }
        }
        other => other,
    }
}

fn continues(world: &mut World) -> bool {
    let Phase::Asked(request) = &world.session().phase else { panic!() };
    request.dialog.as_ref().unwrap().continues
}

#[test]
fn a_broken_line_releases_everything_at_once() {
    let mut world = World::controlled();
    let effects = world.down();
    assert_eq!(
        effects,
        [Effect::ReleaseHands, Effect::StopPictures, Effect::Border(None), Effect::CloseRelay,]
    );
    let effects = world.up();
    assert!(matches!(said(&effects)[..], [AgentSays::Resume { .. }]));
}

#[test]
fn within_a_minute_the_same_control_goes_on_when_it_asks() {
    for gap in [1_000, 29_000, 60_000] {
        let mut world = World::controlled();
        world.down();
        world.after(gap);
        world.up();
        assert_eq!(world.server(ToAgent::Resumed {}), []);
        let effects = world.server(ToAgent::Relay { ticket: "t".into() });
        let [Effect::OpenRelay(terms)] = &effects[..] else { panic!("{effects:?}") };
        assert_eq!(terms.pinned, Some(who(7).keys), "nobody else");
        assert_eq!(world.link(Link::Verified(who(7))), [], "Control has to ask");
        let effects = world.control(ControlMessage::StartAction(Action::Control));
        assert!(effects.contains(&Effect::StartPictures(2)), "after {gap} ms: {effects:?}");
    }
}

#[test]
fn after_more_than_a_minute_nothing_comes_back_by_itself() {
    let mut world = World::controlled();
    world.down();
    world.after(60_001);
    world.up();
    let effects = world.server(ToAgent::Resumed {});
    let [AgentSays::Withdraw { statement }] = said(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!(world.grant(statement).actions, ActionSet::EMPTY);
    assert_eq!(world.notice(), text::GONE_TOO_LONG);
    world.relay(who(7));
    let effects = world.control(ControlMessage::StartAction(Action::View));
    assert_eq!(said(&effects).len(), 0, "{effects:?}");
}

#[test]
fn a_gap_that_nobody_noticed_counts_too() {
    let mut world = World::controlled();
    world.link(Link::Broke);
    // The computer slept: no tick came.
    world.later(300_000);
    world.server(ToAgent::Relay { ticket: "t".into() });
    let effects = world.link(Link::Verified(who(7)));
    assert!(matches!(said(&effects)[..], [AgentSays::Withdraw { .. }]), "{effects:?}");
    let effects = world.control(ControlMessage::StartAction(Action::View));
    assert_eq!(said(&effects).len(), 0);
}

#[test]
fn a_broken_relay_is_asked_for_again_but_not_all_the_time() {
    let mut world = World::controlled();
    world.later(10_000);
    let effects = world.link(Link::Broke);
    assert!(said(&effects).contains(&&AgentSays::RelayWanted {}));
    assert_eq!(world.after(100), []);
    assert_eq!(said(&world.after(5_000)), [&AgentSays::RelayWanted {}]);
    world.server(ToAgent::Relay { ticket: "t".into() });
    assert_eq!(world.session().channel, Channel::Opening);
    assert_eq!(world.after(6_000), [], "one is on its way");
}

#[test]
fn who_left_can_be_continued_with_by_one_click_within_five_minutes() {
    for (minutes, key, asks, expected) in [
        (1, 7, Action::Control, true),
        (5, 7, Action::Control, false),
        (1, 9, Action::Control, false),
        (1, 7, Action::Chat, false),
    ] {
        let mut world = World::controlled();
        let effects = world.server(ToAgent::OperatorLeft {});
        assert!(effects.contains(&Effect::ReleaseHands));
        assert_eq!(world.notice(), "Bo Operator has left. Nothing is shared.");
        assert!(world.session().gate.grant().is_none());
        world.after(minutes * 60_000);
        world.server(continued(2, &[asks]));
        world.relay(who(key));
        assert_eq!(continues(&mut world), expected, "{minutes} {key} {asks:?}");
    }
}

#[test]
fn a_continued_grant_is_a_new_one_and_the_server_s_word_is_not_enough() {
    let mut world = World::controlled();
    world.server(ToAgent::OperatorLeft {});
    world.server(continued(2, &[Action::View]));
    world.relay(who(7));
    world.after(1_000);
    let effects = world.user(User::Approves);
    let [AgentSays::Approve { request: 2, statement }] = said(&effects)[..] else { panic!() };
    assert_eq!(world.grant(statement).n, 2);
    let mut world = World::joined();
    world.server(continued(1, &[Action::View]));
    world.relay(who(7));
    assert!(!continues(&mut world), "nothing was suspended");
}

#[test]
fn any_other_request_ends_what_was_suspended() {
    let mut world = World::controlled();
    world.server(ToAgent::OperatorLeft {});
    world.ask(2, &[Action::View]);
    world.server(ToAgent::Withdrawn { request: 2 });
    world.server(continued(3, &[Action::View]));
    world.relay(who(7));
    assert!(!continues(&mut world));
}

#[test]
fn what_the_user_does_while_the_line_is_away_is_said_when_it_is_back() {
    let mut world = World::controlled();
    world.down();
    world.user(User::Pauses);
    let effects = world.user(User::Withdraws(Action::Control));
    assert_eq!(said(&effects).len(), 0);
    world.up();
    let effects = world.server(ToAgent::Resumed {});
    assert!(matches!(said(&effects)[..], [AgentSays::Withdraw { .. }, AgentSays::Pause {}]));
    assert!(world.active_now().paused);
}

#[test]
fn questions_leave_the_screen_while_nobody_can_hear_the_answer() {
    let mut world = World::asked(&[Action::View]);
    world.down();
    assert!(!world.session().has_dialog());
    world.up();
    world.server(ToAgent::Resumed {});
    world.ask(1, &[Action::View]);
    assert!(world.session().has_dialog(), "it is asked again");
}

#[test]
fn an_approval_whose_confirmation_was_lost_is_taken_back() {
    let mut world = World::asked(&[Action::View]);
    world.user(User::Approves);
    world.down();
    world.after(5_000);
    world.up();
    world.server(ToAgent::Resumed {});
    let effects = world.server(ToAgent::Relay { ticket: "t".into() });
    assert!(matches!(said(&effects)[..], [AgentSays::Withdraw { .. }]), "{effects:?}");
    assert!(world.active_now().running.is_empty());
}

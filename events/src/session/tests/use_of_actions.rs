//! What the operator does once in.

use super::*;

#[test]
fn the_holder_of_the_grant_connects_and_nobody_else() {
    let connect = |operator, control| Command::Connect { operator, control };
    let events = active().decide(connect(ANA, keys(5))).unwrap();
    let expected = Event::OperatorConnected { operator: ANA, control: keys(5).ed25519 };
    assert_eq!(events, [expected]);
    assert_eq!(refused(&active(), connect(BEN, keys(5))), Rejection::NotAllowed);
    assert_eq!(refused(&active(), connect(ANA, keys(6))), Rejection::NotAllowed);
}

#[test]
fn only_what_is_allowed_comes_into_use() {
    let events = active().decide(start(Action::View)).unwrap();
    assert_eq!(events, [Event::ActionStarted { action: Action::View }]);
    assert_eq!(after(active(), start(Action::View)).running(), set(&[Action::View]));
    assert_eq!(refused(&active(), start(Action::Chat)), Rejection::NotAllowed, "left out");
    assert_eq!(refused(&active(), start(Action::Files)), Rejection::NotAllowed, "not asked for");
}

#[test]
fn nothing_comes_into_use_in_the_last_minute_of_a_grant() {
    let start = |second| Command::StartAction { action: Action::View, now: at(second) };
    assert!(active().decide(start(35_939)).is_ok());
    assert_eq!(refused(&active(), start(35_940)), Rejection::NotAllowed);
}

#[test]
fn nothing_comes_into_use_while_the_agent_is_away() {
    assert_eq!(refused(&away(active()), start(Action::View)), Rejection::AgentAway);
}

#[test]
fn starting_what_is_in_use_changes_nothing() {
    assert_eq!(at_work().decide(start(Action::View)), Ok(vec![]));
}

#[test]
fn the_operator_stops_what_is_in_use() {
    let stop = |action| Command::StopAction { action };
    let why = StopReason::Operator;
    let events = at_work().decide(stop(Action::Control)).unwrap();
    assert_eq!(events, [Event::ActionStopped { action: Action::Control, why }]);
    let session = after(at_work(), stop(Action::Control));
    assert_eq!(session.running(), set(&[Action::View]));
    assert_eq!(session.decide(stop(Action::Control)), Ok(vec![]), "it is not in use");
}

#[test]
fn without_view_there_is_no_control() {
    let stop = Command::StopAction { action: Action::View };
    let why = StopReason::Operator;
    let expected = [
        Event::ActionStopped { action: Action::View, why },
        Event::ActionStopped { action: Action::Control, why },
    ];
    assert_eq!(at_work().decide(stop.clone()).unwrap(), expected);
    assert_eq!(after(at_work(), stop).running(), ActionSet::EMPTY);
}

#[test]
fn what_was_copied_is_recorded_from_the_first_use_of_the_clipboard_on() {
    assert_eq!(refused(&at_work(), copied()), Rejection::NotAllowed, "it is not even allowed");
    assert_eq!(refused(&requested(), copied()), Rejection::NotNow);
    let chosen = [Action::View, Action::Clipboard];
    let allowed = after(after(available(), ask(&chosen)), approve(1, &chosen));
    assert_eq!(refused(&allowed, copied()), Rejection::NotAllowed, "it is not in use");
    let shared = after(allowed, start(Action::Clipboard));
    let (direction, kind) = (Direction::ToOperator, Copied::Text);
    let expected = Event::ClipboardShared { direction, kind, bytes: 312 };
    assert_eq!(shared.decide(copied()), Ok(vec![expected.clone()]));
    assert_eq!(shared.decide(copied()), Ok(vec![expected]), "each time");
    assert_eq!(refused(&full(shared.clone()), copied()), Rejection::Full);
    let stopped = after(shared.clone(), Command::StopAction { action: Action::Clipboard });
    let less = Command::Withdraw { statement: signed(2, &[Action::View]) };
    let taken_back = after(shared.clone(), less);
    let left = after(shared.clone(), leave());
    for session in [stopped, taken_back, left] {
        assert!(session.decide(copied()).is_ok(), "it went over before");
    }
    let over = after(shared, end(EndedBy::Portal));
    assert_eq!(refused(&over, copied()), refused(&over, Command::Pause));
}

#[test]
fn pausing_and_going_on_are_recorded_once() {
    assert_eq!(active().decide(Command::Continue), Ok(vec![]), "it is not paused");
    assert_eq!(active().decide(Command::Pause), Ok(vec![Event::Paused {}]));
    let paused = after(active(), Command::Pause);
    assert!(paused.is_paused());
    assert_eq!(paused.decide(Command::Pause), Ok(vec![]));
    assert_eq!(paused.decide(Command::Continue), Ok(vec![Event::Continued {}]));
    assert!(!after(paused, Command::Continue).is_paused());
}

#[test]
fn a_full_session_records_its_life_cycle_only() {
    let connect = Command::Connect { operator: ANA, control: keys(5) };
    let sent = Command::RecordInvitation { to: "ida@example.org".into() };
    assert_eq!(refused(&full(created()), sent), Rejection::Full);
    for minor in [connect, start(Action::View), Command::Pause] {
        assert_eq!(refused(&full(active()), minor), Rejection::Full);
    }
    let paused = full(after(active(), Command::Pause));
    assert_eq!(refused(&paused, Command::Continue), Rejection::Full);
    let stop = Command::StopAction { action: Action::View };
    let take_back = Command::Withdraw { statement: signed(2, &[]) };
    let lose = Command::LoseAgent { until: at(400), suppressed: 2 };
    for kept in [stop, take_back, lose, leave(), end(EndedBy::Portal)] {
        assert!(full(at_work()).decide(kept.clone()).is_ok(), "{kept:?}");
    }
    assert!(full(requested()).decide(approve(1, &[Action::View])).is_ok());
}

#[test]
fn a_session_is_full_after_900_events() {
    let one_left = Session { events: FULL_AT - 1, ..active() };
    assert_eq!(FULL_AT, 900);
    let full = after(one_left, Command::Pause);
    assert_eq!(refused(&full, Command::Continue), Rejection::Full);
}

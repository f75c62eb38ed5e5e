//! Asking the end user.

use super::*;

/// Ana asks for view and control, and the end user says no, so many times in a row.
fn refused_times(times: u32) -> Session {
    (1..=times).fold(available(), |session, request| {
        let asked = after(session, ask(&[Action::Control]));
        after(asked, Command::Reject { request, now: at(30) })
    })
}

fn continues(session: &Session, command: Command) -> bool {
    match session.decide(command).unwrap().as_slice() {
        [Event::ApprovalRequested { continues, .. }] => *continues,
        others => panic!("{others:?}"),
    }
}

#[test]
fn a_request_names_who_asks_with_which_control_for_what() {
    let events = available().decide(ask(&[Action::Control])).unwrap();
    let expected = Event::ApprovalRequested {
        request: 1,
        operator: ANA,
        operator_name: "Ana Silva".into(),
        control: keys(5),
        actions: set(&[Action::View, Action::Control]),
        continues: false,
        lapses: at(80),
        damped: 0,
    };
    assert_eq!(events, [expected]);
}

#[test]
fn who_asks_for_control_asks_for_view_as_well() {
    let mut torn = ask(&[Action::Control]);
    if let Command::RequestApproval { actions, .. } = &mut torn {
        *actions = actions.minus(set(&[Action::View]));
    }
    assert_eq!(available().decide(torn), available().decide(ask(&[Action::Control])));
}

#[test]
fn requests_are_numbered_from_one() {
    let numbers: Vec<_> = (0..3)
        .map(|times| after(refused_times(times), ask(&[Action::Chat])))
        .map(|session| session.request().map(|request| request.number))
        .collect();
    assert_eq!(numbers, [Some(1), Some(2), Some(3)]);
}

#[test]
fn only_the_operator_of_the_session_asks() {
    let ben = ask_by(BEN, keys(5), &[Action::View], at(20));
    assert_eq!(refused(&available(), ben), Rejection::NotYours);
}

#[test]
fn a_request_names_at_least_one_action() {
    assert_eq!(refused(&available(), ask(&[])), Rejection::NothingAsked);
}

#[test]
fn nobody_is_asked_while_the_agent_is_away() {
    assert_eq!(refused(&away(available()), ask(&[Action::View])), Rejection::AgentAway);
}

#[test]
fn there_is_one_request_at_a_time() {
    assert_eq!(refused(&requested(), ask(&[Action::View])), Rejection::NotNow);
}

#[test]
fn a_full_session_takes_no_further_request() {
    assert_eq!(refused(&full(available()), ask(&[Action::View])), Rejection::Full);
}

#[test]
fn a_request_can_be_taken_back() {
    let events = requested().decide(Command::CancelRequest).unwrap();
    assert_eq!(events, [Event::ApprovalCancelled { request: 1 }]);
    let session = after(requested(), Command::CancelRequest);
    assert_eq!((session.phase(), session.request()), (Phase::Available, None));
}

#[test]
fn a_rejected_request_can_be_repeated() {
    let reject = Command::Reject { request: 1, now: at(30) };
    let events = requested().decide(reject.clone()).unwrap();
    assert_eq!(events, [Event::Rejected { request: 1, damped_until: None }]);
    let session = after(requested(), reject);
    assert_eq!(session.phase(), Phase::Available);
    assert!(session.decide(ask(&[Action::Control, Action::Chat])).is_ok());
}

#[test]
fn a_no_to_another_request_is_refused() {
    let reject = Command::Reject { request: 2, now: at(30) };
    assert_eq!(refused(&requested(), reject), Rejection::OtherRequest);
}

#[test]
fn a_request_lapses_at_its_time_and_not_before() {
    assert_eq!(refused(&requested(), Command::Lapse { now: at(79) }), Rejection::TooEarly);
    let events = requested().decide(Command::Lapse { now: at(80) }).unwrap();
    assert_eq!(events, [Event::ApprovalLapsed { request: 1, damped_until: None }]);
    assert_eq!(after(requested(), Command::Lapse { now: at(80) }).phase(), Phase::Available);
}

#[test]
fn after_three_refusals_in_a_row_the_same_request_is_damped_for_a_minute() {
    let again = |second| ask_at(second, &[Action::Control]);
    assert!(refused_times(2).decide(again(30)).is_ok());
    let damped = refused_times(3);
    assert_eq!(damped.refusals.damped_until, Some(at(90)));
    assert_eq!(refused(&damped, again(89)), Rejection::Damped);
    assert!(damped.decide(again(90)).is_ok());
}

#[test]
fn the_third_refusal_says_until_when_the_request_is_damped() {
    let third = after(refused_times(2), ask(&[Action::Control]));
    let rejected = third.decide(Command::Reject { request: 3, now: at(30) }).unwrap();
    let damped_until = Some(at(90));
    assert_eq!(rejected, [Event::Rejected { request: 3, damped_until }]);
    let lapsed = third.decide(Command::Lapse { now: at(80) }).unwrap();
    let damped_until = Some(at(140));
    assert_eq!(lapsed, [Event::ApprovalLapsed { request: 3, damped_until }]);
}

#[test]
fn another_request_is_not_damped_and_breaks_the_row() {
    let damped = refused_times(3);
    assert!(damped.decide(ask_at(31, &[Action::View])).is_ok());
    let asked = after(refused_times(2), ask(&[Action::View]));
    let other = after(asked, Command::Reject { request: 3, now: at(30) });
    let asked = after(other, ask(&[Action::Control]));
    let events = asked.decide(Command::Reject { request: 4, now: at(30) }).unwrap();
    assert_eq!(events, [Event::Rejected { request: 4, damped_until: None }]);
}

#[test]
fn an_approval_breaks_the_row_of_refusals() {
    let asked = after(refused_times(2), ask(&[Action::Control]));
    let statement = signed(1, &[Action::Control]);
    let approved = after(asked, Command::Approve { request: 3, statement, now: at(30) });
    let asked = after(after(approved, leave()), ask_at(101, &[Action::Control]));
    let events = asked.decide(Command::Reject { request: 4, now: at(110) }).unwrap();
    assert_eq!(events, [Event::Rejected { request: 4, damped_until: None }]);
}

#[test]
fn a_request_that_was_taken_back_counts_as_no_refusal() {
    let asked = after(refused_times(2), ask(&[Action::Control]));
    let session = after(asked, Command::CancelRequest);
    assert!(session.decide(ask(&[Action::Control])).is_ok());
}

#[test]
fn who_left_can_continue_with_the_same_control_within_five_minutes() {
    let left = after(active(), leave());
    assert!(continues(&left, ask_at(101, &[Action::Control])));
    assert!(continues(&left, ask_at(399, &[Action::View])), "less is fine");
    assert!(!continues(&left, ask_at(400, &[Action::Control])), "too late");
    assert!(!continues(&left, ask_at(101, &[Action::Chat])), "never allowed");
    let other = ask_by(ANA, keys(6), &[Action::Control], at(101));
    assert!(!continues(&left, other), "another Control");
    assert!(!continues(&available(), ask(&[Action::View])), "nothing to continue");
}

#[test]
fn any_other_request_ends_the_suspended_grant() {
    let left = after(active(), leave());
    let other = after(left, ask_at(101, &[Action::Chat]));
    let back = after(other, Command::CancelRequest);
    assert!(!continues(&back, ask_at(102, &[Action::Control])));
}

#[test]
fn a_no_ends_the_suspended_grant_and_taking_the_request_back_does_not() {
    let asked = after(after(active(), leave()), ask_at(101, &[Action::Control]));
    let cancelled = after(asked.clone(), Command::CancelRequest);
    assert!(continues(&cancelled, ask_at(110, &[Action::Control])));
    let rejected = after(asked.clone(), Command::Reject { request: 2, now: at(105) });
    assert!(!continues(&rejected, ask_at(110, &[Action::Control])));
    let lapsed = after(asked, Command::Lapse { now: at(161) });
    assert!(!continues(&lapsed, ask_at(162, &[Action::Control])));
}

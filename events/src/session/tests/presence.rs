//! Who is there, who is away, who comes back.

use super::*;

fn give_up(second: u64) -> Command {
    Command::GiveUp { now: at(second), suppressed: 3 }
}

#[test]
fn when_the_operator_leaves_everything_stops_and_the_session_is_available() {
    let events = at_work().decide(leave()).unwrap();
    let why = StopReason::Left;
    let expected = [
        Event::ActionStopped { action: Action::View, why },
        Event::ActionStopped { action: Action::Control, why },
        Event::OperatorLeft { operator: ANA, why: LeftReason::Left, continue_until: at(400) },
    ];
    assert_eq!(events, expected);
    let session = after(at_work(), leave());
    assert_eq!((session.phase(), session.grant()), (Phase::Available, None));
    assert_eq!(session.running(), ActionSet::EMPTY);
    assert_eq!(refused(&session, start(Action::View)), Rejection::NotNow);
}

#[test]
fn a_pause_and_an_open_extension_end_when_the_operator_leaves() {
    let more = Command::RequestExtension { actions: set(&[Action::Chat]) };
    let left = after(after(after(active(), more), Command::Pause), leave());
    assert_eq!((left.is_paused(), left.extension()), (false, None));
}

#[test]
fn when_the_agent_vanishes_everything_stops_and_the_grant_stays() {
    let lost = Command::LoseAgent { until: at(400), suppressed: 2 };
    let why = StopReason::Lost;
    let expected = [
        Event::ActionStopped { action: Action::View, why },
        Event::ActionStopped { action: Action::Control, why },
        Event::AgentLost { until: at(400) },
    ];
    assert_eq!(at_work().decide(lost.clone()).unwrap(), expected);
    let session = after(at_work(), lost);
    assert!(session.agent_is_lost());
    assert_eq!((session.phase(), session.running()), (Phase::Active, ActionSet::EMPTY));
    assert!(session.grant().is_some());
}

#[test]
fn an_agent_is_lost_once_and_found_once() {
    let vanish = || Command::LoseAgent { until: at(999), suppressed: 2 };
    for session in [available(), requested(), active()] {
        let phase = session.phase();
        assert_eq!(session.decide(Command::ResumeAgent), Ok(vec![]), "it is there");
        let lost = after(session, vanish());
        assert_eq!(lost.decide(vanish()), Ok(vec![]));
        assert_eq!(lost.phase(), phase, "it is beside the state");
        assert_eq!(lost.decide(Command::ResumeAgent), Ok(vec![Event::AgentResumed {}]));
        assert!(!after(lost, Command::ResumeAgent).agent_is_lost());
    }
    assert_eq!(refused(&created(), vanish()), Rejection::NotNow);
    assert_eq!(refused(&created(), Command::ResumeAgent), Rejection::NotNow);
}

#[test]
fn an_agent_that_was_away_unnoticed_has_stopped_everything_when_it_is_back() {
    let session = at_work();
    let running = session.running();
    let stopped = session.decide(Command::ResumeAgent).unwrap();
    let expected = running.iter().map(|action| {
        let why = StopReason::Lost;
        Event::ActionStopped { action, why }
    });
    assert_eq!(stopped, expected.collect::<Vec<_>>());
    assert!(!running.is_empty() && after(session, Command::ResumeAgent).running().is_empty());
}

#[test]
fn an_agent_that_does_not_come_back_ends_the_session_at_its_time_and_not_before() {
    for session in [available(), requested(), active()] {
        assert_eq!(refused(&session, give_up(999)), Rejection::NotNow, "it is there");
        let lost = away(session);
        assert_eq!(refused(&lost, give_up(399)), Rejection::TooEarly);
        let (by, why) = (EndedBy::Policy, EndReason::AgentLost);
        let expected = Event::Ended { by, why, statement: None, suppressed: 3 };
        assert_eq!(lost.decide(give_up(400)), Ok(vec![expected]));
        assert_eq!(after(lost, give_up(400)).phase(), Phase::Ended);
    }
}

#[test]
fn an_agent_that_came_back_in_time_is_not_given_up() {
    let back = after(away(active()), Command::ResumeAgent);
    assert_eq!(refused(&back, give_up(400)), Rejection::NotNow);
}

#[test]
fn the_operator_can_leave_while_the_agent_is_away() {
    let left = after(away(active()), leave());
    assert!(left.agent_is_lost());
    assert_eq!(refused(&left, ask_at(101, &[Action::View])), Rejection::AgentAway);
    assert!(after(left, Command::ResumeAgent).decide(ask_at(102, &[Action::View])).is_ok());
}

#[test]
fn a_request_can_lapse_and_be_taken_back_while_the_agent_is_away() {
    let lost = away(requested());
    assert!(lost.decide(Command::Lapse { now: at(80) }).is_ok());
    assert!(lost.decide(Command::CancelRequest).is_ok());
}

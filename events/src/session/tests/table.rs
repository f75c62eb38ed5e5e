//! The state × event table, row by row: what is not in a row is refused.

use super::*;
use crate::DomainEvent;

/// One of each, such that where the state allows it, nothing else forbids it.
fn every_command(session: &Session) -> Vec<Command> {
    let late = at(9_000);
    let over = if session.closed().is_some() { session.clone() } else { ended() };
    vec![
        create(),
        Command::RecordInvitation { to: "ida@example.org".into() },
        Command::CancelInvitation,
        join(),
        ask(&[Action::View]),
        Command::CancelRequest,
        approve(9, &[Action::View]),
        Command::Reject { request: 1, now: at(30) },
        Command::Lapse { now: late },
        Command::Connect { operator: ANA, control: keys(5) },
        start(Action::View),
        Command::StopAction { action: Action::Control },
        copied(),
        Command::RequestExtension { actions: set(&[Action::Files]) },
        Command::Extend { statement: signed(9, &[Action::Control, Action::Chat]), now: at(60) },
        Command::RefuseExtension,
        Command::Withdraw { statement: signed(9, &[Action::View]) },
        Command::Pause,
        Command::Continue,
        leave(),
        Command::LoseAgent { until: at(400), suppressed: 2 },
        Command::ResumeAgent,
        Command::GiveUp { now: late, suppressed: 0 },
        end(EndedBy::Portal),
        Command::Expire { now: late },
        Command::RecordRemoval {
            removed: Vec::new(),
            left: Vec::new(),
            statement: said(Fact::removal(&[], &[])),
        },
        Command::SignHead { by: Endpoint::Agent, leaf: Digest([3; 32]), statement: head(over) },
    ]
}

/// The last event of every accepted command, with the phase it leads to.
fn row(session: &Session) -> Vec<(&'static str, Phase)> {
    let decide = |command: Command| {
        let events = session.decide(command.clone()).ok()?;
        let name = events.last()?.name();
        Some((name, after(session.clone(), command).phase()))
    };
    every_command(session).into_iter().filter_map(decide).collect()
}

/// Every rejection of every command that leads to no event.
fn rejections(session: &Session) -> Vec<Rejection> {
    let rejected = |command| session.decide(command).err();
    every_command(session).into_iter().filter_map(rejected).collect()
}

#[test]
fn a_session_that_does_not_exist_can_be_created_only() {
    let nothing = Session::default();
    assert_eq!(row(&nothing), [("Created", Phase::Created)]);
    let rejections = rejections(&nothing);
    assert_eq!(rejections.len(), every_command(&nothing).len() - 1);
    assert!(rejections.iter().all(|why| *why == Rejection::Missing), "{rejections:?}");
}

#[test]
fn created_takes_an_invitation_a_join_a_cancel_an_expiry_and_an_end() {
    let expected = [
        ("InvitationSent", Phase::Created),
        ("InvitationCancelled", Phase::Ended),
        ("Joined", Phase::Available),
        ("Ended", Phase::Ended),
        ("Expired", Phase::Expired),
    ];
    assert_eq!(row(&created()), expected);
}

#[test]
fn available_takes_a_request_a_lost_agent_an_end_and_an_expiry() {
    let expected = [
        ("ApprovalRequested", Phase::Requested),
        ("AgentLost", Phase::Available),
        ("Ended", Phase::Ended),
        ("Expired", Phase::Expired),
    ];
    assert_eq!(row(&available()), expected);
}

#[test]
fn requested_takes_an_answer_a_cancel_a_lapse_a_lost_agent_and_an_end() {
    let expected = [
        ("ApprovalCancelled", Phase::Available),
        ("Approved", Phase::Active),
        ("Rejected", Phase::Available),
        ("ApprovalLapsed", Phase::Available),
        ("AgentLost", Phase::Requested),
        ("Ended", Phase::Ended),
    ];
    assert_eq!(row(&requested()), expected);
}

#[test]
fn active_takes_the_use_of_actions_changes_of_the_grant_departures_and_an_end() {
    let expected = [
        ("OperatorConnected", Phase::Active),
        ("ActionStarted", Phase::Active),
        ("ExtensionRequested", Phase::Active),
        ("GrantWithdrawn", Phase::Active),
        ("Paused", Phase::Active),
        ("OperatorLeft", Phase::Available),
        ("AgentLost", Phase::Active),
        ("Ended", Phase::Ended),
    ];
    assert_eq!(row(&active()), expected);
}

#[test]
fn active_and_paused_with_an_extension_open_takes_their_ends_as_well() {
    let more = Command::RequestExtension { actions: set(&[Action::Chat]) };
    let session = after(after(at_work(), more), Command::Pause);
    let expected = [
        ("OperatorConnected", Phase::Active),
        ("ActionStopped", Phase::Active),
        ("GrantExtended", Phase::Active),
        ("ExtensionRefused", Phase::Active),
        ("GrantWithdrawn", Phase::Active),
        ("Continued", Phase::Active),
        ("OperatorLeft", Phase::Available),
        ("AgentLost", Phase::Active),
        ("ActionStopped", Phase::Active),
        ("Ended", Phase::Ended),
    ];
    assert_eq!(row(&session), expected);
}

#[test]
fn where_the_agent_is_away_it_comes_back_or_is_given_up() {
    let expected = [
        ("AgentResumed", Phase::Available),
        ("Ended", Phase::Ended),
        ("Ended", Phase::Ended),
        ("Expired", Phase::Expired),
    ];
    assert_eq!(row(&away(available())), expected);
    let expected = [
        ("ApprovalCancelled", Phase::Available),
        ("Approved", Phase::Active),
        ("Rejected", Phase::Available),
        ("ApprovalLapsed", Phase::Available),
        ("AgentResumed", Phase::Requested),
        ("Ended", Phase::Ended),
        ("Ended", Phase::Ended),
    ];
    assert_eq!(row(&away(requested())), expected);
    let expected = [
        ("OperatorConnected", Phase::Active),
        ("GrantWithdrawn", Phase::Active),
        ("Paused", Phase::Active),
        ("OperatorLeft", Phase::Available),
        ("AgentResumed", Phase::Active),
        ("Ended", Phase::Ended),
        ("Ended", Phase::Ended),
    ];
    assert_eq!(row(&away(active())), expected);
}

#[test]
fn what_is_over_takes_the_removal_and_the_heads_only() {
    for (session, phase) in [(ended(), Phase::Ended), (expired(), Phase::Expired)] {
        assert_eq!(row(&session), [("AgentRemoved", phase), ("HeadSigned", phase)]);
        let rejections = rejections(&session);
        assert_eq!(rejections.len(), every_command(&session).len() - 2);
        assert_eq!(rejections[0], Rejection::Exists);
        assert!(rejections[1..].iter().all(|why| *why == Rejection::Over), "{rejections:?}");
    }
}

#[test]
fn what_an_open_session_cannot_take_now_is_refused_as_such() {
    for session in [created(), available(), requested()] {
        let rejections = rejections(&session);
        assert_eq!(rejections[0], Rejection::Exists);
        assert!(rejections[1..].iter().all(|why| *why == Rejection::NotNow), "{rejections:?}");
    }
}

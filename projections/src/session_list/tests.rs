use beckon_events::session::{EndReason, EndedBy, LeftReason, StopReason, Waited};
use beckon_events::{Action, Digest, Personal};

use super::*;
use crate::history::{
    ANA, BEN, History, approved, asked, at, created, device, joined, session, set, statement,
};
use crate::{Closed, Title};

const BOTH: &[Action] = &[Action::View, Action::Control];

/// A session right after its creation at second 0, which is at position 10.
fn new_row() -> SessionRow {
    SessionRow {
        id: session(1),
        operator: ANA,
        name: None,
        note: None,
        code: Digest([1; 32]),
        created: at(0),
        state: SessionState::WaitingForUser,
        reconnecting: false,
        deadline: at(7_200),
        invitation_sent: false,
        joined: None,
        device: None,
        allowed: ActionSet::EMPTY,
        running: ActionSet::EMPTY,
        closed_at: None,
        closed: None,
        last_change: at(0),
        raised: 10,
    }
}

fn joined_row() -> SessionRow {
    SessionRow {
        state: SessionState::Available,
        deadline: at(7_201),
        joined: Some(at(1)),
        device: Some(device()),
        last_change: at(1),
        raised: 20,
        ..new_row()
    }
}

/// The row after these events of session 1, one a second from 0.
fn row(events: impl IntoIterator<Item = Event>) -> SessionRow {
    let mut history = History::default();
    for (second, event) in (0..).zip(events) {
        history.session(1, second, event);
    }
    history.fold::<SessionList>().get(session(1)).unwrap().clone()
}

fn opening() -> [Event; 2] {
    [created(1, ANA, None), joined(7_201)]
}

fn active() -> Vec<Event> {
    let start = |action| Event::ActionStarted { action };
    let more = [asked(1, BOTH, 62), approved(1, BOTH), start(Action::View), start(Action::Control)];
    opening().into_iter().chain(more).collect()
}

fn after(mut events: Vec<Event>, event: Event) -> SessionRow {
    events.push(event);
    row(events)
}

fn ended(by: EndedBy) -> Event {
    Event::Ended { by, why: EndReason::Asked, statement: None, suppressed: 0 }
}

#[test]
fn a_new_session_waits_for_the_user() {
    assert_eq!(row([created(1, ANA, None)]), new_row());
    let sent = Event::InvitationSent { to: "ida@example.org".into() };
    let expected = SessionRow { invitation_sent: true, last_change: at(1), ..new_row() };
    assert_eq!(row([created(1, ANA, None), sent]), expected);
}

#[test]
fn a_joined_session_is_available_and_names_the_device() {
    assert_eq!(row(opening()), joined_row());
}

#[test]
fn a_request_shows_until_it_is_answered() {
    let asked: Vec<_> = opening().into_iter().chain([asked(1, BOTH, 62)]).collect();
    let state = SessionState::ApprovalRequested;
    let expected = SessionRow { state, last_change: at(2), ..joined_row() };
    assert_eq!(row(asked.clone()), expected);
    let damped_until = None;
    for no in [
        Event::Rejected { request: 1, damped_until },
        Event::ApprovalLapsed { request: 1, damped_until },
        Event::ApprovalCancelled { request: 1 },
    ] {
        let expected = SessionRow { last_change: at(3), ..joined_row() };
        assert_eq!(after(asked.clone(), no), expected);
    }
}

fn active_row() -> SessionRow {
    SessionRow {
        state: SessionState::InSession,
        allowed: set(BOTH),
        running: set(BOTH),
        last_change: at(5),
        raised: 40,
        ..joined_row()
    }
}

#[test]
fn a_session_in_use_shows_what_is_allowed_and_what_is_running() {
    assert_eq!(row(active()), active_row());
    let stopped = Event::ActionStopped { action: Action::Control, why: StopReason::Operator };
    let expected = SessionRow { running: set(&[Action::View]), last_change: at(6), ..active_row() };
    assert_eq!(after(active(), stopped), expected);
    let all = [Action::View, Action::Control, Action::Chat];
    let extended =
        Event::GrantExtended { n: 2, actions: set(&all), until: at(9_999), statement: statement() };
    let expected = SessionRow { allowed: set(&all), last_change: at(6), ..active_row() };
    assert_eq!(after(active(), extended), expected);
    let withdrawn = Event::GrantWithdrawn {
        n: 2,
        withdrawn: set(BOTH),
        actions: ActionSet::EMPTY,
        statement: statement(),
    };
    let (allowed, running) = (ActionSet::EMPTY, ActionSet::EMPTY);
    let expected = SessionRow { allowed, running, last_change: at(6), ..active_row() };
    assert_eq!(after(active(), withdrawn), expected);
}

#[test]
fn what_changes_no_column_is_the_last_change_only() {
    let operator = ANA;
    let actions = set(&[Action::Chat]);
    for event in [
        Event::OperatorConnected { operator, control: crate::history::keys(5).ed25519 },
        Event::ExtensionRequested { actions },
        Event::ExtensionRefused { actions },
        Event::Paused {},
        Event::Continued {},
    ] {
        let expected = SessionRow { last_change: at(6), ..active_row() };
        assert_eq!(after(active(), event), expected);
    }
}

#[test]
fn when_the_operator_has_left_the_session_is_available_again() {
    let (operator, why) = (ANA, LeftReason::Left);
    let left = Event::OperatorLeft { operator, why, continue_until: at(9_000) };
    let deadline = at(9_000);
    let expected = SessionRow { deadline, last_change: at(6), raised: 40, ..joined_row() };
    assert_eq!(after(active(), left), expected);
}

#[test]
fn an_agent_that_is_away_is_shown_beside_the_state() {
    let lost = Event::AgentLost { until: at(400) };
    let expected = SessionRow { reconnecting: true, last_change: at(6), ..active_row() };
    assert_eq!(after(active(), lost.clone()), expected);
    let mut away = active();
    away.push(lost);
    let expected = SessionRow { last_change: at(7), ..active_row() };
    assert_eq!(after(away.clone(), Event::AgentResumed {}), expected);
    assert!(!after(away, ended(EndedBy::User)).reconnecting);
}

#[test]
fn a_session_that_is_over_says_how() {
    let over = |state, closed| SessionRow {
        state,
        closed: Some(closed),
        closed_at: Some(at(1)),
        last_change: at(1),
        ..new_row()
    };
    let cancelled = row([created(1, ANA, None), Event::InvitationCancelled {}]);
    assert_eq!(cancelled, over(SessionState::Ended, Closed::Cancelled));
    let expired = row([created(1, ANA, None), Event::Expired { what: Waited::Invitation }]);
    assert_eq!(expired, over(SessionState::Expired, Closed::Expired(Waited::Invitation)));
    let closed = Closed::Ended { by: EndedBy::Control, why: EndReason::Asked };
    let expected = SessionRow {
        state: SessionState::Ended,
        allowed: ActionSet::EMPTY,
        running: ActionSet::EMPTY,
        closed: Some(closed),
        closed_at: Some(at(6)),
        last_change: at(6),
        ..active_row()
    };
    assert_eq!(after(active(), ended(EndedBy::Control)), expected);
    let mut gone = active();
    gone.push(ended(EndedBy::Control));
    let (removed, left, statement) = (Vec::new(), Vec::new(), statement());
    let removed = after(gone, Event::AgentRemoved { removed, left, statement });
    assert_eq!(removed, SessionRow { last_change: at(7), ..expected });
}

#[test]
fn a_session_named_after_its_code_shows_the_code_while_its_invitation_is_open() {
    assert_eq!(new_row().title(), Title::Code);
    let host = Personal::from("DESK-7");
    assert_eq!(joined_row().title(), Title::Of { created: at(0), device: Some(&host) });
    let cancelled = row([created(1, ANA, None), Event::InvitationCancelled {}]);
    assert_eq!(cancelled.title(), Title::Of { created: at(0), device: None });
}

#[test]
fn a_typed_name_stays_until_it_is_erased() {
    assert_eq!(row([created(1, ANA, Some("Printer"))]).title(), Title::Named("Printer"));
    let erased = SessionRow { name: Some(Personal::Erased), ..joined_row() };
    assert_eq!(erased.title(), Title::Erased);
}

fn ids(rows: &[&SessionRow]) -> Vec<SessionId> {
    rows.iter().map(|row| row.id).collect()
}

#[test]
fn the_newest_is_on_top_until_a_user_joins_or_approves() {
    let mut history = History::default();
    for n in 1..=3 {
        history.session(n, 0, created(n, ANA, None));
    }
    let live = |history: &History| ids(&history.fold::<SessionList>().live(None));
    assert_eq!(live(&history), [session(3), session(2), session(1)]);
    history.session(1, 1, joined(9_000));
    assert_eq!(live(&history), [session(1), session(3), session(2)]);
    history.session(2, 2, joined(9_000)).session(1, 3, asked(1, BOTH, 63));
    assert_eq!(live(&history), [session(2), session(1), session(3)]);
    history.session(1, 4, approved(1, BOTH));
    assert_eq!(live(&history), [session(1), session(2), session(3)]);
}

#[test]
fn everybody_sees_their_own_and_only_what_is_live() {
    let mut history = History::default();
    for (n, operator) in [(1, ANA), (2, BEN), (3, ANA), (4, BEN)] {
        history.session(n, 0, created(n, operator, None));
    }
    history.session(3, 1, joined(9_000)).session(4, 2, ended(EndedBy::Portal));
    let list: SessionList = history.fold();
    assert_eq!(ids(&list.live(Some(ANA))), [session(3), session(1)]);
    assert_eq!(ids(&list.live(Some(BEN))), [session(2)]);
    assert_eq!(ids(&list.open_invitations(ANA)), [session(1)], "the other one was used");
    assert_eq!(list.live_ids().collect::<Vec<_>>(), [session(1), session(2), session(3)]);
    assert_eq!(ids(&list.ended(Some(BEN), at(0), 0).rows), [session(4)]);
    assert_eq!(list.ended(Some(ANA), at(0), 0).total, 0);
}

#[test]
fn ended_sessions_come_in_pages_of_fifty_the_last_one_first() {
    let mut history = History::default();
    for n in 1..=120 {
        history.session(n, 0, created(n, ANA, None));
    }
    for (second, n) in (1..).zip(1..=119) {
        history.session(n, second, ended(EndedBy::Portal));
    }
    let mut list = SessionList::default();
    history.log().iter().for_each(|event| list.apply(event));
    let since = at(10);
    let numbers = |page| ids(&list.ended(None, since, page).rows);
    let expected = |from: u128, to: u128| (to..=from).rev().map(session).collect::<Vec<_>>();
    assert_eq!(numbers(0), expected(119, 70));
    assert_eq!(numbers(1), expected(69, 20));
    assert_eq!(numbers(2), expected(19, 10));
    assert_eq!(numbers(3), []);
    let first = list.ended(None, since, 0);
    assert_eq!((first.total, first.pages()), (110, 3));
    assert_eq!(list.ended(Some(BEN), since, 0).pages(), 1);
}

#[test]
fn an_event_of_a_session_that_was_never_created_is_no_row() {
    let mut history = History::default();
    history.session(1, 0, joined(9_000));
    assert_eq!(history.fold::<SessionList>().get(session(1)), None);
}

#[test]
fn the_list_as_of_a_moment_is_the_list_at_that_moment() {
    let mut history = History::default();
    for (second, event) in (0..).zip(active()) {
        history.session(1, second, event);
    }
    let then = SessionList::as_of_time(history.log(), at(1));
    assert_eq!(then.get(session(1)), Some(&joined_row()));
    assert_eq!(then, SessionList::as_of(history.log(), 20));
}

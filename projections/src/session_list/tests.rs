use beckon_events::session::{EndReason, EndedBy, LeftReason, StopReason, Waited};
use beckon_events::{Action, ActionSet, Digest, Personal};

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
        position: 10,
        created: at(0),
        state: SessionState::WaitingForUser,
        reconnecting: false,
        deadline: at(7_200),
        invitation_sent: false,
        joined: None,
        device: None,
        connected: None,
        helpers: Vec::new(),
        allowed: ActionSet::EMPTY,
        running: ActionSet::EMPTY,
        used: ActionSet::EMPTY,
        closed_at: None,
        closed_position: None,
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
        used: set(BOTH),
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
    let actions = set(&[Action::Chat]);
    for event in [
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
fn who_was_connected_stands_there_once_with_the_first_time() {
    let control = crate::history::keys(5).ed25519;
    let connected = |operator| Event::OperatorConnected { operator, control };
    let mut events = active();
    events.extend([connected(ANA), connected(BEN), connected(ANA)]);
    let helpers = vec![ANA, BEN];
    let expected =
        SessionRow { connected: Some(at(6)), helpers, last_change: at(8), ..active_row() };
    assert_eq!(row(events), expected);
}

#[test]
fn when_the_operator_has_left_the_session_is_available_again() {
    let (operator, why) = (ANA, LeftReason::Left);
    let left = Event::OperatorLeft { operator, why, continue_until: at(9_000) };
    let deadline = at(9_000);
    let used = set(BOTH);
    let expected = SessionRow { deadline, used, last_change: at(6), raised: 40, ..joined_row() };
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
        closed_position: Some(20),
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
        closed_position: Some(70),
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
    assert_eq!(ids(&list.recent().collect::<Vec<_>>()), [session(4)]);
    assert_eq!(
        (list.last_ended(None), list.last_ended(Some(BEN))),
        (Some(session(4)), Some(session(4)))
    );
    assert_eq!(list.last_ended(Some(ANA)), None);
}

#[test]
fn what_ended_before_the_last_two_hundred_is_left_to_the_history() {
    let mut history = History::default();
    for n in 1..=203 {
        history.session(n, 0, created(n, ANA, None)).session(n, 1, ended(EndedBy::Portal));
    }
    let before = history.log().len();
    history.session(1, 2, Event::Expired { what: Waited::Wait });
    history.session(204, 3, created(204, ANA, None));
    let mut list = SessionList::default();
    history.log().iter().for_each(|event| list.apply(event));
    assert_eq!((list.get(session(3)), list.get(session(4)).is_some()), (None, true));
    let recent: Vec<_> = list.recent().map(|row| row.id).collect();
    assert_eq!(recent, (4..=203).rev().map(session).collect::<Vec<_>>());
    assert_eq!((list.rows.len(), recent.len()), (RECENT + 1, RECENT));
    let mut again = list.clone();
    history.log()[..before].iter().for_each(|event| again.apply(event));
    assert_eq!(again, list);
}

#[test]
fn a_session_is_open_from_its_creation_until_its_end() {
    let over = row([created(1, ANA, None), ended(EndedBy::Portal)]);
    let open = [9, 10, 19, 20].map(|position| over.is_open_at(position));
    assert_eq!(open, [false, true, true, false]);
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

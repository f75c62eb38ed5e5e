//! Saying yes, allowing more, taking back.

use super::*;

fn extend(n: u32, actions: &[Action]) -> Command {
    extend_with(signed(n, actions))
}

fn extend_with(statement: Statement) -> Command {
    Command::Extend { statement, now: at(60) }
}

/// Active, and Ana has asked for chat as well.
fn extending() -> Session {
    after(active(), more(&[Action::Chat]))
}

fn more(actions: &[Action]) -> Command {
    Command::RequestExtension { actions: set(actions) }
}

fn withdraw(n: u32, left: &[Action]) -> Command {
    Command::Withdraw { statement: signed(n, left) }
}

/// Statements that are not believed for any answer, and why.
fn unbelievable(grant: &Grant) -> [(Statement, GrantError); 4] {
    let other_session = Grant { session: SessionId(Uuid::from_u128(8)), ..grant.clone() };
    let other_version = Grant { v: 2, ..grant.clone() };
    [
        (grant.sign(&pair(9)), GrantError::Statement(StatementError::OtherKey)),
        (other_session.sign(&pair(1)), GrantError::OtherSession),
        (other_version.sign(&pair(1)), GrantError::Unreadable),
        (Statement::sign(b"{}", &pair(1)), GrantError::Unreadable),
    ]
}

#[test]
fn a_yes_puts_the_signed_grant_in_force() {
    let statement = signed(1, &[Action::Control]);
    let events = requested().decide(approve_with(statement.clone())).unwrap();
    let actions = set(&[Action::Control]);
    let until = at(36_000);
    let said = statement.clone();
    assert_eq!(events, [Event::Approved { request: 1, n: 1, actions, until, statement }]);
    let in_force =
        InForce { n: 1, operator: ANA, control: keys(5), actions, until, statement: said };
    assert_eq!(active().phase(), Phase::Active);
    assert_eq!(active().grant(), Some(&in_force));
    assert_eq!(active().request(), None);
}

#[test]
fn the_user_may_allow_less_than_was_asked_for_but_not_more_and_not_nothing() {
    assert!(requested().decide(approve(1, &[Action::View])).is_ok());
    assert!(requested().decide(approve(1, &[Action::Chat])).is_ok());
    let more = approve(1, &[Action::View, Action::Files]);
    assert_eq!(refused(&requested(), more), Rejection::MoreThanAsked);
    assert_eq!(refused(&requested(), approve(1, &[])), Rejection::NothingAsked);
}

#[test]
fn a_yes_comes_before_the_request_lapses() {
    let yes = |second| Command::Approve {
        request: 1,
        statement: signed(1, &[Action::View]),
        now: at(second),
    };
    assert!(requested().decide(yes(79)).is_ok());
    assert_eq!(refused(&requested(), yes(80)), Rejection::TooLate);
}

#[test]
fn a_yes_to_another_request_operator_or_control_is_refused() {
    let statement = signed(1, &[Action::View]);
    let number = Command::Approve { request: 2, statement, now: at(30) };
    assert_eq!(refused(&requested(), number), Rejection::OtherRequest);
    let operator = Grant { operator: BEN, ..grant(1, &[Action::View]) };
    let control = Grant { control: keys(6).ed25519, ..grant(1, &[Action::View]) };
    for other in [operator, control] {
        let yes = approve_with(other.sign(&pair(1)));
        assert_eq!(refused(&requested(), yes), Rejection::OtherRequest);
    }
}

#[test]
fn a_grant_ends_in_the_future_and_within_twelve_hours() {
    let until = |until| approve_with(Grant { until, ..grant(1, &[Action::View]) }.sign(&pair(1)));
    let longest = at(30).plus(GRANT_MAX);
    assert!(requested().decide(until(longest)).is_ok());
    let longer = Timestamp::from_micros(longest.micros() + 1);
    assert_eq!(refused(&requested(), until(longer)), Rejection::TooLate);
    assert_eq!(refused(&requested(), until(at(30))), Rejection::TooLate);
}

#[test]
fn only_the_agents_own_statement_about_this_session_is_believed() {
    for (statement, why) in unbelievable(&grant(1, &[Action::View])) {
        let unbelieved = Rejection::Unbelieved(why);
        assert_eq!(refused(&requested(), approve_with(statement)), unbelieved);
    }
    for (statement, why) in unbelievable(&grant(2, &[Action::Control, Action::Chat])) {
        let unbelieved = Rejection::Unbelieved(why);
        assert_eq!(refused(&extending(), extend_with(statement)), unbelieved);
    }
    for (statement, why) in unbelievable(&grant(2, &[Action::View])) {
        let command = Command::Withdraw { statement };
        assert_eq!(refused(&active(), command), Rejection::Unbelieved(why));
    }
}

#[test]
fn the_number_of_a_grant_only_grows() {
    assert_eq!(refused(&requested(), approve(0, &[Action::View])), Rejection::Stale);
    let both = [Action::Control, Action::Chat];
    assert_eq!(refused(&extending(), extend(1, &both)), Rejection::Stale);
    assert_eq!(refused(&active(), withdraw(1, &[Action::View])), Rejection::Stale);
    let asked = after(after(active(), leave()), ask_at(101, &[Action::View]));
    let replayed =
        Command::Approve { request: 2, statement: signed(1, &[Action::View]), now: at(110) };
    assert_eq!(refused(&asked, replayed), Rejection::Stale, "an old yes is no new one");
}

#[test]
fn an_extension_asks_for_what_is_not_allowed_yet() {
    let events = active().decide(more(&[Action::View, Action::Chat])).unwrap();
    assert_eq!(events, [Event::ExtensionRequested { actions: set(&[Action::Chat]) }]);
    assert_eq!(extending().extension(), Some(set(&[Action::Chat])));
    assert_eq!(refused(&active(), more(&[Action::View])), Rejection::NothingAsked);
    assert_eq!(refused(&active(), more(&[])), Rejection::NothingAsked);
}

#[test]
fn an_extension_by_control_asks_for_view_where_that_is_missing() {
    let control_only = set(&[Action::Control]).minus(set(&[Action::View]));
    let ask_more = || Command::RequestExtension { actions: control_only };
    let chatting = after(requested(), approve(1, &[Action::Chat]));
    let events = chatting.decide(ask_more()).unwrap();
    assert_eq!(events, [Event::ExtensionRequested { actions: set(&[Action::Control]) }]);
    let seeing = after(requested(), approve(1, &[Action::View]));
    let events = seeing.decide(ask_more()).unwrap();
    assert_eq!(events, [Event::ExtensionRequested { actions: control_only }]);
}

#[test]
fn there_is_one_extension_at_a_time_and_none_while_the_agent_is_away() {
    assert_eq!(refused(&extending(), more(&[Action::Files])), Rejection::NotNow);
    assert_eq!(refused(&away(active()), more(&[Action::Files])), Rejection::AgentAway);
    assert_eq!(refused(&full(active()), more(&[Action::Files])), Rejection::Full);
}

#[test]
fn the_user_allows_more_and_keeps_what_was_allowed() {
    let both = [Action::Control, Action::Chat];
    let statement = signed(2, &both);
    let events = extending().decide(extend_with(statement.clone())).unwrap();
    let (actions, until) = (set(&both), at(36_000));
    assert_eq!(events, [Event::GrantExtended { n: 2, actions, until, statement }]);
    let session = after(extending(), extend(2, &both));
    assert_eq!(session.extension(), None);
    assert_eq!(session.grant().map(|grant| (grant.n, grant.actions)), Some((2, actions)));
    let instead = extend(2, &[Action::Chat]);
    assert_eq!(refused(&extending(), instead), Rejection::OtherRequest);
}

#[test]
fn the_user_allows_neither_more_than_was_asked_for_nor_nothing_more() {
    let all = [Action::Control, Action::Chat, Action::Files];
    assert_eq!(refused(&extending(), extend(2, &all)), Rejection::MoreThanAsked);
    assert_eq!(refused(&extending(), extend(2, &[Action::Control])), Rejection::NothingAsked);
    assert_eq!(refused(&extending(), extend(2, &[])), Rejection::NothingAsked);
}

#[test]
fn nothing_more_is_allowed_without_having_been_asked_for() {
    let both = [Action::Control, Action::Chat];
    assert_eq!(refused(&active(), extend(2, &both)), Rejection::OtherRequest);
    assert_eq!(refused(&active(), Command::RefuseExtension), Rejection::OtherRequest);
}

#[test]
fn a_grant_changes_for_its_holder_only_and_within_twelve_hours() {
    let both = [Action::Control, Action::Chat];
    let sign = |grant: Grant| extend_with(grant.sign(&pair(1)));
    let operator = Grant { operator: BEN, ..grant(2, &both) };
    assert_eq!(refused(&extending(), sign(operator)), Rejection::OtherRequest);
    let control = Grant { control: keys(6).ed25519, ..grant(2, &both) };
    assert_eq!(refused(&extending(), sign(control)), Rejection::OtherRequest);
    let longer = Grant { until: at(61).plus(GRANT_MAX), ..grant(2, &both) };
    assert_eq!(refused(&extending(), sign(longer)), Rejection::TooLate);
    let operator = Grant { operator: BEN, ..grant(2, &[Action::View]) };
    let withdraw = Command::Withdraw { statement: operator.sign(&pair(1)) };
    assert_eq!(refused(&active(), withdraw), Rejection::OtherRequest);
}

#[test]
fn an_extension_can_be_refused_and_asked_for_again() {
    let events = extending().decide(Command::RefuseExtension).unwrap();
    assert_eq!(events, [Event::ExtensionRefused { actions: set(&[Action::Chat]) }]);
    let session = after(extending(), Command::RefuseExtension);
    assert_eq!(session.grant().map(|grant| grant.n), Some(1), "the grant is as it was");
    assert!(session.decide(more(&[Action::Chat])).is_ok());
}

#[test]
fn what_is_withdrawn_stops_first() {
    let statement = signed(2, &[Action::View]);
    let events = at_work().decide(withdraw(2, &[Action::View])).unwrap();
    let withdrawn = Event::GrantWithdrawn {
        n: 2,
        withdrawn: set(&[Action::Control]).minus(set(&[Action::View])),
        actions: set(&[Action::View]),
        statement,
    };
    let stopped = Event::ActionStopped { action: Action::Control, why: StopReason::User };
    assert_eq!(events, [stopped, withdrawn]);
    let session = after(at_work(), withdraw(2, &[Action::View]));
    assert_eq!(session.running(), set(&[Action::View]));
    assert_eq!(refused(&session, start(Action::Control)), Rejection::NotAllowed);
}

#[test]
fn everything_can_be_withdrawn_and_the_session_stays() {
    let session = after(at_work(), withdraw(2, &[]));
    assert_eq!(session.phase(), Phase::Active);
    assert_eq!(session.running(), ActionSet::EMPTY);
    assert_eq!(refused(&session, start(Action::View)), Rejection::NotAllowed);
}

#[test]
fn withdrawing_takes_back_something_and_adds_nothing() {
    let same = withdraw(2, &[Action::Control]);
    assert_eq!(refused(&active(), same), Rejection::NothingAsked);
    let other = withdraw(2, &[Action::Chat]);
    assert_eq!(refused(&active(), other), Rejection::MoreThanAsked);
}

use std::collections::BTreeMap;

use beckon_events::session::{EndReason, EndedBy, LeftReason, StopReason};

use super::*;
use crate::history::{
    ANA, BEN, History, approved, asked, at, created, joined, keys, session, set, statement,
};

const BOTH: &[Action] = &[Action::View, Action::Control];

/// The row after these events of session 1, each at its second.
fn row(events: impl IntoIterator<Item = (u64, Event)>) -> WorkRow {
    let mut history = History::default();
    for (second, event) in events {
        history.session(1, second, event);
    }
    let rows: BTreeMap<_, _> = WorkReport::as_of(history.log(), u64::MAX);
    rows.get(&session(1)).unwrap().clone()
}

fn active() -> Vec<(u64, Event)> {
    let events = [created(1, ANA, None), joined(9_000), asked(1, BOTH, 62), approved(1, BOTH)];
    (0..).zip(events).collect()
}

fn connected(operator: OperatorId) -> Event {
    Event::OperatorConnected { operator, control: keys(5).ed25519 }
}

fn left(operator: OperatorId) -> Event {
    Event::OperatorLeft { operator, why: LeftReason::Left, continue_until: at(9_000) }
}

fn ended() -> Event {
    let (by, why) = (EndedBy::User, EndReason::Asked);
    Event::Ended { by, why, statement: None, suppressed: 0 }
}

fn then(events: impl IntoIterator<Item = (u64, Event)>) -> WorkRow {
    row(active().into_iter().chain(events))
}

fn spell(operator: OperatorId, from: u64, to: Option<u64>) -> Spell {
    Spell { operator, from: at(from), to: to.map(at) }
}

#[test]
fn a_session_without_work_has_its_times_and_nothing_else() {
    let waiting = row([(0, created(1, ANA, None)), (3, Event::InvitationCancelled {})]);
    assert_eq!((waiting.operator, waiting.created, waiting.joined), (ANA, at(0), None));
    assert_eq!(waiting.ended, Some(at(3)));
    let unused = then([(40, ended())]);
    assert_eq!((unused.joined, unused.ended), (Some(at(1)), Some(at(40))));
    assert_eq!((unused.connected(), unused.spells, unused.in_use), (0, vec![], vec![]));
}

#[test]
fn a_spell_lasts_from_the_connection_until_the_operator_leaves_or_all_is_over() {
    let worked = then([
        (10, connected(ANA)),
        (15, connected(ANA)),
        (70, left(ANA)),
        (80, connected(BEN)),
        (85, ended()),
    ]);
    let spells = [spell(ANA, 10, Some(70)), spell(BEN, 80, Some(85))];
    assert_eq!((worked.connected(), &worked.spells[..]), (65, &spells[..]));
    assert_eq!(worked.spells[0].seconds(), Some(60));
    let lasting = then([(10, connected(ANA))]);
    assert_eq!((lasting.connected(), &lasting.spells[..]), (0, &[spell(ANA, 10, None)][..]));
    assert_eq!(lasting.spells[0].seconds(), None);
}

#[test]
fn the_time_in_which_the_agent_is_away_does_not_count() {
    let lost = || Event::AgentLost { until: at(300) };
    let back = then([
        (10, connected(ANA)),
        (20, lost()),
        (50, Event::AgentResumed {}),
        (51, connected(ANA)),
        (60, ended()),
    ]);
    assert_eq!(back.spells, [spell(ANA, 10, Some(20)), spell(ANA, 50, Some(60))]);
    assert_eq!(back.connected(), 20);
    let nobody = then([(20, lost()), (50, Event::AgentResumed {})]);
    assert_eq!(nobody.spells, [], "nobody was connected before");
    let gone = then([
        (10, connected(ANA)),
        (20, lost()),
        (30, left(ANA)),
        (50, Event::AgentResumed {}),
        (60, ended()),
    ]);
    assert_eq!(gone.spells, [spell(ANA, 10, Some(20))], "who left does not come back with it");
}

#[test]
fn what_was_in_use_counts_until_it_stops_is_taken_back_or_all_is_over() {
    let start = |action| Event::ActionStarted { action };
    let stop = |action| Event::ActionStopped { action, why: StopReason::Operator };
    let seconds = |row: &WorkRow| [Action::View, Action::Control].map(|one| row.seconds_of(one));
    let lasting = then([(10, start(Action::Control))]);
    assert_eq!(seconds(&lasting), [0, 0]);
    assert_eq!(lasting.in_use.iter().map(|used| used.since).collect::<Vec<_>>(), [Some(at(10)); 2]);
    let again = [
        (10, start(Action::View)),
        (20, start(Action::Control)),
        (30, stop(Action::Control)),
        (40, stop(Action::View)),
        (50, start(Action::View)),
    ];
    let used = then(again.clone().into_iter().chain([(60, ended())]));
    assert_eq!(seconds(&used), [40, 10]);
    let (withdrawn, statement) = (set(&[Action::View]), statement());
    let actions = ActionSet::EMPTY;
    let taken = Event::GrantWithdrawn { n: 2, withdrawn, actions, statement };
    assert_eq!(seconds(&then(again.into_iter().chain([(55, taken), (99, ended())]))), [35, 10]);
    assert_eq!(used.seconds_of(Action::Files), 0);
}

#[test]
fn parts_of_seconds_add_up() {
    let half = |n: i64| Timestamp::from_micros(n * 500_000);
    let mut row = row([(0, created(1, ANA, None))]);
    let action = Action::View;
    for n in [0, 2, 4] {
        row.fold(&connected(ANA), half(n));
        row.fold(&Event::ActionStarted { action }, half(n));
        row.fold(&Event::ActionStopped { action, why: StopReason::Operator }, half(n + 1));
        row.fold(&left(ANA), half(n + 1));
    }
    assert_eq!((row.connected(), row.seconds_of(action)), (1, 1));
}

//! What holds for every sequence of commands.

use proptest::prelude::*;

use super::*;
use crate::envelope::{self, Actor, Cause, Head};
use crate::{DomainEvent, RecordedEvent, replay};

/// A command in the making: what it means depends on where the session stands.
#[derive(Clone, Debug)]
struct Step {
    what: u8,
    actions: Vec<Action>,
    /// How far this one is from what would be right: 0 is right.
    off: u8,
    seconds: u64,
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let some = proptest::sample::subsequence(Action::ALL.to_vec(), 0..=Action::ALL.len());
    prop_oneof![Just(vec![Action::View, Action::Control]), Just(Action::ALL.to_vec()), some]
}

fn step() -> impl Strategy<Value = Step> {
    let off = prop_oneof![6 => Just(0u8), 1 => 1u8..6];
    let seconds = prop_oneof![8 => 0u64..10, 2 => 50u64..400, 1 => 3_000u64..40_000];
    (0u8..26, actions(), off, seconds).prop_map(|(what, actions, off, seconds)| Step {
        what,
        actions,
        off,
        seconds,
    })
}

/// Joined, since most of what happens comes after; then anything.
fn steps() -> impl Strategy<Value = Vec<Step>> {
    let right = |what| {
        let actions = Action::ALL.to_vec();
        Just(Step { what, actions, off: 0, seconds: 1 })
    };
    let opening = (right(0), right(3), right(4), right(6)).prop_map(|(a, b, c, d)| [a, b, c, d]);
    let told = (opening, 0usize..=4, proptest::collection::vec(step(), 0..40));
    told.prop_map(|(opening, kept, rest)| opening.into_iter().take(kept).chain(rest).collect())
}

fn statement(session: &Session, step: &Step, now: Timestamp) -> Statement {
    let right = grant(session.granted + 1, &step.actions);
    let until = now.plus(Duration::from_hours(1));
    let grant = Grant { until, ..right };
    match step.off {
        1 => Grant { n: session.granted, ..grant }.sign(&pair(1)),
        2 => Grant { operator: BEN, ..grant }.sign(&pair(1)),
        3 => Grant { control: keys(6).ed25519, ..grant }.sign(&pair(1)),
        4 => grant.sign(&pair(9)),
        5 => Grant { until: now, ..grant }.sign(&pair(1)),
        _ => grant.sign(&pair(1)),
    }
}

fn command(session: &Session, step: &Step, now: Timestamp) -> Command {
    let right = step.off == 0;
    let operator = if right { ANA } else { BEN };
    let request = session.requests + u32::from(step.off);
    let one = usize::try_from(step.seconds).unwrap() % step.actions.len().max(1);
    let first = step.actions.get(one).copied().unwrap_or(Action::View);
    let until = now.plus(Duration::from_mins(5));
    let actions = set(&step.actions);
    let suppressed = u32::from(step.off);
    match step.what {
        0 => create(),
        1 => Command::RecordInvitation { to: "ida@example.org".into() },
        2 if !right => Command::CancelInvitation,
        3 => join_at(now, now.plus(Duration::from_hours(2))),
        4 => ask_by(operator, keys(5), &step.actions, now),
        5 => Command::CancelRequest,
        6 | 7 => Command::Approve { request, statement: statement(session, step, now), now },
        8 => Command::Reject { request, now },
        9 => Command::Lapse { now },
        10 => Command::Connect { operator, control: keys(5) },
        2 | 11 => Command::StartAction { action: first, now },
        12 => Command::StopAction { action: first },
        13 => Command::RequestExtension { actions },
        14 => Command::Extend { statement: statement(session, step, now), now },
        15 => Command::RefuseExtension,
        16 => Command::Withdraw { statement: statement(session, step, now) },
        17 => Command::Pause,
        18 => Command::Continue,
        19 => Command::LoseOperator { why: LeftReason::Away, now },
        20 => Command::LoseAgent { until, suppressed },
        21 => Command::ResumeAgent,
        22 => Command::GiveUp { now, suppressed },
        23 if !right => {
            let statement = Some(said(Fact::Ended));
            Command::End { by: EndedBy::User, why: EndReason::Asked, statement, suppressed }
        }
        23 => Command::Expire { now },
        25 => Command::ShareClipboard {
            direction: Direction::ToUser,
            kind: Copied::Text,
            bytes: step.seconds,
        },
        24 if right => Command::RecordRemoval {
            removed: Vec::new(),
            left: Vec::new(),
            statement: said(Fact::removal(&[], &[])),
        },
        _ => {
            let (leaf, by) = (Digest([3; 32]), Endpoint::Agent);
            let closed = session.closed().unwrap_or_default();
            let bytes = head_bytes(&envelope::stream_name("session", SESSION), closed, &leaf);
            Command::SignHead { by, leaf, statement: Statement::sign(&bytes, &pair(1)) }
        }
    }
}

/// Runs the steps; `check` sees the state before, what was decided and the state after.
fn run(steps: &[Step], mut check: impl FnMut(&Session, &[Event], &Session)) -> Vec<Event> {
    let (mut session, mut now, mut log) = (Session::default(), at(0), Vec::new());
    for step in steps {
        now = now.plus(Duration::from_secs(step.seconds));
        let command = command(&session, step, now);
        let decided = session.decide(command.clone());
        assert_eq!(decided, session.decide(command), "deciding twice gives the same");
        let Ok(events) = decided else { continue };
        let next = events.iter().fold(session.clone(), Session::evolve);
        check(&session, &events, &next);
        session = next;
        log.extend(events);
    }
    log
}

/// The rows of the table in which an event stands.
fn rows(event: &Event) -> &'static [Phase] {
    const OPEN: &[Phase] = &[Phase::Created, Phase::Available, Phase::Requested, Phase::Active];
    match event {
        Event::Created { .. } => &[Phase::Nothing],
        Event::InvitationSent { .. } | Event::InvitationCancelled {} | Event::Joined { .. } => {
            &OPEN[..1]
        }
        Event::ApprovalRequested { .. } => &OPEN[1..2],
        Event::ApprovalCancelled { .. }
        | Event::Approved { .. }
        | Event::Rejected { .. }
        | Event::ApprovalLapsed { .. } => &OPEN[2..3],
        Event::OperatorConnected { .. }
        | Event::ActionStarted { .. }
        | Event::ActionStopped { .. }
        | Event::ExtensionRequested { .. }
        | Event::GrantExtended { .. }
        | Event::ExtensionRefused { .. }
        | Event::GrantWithdrawn { .. }
        | Event::Paused {}
        | Event::Continued {}
        | Event::OperatorLeft { .. } => &OPEN[3..],
        Event::AgentLost { .. } | Event::AgentResumed {} | Event::ClipboardShared { .. } => {
            &OPEN[1..]
        }
        Event::Ended { .. } => OPEN,
        Event::Expired { .. } => &OPEN[..2],
        Event::AgentRemoved { .. } | Event::HeadSigned { .. } => &[Phase::Ended, Phase::Expired],
    }
}

/// What the statements in the log allow, read from their bytes and nothing else.
fn allowed_after(allowed: Option<ActionSet>, event: &Event) -> Option<ActionSet> {
    if let Event::Approved { statement, .. }
    | Event::GrantExtended { statement, .. }
    | Event::GrantWithdrawn { statement, .. } = event
    {
        return Some(Grant::open(statement, &public(1), SESSION).unwrap().actions);
    }
    let over = matches!(event, Event::OperatorLeft { .. } | Event::Ended { .. });
    if over { None } else { allowed }
}

proptest! {
    #[test]
    fn deciding_twice_gives_the_same(steps in steps()) {
        run(&steps, |_, _, _| {});
    }

    #[test]
    fn a_history_folds_the_same_in_one_piece_and_in_two(steps in steps(), cut in 0usize..60) {
        let log = run(&steps, |_, _, _| {});
        let (head, tail) = log.split_at(cut.min(log.len()));
        let whole: Session = replay(&log);
        let half: Session = replay(head);
        prop_assert_eq!(whole, tail.iter().fold(half, Session::evolve));
    }

    #[test]
    fn no_event_stands_outside_its_row_of_the_table(steps in steps()) {
        run(&steps, |before, events, _| {
            let mut session = before.clone();
            for event in events {
                let phase = session.phase();
                assert!(rows(event).contains(&phase), "{} while {phase:?}", event.name());
                session = session.evolve(event);
            }
        });
    }

    #[test]
    fn a_session_is_active_exactly_while_an_approval_is_in_force(steps in steps()) {
        let mut allowed = None;
        run(&steps, |_, events, after| {
            allowed = events.iter().fold(allowed, allowed_after);
            assert_eq!(after.phase() == Phase::Active, allowed.is_some());
            assert_eq!(after.grant().map(|grant| grant.actions), allowed);
        });
    }

    #[test]
    fn nothing_is_in_use_that_the_user_did_not_allow(steps in steps()) {
        let (mut allowed, mut has_shared) = (None, false);
        run(&steps, |_, events, after| {
            for event in events {
                if let Event::ActionStarted { action } = event {
                    assert!(allowed.is_some_and(|set: ActionSet| set.contains(*action)));
                    has_shared |= *action == Action::Clipboard;
                }
                if let Event::ClipboardShared { .. } = event {
                    assert!(has_shared);
                }
                allowed = allowed_after(allowed, event);
            }
            assert!(allowed.unwrap_or_default().contains_all(after.running()));
        });
    }

    #[test]
    fn whatever_is_recorded_reads_back(steps in steps()) {
        let log = run(&steps, |_, _, _| {});
        let cause = Cause {
            log: crate::LogId(Uuid::nil()),
            command: crate::CommandId(Uuid::nil()),
            correlation: Uuid::nil(),
            at: at(0),
            actor: Actor::SYSTEM,
        };
        let seals = envelope::Seals { keys: &OneKey, nonces: &OneKey };
        let stream = envelope::stream_name("session", SESSION);
        let built = envelope::build(&stream, Head::default(), &cause, &log, seals).unwrap();
        for (stored, event) in built.iter().zip(&log) {
            match envelope::read(&stored.metadata, &stored.data, 0, &OneKey) {
                Ok(RecordedEvent::Session(read)) => prop_assert_eq!(&read.event, event),
                other => prop_assert!(false, "{event:?}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_is_over_stays_over(steps in steps()) {
        run(&steps, |before, events, after| {
            if before.phase() >= Phase::Ended {
                let names: Vec<_> = events.iter().map(Event::name).collect();
                assert!(names.is_empty() || names == ["AgentRemoved"] || names == ["HeadSigned"], "{names:?}");
                assert_eq!(after.phase(), before.phase());
            }
        });
    }
}

#[test]
fn the_steps_reach_every_event() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..1_000 {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        seen.extend(run(&steps, |_, _, _| {}).iter().map(Event::name));
    }
    let missing: Vec<_> = Event::NAMES.iter().filter(|name| !seen.contains(*name)).collect();
    assert!(missing.is_empty(), "never reached: {missing:?}");
}

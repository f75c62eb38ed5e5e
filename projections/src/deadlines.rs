//! What happens to a session by time alone, and when.

use std::collections::BTreeMap;

use beckon_events::session::Event;
use beckon_events::{EventId, Recorded, RecordedEvent, SessionId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Projection;
use crate::projection::{Reached, stream_id};

/// What is to be done once a deadline has passed: the command of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Due {
    /// The invitation or the wait is over.
    Expire,
    /// The end user has not answered.
    Lapse,
    /// The agent did not come back.
    GiveUp,
}

/// A deadline that has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overdue {
    /// Whose.
    pub session: SessionId,
    /// What is to be done.
    pub due: Due,
    /// Since when.
    pub at: Timestamp,
    /// The event that set the deadline: what the command's id is made from.
    pub event: EventId,
}

/// The deadlines of every open session.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Deadlines {
    reached: Reached,
    sessions: BTreeMap<SessionId, Open>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Deadline {
    at: Timestamp,
    event: EventId,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Open {
    /// Of the invitation until somebody joins, then of the wait.
    expires: Deadline,
    /// INVARIANT: whether the session is Created or Available, where that deadline counts.
    waits: bool,
    lapses: Option<Deadline>,
    lost: Option<Deadline>,
}

impl Deadlines {
    /// What is to be done at `now`, what is overdue longest first.
    pub fn due(&self, now: Timestamp) -> Vec<Overdue> {
        let mut due: Vec<_> = self.all().filter(|overdue| overdue.at <= now).collect();
        due.sort_by_key(|overdue| (overdue.at, overdue.session, overdue.due));
        due
    }

    /// The earliest deadline of all, be it past or still to come.
    pub fn next(&self) -> Option<Timestamp> {
        self.all().map(|overdue| overdue.at).min()
    }

    /// The earliest deadline after `now`.
    pub fn next_after(&self, now: Timestamp) -> Option<Timestamp> {
        self.all().map(|overdue| overdue.at).filter(|at| *at > now).min()
    }

    fn all(&self) -> impl Iterator<Item = Overdue> {
        self.sessions.iter().flat_map(|(session, open)| {
            let set = [
                (Due::Expire, open.waits.then_some(open.expires)),
                (Due::Lapse, open.lapses),
                (Due::GiveUp, open.lost),
            ];
            set.into_iter().filter_map(|(due, deadline)| {
                let Deadline { at, event } = deadline?;
                Some(Overdue { session: *session, due, at, event })
            })
        })
    }

    fn fold(&mut self, recorded: &Recorded<Event>) {
        let Some(id) = stream_id(&recorded.metadata) else { return };
        let until = |at: &Timestamp| Deadline { at: *at, event: recorded.metadata.id };
        if let Event::Created { expires, .. } = &recorded.event {
            let open = Open { expires: until(expires), waits: true, lapses: None, lost: None };
            self.sessions.insert(id, open);
        }
        let Some(open) = self.sessions.get_mut(&id) else { return };
        match &recorded.event {
            Event::Joined { wait_until, .. } => open.expires = until(wait_until),
            Event::ApprovalRequested { lapses, .. } => {
                open.waits = false;
                open.lapses = Some(until(lapses));
            }
            Event::ApprovalCancelled { .. }
            | Event::Rejected { .. }
            | Event::ApprovalLapsed { .. } => {
                open.waits = true;
                open.lapses = None;
            }
            Event::Approved { .. } => open.lapses = None,
            Event::OperatorLeft { continue_until, .. } => {
                open.waits = true;
                if *continue_until > open.expires.at {
                    open.expires = until(continue_until);
                }
            }
            Event::AgentLost { until: back_by } => open.lost = Some(until(back_by)),
            Event::AgentResumed {} => open.lost = None,
            Event::InvitationCancelled {} | Event::Ended { .. } | Event::Expired { .. } => {
                self.sessions.remove(&id);
            }
            Event::Created { .. }
            | Event::InvitationSent { .. }
            | Event::OperatorConnected { .. }
            | Event::ActionStarted { .. }
            | Event::ActionStopped { .. }
            | Event::ClipboardShared { .. }
            | Event::ExtensionRequested { .. }
            | Event::GrantExtended { .. }
            | Event::ExtensionRefused { .. }
            | Event::GrantWithdrawn { .. }
            | Event::Paused {}
            | Event::Continued {}
            | Event::AgentRemoved { .. }
            | Event::HeadSigned { .. } => {}
        }
    }
}

impl Projection for Deadlines {
    const NAME: &'static str = "deadlines";
    const VERSION: u32 = 1;

    fn apply(&mut self, event: &RecordedEvent) {
        if !self.reached.advance(event) {
            return;
        }
        match event {
            RecordedEvent::Session(recorded) => self.fold(recorded),
            RecordedEvent::Operator(_) | RecordedEvent::Account(_) | RecordedEvent::Node(_) => {}
        }
    }

    fn position(&self) -> Option<u64> {
        self.reached.position()
    }
}

#[cfg(test)]
mod tests {
    use beckon_events::Action;
    use beckon_events::session::{EndReason, EndedBy, LeftReason, Waited};

    use super::*;
    use crate::history::{ANA, History, approved, asked, at, created, joined, session};

    /// One session with these events, one a second from 0.
    fn history(events: impl IntoIterator<Item = Event>) -> History {
        let mut history = History::default();
        for (second, event) in (0..).zip(events) {
            history.session(1, second, event);
        }
        history
    }

    /// What is due in the end, with the version of the event that set it.
    fn due(history: &History) -> Vec<(Due, Timestamp, u64)> {
        let deadlines: Deadlines = history.fold();
        let end = Timestamp::from_micros(i64::MAX);
        let version = |overdue: &Overdue| {
            let metadata = history.log().iter().map(RecordedEvent::metadata);
            metadata.filter(|it| it.id == overdue.event).map(|it| it.version).sum()
        };
        let due = deadlines.due(end);
        assert!(due.iter().all(|overdue| overdue.session == session(1)));
        due.iter().map(|overdue| (overdue.due, overdue.at, version(overdue))).collect()
    }

    fn left(continue_until: u64) -> Event {
        let why = LeftReason::Away;
        Event::OperatorLeft { operator: ANA, why, continue_until: at(continue_until) }
    }

    const VIEW: &[Action] = &[Action::View];

    #[test]
    fn an_invitation_expires_and_then_the_wait() {
        assert_eq!(due(&history([created(1, ANA, None)])), [(Due::Expire, at(7_200), 0)]);
        let joined = history([created(1, ANA, None), joined(7_201)]);
        assert_eq!(due(&joined), [(Due::Expire, at(7_201), 1)]);
    }

    #[test]
    fn a_request_lapses_and_the_wait_counts_again_after_it() {
        let asked = [created(1, ANA, None), joined(7_201), asked(1, VIEW, 62)];
        assert_eq!(due(&history(asked.clone())), [(Due::Lapse, at(62), 2)]);
        let damped_until = None;
        for no in [
            Event::ApprovalLapsed { request: 1, damped_until },
            Event::Rejected { request: 1, damped_until },
            Event::ApprovalCancelled { request: 1 },
        ] {
            let after = history(asked.clone().into_iter().chain([no]));
            assert_eq!(due(&after), [(Due::Expire, at(7_201), 1)]);
        }
    }

    #[test]
    fn nothing_is_due_while_the_operator_is_in() {
        let active = [created(1, ANA, None), joined(9), asked(1, VIEW, 62), approved(1, VIEW)];
        let history = history(active);
        assert_eq!(due(&history), []);
        assert_eq!(history.fold::<Deadlines>().next(), None);
    }

    #[test]
    fn after_the_operator_left_the_later_of_wait_and_continuation_counts() {
        let active = [created(1, ANA, None), joined(9), asked(1, VIEW, 62), approved(1, VIEW)];
        let late = history(active.clone().into_iter().chain([left(300)]));
        assert_eq!(due(&late), [(Due::Expire, at(300), 4)]);
        let early = history(active.into_iter().chain([left(8)]));
        assert_eq!(due(&early), [(Due::Expire, at(9), 1)]);
    }

    #[test]
    fn an_agent_that_is_away_is_given_up_beside_everything_else() {
        let lost = Event::AgentLost { until: at(303) };
        let away = [created(1, ANA, None), joined(9), asked(1, VIEW, 62), lost];
        let both = [(Due::Lapse, at(62), 2), (Due::GiveUp, at(303), 3)];
        assert_eq!(due(&history(away.clone())), both);
        let back = history(away.into_iter().chain([Event::AgentResumed {}]));
        assert_eq!(due(&back), [(Due::Lapse, at(62), 2)]);
    }

    #[test]
    fn nothing_is_due_once_all_is_over() {
        let (by, why) = (EndedBy::User, EndReason::Asked);
        for end in [
            Event::Ended { by, why, statement: None, suppressed: 0 },
            Event::Expired { what: Waited::Wait },
            Event::InvitationCancelled {},
        ] {
            assert_eq!(due(&history([created(1, ANA, None), end])), []);
        }
    }

    #[test]
    fn what_is_due_comes_at_its_moment_and_the_longest_overdue_first() {
        let mut history = History::default();
        history.session(1, 0, created(1, ANA, None)).session(2, 1, created(2, ANA, None));
        history.session(2, 2, joined(50)).session(3, 3, created(3, ANA, None));
        let deadlines: Deadlines = history.fold();
        assert_eq!(deadlines.next(), Some(at(50)));
        assert_eq!(deadlines.due(at(49)), []);
        let sessions =
            |now| -> Vec<_> { deadlines.due(now).iter().map(|overdue| overdue.session).collect() };
        assert_eq!(sessions(at(50)), [session(2)]);
        assert_eq!(sessions(at(7_200)), [session(2), session(1), session(3)]);
        assert_eq!(deadlines.next_after(at(50)), Some(at(7_200)));
        assert_eq!(deadlines.next_after(at(7_200)), None);
    }

    #[test]
    fn the_wait_is_the_deadline_that_the_decisions_know() {
        use beckon_events::{replay, session::Session};
        let events =
            [created(1, ANA, None), joined(9), asked(1, VIEW, 62), approved(1, VIEW), left(300)];
        let mut seen = Vec::new();
        for event in events {
            seen.push(event);
            let known: Session = replay(&seen);
            let waits = due(&history(seen.clone()));
            let waits = waits.iter().find(|(due, ..)| *due == Due::Expire);
            assert!(waits.is_none_or(|(_, at, _)| *at == known.deadline()));
        }
    }
}

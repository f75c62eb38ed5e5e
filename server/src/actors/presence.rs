//! Who is missing, and since when. Not an event: a restart begins with everybody missing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use beckon_events::{SessionId, Timestamp};
use tokio::sync::watch;

/// Who is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Missing {
    /// The agent, since a restart of the server.
    Agent,
    /// The operator's Control.
    Operator,
}

/// The deadlines of those who are missing; the policy runner acts on them.
#[derive(Clone)]
pub struct Presence {
    deadlines: Arc<Mutex<HashMap<(SessionId, Missing), Timestamp>>>,
    changed: watch::Sender<()>,
}

impl Default for Presence {
    fn default() -> Self {
        Self { deadlines: Arc::default(), changed: watch::Sender::new(()) }
    }
}

impl Presence {
    /// Somebody is missing from `now` on and has `within` to come back.
    pub fn missing(&self, session: SessionId, who: Missing, now: Timestamp, within: Duration) {
        self.lock().entry((session, who)).or_insert_with(|| now.plus(within));
        self.changed.send_replace(());
    }

    /// They are here, or nobody waits for them any more.
    pub fn settled(&self, session: SessionId, who: Missing) {
        if self.lock().remove(&(session, who)).is_some() {
            self.changed.send_replace(());
        }
    }

    /// Takes out those whose time is over at `now`.
    pub fn overdue(&self, now: Timestamp) -> Vec<(SessionId, Missing)> {
        let mut deadlines = self.lock();
        let over: Vec<_> =
            deadlines.iter().filter(|(_, at)| **at <= now).map(|(key, _)| *key).collect();
        for key in &over {
            deadlines.remove(key);
        }
        over
    }

    /// The next deadline.
    pub fn next(&self) -> Option<Timestamp> {
        self.lock().values().min().copied()
    }

    /// Wakes whenever somebody goes missing or comes back.
    pub fn changed(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(SessionId, Missing), Timestamp>> {
        self.deadlines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_missing_is_overdue_once_and_not_before_their_time() {
        let presence = Presence::default();
        let (session, start) = (SessionId(uuid::Uuid::nil()), Timestamp::from_micros(0));
        let minute = Duration::from_mins(1);
        presence.missing(session, Missing::Operator, start, minute);
        let later = start.plus(Duration::from_secs(30));
        presence.missing(session, Missing::Operator, later, minute);
        assert_eq!(presence.next(), Some(start.plus(minute)), "the first absence counts");
        assert_eq!(presence.overdue(later), vec![]);
        assert_eq!(presence.overdue(start.plus(minute)), vec![(session, Missing::Operator)]);
        assert_eq!(presence.overdue(start.plus(minute)), vec![]);
        presence.missing(session, Missing::Agent, start, minute);
        presence.settled(session, Missing::Agent);
        assert_eq!(presence.next(), None);
    }
}

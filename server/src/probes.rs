//! What `beckon-server doctor` asks for through the public address: words that only this server
//! can know, given out over `admin.sock`.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use crate::clock::Random;

/// A probe opens so long.
const OPEN_FOR: Duration = Duration::from_mins(1);
/// The most probes at a time; the oldest goes.
const OPEN_MAX: usize = 8;
/// The most requests of one probe.
const REQUESTS_MAX: usize = 12;

/// The open probes, in memory. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Probes(Arc<Mutex<VecDeque<Open>>>);

/// A pair of words: who asks for the first through the public address hears the second.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// What stands in the path.
    pub ask: String,
    /// What this server, and no other, answers.
    pub answer: String,
}

/// Where a request of a probe came from, as the server saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Who is connected to the server: the visitor, or the last proxy.
    pub peer: SocketAddr,
    /// Who counts as the visitor.
    pub client: IpAddr,
    /// Whether a proxy named a visitor, believed or not.
    pub forwarded: bool,
}

#[derive(Debug)]
struct Open {
    probe: Probe,
    until: Duration,
    seen: Vec<Seen>,
}

impl Probes {
    /// A fresh probe; `now` is the server's monotonic time.
    pub fn issue(&self, now: Duration, random: &Random) -> Probe {
        let word = || BASE64URL_NOPAD.encode(&random.bytes::<32>());
        let probe = Probe { ask: word(), answer: word() };
        let mut open = self.open(now);
        while open.len() >= OPEN_MAX {
            open.pop_front();
        }
        let until = now.saturating_add(OPEN_FOR);
        open.push_back(Open { probe: probe.clone(), until, seen: Vec::new() });
        probe
    }

    /// The answer to `ask`, for a request that came from there; `None` for what was not given
    /// out, is too old or was asked too often.
    pub fn answer(&self, ask: &str, now: Duration, seen: Seen) -> Option<String> {
        let mut open = self.open(now);
        let probe = open.iter_mut().find(|open| open.probe.ask == ask)?;
        (probe.seen.len() < REQUESTS_MAX).then(|| probe.seen.push(seen))?;
        Some(probe.probe.answer.clone())
    }

    /// Where the requests of a probe came from, the first one first.
    pub fn seen(&self, ask: &str, now: Duration) -> Vec<Seen> {
        let open = self.open(now);
        let found = open.iter().find(|open| open.probe.ask == ask);
        found.map(|open| open.seen.clone()).unwrap_or_default()
    }

    fn open(&self, now: Duration) -> MutexGuard<'_, VecDeque<Open>> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|open| open.until > now);
        open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen() -> Seen {
        let here = IpAddr::from([127, 0, 0, 1]);
        Seen { peer: SocketAddr::new(here, 4_000), client: here, forwarded: false }
    }

    #[test]
    fn only_what_was_given_out_is_answered_for_a_minute_and_a_dozen_times() {
        let (probes, random) = (Probes::default(), Random::new());
        let now = Duration::from_secs(100);
        let probe = probes.issue(now, &random);
        assert_ne!(probe.ask, probe.answer);
        assert_eq!(probes.answer("guessed", now, seen()), None);
        assert_eq!(probes.answer(&probe.answer, now, seen()), None, "the answer opens nothing");
        for _ in 0..REQUESTS_MAX {
            assert_eq!(probes.answer(&probe.ask, now, seen()).as_ref(), Some(&probe.answer));
        }
        assert_eq!(probes.answer(&probe.ask, now, seen()), None, "asked too often");
        assert_eq!(probes.seen(&probe.ask, now).len(), REQUESTS_MAX);
        let later = probes.issue(now, &random);
        assert_eq!(probes.answer(&later.ask, now + OPEN_FOR, seen()), None, "too old");
    }

    #[test]
    fn many_probes_push_out_the_oldest() {
        let (probes, random) = (Probes::default(), Random::new());
        let all: Vec<_> =
            (0..=OPEN_MAX).map(|_| probes.issue(Duration::ZERO, &random).ask).collect();
        let answered = |ask: &String| probes.answer(ask, Duration::from_secs(1), seen()).is_some();
        assert!(!answered(&all[0]));
        assert!(all[1..].iter().all(answered));
    }
}

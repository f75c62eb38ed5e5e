//! The log in an EventStoreDB or KurrentDB cluster, over the client's six faults.
//!
//! ```text
//! writer thread ──batch──► Session ──(own connection)──► leader ──► read back from $all ──► answers
//! reader threads ────────► Supervisor ──(one connection)──► leader
//! ```
//!
//! An answer is what was read back, never what was sent: an append whose outcome is not known is
//! sent again as it is, and the event ids that stand at its place tell whether it is stored.

mod address;
mod connection;
mod nodelay;
mod reader;
mod session;
mod supervisor;
mod trouble;
mod trust;
mod wire;
mod work;

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use self::address::Address;
use self::reader::EsdbReaders;
use self::session::Session;
use self::supervisor::{Deadline, Supervisor};
use self::trouble::Trouble;
use self::wire::From;
use self::work::{Look, Refusal, Work, is_sendable};
use super::troubles::Troubles;
use super::{
    Append, AppendError, Committed, EventStore, OpenError, ReadError, Readers, StreamName,
};
use crate::clock::{Clock, SystemClock};
use crate::config::Esdb;

/// A cluster and its server may be started together: the cluster gets so long to come up.
const START_WITHIN: Duration = Duration::from_secs(30);
/// After an attempt from which nothing came, from this…
const PAUSE: Duration = Duration::from_millis(5);
/// … doubling up to this.
const PAUSE_MAX: Duration = Duration::from_millis(250);
/// How many events are read back at once.
const PAGE: usize = 500;
/// After so many pages in a row with nothing but other events, the streams are asked instead.
const PASSED_MAX: usize = 4;

/// The one that writes into a cluster.
pub struct EsdbStore {
    way: Arc<Supervisor>,
    readers: Arc<EsdbReaders>,
    troubles: Troubles,
    session: Option<Session>,
    /// The last own event that the writer knows of.
    last: Option<u64>,
    /// Up to where the cluster's events were read back, whosever they are.
    seen: Option<u64>,
}

impl EsdbStore {
    /// Connects to a cluster, and waits for one that is not up yet.
    pub fn open(cluster: &Esdb) -> Result<Self, OpenError> {
        Self::open_within(cluster, START_WITHIN)
    }

    /// As [`EsdbStore::open`], with another time to wait.
    pub fn open_within(cluster: &Esdb, within: Duration) -> Result<Self, OpenError> {
        let troubles = Troubles::default();
        let way = Arc::new(Supervisor::new(Address::read(cluster)?, troubles.clone()));
        let reading = Arc::new(Supervisor::new(Address::read(cluster)?, troubles.clone()));
        let readers = Arc::new(EsdbReaders::new(reading, Arc::default()));
        let mut store = Self { way, readers, troubles, session: None, last: None, seen: None };
        let clock = SystemClock::new();
        loop {
            match store.begin() {
                Ok(()) => return Ok(store),
                Err(trouble) if trouble.is_final() || clock.monotonic() >= within => {
                    return Err(ReadError::Unavailable(trouble.to_string()).into());
                }
                Err(trouble) => {
                    tracing::warn!(%cluster, why = %trouble, "the event store is waited for");
                    thread::sleep(PAUSE_MAX);
                }
            }
        }
    }

    /// Learns which log this is, and where the cluster's events end.
    fn begin(&mut self) -> Result<(), Trouble> {
        let reading = &self.readers.way;
        let node = StreamName::node(crate::run::NODE);
        let node = node.map_err(|error| Trouble::Client(error.to_string()))?;
        let read = |client, login| wire::read_stream(client, login, node.clone(), 0, 1);
        if let Some(first) = reading.ask(read)?.first() {
            self.readers.log.learn(first);
        }
        let last = reading.ask(|client, login| wire::read_all(client, login, From::End, 1))?;
        self.last = last.first().map(|event| event.position.commit);
        self.seen = self.last;
        Ok(())
    }

    /// Sends what is open, once, and finds out what became of it.
    fn round(&mut self, work: &mut Work<'_>, deadline: &Deadline) -> Result<(), Trouble> {
        let session = match self.session.take() {
            Some(session) => session,
            None => Session::open(&self.way, deadline)?,
        };
        let within = self.way.left(deadline).ok_or(Trouble::Silent)?;
        let open = work.open();
        let sendable: Vec<_> = open.iter().copied().filter(|a| is_sendable(a.expected)).collect();
        let (mut sent, failed) = match session.send(&sendable, within) {
            Ok(sent) => (sent.into_iter(), None),
            Err(trouble) => (Vec::new().into_iter(), Some(trouble)),
        };
        let troubles = sent.as_slice().iter().filter_map(|outcome| outcome.as_ref().err().cloned());
        let trouble = troubles.chain(failed).reduce(worse);
        let refusal =
            |append: &Append| match is_sendable(append.expected).then(|| sent.next())?? {
                Err(Trouble::Conflict) => Some(Refusal::Conflict),
                Err(Trouble::Refused(why)) => Some(Refusal::Unfit(why)),
                Ok(()) | Err(_) => None,
            };
        let refused: Vec<_> = open.into_iter().map(refusal).collect();
        match &trouble {
            None => {
                self.way.works();
                match self.read_back(work, deadline) {
                    Ok(()) => self.session = Some(session),
                    Err(trouble) if trouble.is_final() => return Err(trouble),
                    // The streams may still tell, on a new connection.
                    Err(_) => {}
                }
            }
            // Only the session has ended.
            Some(Trouble::Conflict | Trouble::Refused(_)) => {}
            Some(other) => self.way.failed(&session.connection, other),
        }
        // Whether the others are stored is told by what stands at their places.
        let looks = self.look(work.open(), deadline)?;
        work.settle(looks, refused);
        match trouble {
            Some(trouble) if trouble.is_final() => Err(trouble),
            Some(_) | None => Ok(()),
        }
    }

    /// Reads what the cluster has more since it was last read back. Where that is much and
    /// others', or reading is slow, it stops early: the streams tell, too.
    fn read_back(&mut self, work: &mut Work<'_>, deadline: &Deadline) -> Result<(), Trouble> {
        let mut passed = 0;
        // One more than is waited for: the event at the place itself comes again.
        let mut count = work.missing().saturating_add(1).min(PAGE);
        while !work.is_done() && passed < PASSED_MAX && self.way.has_time(deadline) {
            let place = self.seen.map_or(From::Start, From::At);
            let page = self
                .way
                .once(deadline, |client, login| wire::read_all(client, login, place, count))?;
            let (full, last) = (page.len() == count, page.last().map(|e| e.position.commit));
            let missing = work.missing();
            for event in page {
                // What is wrong with an own event is said where its stream is read.
                if self.seen.is_none_or(|seen| event.position.commit > seen)
                    && let Ok(event) = wire::stored(event)
                {
                    work.found(event);
                }
            }
            self.seen = last.max(self.seen);
            passed = if work.missing() < missing { 0 } else { passed + 1 };
            count = PAGE;
            if !full {
                break;
            }
        }
        Ok(())
    }

    /// Looks at the place of each append: its stream's head, and what stands from where it was to
    /// begin.
    fn look(&self, open: Vec<&Append>, deadline: &Deadline) -> Result<Vec<Look>, Trouble> {
        if open.is_empty() {
            return Ok(Vec::new());
        }
        let places: Vec<_> = open
            .iter()
            .map(|append| (append.stream.clone(), append.expected.next(), append.events.len()))
            .collect();
        self.way.once(deadline, |client, login| async move {
            let looks = places.into_iter().map(|(stream, from, count)| {
                let (client, login) = (client.clone(), login.clone());
                async move {
                    let again = (client.clone(), login.clone());
                    let head = wire::read_head(client, login, stream.clone()).await?;
                    let current = head.map(|head| head.version);
                    let stored = if current.is_some_and(|current| current >= from) {
                        wire::read_stream(again.0, again.1, stream, from, count).await?
                    } else {
                        Vec::new()
                    };
                    Ok(Look { current, stored })
                }
            });
            futures_util::future::try_join_all(looks).await
        })
    }
}

impl EventStore for EsdbStore {
    fn append(&mut self, batch: &[Append]) -> Committed {
        let deadline = self.way.deadline();
        let mut work = Work::new(batch);
        let (mut pause, mut why) = (PAUSE, Trouble::Silent);
        while !work.is_done() && self.way.left(&deadline).is_some() {
            let open = work.missing();
            if let Err(trouble) = self.round(&mut work, &deadline) {
                why = trouble.after(why);
                if why.is_final() {
                    break;
                }
            }
            if work.missing() == open {
                thread::sleep(pause);
                pause = (pause * 2).min(PAUSE_MAX);
            }
        }
        let done = work.finish(self.last, &AppendError::Unavailable(why.to_string()));
        if let Some(last) = done.events.last() {
            self.last = Some(last.position.to_bits());
            self.seen = self.seen.max(self.last);
            for event in &done.events {
                self.readers.log.learn(event);
            }
        }
        done
    }

    fn readers(&self) -> Arc<dyn Readers> {
        Arc::clone(&self.readers) as Arc<dyn Readers>
    }

    fn idle(&mut self) -> Result<(), AppendError> {
        Ok(())
    }

    fn troubles(&self) -> Troubles {
        self.troubles.clone()
    }
}

/// Of two troubles, the one that says more about the connection.
fn worse(one: Trouble, other: Trouble) -> Trouble {
    let rank = |trouble: &Trouble| match trouble {
        Trouble::Denied | Trouble::TooOld | Trouble::Deleted => 4,
        Trouble::NotLeader(_) => 3,
        // Those that were under way with a conflict are told that the session is closed.
        Trouble::Conflict | Trouble::Refused(_) => 2,
        Trouble::Silent | Trouble::Client(_) => 1,
        Trouble::Unreachable => 0,
    };
    if rank(&other) > rank(&one) { other } else { one }
}

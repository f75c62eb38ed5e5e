//! Keeps a client that works: one that failed is dropped, and a new one made.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use eventstore::{Client, Credentials, Endpoint};

use super::address::Address;
use super::connection::Connection;
use super::trouble::Trouble;
use crate::clock::{Clock, SystemClock};
use crate::store::troubles::Troubles;

/// Whoever asks hears an answer within this. People wait for it: an agent that cannot be told
/// within 5 s that nothing was recorded takes the server for dead. A new leader is elected and
/// found in less.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(4);
/// A cluster that has been away for longer gets only this, so that a queue of requests does not
/// wait for it one after the other.
const WHILE_AWAY: Duration = Duration::from_secs(1);
/// One attempt; a connection that is silent for longer is given up.
const ATTEMPT: Duration = Duration::from_millis(1_500);
/// Between two attempts: from this…
const BACK_OFF: Duration = Duration::from_millis(20);
/// … doubling up to this.
const BACK_OFF_MAX: Duration = Duration::from_millis(500);

/// The way to the cluster, for any number of threads.
pub(super) struct Supervisor {
    address: Address,
    clock: SystemClock,
    troubles: Troubles,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    connection: Option<Arc<Connection>>,
    /// The leader that a node named.
    leader: Option<Endpoint>,
    /// Whether there was a connection before.
    failed: bool,
    /// Since when nothing has worked.
    away: Option<Duration>,
    /// How long the next one waits before it connects.
    back_off: Duration,
}

/// How long may be tried.
pub(super) struct Deadline(Duration);

impl Supervisor {
    /// The way to `address`; nothing is connected yet.
    pub(super) fn new(address: Address, troubles: Troubles) -> Self {
        Self { address, clock: SystemClock::new(), troubles, state: Mutex::default() }
    }

    /// When whoever asks now must have an answer.
    pub(super) fn deadline(&self) -> Deadline {
        let now = self.clock.monotonic();
        let away = self.state().away.is_some_and(|since| now > since + ANSWER_WITHIN);
        Deadline(now + if away { WHILE_AWAY } else { ANSWER_WITHIN })
    }

    /// How long may still be tried; none where time is up.
    pub(super) fn left(&self, deadline: &Deadline) -> Option<Duration> {
        let left = deadline.0.checked_sub(self.clock.monotonic())?;
        (left > Duration::ZERO).then(|| left.min(ATTEMPT))
    }

    /// Whether there is time for an attempt that may fail and another one after it.
    pub(super) fn has_time(&self, deadline: &Deadline) -> bool {
        deadline.0 >= self.clock.monotonic() + ATTEMPT * 2
    }

    /// Asks until there is an answer, time is up, or asking is of no use.
    pub(super) fn ask<T, W>(
        &self,
        work: impl Fn(Client, Option<Credentials>) -> W,
    ) -> Result<T, Trouble>
    where
        T: Send + 'static,
        W: Future<Output = Result<T, Trouble>> + Send + 'static,
    {
        let deadline = self.deadline();
        let mut why = Trouble::Silent;
        loop {
            match self.once(&deadline, &work) {
                Ok(done) => return Ok(done),
                Err(trouble) => why = trouble.after(why),
            }
            if why.is_final() || self.left(&deadline).is_none() {
                return Err(why);
            }
        }
    }

    /// Asks once, on the connection there is or on a new one.
    pub(super) fn once<T, W>(
        &self,
        deadline: &Deadline,
        work: impl FnOnce(Client, Option<Credentials>) -> W,
    ) -> Result<T, Trouble>
    where
        T: Send + 'static,
        W: Future<Output = Result<T, Trouble>> + Send + 'static,
    {
        let connection = self.connection(deadline)?;
        let within = self.left(deadline).ok_or(Trouble::Silent)?;
        let done = connection.ask(within, work);
        match &done {
            Ok(_) => self.works(),
            Err(trouble) => self.failed(&connection, trouble),
        }
        done
    }

    /// The connection there is, or a new one.
    pub(super) fn connection(&self, deadline: &Deadline) -> Result<Arc<Connection>, Trouble> {
        let wait = {
            let mut state = self.state();
            if let Some(connection) = &state.connection {
                return Ok(Arc::clone(connection));
            }
            std::mem::take(&mut state.back_off)
        };
        thread::sleep(wait.min(self.left(deadline).unwrap_or_default()));
        let mut state = self.state();
        // Somebody else may have made one meanwhile.
        if let Some(connection) = &state.connection {
            return Ok(Arc::clone(connection));
        }
        let settings = self.address.settings(state.leader.as_ref()).map_err(Trouble::Client)?;
        let ports = self.address.ports(state.leader.as_ref());
        let connection = Connection::new(settings, self.address.credentials(), ports)?;
        let connection = Arc::new(connection);
        state.connection = Some(Arc::clone(&connection));
        if std::mem::take(&mut state.failed) {
            self.troubles.reconnected();
        }
        if state.back_off.is_zero() {
            state.back_off = wait.saturating_mul(2).clamp(BACK_OFF, BACK_OFF_MAX);
        }
        Ok(connection)
    }

    /// Something worked.
    pub(super) fn works(&self) {
        let mut state = self.state();
        state.back_off = Duration::ZERO;
        if let Some(since) = state.away.take() {
            let seconds = self.clock.monotonic().saturating_sub(since).as_secs_f32();
            tracing::info!(address = %self.address, seconds, "the event store is back");
        }
    }

    /// Drops a connection on which something failed. One that another thread uses goes on until
    /// that thread has its answer.
    pub(super) fn failed(&self, connection: &Arc<Connection>, trouble: &Trouble) {
        let mut state = self.state();
        if state.connection.as_ref().is_none_or(|current| !Arc::ptr_eq(current, connection)) {
            return;
        }
        self.troubles.error();
        state.connection = None;
        state.failed = true;
        state.leader = match trouble {
            // Where the client looked it up itself, it finds the new one so too.
            Trouble::NotLeader(leader) if state.leader.as_ref() != Some(leader) => {
                if state.leader.is_none() {
                    // Once without a pause: two nodes may each believe in the other.
                    state.back_off = Duration::ZERO;
                }
                Some(leader.clone())
            }
            Trouble::NotLeader(_)
            | Trouble::Silent
            | Trouble::Unreachable
            | Trouble::Conflict
            | Trouble::Refused(_)
            | Trouble::Denied
            | Trouble::TooOld
            | Trouble::Deleted
            | Trouble::Client(_) => None,
        };
        if state.away.is_none() {
            state.away = Some(self.clock.monotonic());
            tracing::warn!(address = %self.address, why = %trouble, "the event store is away");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

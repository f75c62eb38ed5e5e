//! Two one-way halves between the relay sockets of agent and Control.
//!
//! The reading side of a half is gated below its actor: while [`Half::CAP`] bytes are in flight,
//! nothing more is read from that socket, so the sender's own TCP connection fills up. A frame
//! counts from when it is posted until the other socket's actor has handled it; since that actor
//! is not polled while its write buffer is full, that means that TCP took it.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use actix::{Message, Recipient};
use actix_http::error::PayloadError;
use bytes::Bytes;
use futures_util::Stream;
use futures_util::task::AtomicWaker;

/// Bytes in flight without any release for so long: the other side stopped reading.
const STUCK_AFTER: Duration = Duration::from_secs(10);
/// For so long a relay that both sides have not come to yet counts as on its way.
const FRESH_FOR: Duration = Duration::from_secs(10);

/// Which end of a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The agent's.
    Agent,
    /// Control's.
    Control,
}

/// What a half hands to the socket at its end.
#[derive(Message)]
#[rtype(result = "()")]
pub enum Relayed {
    /// One sealed record.
    Record(Bytes),
    /// The relay is shut.
    Shut(&'static str),
}

/// A relay between one agent and one Control.
pub struct Joint {
    to_agent: Arc<Half>,
    to_control: Arc<Half>,
    opened: Duration,
}

/// One direction.
#[derive(Default)]
pub struct Half {
    in_flight: AtomicUsize,
    released: AtomicU64,
    /// What the watchdog saw last: how much was released, and when that had changed (in ms).
    watched: (AtomicU64, AtomicU64),
    shut: AtomicBool,
    waker: AtomicWaker,
    target: OnceLock<Recipient<Relayed>>,
    /// What was read together with the ticket, before the other side had come: at most what one
    /// read of the socket brings, because the gate shuts with the ticket.
    early: Mutex<Vec<Bytes>>,
}

/// Why a record cannot be posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// The relay is shut.
    #[error("the relay is shut")]
    Shut,
    /// The other socket's mailbox is full: too many small records at once.
    #[error("too many records at once")]
    Full,
}

impl Half {
    /// The most bytes in flight.
    pub const CAP: usize = 256 * 1024;

    /// Posts one record to the other side.
    pub fn post(&self, record: Bytes) -> Result<(), PostError> {
        if self.is_shut() {
            return Err(PostError::Shut);
        }
        let length = record.len();
        self.in_flight.fetch_add(length, Ordering::AcqRel);
        let Some(target) = self.target.get() else { return self.keep(record) };
        Self::send(target, record).inspect_err(|_| self.release(length))
    }

    /// Takes what comes from now on, after what came before.
    fn attach(&self, socket: Recipient<Relayed>) -> Option<()> {
        let mut early = self.early.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_shut() || self.target.get().is_some() {
            return None;
        }
        for record in early.drain(..) {
            let length = record.len();
            if Self::send(&socket, record).is_err() {
                self.release(length);
            }
        }
        self.target.set(socket).ok()?;
        self.waker.wake();
        // Whoever shut it in between found nobody to tell.
        if self.is_shut() { None } else { Some(()) }
    }

    fn keep(&self, record: Bytes) -> Result<(), PostError> {
        let length = record.len();
        let mut early = self.early.lock().unwrap_or_else(PoisonError::into_inner);
        // The other side may have come between the look and the lock.
        let kept = match self.target.get() {
            Some(target) => Self::send(target, record),
            None if self.in_flight() > Self::CAP => Err(PostError::Full),
            None => {
                early.push(record);
                Ok(())
            }
        };
        kept.inspect_err(|_| self.release(length))
    }

    fn send(target: &Recipient<Relayed>, record: Bytes) -> Result<(), PostError> {
        target.try_send(Relayed::Record(record)).map_err(|_| PostError::Full)
    }

    /// The other side's socket has taken `length` bytes.
    pub fn release(&self, length: usize) {
        self.in_flight.fetch_sub(length, Ordering::AcqRel);
        self.released.fetch_add(1, Ordering::AcqRel);
        self.waker.wake();
    }

    /// Bytes that the other side has not taken yet.
    pub fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Acquire)
    }

    fn is_shut(&self) -> bool {
        self.shut.load(Ordering::Acquire)
    }

    fn may_read(&self) -> bool {
        self.is_shut() || (self.target.get().is_some() && self.in_flight() < Self::CAP)
    }

    fn shut(&self, why: &'static str) {
        self.shut.store(true, Ordering::Release);
        self.waker.wake();
        if let Some(target) = self.target.get()
            && let Err(error) = target.try_send(Relayed::Shut(why))
        {
            tracing::debug!(%error, "a relay socket was gone already");
        }
    }

    fn is_stuck(&self, now: Duration) -> bool {
        let now = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let released = self.released.load(Ordering::Acquire);
        let (seen, since) = &self.watched;
        let moved = seen.swap(released, Ordering::AcqRel) != released;
        if moved || self.in_flight() == 0 || since.load(Ordering::Acquire) == 0 {
            since.store(now.max(1), Ordering::Release);
            return false;
        }
        let quiet = now.saturating_sub(since.load(Ordering::Acquire));
        quiet >= u64::try_from(STUCK_AFTER.as_millis()).unwrap_or(u64::MAX)
    }
}

impl Joint {
    /// A relay that was opened at the monotonic time `now`.
    pub fn new(now: Duration) -> Self {
        Self { to_agent: Arc::default(), to_control: Arc::default(), opened: now }
    }

    /// Attaches the socket of one side; returns the half it writes into and the half it reads
    /// from, or `None` where somebody sits there already or the relay is shut.
    pub fn attach(&self, side: Side, socket: Recipient<Relayed>) -> Option<(Arc<Half>, Arc<Half>)> {
        let (outgoing, incoming) = match side {
            Side::Agent => (&self.to_control, &self.to_agent),
            Side::Control => (&self.to_agent, &self.to_control),
        };
        incoming.attach(socket)?;
        Some((Arc::clone(outgoing), Arc::clone(incoming)))
    }

    /// Shuts both directions at once.
    pub fn shut(&self, why: &'static str) {
        self.to_agent.shut(why);
        self.to_control.shut(why);
    }

    /// Whether it was opened just now and both sides are still on their way.
    pub fn is_fresh(&self, now: Duration) -> bool {
        self.is_expectant() && now.saturating_sub(self.opened) < FRESH_FOR
    }

    /// Whether it still stands although one side has not come in time.
    pub fn is_deserted(&self, now: Duration) -> bool {
        self.is_expectant() && now.saturating_sub(self.opened) >= FRESH_FOR
    }

    /// Whether it stands, but not both sides have come.
    fn is_expectant(&self) -> bool {
        let halves = [&self.to_agent, &self.to_control];
        let stands = !halves.iter().any(|half| half.is_shut());
        stands && !halves.iter().all(|half| half.target.get().is_some())
    }

    /// Whether one side has not taken anything for 10 s although something waits for it.
    /// To be asked every few seconds.
    pub fn is_stuck(&self, now: Duration) -> bool {
        let (agent, control) = (self.to_agent.is_stuck(now), self.to_control.is_stuck(now));
        agent || control
    }
}

/// A request's payload that is read only while the half behind it has room.
pub struct Gated<S> {
    inner: S,
    half: Gate,
}

/// The half that gates a payload; none before the ticket has been redeemed.
pub type Gate = Arc<OnceLock<Arc<Half>>>;

impl<S> Gated<S> {
    /// `inner`, gated by what will stand in `half`.
    pub fn new(inner: S, half: Gate) -> Self {
        Self { inner, half }
    }
}

impl<S> Stream for Gated<S>
where
    S: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
{
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if let Some(half) = this.half.get()
            && !half.may_read()
        {
            half.waker.register(cx.waker());
            // Room may have been made between the look and the registration.
            if !half.may_read() {
                return Poll::Pending;
            }
        }
        Pin::new(&mut this.inner).poll_next(cx)
    }
}

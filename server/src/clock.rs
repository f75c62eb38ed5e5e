//! Time, ids and randomness: the only file of the server that asks the machine for them.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use beckon_events::{Nonces, Timestamp};
use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::watch;
use uuid::Uuid;

/// A future that ends when a clock shows what was waited for.
pub type Until = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What tells the time.
pub trait Clock: Send + Sync {
    /// The time of day; may go backwards when somebody sets it.
    fn now(&self) -> Timestamp;

    /// Time since some fixed moment of this process; never goes backwards.
    fn monotonic(&self) -> Duration;

    /// Sleeps until [`Clock::now`] is `at` or later, also when the time of day is set meanwhile.
    /// Polled within a tokio runtime.
    fn until(&self, at: Timestamp) -> Until;
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

/// A clock that stands still until it is moved; clones share the time.
#[derive(Clone, Debug)]
pub struct ManualClock {
    now: Arc<watch::Sender<Timestamp>>,
    start: Timestamp,
}

/// The machine's randomness. Ends the process when there is none: nothing is safe without it.
#[derive(Clone, Debug)]
pub struct Random(SystemRandom);

impl SystemClock {
    /// The machine's clock; [`Clock::monotonic`] counts from here.
    #[expect(clippy::disallowed_methods, reason = "this file is where time comes from")]
    #[expect(clippy::new_without_default, reason = "a default that reads the clock would hide it")]
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

#[expect(clippy::disallowed_methods, reason = "this file is where time comes from")]
fn time_of_day() -> Timestamp {
    let micros = match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_micros()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_micros()).map_or(i64::MIN, |m| -m),
    };
    Timestamp::from_micros(micros)
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        time_of_day()
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    fn until(&self, at: Timestamp) -> Until {
        // Slices, because tokio counts monotonic time and `at` is a time of day that can be set.
        const SLICE: Duration = Duration::from_secs(10);
        Box::pin(async move {
            loop {
                let left = at.since(time_of_day());
                if left.is_zero() {
                    return;
                }
                tokio::time::sleep(left.min(SLICE)).await;
            }
        })
    }
}

impl ManualClock {
    /// A clock that shows `now`.
    pub fn new(now: Timestamp) -> Self {
        Self { now: Arc::new(watch::Sender::new(now)), start: now }
    }

    /// Moves the time of day to `now`, forwards or backwards.
    pub fn set(&self, now: Timestamp) {
        self.now.send_replace(now);
    }

    /// Moves the time on.
    pub fn advance(&self, by: Duration) {
        self.now.send_modify(|now| *now = now.plus(by));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    fn monotonic(&self) -> Duration {
        self.now().since(self.start)
    }

    fn until(&self, at: Timestamp) -> Until {
        let mut moved = self.now.subscribe();
        Box::pin(async move {
            if moved.wait_for(|now| *now >= at).await.is_err() {
                // The clock is gone: this moment never comes.
                std::future::pending::<()>().await;
            }
        })
    }
}

impl Random {
    /// The machine's randomness.
    #[expect(clippy::disallowed_methods, reason = "this file is where randomness comes from")]
    #[expect(
        clippy::new_without_default,
        reason = "a default that reaches for the machine would hide it"
    )]
    pub fn new() -> Self {
        Self(SystemRandom::new())
    }

    /// Fills `bytes`.
    pub fn fill(&self, bytes: &mut [u8]) {
        if self.0.fill(bytes).is_err() {
            tracing::error!("the operating system gives no randomness, ending");
            std::process::abort();
        }
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A random UUID (version 4).
    pub fn uuid(&self) -> Uuid {
        uuid::Builder::from_random_bytes(self.bytes()).into_uuid()
    }

    /// The same source, for `ring`.
    pub fn secure(&self) -> &dyn SecureRandom {
        &self.0
    }
}

impl Nonces for Random {
    fn nonce(&self) -> [u8; 12] {
        self.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[tokio::test]
    async fn whoever_waits_for_a_manual_clock_wakes_when_it_gets_there_and_not_before() {
        let clock = ManualClock::new(at(100));
        let mut waiting = clock.until(at(160));
        clock.advance(Duration::from_secs(59));
        let early = tokio::time::timeout(Duration::from_millis(20), &mut waiting).await;
        assert!(early.is_err(), "woke a second early");
        clock.advance(Duration::from_secs(1));
        tokio::time::timeout(Duration::from_secs(5), waiting).await.unwrap();
        assert_eq!(clock.monotonic(), Duration::from_mins(1));
    }

    #[tokio::test]
    async fn the_systems_clock_ends_a_wait_that_is_over() {
        let clock = SystemClock::new();
        let now = clock.now();
        assert!(now > at(1_700_000_000));
        clock.until(now).await;
        clock.until(now.plus(Duration::from_millis(5))).await;
        assert!(clock.now() >= now.plus(Duration::from_millis(5)));
    }

    #[test]
    fn random_uuids_are_version_four_and_differ() {
        let random = Random::new();
        let (one, other) = (random.uuid(), random.uuid());
        assert_eq!(one.get_version_num(), 4);
        assert_ne!(one, other);
    }
}

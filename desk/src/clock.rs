//! Time and randomness: the only place of the two windows that has them.

use std::time::Duration;

use beckon_events::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};

/// The time of day, for grants and certificates. It may jump.
pub fn now() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "this is clock.rs")]
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// How long this computer has been running, for gaps and countdowns. It never goes back, and on
/// Linux the time that the computer slept counts.
pub fn uptime() -> Duration {
    #[cfg(target_os = "linux")]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let nanos = u32::try_from(time.tv_nsec).unwrap_or_default();
        Duration::new(u64::try_from(time.tv_sec).unwrap_or_default(), nanos)
    }
    #[cfg(not(target_os = "linux"))]
    {
        static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
        #[expect(clippy::disallowed_methods, reason = "this is clock.rs")]
        START.get_or_init(std::time::Instant::now).elapsed()
    }
}

/// This moment, for the window.
#[cfg(target_os = "windows")]
#[expect(clippy::disallowed_methods, reason = "this is clock.rs")]
pub(crate) fn instant() -> std::time::Instant {
    std::time::Instant::now()
}

/// The system's source of secrets.
#[expect(clippy::disallowed_methods, reason = "this is clock.rs")]
pub fn random() -> SystemRandom {
    SystemRandom::new()
}

/// Random bytes; zeros where the system gives no randomness.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    match random().fill(&mut bytes) {
        Ok(()) => bytes,
        Err(_) => [0; N],
    }
}

/// A random number; 0 where the system gives no randomness.
pub fn random_u64() -> u64 {
    u64::from_be_bytes(random_bytes())
}

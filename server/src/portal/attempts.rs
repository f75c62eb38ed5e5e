//! How long a sign-in has to wait: pure.

use std::collections::HashMap;
use std::time::Duration;

use beckon_events::Digest;

use crate::ip_prefix::IpPrefix;

/// The longest wait.
const LONGEST: Duration = Duration::from_mins(1);
/// Failures count for so long.
const FORGET_AFTER: Duration = Duration::from_hours(1);
/// So many may wait at once from one source, whatever the account; another source is not in
/// their way.
const WAITING: usize = 4;
/// So many accounts are remembered, those that do not exist included.
const ACCOUNTS: usize = 10_000;

/// Failed sign-ins, by the digest of what was typed as e-mail. In memory: a restart forgets them.
#[derive(Debug, Default)]
pub struct Attempts(HashMap<Digest, Account>);

#[derive(Debug, Default)]
struct Account {
    failures: u32,
    last: Duration,
    waiting: Vec<IpPrefix>,
}

/// Too many attempts wait already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crowded;

/// What somebody signs in with, however it is written.
pub fn account(email: &str) -> Digest {
    Digest::of(email.trim().to_lowercase().as_bytes())
}

impl Attempts {
    /// An attempt begins at `now` (monotonic) and counts as failed from here on, so that many at
    /// once gain nothing. Answers how long it has to wait before the password is looked at.
    pub fn begin(
        &mut self,
        account: Digest,
        source: IpPrefix,
        now: Duration,
    ) -> Result<Duration, Crowded> {
        self.make_room(now);
        let waiting = self.0.values().flat_map(|account| &account.waiting);
        if waiting.filter(|other| **other == source).count() >= WAITING {
            return Err(Crowded);
        }
        let entry = self.0.entry(account).or_default();
        if now.saturating_sub(entry.last) > FORGET_AFTER {
            entry.failures = 0;
        }
        let wait = match entry.failures {
            0 => Duration::ZERO,
            n => Duration::from_secs(1 << (n - 1).min(6)).min(LONGEST),
        };
        entry.failures = entry.failures.saturating_add(1);
        entry.last = now;
        entry.waiting.push(source);
        Ok(wait)
    }

    /// It has been answered, or its browser is gone.
    pub fn leave(&mut self, account: Digest, source: IpPrefix) {
        if let Some(entry) = self.0.get_mut(&account)
            && let Some(at) = entry.waiting.iter().position(|other| *other == source)
        {
            entry.waiting.swap_remove(at);
        }
    }

    /// The password was right.
    pub fn succeed(&mut self, account: Digest) {
        if let Some(entry) = self.0.get_mut(&account) {
            entry.failures = 0;
        }
    }

    fn make_room(&mut self, now: Duration) {
        if self.0.len() < ACCOUNTS {
            return;
        }
        self.0.retain(|_, entry| {
            !entry.waiting.is_empty() || now.saturating_sub(entry.last) <= FORGET_AFTER
        });
        while self.0.len() >= ACCOUNTS {
            let idle = self.0.iter().filter(|(_, entry)| entry.waiting.is_empty());
            let Some(oldest) = idle.min_by_key(|(_, entry)| entry.last).map(|(key, _)| *key) else {
                return;
            };
            self.0.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(last: u8) -> IpPrefix {
        IpPrefix::of([192, 0, 2, last].into(), 32)
    }

    fn seconds(s: u64) -> Duration {
        Duration::from_secs(s)
    }

    #[test]
    fn the_wait_doubles_from_1_to_60_s_and_never_becomes_a_lock() {
        let (mut attempts, ana) = (Attempts::default(), account("Ana@Example.org "));
        let mut waits = Vec::new();
        for _ in 0..9 {
            waits.push(attempts.begin(ana, source(1), seconds(5)).unwrap().as_secs());
            attempts.leave(ana, source(1));
        }
        assert_eq!(waits, [0, 1, 2, 4, 8, 16, 32, 60, 60]);
        attempts.succeed(account("ana@example.org"));
        assert_eq!(attempts.begin(ana, source(1), seconds(6)), Ok(Duration::ZERO));
    }

    #[test]
    fn failures_are_forgotten_after_an_hour() {
        let (mut attempts, ana) = (Attempts::default(), account("a"));
        attempts.begin(ana, source(1), seconds(0)).unwrap();
        assert_eq!(attempts.begin(ana, source(1), seconds(3_600)), Ok(seconds(1)));
        assert_eq!(attempts.begin(ana, source(1), seconds(7_201)), Ok(Duration::ZERO));
    }

    #[test]
    fn whoever_crowds_an_account_is_not_in_the_way_of_another_source() {
        let (mut attempts, ana) = (Attempts::default(), account("a"));
        for _ in 0..WAITING {
            attempts.begin(ana, source(1), seconds(0)).unwrap();
        }
        assert_eq!(attempts.begin(ana, source(1), seconds(0)), Err(Crowded));
        assert!(attempts.begin(ana, source(2), seconds(0)).is_ok());
        attempts.leave(ana, source(1));
        assert!(attempts.begin(ana, source(1), seconds(0)).is_ok());
    }

    #[test]
    fn invented_accounts_do_not_fill_the_memory() {
        let mut attempts = Attempts::default();
        for n in 0..ACCOUNTS + 50 {
            let account = account(&n.to_string());
            attempts.begin(account, source(1), Duration::from_millis(n as u64)).unwrap();
            attempts.leave(account, source(1));
        }
        assert_eq!(attempts.0.len(), ACCOUNTS);
    }
}

//! Five attempts, then wait: when the next join code may be tried. Pure.
//!
//! An attempt is counted as wrong before the code is looked at, and taken back if it was right;
//! so a server that is killed between the two has counted it.

use std::net::IpAddr;
use std::time::Duration;

use beckon_events::Timestamp;

use crate::ip_prefix::IpPrefix;

/// Wrong codes of one ticket before it waits.
pub const ATTEMPTS: u32 = 5;
/// The first wait; each later one is twice as long.
pub const FIRST_WAIT: Duration = Duration::from_mins(15);
/// The longest wait.
pub const LONGEST_WAIT: Duration = Duration::from_hours(24);

const HOUR: Duration = Duration::from_hours(1);
pub(super) const DAY: Duration = Duration::from_hours(24);

/// What one agent has tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ticket {
    /// Wrong codes since the last wait.
    pub wrong: u32,
    /// How often it had to wait.
    pub waits: u32,
    /// Until when it waits, or waited last.
    pub until: Option<Timestamp>,
}

/// Wrong codes since a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// When the first of them was tried.
    pub start: Timestamp,
    /// How many.
    pub wrong: u32,
}

/// What one network has tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// The network.
    pub prefix: IpPrefix,
    /// Within an hour.
    pub hour: Window,
    /// Within a day.
    pub day: Window,
}

/// What makes somebody wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitKey {
    /// The agent itself.
    Ticket,
    /// The network it comes from.
    Source(IpPrefix),
}

/// A wait, and what causes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// When the next attempt is allowed.
    pub until: Timestamp,
    /// What causes it.
    pub key: WaitKey,
}

/// What holds if the attempt that was just counted is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// How many more may be tried before a wait.
    pub attempts_left: u32,
    /// The wait that begins with it.
    pub wait: Option<Wait>,
}

/// The smallest network an address counts for: one computer, or one household.
pub fn household(source: IpAddr) -> IpPrefix {
    let length = if source.to_canonical().is_ipv4() { 32 } else { 64 };
    IpPrefix::of(source, length)
}

/// The networks an address counts for, the smallest first.
pub fn prefixes(source: IpAddr) -> Vec<IpPrefix> {
    let lengths: &[u8] = match source.to_canonical() {
        IpAddr::V4(_) => &[32],
        IpAddr::V6(_) => &[64, 48, 32],
    };
    lengths.iter().map(|length| IpPrefix::of(source, *length)).collect()
}

/// Counts one attempt as wrong, or says how long to wait; then nothing is counted.
pub fn count(ticket: &mut Ticket, sources: &mut [Source], now: Timestamp) -> Result<Counted, Wait> {
    let waits = ticket.wait(now).into_iter();
    let waits = waits.chain(sources.iter().filter_map(|s| s.wait(now)));
    if let Some(longest) = waits.max_by_key(|wait| wait.until) {
        return Err(longest);
    }
    ticket.count(now);
    for source in sources.iter_mut() {
        source.count(now);
    }
    let left = sources.iter().map(Source::left).min().unwrap_or(u32::MAX);
    let begins = ticket.wait(now).into_iter();
    let begins = begins.chain(sources.iter().filter_map(|s| s.wait(now)));
    Ok(Counted {
        attempts_left: left.min(ATTEMPTS.saturating_sub(ticket.wrong)),
        wait: begins.max_by_key(|wait| wait.until),
    })
}

impl Ticket {
    fn wait(&self, now: Timestamp) -> Option<Wait> {
        let until = self.until.filter(|until| *until > now)?;
        Some(Wait { until, key: WaitKey::Ticket })
    }

    fn count(&mut self, now: Timestamp) {
        if self.wrong >= ATTEMPTS {
            self.wrong = 0;
        }
        self.wrong += 1;
        if self.wrong == ATTEMPTS {
            let doubled = FIRST_WAIT.saturating_mul(1 << self.waits.min(16));
            self.waits = self.waits.saturating_add(1);
            self.until = Some(now.plus(doubled.min(LONGEST_WAIT)));
        }
    }
}

impl Source {
    /// A network that has tried nothing.
    pub fn new(prefix: IpPrefix) -> Self {
        Self { prefix, hour: Window::default(), day: Window::default() }
    }

    /// Takes back one attempt that was right.
    pub fn forgive(&mut self) {
        self.hour.wrong = self.hour.wrong.saturating_sub(1);
        self.day.wrong = self.day.wrong.saturating_sub(1);
    }

    /// Whether nothing of it counts any more.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now.since(self.day.start) >= DAY
    }

    fn count(&mut self, now: Timestamp) {
        self.hour.count(now, HOUR);
        self.day.count(now, DAY);
    }

    fn wait(&self, now: Timestamp) -> Option<Wait> {
        let (hour, day) = self.limits();
        let ends = [self.hour.wait(now, HOUR, hour), self.day.wait(now, DAY, day)];
        let until = ends.into_iter().flatten().max()?;
        Some(Wait { until, key: WaitKey::Source(self.prefix) })
    }

    fn left(&self) -> u32 {
        let (hour, day) = self.limits();
        let hour = hour.saturating_sub(self.hour.wrong);
        hour.min(day.saturating_sub(self.day.wrong))
    }

    /// Wrong codes an hour and a day. A roll-up holds many households, so it is wider.
    fn limits(&self) -> (u32, u32) {
        match (self.prefix.is_ipv4(), self.prefix.length()) {
            (true, _) | (false, 64..) => (25, 100),
            (false, 48..64) => (100, 400),
            (false, _) => (1_000, 4_000),
        }
    }
}

impl Window {
    fn count(&mut self, now: Timestamp, length: Duration) {
        if self.wrong == 0 || now.since(self.start) >= length {
            *self = Self { start: now, wrong: 0 };
        }
        self.wrong += 1;
    }

    fn wait(&self, now: Timestamp, length: Duration, limit: u32) -> Option<Timestamp> {
        let end = self.start.plus(length);
        (self.wrong >= limit && end > now).then_some(end)
    }
}

#[cfg(test)]
mod tests;

//! How fast the link delivers.

use std::collections::VecDeque;
use std::time::Duration;

use super::per_second;

/// The delivery rate: the largest of the recent measurements. One that was limited by how little
/// there was to send can only raise it.
#[derive(Clone, Debug, Default)]
pub(super) struct Delivery {
    progress: Progress,
    /// Measurements and their times. INVARIANT: each is larger than all after it.
    recent: VecDeque<(Duration, u64)>,
    /// Whether the link was ever filled.
    measured: bool,
}

/// How much was delivered by when.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    bytes: u64,
    /// When the last was acknowledged.
    at: Duration,
    /// When that was sent.
    sent_at: Duration,
}

impl Delivery {
    /// Measurements that are kept.
    const MOST: usize = 16;

    /// Nothing was on its way until now: the waiting says nothing about the link.
    pub(super) fn idle_until(&mut self, now: Duration) {
        self.progress.at = now;
        self.progress.sent_at = now;
    }

    pub(super) fn progress(&self) -> Progress {
        self.progress
    }

    pub(super) fn delivered(&mut self, bytes: u64, sent_at: Duration, now: Duration) {
        let bytes = self.progress.bytes.saturating_add(bytes);
        self.progress = Progress { bytes, at: now, sent_at };
    }

    /// The rate between what was delivered when an update was sent, and its acknowledgement. The
    /// longer of the times between sendings and between acknowledgements counts: these
    /// sometimes come all at once.
    pub(super) fn since(&self, before: &Progress, sent_at: Duration, now: Duration) -> u64 {
        let bytes = self.progress.bytes.saturating_sub(before.bytes);
        let sending = sent_at.saturating_sub(before.sent_at);
        per_second(bytes, now.saturating_sub(before.at).max(sending))
    }

    /// The link was filled and delivered at this rate; what was measured longer ago than `keep`
    /// no longer counts.
    pub(super) fn measure(&mut self, rate: u64, now: Duration, keep: Duration) {
        let old = |(at, _): &mut (Duration, u64)| now.saturating_sub(*at) > keep;
        while self.recent.pop_front_if(old).is_some() {}
        self.measured = true;
        self.push(rate, now);
    }

    /// The link delivered at this rate, and might have been faster.
    pub(super) fn at_least(&mut self, rate: u64, now: Duration) {
        if self.rate().is_none_or(|known| rate >= known) {
            self.push(rate, now);
        }
    }

    /// The link is slower than it was.
    pub(super) fn slow_down(&mut self, rate: u64, now: Duration) {
        self.recent.clear();
        self.measured = true;
        self.push(rate, now);
    }

    pub(super) fn rate(&self) -> Option<u64> {
        self.recent.front().map(|(_, rate)| *rate)
    }

    /// The rate, if it is more than a lower bound.
    pub(super) fn measured(&self) -> Option<u64> {
        self.rate().filter(|_| self.measured)
    }

    fn push(&mut self, rate: u64, now: Duration) {
        while self.recent.pop_back_if(|(_, before)| *before <= rate).is_some() {}
        if self.recent.len() < Self::MOST {
            self.recent.push_back((now, rate));
        }
    }
}

//! How long the way to Control and back is.

use std::collections::VecDeque;
use std::time::Duration;

use super::flight::{Company, Flight};
use super::per_second;

/// The shortest round trip of the last ten seconds: one sample for each of them.
#[derive(Clone, Debug, Default)]
pub(super) struct RoundTrip {
    samples: VecDeque<Sample>,
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    at: Duration,
    took: Duration,
    bytes: u64,
}

impl RoundTrip {
    const KEPT: Duration = Duration::from_secs(10);
    const EACH: Duration = Duration::from_secs(1);
    /// INVARIANT: no more samples are kept, plus one.
    const MOST: usize = 16;
    const NOISE: Duration = Duration::from_millis(20);

    /// The acknowledgement of an update took so long. What is old is forgotten only where this
    /// one was small and had the link for itself: others waited, be it for themselves.
    pub(super) fn add(&mut self, took: Duration, flight: &Flight, now: Duration) {
        let bytes = flight.bytes;
        let sample = Sample { at: now, took, bytes };
        let forgets = flight.company == Company::AloneAndSmall;
        let old = |sample: &mut Sample| forgets && now.saturating_sub(sample.at) > Self::KEPT;
        while self.samples.len() > Self::MOST || self.samples.front_mut().is_some_and(old) {
            self.samples.pop_front();
        }
        match self.samples.back_mut() {
            Some(last) if now.saturating_sub(last.at) < Self::EACH => {
                if took < last.took {
                    (last.took, last.bytes) = (took, bytes);
                }
            }
            _ => self.samples.push_back(sample),
        }
    }

    pub(super) fn shortest(&self) -> Option<Duration> {
        self.samples.iter().map(|sample| sample.took).min()
    }

    /// The rate that the bytes show by which an update was larger than the quickest one, and the
    /// time by which it took longer; `None` where they are too much alike.
    pub(super) fn slope(&self, took: Duration, flight: &Flight) -> Option<u64> {
        let quickest = self.samples.iter().min_by_key(|sample| sample.took)?;
        let longer = took.checked_sub(quickest.took)?;
        let larger = flight.bytes.checked_sub(quickest.bytes)?;
        let clear = longer > quickest.took / 4 + Self::NOISE && larger >= flight.bytes / 2;
        let alone = flight.company != Company::Others;
        (alone && clear).then(|| per_second(larger, longer))
    }
}

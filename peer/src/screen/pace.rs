//! How far the agent may run ahead of Control, and how much an update may hold.

mod delivery;
mod flight;
#[cfg(test)]
mod link_tests;
mod quality;
mod round_trip;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::Duration;

use delivery::Delivery;
use flight::{Company, Flight};
use quality::Quality;
use round_trip::RoundTrip;

/// The first budget, doubled by each full update that arrives quickly.
const FIRST_BUDGET: u64 = 16 * 1024;
const LEAST_BUDGET: u64 = 4 * 1024;
const MOST_BUDGET: u64 = 4 * 1024 * 1024;
/// How long an update may take on its way, beside the round trip.
const UPDATE_TIME: Duration = Duration::from_millis(150);
/// Bytes that may always be on their way, and how long the link may be kept busy whatever the
/// round trip is: the encoder works while the last update travels.
const LEAST_AHEAD: u64 = 4 * 1024;
const BUSY_TIME: Duration = Duration::from_millis(60);
/// From this round trip on more than three small updates may be on their way.
const LONG_ROUND_TRIP: Duration = Duration::from_millis(50);
const MOST_SMALL_AHEAD: u32 = 8;
/// After this long without a small update that had the link for itself one is made, or the queue
/// of what is sent would be taken for a longer round trip.
const PROBE_AFTER: Duration = Duration::from_secs(8);
/// Which part of the budget a probe has, and what one has that cannot be smaller than a tile.
const PROBE_PART: u64 = 8;
const MOST_PROBE: u64 = 32 * 1024;
/// How long a measured rate counts at least.
const KEEP: Duration = Duration::from_secs(2);
/// A first update that took longer than this was slowed by the rate of the link, not by its
/// length.
const SLOW_START: Duration = Duration::from_millis(600);
/// A rate that no larger update has shown for so long may no longer hold, unless the link is as
/// short as one within a building: the next update has at most this budget.
const DOUBT_AFTER: Duration = Duration::from_secs(10);
const SHORT_ROUND_TRIP: Duration = Duration::from_millis(10);
const DOUBT_BUDGET: u64 = 64 * 1024;
/// An update is late when it took twice what the estimates say and this much more.
const LATE: Duration = Duration::from_millis(100);

/// The flow control of one channel: at most three updates (a few more while they are small and
/// the round trip is long) and one bandwidth-delay product of bytes are on their way; until they
/// are acknowledged nothing is even captured, so that what is sent next is the newest. Times
/// count from any fixed moment and never go back. Made anew together with its
/// [`Encoder`](super::Encoder).
#[derive(Clone, Debug)]
pub struct Pace {
    sent: u32,
    acknowledged: u32,
    /// INVARIANT: numbers rise, all after `acknowledged`.
    flights: VecDeque<Flight>,
    /// Sum of the bytes in `flights`.
    ahead: u64,
    delivery: Delivery,
    round_trip: RoundTrip,
    /// The budget of the slow start; `None` when it is over.
    start: Option<u64>,
    /// When an update last used much of its budget, and the budget until the next one does.
    shown_at: Duration,
    doubt: Option<u64>,
    /// When a small update last had the link for itself.
    probed_at: Duration,
    /// Whether the next update has to be a small one that has the link for itself.
    probe: bool,
    /// Late updates one after the other.
    late: u32,
    /// What was sent before this was too much is no evidence any more.
    slowed_at: Duration,
    quality: Quality,
}

/// Control acknowledged what was never sent, or less than before: it is not to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("update {update} was acknowledged, but {acknowledged} to {sent} are on their way")]
pub struct PaceError {
    /// What was acknowledged now.
    pub update: u32,
    /// The last one acknowledged before.
    pub acknowledged: u32,
    /// The last one sent.
    pub sent: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            sent: 0,
            acknowledged: 0,
            flights: VecDeque::new(),
            ahead: 0,
            delivery: Delivery::default(),
            round_trip: RoundTrip::default(),
            start: Some(FIRST_BUDGET),
            shown_at: Duration::ZERO,
            doubt: None,
            probed_at: Duration::ZERO,
            probe: false,
            late: 0,
            slowed_at: Duration::ZERO,
            quality: Quality::default(),
        }
    }
}

impl Pace {
    /// The most updates on their way, unless they are small and the round trip is long.
    pub const AHEAD: u32 = 3;

    /// Nothing was sent yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the next update may be captured and sent.
    pub fn may_send(&self) -> bool {
        let count = self.sent.wrapping_sub(self.acknowledged);
        if count == 0 {
            return true;
        }
        let small =
            || count < MOST_SMALL_AHEAD && self.rtt().is_some_and(|rtt| rtt >= LONG_ROUND_TRIP);
        !self.probe && self.ahead < self.most_ahead() && (count < Self::AHEAD || small())
    }

    /// Update `number` of this many bytes was sent; numbers rise by one from 1.
    pub fn sent(&mut self, number: u32, bytes: usize, now: Duration) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        if self.flights.is_empty() {
            self.delivery.idle_until(now);
        }
        if self.flights.len() >= Flight::MOST {
            self.ahead -= self.flights.pop_front().map_or(0, |flight| flight.bytes);
        }
        let is_near = self.rtt().is_none_or(|rtt| rtt < SHORT_ROUND_TRIP);
        if self.is_stale(now) {
            self.doubt = Some(DOUBT_BUDGET);
        }
        let budget = self.next_budget(self.doubt);
        let most = self.link_bears();
        // A probe that is not small has only one tile: less than that cannot be sent.
        let is_probe = self.probe && bytes <= MOST_PROBE;
        let company = match self.flights.is_empty() {
            true if is_probe || bytes <= budget / 4 => Company::AloneAndSmall,
            true => Company::Alone,
            false => Company::Others,
        };
        if company == Company::AloneAndSmall || self.rtt().is_none() {
            self.probed_at = now;
        }
        self.probe = now.saturating_sub(self.probed_at) > PROBE_AFTER;
        if is_near || bytes >= budget / 8 {
            self.shown_at = now;
        }
        self.sent = number;
        self.ahead += bytes;
        self.flights.push_back(Flight {
            number,
            bytes,
            at: now,
            ahead: self.ahead,
            company,
            fills_budget: bytes >= budget / 2,
            fills_link: self.ahead >= most,
            before: self.delivery.progress(),
        });
    }

    /// Control has decoded `update` and all before it.
    pub fn acknowledged(&mut self, update: u32, now: Duration) -> Result<(), PaceError> {
        let count = self.sent.wrapping_sub(self.acknowledged);
        let step = update.wrapping_sub(self.acknowledged);
        if step == 0 || step > count {
            let Self { sent, acknowledged, .. } = *self;
            return Err(PaceError { update, acknowledged, sent });
        }
        let before = self.acknowledged;
        self.acknowledged = update;
        let mut last = None;
        while let Some(flight) =
            self.flights.pop_front_if(|flight| flight.number.wrapping_sub(before) <= step)
        {
            self.ahead -= flight.bytes;
            self.delivery.delivered(flight.bytes, flight.at, now);
            last = Some(flight);
        }
        if let Some(flight) = last {
            self.learn(&flight, now);
        }
        Ok(())
    }

    /// How many bytes the next update may have, so that it takes about 150 ms on its way beside
    /// the round trip: 4 KiB to 4 MiB; at most 64 KiB after ten seconds without a larger one, and
    /// now and then less, to measure the round trip.
    pub fn budget(&self, now: Duration) -> usize {
        let part = if self.probe { PROBE_PART } else { 1 };
        let doubt = if self.is_stale(now) { Some(DOUBT_BUDGET) } else { self.doubt };
        // What is in doubt is not sent twice over.
        let doubt = doubt.map(|doubt| doubt.saturating_sub(self.ahead));
        usize::try_from(self.next_budget(doubt) / part).unwrap_or(usize::MAX)
    }

    /// The JPEG quality that the link can bear, 35 to 85.
    pub fn quality(&self) -> u8 {
        self.quality.value()
    }

    /// From sending to the acknowledgement of what is small, at its shortest of late; `None`
    /// before the first acknowledgement.
    pub fn rtt(&self) -> Option<Duration> {
        self.round_trip.shortest()
    }

    /// Bytes per second that the link takes at least; `None` before the first acknowledgement.
    pub fn rate(&self) -> Option<u64> {
        self.delivery.rate()
    }

    /// Whether the rate was measured too long ago to rely on it.
    fn is_stale(&self, now: Duration) -> bool {
        let is_far = self.rtt().is_some_and(|rtt| rtt >= SHORT_ROUND_TRIP);
        is_far && now.saturating_sub(self.shown_at) > DOUBT_AFTER
    }

    fn next_budget(&self, doubt: Option<u64>) -> u64 {
        let measured = self.rate().map_or(0, |rate| bytes_in(UPDATE_TIME, rate));
        let most = doubt.unwrap_or(MOST_BUDGET);
        measured.max(self.start.unwrap_or(0)).min(most).clamp(LEAST_BUDGET, MOST_BUDGET)
    }

    /// When so many bytes are on their way, nothing is added.
    fn most_ahead(&self) -> u64 {
        self.doubt.map_or(self.link_bears(), |doubt| doubt.min(self.link_bears()))
    }

    /// With so many bytes on their way the link is full, as far as that is known.
    fn link_bears(&self) -> u64 {
        let (Some(rate), Some(rtt)) = (self.rate(), self.rtt()) else { return FIRST_BUDGET };
        let product = bytes_in(rtt, rate);
        let most = match self.start {
            Some(start) => start.max(product * 2),
            None => product + product / 4,
        };
        most.max(LEAST_AHEAD).max(bytes_in(BUSY_TIME, rate))
    }

    fn learn(&mut self, flight: &Flight, now: Duration) {
        let took = now.saturating_sub(flight.at);
        let first = self.rtt().is_none();
        let slope = self.round_trip.slope(took, flight);
        self.round_trip.add(took, flight, now);
        let rtt = self.rtt().unwrap_or(took);
        let beside = took.saturating_sub(rtt);
        let keep = (rtt * 8).clamp(KEEP, KEEP * 2);
        let sample = self.delivery.since(&flight.before, flight.at, now);
        if flight.fills_link && self.start.is_none() {
            self.delivery.measure(sample, now, keep);
        } else {
            self.delivery.at_least(sample, now);
        }
        if let Some(slope) = slope {
            self.delivery.measure(slope, now, keep);
        }
        self.watch_delay(flight, took, rtt, now);
        if let Some(start) = self.start
            && flight.fills_budget
        {
            let enough = beside > UPDATE_TIME * 2 / 3 || first && took > SLOW_START;
            self.start = Some(start * 2).filter(|next| !enough && *next <= MOST_BUDGET);
            if self.start.is_none() {
                self.probe = true;
            }
        }
        if flight.fills_budget && beside < UPDATE_TIME {
            self.doubt = self.doubt.map(|doubt| doubt * 4).filter(|doubt| *doubt < MOST_BUDGET);
        }
        if let Some(rate) = self.rate() {
            // While too little was sent to fill the link, it may well be faster.
            self.quality.follow(rate, self.delivery.measured().is_some());
        }
    }

    /// Notices a link that has become slower even while too little is sent to fill it.
    fn watch_delay(&mut self, flight: &Flight, took: Duration, rtt: Duration, now: Duration) {
        let Some(rate) = self.rate().filter(|_| flight.at >= self.slowed_at) else { return };
        let expected = rtt + time_of(flight.ahead, rate);
        if took <= expected * 2 + LATE {
            self.late = 0;
            return;
        }
        self.late += 1;
        // Little data that is late may have other reasons.
        let is_much = flight.fills_link || self.doubt.is_some() && flight.fills_budget;
        if self.late >= 2 || is_much {
            let sample = per_second(flight.ahead, took.saturating_sub(rtt));
            let next = if is_much { sample } else { sample.max(rate / 8) };
            self.delivery.slow_down(next.min(rate), now);
            self.probe = true;
            self.slowed_at = now;
            (self.start, self.doubt) = (None, None);
            self.late = 0;
        }
    }
}

/// Bytes that pass in a time at a rate.
fn bytes_in(time: Duration, rate: u64) -> u64 {
    let bytes = time.as_micros() * u128::from(rate) / 1_000_000;
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// How long bytes take at a rate.
fn time_of(bytes: u64, rate: u64) -> Duration {
    let micros = u128::from(bytes) * 1_000_000 / u128::from(rate.max(1));
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

/// The rate at which bytes passed in a time.
fn per_second(bytes: u64, time: Duration) -> u64 {
    let rate = u128::from(bytes) * 1_000_000 / time.as_micros().max(100);
    u64::try_from(rate).unwrap_or(u64::MAX).max(1)
}

//! The flow control over a simulated link, in simulated time.

use std::collections::VecDeque;
use std::time::Duration;

use super::Pace;

const MBIT: u64 = 125_000;
const HEADER: u64 = 60;

/// A way to Control with a first-in-first-out queue before it, and a screen that changes.
struct Link {
    now: u64,
    /// Bytes per second at a millisecond; 0 while it stalls.
    rate: fn(u64) -> u64,
    round_trip: u64,
    /// What waits before the slow part: bytes left, in thousandths, and the update.
    queue: VecDeque<(u64, Sent)>,
    flying: VecDeque<(u64, Sent)>,
    acknowledged: VecDeque<(u64, u32)>,
    pace: Pace,
    number: u32,
    text: u64,
    photo: u64,
    /// The least that can be sent of photos.
    tile: u64,
    /// When the screen changed, of what is not yet shown; how many are shown.
    changes: VecDeque<u64>,
    shown: u64,
    changed: u64,
    last_capture: u64,
    /// Milliseconds from each change to its picture.
    latencies: Vec<u64>,
    /// Age of the picture at each millisecond.
    ages: Vec<u64>,
    most_queued: u64,
    sizes: Vec<u64>,
}

#[derive(Clone, Copy)]
struct Sent {
    number: u32,
    /// The changes that are shown once this is, where nothing was left behind.
    shows: Option<u64>,
}

impl Link {
    fn new(rate: fn(u64) -> u64, round_trip: u64) -> Self {
        Self {
            now: 0,
            rate,
            round_trip,
            queue: VecDeque::new(),
            flying: VecDeque::new(),
            acknowledged: VecDeque::new(),
            pace: Pace::new(),
            number: 0,
            text: 0,
            photo: 0,
            tile: 1,
            changes: VecDeque::new(),
            shown: 0,
            changed: 0,
            last_capture: 0,
            latencies: Vec::new(),
            ages: Vec::new(),
            most_queued: 0,
            sizes: Vec::new(),
        }
    }

    /// The first picture of a monitor: text and photos.
    fn opened(rate: fn(u64) -> u64, round_trip: u64) -> Self {
        let mut link = Self::new(rate, round_trip);
        link.change(150_000);
        link.photo = 400_000;
        link
    }

    /// Changed text is as large as what is needed for the newest picture.
    fn change(&mut self, text: u64) {
        self.text = self.text.max(text);
        self.changes.push_back(self.now);
        self.changed += 1;
    }

    fn type_for(&mut self, time: u64) {
        self.every(100, time, |link| link.change(900));
    }

    fn scroll_for(&mut self, time: u64) {
        self.every(33, time, |link| link.change(12_600));
    }

    fn rest_for(&mut self, time: u64) {
        self.every(u64::MAX, time, |_| {});
    }

    fn every(&mut self, interval: u64, time: u64, change: impl Fn(&mut Self)) {
        let end = self.now + time;
        let begin = self.now;
        while self.now < end {
            if interval < u64::MAX && (self.now - begin).is_multiple_of(interval) {
                change(self);
            }
            self.step();
        }
    }

    fn step(&mut self) {
        self.now += 1;
        let now = Duration::from_millis(self.now);
        let mut passed = (self.rate)(self.now);
        while let Some((left, sent)) = self.queue.front_mut() {
            let part = passed.min(*left);
            (*left, passed) = (*left - part, passed - part);
            if *left > 0 {
                break;
            }
            self.flying.push_back((self.now + self.round_trip / 2, *sent));
            self.queue.pop_front();
        }
        while let Some((_, sent)) = self.flying.pop_front_if(|(at, _)| *at <= self.now) {
            if let Some(shows) = sent.shows {
                while self.shown < shows {
                    self.shown += 1;
                    let since = self.changes.pop_front().unwrap();
                    self.latencies.push(self.now - since);
                }
            }
            self.acknowledged.push_back((self.now + self.round_trip / 2, sent.number));
        }
        while let Some((_, number)) = self.acknowledged.pop_front_if(|(at, _)| *at <= self.now) {
            self.pace.acknowledged(number, now).unwrap();
        }
        self.ages.push(self.changes.front().map_or(0, |since| self.now - since));
        if self.now - self.last_capture >= 16 && self.text + self.photo > 0 && self.pace.may_send()
        {
            self.send(now);
        }
        let queued = self.queue.iter().map(|(left, _)| left / 1_000).sum();
        self.most_queued = self.most_queued.max(queued);
    }

    fn send(&mut self, now: Duration) {
        let budget = self.pace.budget(now) as u64;
        let text = self.text.min(budget);
        // One tile at least.
        let room = if text == 0 { budget.max(self.tile) } else { budget - text };
        let photo = self.photo.min(room - room % self.tile);
        self.text -= text;
        self.photo -= photo;
        self.number += 1;
        let bytes = text + photo + HEADER;
        self.sizes.push(bytes);
        let shows = (self.text == 0).then_some(self.changed);
        self.queue.push_back((bytes * 1_000, Sent { number: self.number, shows }));
        self.pace.sent(self.number, usize::try_from(bytes).unwrap(), now);
        self.last_capture = self.now;
    }

    /// Forgets what was measured.
    fn measure(&mut self) {
        self.ages.clear();
        self.latencies.clear();
        self.sizes.clear();
        self.most_queued = 0;
    }

    fn age_95(&self) -> u64 {
        let mut ages = self.ages.clone();
        ages.sort_unstable();
        ages[ages.len() * 95 / 100]
    }
}

#[test]
fn from_2_mbit_on_the_picture_is_young_while_typing_and_scrolling() {
    let rates: [fn(u64) -> u64; 4] = [|_| 2 * MBIT, |_| 5 * MBIT, |_| 20 * MBIT, |_| 100 * MBIT];
    for rate in rates {
        for round_trip in [20, 80, 200] {
            let what = format!("{} Mbit/s, {round_trip} ms", rate(0) / MBIT);
            let mut link = Link::opened(rate, round_trip);
            link.rest_for(4_000);
            assert_eq!(link.text + link.photo, 0, "{what}: the first picture");
            link.measure();
            link.type_for(5_000);
            let typing = link.age_95();
            link.measure();
            link.scroll_for(25_000);
            let scrolling = link.age_95();
            assert!(typing <= 2 * round_trip + 200, "{what}: typing {typing}");
            assert!(scrolling <= 2 * round_trip + 200, "{what}: scrolling {scrolling}");
            link.measure();
            link.type_for(3_000);
            assert!(link.age_95() <= 2 * round_trip + 200, "{what}: typing again");
        }
    }
}

#[test]
fn at_256_kbit_text_comes_first_and_typing_waits_for_little() {
    for round_trip in [20, 80, 200] {
        let mut link = Link::opened(|_| 32_000, round_trip);
        link.every(1, 10_000, |_| {});
        assert_eq!(link.shown, 1, "{round_trip} ms: the first picture");
        assert!(link.photo > 0);
        link.measure();
        link.type_for(6_000);
        assert!(link.photo > 0, "typed while photos are on their way");
        let worst = *link.latencies.iter().max().unwrap();
        assert!(worst <= round_trip / 2 + 500, "{round_trip} ms: {worst} ms");
        assert!(link.pace.quality() <= 40);
        link.rest_for(15_000);
        link.measure();
        link.type_for(5_000);
        let worst = *link.latencies.iter().max().unwrap();
        assert!(worst <= round_trip / 2 + 500, "{round_trip} ms, nothing else: {worst} ms");
    }
}

#[test]
fn at_64_kbit_little_waits_and_all_arrives() {
    for round_trip in [20, 80, 200] {
        let mut link = Link::opened(|_| 8_000, round_trip);
        link.rest_for(20_000);
        link.measure();
        link.type_for(20_000);
        assert!(link.most_queued <= 12_000, "{round_trip} ms: {}", link.most_queued);
        link.measure();
        link.scroll_for(20_000);
        assert!(link.most_queued <= 12_000, "{round_trip} ms: {}", link.most_queued);
        assert!(!link.latencies.is_empty());
        assert_eq!(link.pace.quality(), 35);
        link.rest_for(90_000);
        assert_eq!((link.text, link.photo, link.changes.len()), (0, 0, 0));
    }
}

#[test]
fn a_link_that_becomes_slow_is_followed() {
    for round_trip in [20, 80, 200] {
        // In the middle of scrolling, and while only little is sent.
        for scrolls in [true, false] {
            let mut link =
                Link::opened(|now| if now < 10_000 { 100 * MBIT } else { 32_000 }, round_trip);
            link.scroll_for(7_000);
            if scrolls {
                link.scroll_for(13_000);
            } else {
                link.type_for(13_000);
            }
            link.photo = 1_000_000;
            link.type_for(10_000);
            link.measure();
            link.type_for(10_000);
            let worst = *link.latencies.iter().max().unwrap();
            assert!(worst <= round_trip / 2 + 500, "{round_trip} ms: {worst} ms");
        }
    }
}

#[test]
fn what_was_measured_before_a_long_silence_fills_no_link_that_became_slow_meanwhile() {
    for round_trip in [20, 80, 200] {
        let rate = |now| if now < 60_000 { 100 * MBIT } else { MBIT };
        let mut link = Link::opened(rate, round_trip);
        link.rest_for(60_000);
        link.measure();
        link.photo = 1_000_000;
        link.rest_for(1_000);
        assert!(link.most_queued <= 64 * 1024 + HEADER, "{round_trip} ms: {}", link.most_queued);
        link.type_for(5_000);
        let worst = *link.latencies.iter().max().unwrap();
        assert!(worst <= round_trip / 2 + 1_000, "{round_trip} ms: {worst} ms");
    }
}

#[test]
fn after_a_long_silence_a_link_that_is_as_fast_as_before_is_soon_used() {
    for round_trip in [5, 20, 80, 200] {
        let mut link = Link::opened(|_| 100 * MBIT, round_trip);
        link.rest_for(60_000);
        link.photo = 1_000_000;
        link.rest_for(200 + 4 * round_trip);
        assert_eq!(link.photo, 0, "{round_trip} ms");
    }
}

#[test]
fn a_slow_link_is_used_even_where_one_tile_is_much_for_a_probe() {
    for round_trip in [80, 600] {
        let mut link = Link::opened(|_| 64_000, round_trip);
        (link.tile, link.photo) = (5_000, 100_000_000);
        link.rest_for(20_000);
        link.measure();
        link.rest_for(40_000);
        let sent: u64 = link.sizes.iter().sum();
        assert!(sent >= 40 * 64_000 / 2, "{round_trip} ms: {sent}");
    }
}

#[test]
fn a_link_that_becomes_fast_is_used() {
    for round_trip in [20, 80, 200] {
        let mut link =
            Link::opened(|now| if now < 10_000 { 32_000 } else { 100 * MBIT }, round_trip);
        link.scroll_for(10_000);
        link.every(33, 6_000, |link| link.change(300_000));
        let budget = link.pace.budget(Duration::from_millis(link.now));
        assert!(budget >= 350_000, "{round_trip} ms: {budget}");
        assert_eq!(link.pace.quality(), 85);
    }
}

#[test]
fn a_stall_ends_nothing_and_is_soon_forgotten() {
    for round_trip in [20, 80, 200] {
        let stalls = |now| if (10_000..15_000).contains(&now) { 0 } else { 2 * MBIT };
        let mut link = Link::opened(stalls, round_trip);
        link.scroll_for(15_000);
        assert!(link.most_queued <= 200_000, "{}", link.most_queued);
        link.scroll_for(2_000);
        link.measure();
        link.scroll_for(5_000);
        assert!(link.age_95() <= 2 * round_trip + 200, "{round_trip} ms: {}", link.age_95());
    }
}

#[test]
fn on_the_same_machine_a_full_photo_is_one_update() {
    let mut link = Link::new(|_| 1_000_000_000, 2);
    link.every(33, 1_000, |link| link.change(1_000_000));
    link.measure();
    link.every(33, 30_000, |link| link.change(1_000_000));
    assert!(link.sizes.iter().all(|bytes| *bytes >= 1_000_000));
    assert!(link.age_95() <= 40);
}

#[test]
fn typing_is_not_held_back_by_a_long_round_trip() {
    let mut link = Link::new(|_| 10 * MBIT, 200);
    link.every(33, 5_000, |link| link.change(900));
    assert!(link.sizes.len() >= 5 * 28, "{}", link.sizes.len());
}

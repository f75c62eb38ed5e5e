//! Where events stand on the timeline of a replay.

use std::fmt;
use std::time::Duration;

use askama::filters::HtmlSafe;
use beckon_events::Timestamp;

use crate::text;

/// A gap that is no longer than this is never shortened, in microseconds.
const SHORT: u64 = 10_000_000;
/// The first event stands here, the last one there: what follows it must be seen, too.
const FROM: u64 = 1_500;
const TO: u64 = 94_000;
/// All of the timeline.
const WHOLE: u64 = 100_000;

/// A place on the timeline, or a width, in thousandths of a percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(u64);

/// A long time in which nothing happened, drawn shorter than it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Its middle.
    pub at: Place,
    /// How long it was.
    pub words: String,
}

/// The timeline: two thirds of it are time, one third keeps events apart that came together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    // INVARIANT: grows; one for each event.
    places: Vec<Place>,
    gaps: Vec<Gap>,
}

impl Axis {
    /// The timeline of events at these times.
    pub fn of(times: &[Timestamp]) -> Self {
        let length = |two: &[Timestamp]| match two {
            [from, to] => u64::try_from(to.micros() - from.micros()).unwrap_or_default(),
            _ => 0,
        };
        let gaps: Vec<u64> = times.windows(2).map(length).collect();
        let longest = longest(&gaps);
        let shown: Vec<u64> = gaps.iter().map(|gap| (*gap).min(longest)).collect();
        let apart = (shown.iter().sum::<u64>() / 2 / (gaps.len() as u64).max(1)).max(1);
        let whole = shown.iter().map(|gap| gap + apart).sum::<u64>().max(1);
        let place = |done: u64| Place(FROM + scaled(done, TO - FROM, whole));
        let mut done = 0;
        let mut axis = Self { places: Vec::with_capacity(times.len()), gaps: Vec::new() };
        axis.places.extend(times.first().map(|_| place(0)));
        for (gap, shown) in gaps.iter().zip(&shown) {
            let width = shown + apart;
            if gap > shown {
                let words = text::replay::lasted(Duration::from_micros(*gap));
                axis.gaps.push(Gap { at: place(done + width / 2), words });
            }
            done += width;
            axis.places.push(place(done));
        }
        axis
    }

    /// Where the event stands.
    pub fn place(&self, index: usize) -> Place {
        self.places.get(index).copied().unwrap_or(Place::END)
    }

    /// The gaps that are drawn shorter than they were.
    pub fn gaps(self) -> Vec<Gap> {
        self.gaps
    }
}

impl Place {
    /// The right end.
    pub const END: Self = Self(WHOLE);

    /// From here to there.
    pub fn until(self, end: Self) -> Self {
        Self(end.0.saturating_sub(self.0))
    }

    /// For a slider from 0 to 100,000.
    pub fn thousandths(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}%", self.0 / 1_000, self.0 % 1_000)
    }
}

// It consists of digits.
impl HtmlSafe for Place {}

/// The longest gap that is drawn as long as it was: twice as long as three of four are.
fn longest(gaps: &[u64]) -> u64 {
    let mut sorted = gaps.to_vec();
    sorted.sort_unstable();
    sorted.get(gaps.len() * 3 / 4).map_or(SHORT, |usual| usual.saturating_mul(2).max(SHORT))
}

/// `part` of `of`, on a scale of `to`.
fn scaled(part: u64, to: u64, of: u64) -> u64 {
    let scaled = u128::from(part) * u128::from(to) / u128::from(of);
    u64::try_from(scaled).unwrap_or(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(seconds: &[i64]) -> Axis {
        let times = seconds.iter().map(|second| Timestamp::from_micros(second * 1_000_000));
        Axis::of(&times.collect::<Vec<_>>())
    }

    #[test]
    fn events_stand_in_order_and_apart_from_the_first_place_to_the_last() {
        for seconds in [&[0, 1, 2, 3][..], &[0, 0, 0, 0], &[0, 5, 5, 7_200], &[0, 1]] {
            let Axis { places, .. } = axis(seconds);
            assert_eq!((places[0], *places.last().unwrap()), (Place(FROM), Place(TO)));
            assert!(places.windows(2).all(|two| two[0] < two[1]), "{seconds:?}: {places:?}");
        }
        assert_eq!(axis(&[7]).places, [Place(FROM)]);
        assert_eq!(axis(&[]).place(0), Place::END);
    }

    #[test]
    fn what_took_twice_as_long_is_twice_as_far_apart_but_for_the_room_between_all() {
        let Axis { places, gaps } = axis(&[0, 2, 6]);
        let (one, two) = (places[0].until(places[1]).0, places[1].until(places[2]).0);
        // Of 6 + 2 × 1.5 seconds of room.
        assert_eq!((one, two), (92_500 * 35 / 90, 92_500 * 55 / 90 + 1));
        assert!(gaps.is_empty());
    }

    #[test]
    fn a_long_gap_is_shortened_and_marked_with_its_length() {
        let axis = axis(&[0, 1, 2, 3, 4, 3_604]);
        assert_eq!(axis.gaps.len(), 1);
        assert_eq!(axis.gaps[0].words, "1 h");
        assert!(axis.places[4] < axis.gaps[0].at && axis.gaps[0].at < axis.places[5]);
        assert!(axis.places[0].until(axis.places[4]).0 > 30_000, "{:?}", axis.places);
        assert_eq!(Place(1_500).to_string(), "1.500%");
    }
}

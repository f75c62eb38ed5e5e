//! How exact photos are at once.

/// The JPEG quality: it follows the rate of the link, but not each of its turns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quality(u8);

/// Of a link of 32 kB/s and less, before anything is known, and from 1 MB/s on.
const LEAST: u8 = 35;
const FIRST: u8 = 65;
const MOST: u8 = 85;
const SLOW_LINK: u64 = 32_000;
const FAST_LINK: u64 = 1_024_000;
/// Each doubling of the rate is worth this much.
const DOUBLING: u64 = 10;
/// Less is not worth a change.
const STEP: u8 = 6;

impl Default for Quality {
    fn default() -> Self {
        Self(FIRST)
    }
}

impl Quality {
    pub(super) fn value(self) -> u8 {
        self.0
    }

    /// The link takes `rate` bytes per second; where it is not `certain`, at least.
    pub(super) fn follow(&mut self, rate: u64, certain: bool) {
        let rate = rate.clamp(SLOW_LINK, FAST_LINK);
        let doublings = (rate / SLOW_LINK).ilog2();
        let base = SLOW_LINK << doublings;
        let more = u64::from(doublings) * DOUBLING + (rate - base) * DOUBLING / base;
        let wanted = u8::try_from(more).unwrap_or(u8::MAX).saturating_add(LEAST).min(MOST);
        let worth = wanted.abs_diff(self.0) >= STEP || wanted == LEAST || wanted == MOST;
        if worth && (certain || wanted > self.0) {
            self.0 = wanted;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quality_follows_the_rate_and_rests_where_it_only_wavers() {
        let mut quality = Quality::default();
        for (rate, expected) in [(u64::MAX, 85), (900_000, 85), (500_000, 74), (480_000, 74)] {
            quality.follow(rate, true);
            assert_eq!(quality.value(), expected, "{rate}");
        }
        quality.follow(1, false);
        assert_eq!(quality.value(), 74, "may be faster");
        quality.follow(1, true);
        assert_eq!(quality.value(), 35);
        quality.follow(64_000, false);
        assert_eq!(quality.value(), 45);
    }
}

//! How up to date the shown picture is.

use std::collections::VecDeque;
use std::time::Duration;

/// So many answers are remembered; of them the fastest tells the agent's clock best.
const ANSWERS: usize = 10;

/// How up to date the shown picture is. Times are since this computer was started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Freshness {
    /// The newest moment at which the other screen was known to look like it.
    pub known_at: Option<Duration>,
    /// Since when more of it is on its way, while it is.
    pub loading_since: Option<Duration>,
}

/// Estimates the age of the picture from what the agent says. An agent can lie about it, but a
/// moment is never later than now and never before the tunnel was open.
#[derive(Debug)]
pub struct Age {
    opened_at: Duration,
    /// INVARIANT: at most [`ANSWERS`], the newest last.
    clocks: VecDeque<Clock>,
    decoded: Option<u32>,
    freshness: Freshness,
}

/// What an agent answers to a ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// When the ping was sent.
    pub sent: Duration,
    /// Its clock: milliseconds, wrapping.
    pub clock_ms: u32,
    /// The number of the last update it sent; 0 where nothing is shared.
    pub newest: u32,
    /// Whether changes wait that it has not sent.
    pub behind: bool,
}

/// One look at the agent's clock.
#[derive(Clone, Copy, Debug)]
struct Clock {
    round_trip: Duration,
    /// The agent's clock minus this one, in wrapping milliseconds.
    offset: u32,
}

impl Age {
    /// Nothing is known yet in the tunnel that was opened at `opened_at`.
    pub fn new(opened_at: Duration) -> Self {
        Self {
            opened_at,
            clocks: VecDeque::with_capacity(ANSWERS),
            decoded: None,
            freshness: Freshness::default(),
        }
    }

    /// What is known now.
    pub fn freshness(&self) -> Freshness {
        self.freshness
    }

    /// An update was decoded that the agent captured at `captured_ms` of its clock.
    pub fn decoded(&mut self, number: u32, captured_ms: u32, behind: bool, now: Duration) {
        self.decoded = Some(number);
        if behind {
            self.freshness.loading_since.get_or_insert(now);
        } else {
            self.freshness.loading_since = None;
            // Until the agent has told its clock, the moment of arrival is all there is.
            let captured = self.moment(captured_ms, now).unwrap_or(now);
            self.known_until(captured);
        }
    }

    /// The agent answered a ping.
    pub fn answered(&mut self, answer: Answer, now: Duration) {
        let Answer { sent, clock_ms, newest, behind } = answer;
        let round_trip = now.saturating_sub(sent);
        if self.clocks.len() == ANSWERS {
            self.clocks.pop_front();
        }
        let offset = clock_ms.wrapping_sub(millis(sent + round_trip / 2));
        self.clocks.push_back(Clock { round_trip, offset });
        if self.decoded == Some(newest) && newest != 0 && !behind {
            self.freshness.loading_since = None;
            // It answered after the ping was sent and before the answer came.
            let said = self.moment(clock_ms, now).unwrap_or(sent);
            self.known_until(said.clamp(sent.min(now), now));
        }
    }

    fn known_until(&mut self, moment: Duration) {
        self.freshness.known_at = self.freshness.known_at.max(Some(moment));
    }

    /// When the agent's clock showed `agent_ms`, as near as it is known.
    fn moment(&self, agent_ms: u32, now: Duration) -> Option<Duration> {
        let clock = self.clocks.iter().min_by_key(|clock| clock.round_trip)?;
        let ours = agent_ms.wrapping_sub(clock.offset);
        // Negative where it would be in the future.
        let ago = millis(now).wrapping_sub(ours).cast_signed();
        let ago = Duration::from_millis(u64::try_from(ago).unwrap_or_default());
        Some(now.saturating_sub(ago).max(self.opened_at).min(now))
    }
}

/// Milliseconds as a clock that wraps after 49 days.
fn millis(time: Duration) -> u32 {
    u32::try_from(time.as_millis() & u128::from(u32::MAX)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPENED: Duration = Duration::from_secs(1_000);

    fn at(millis: u64) -> Duration {
        OPENED + Duration::from_millis(millis)
    }

    /// An agent whose clock is `ahead` of this one, and what Control knows of it.
    struct Scene {
        age: Age,
        ahead: u32,
    }

    impl Scene {
        fn new(ahead: u32) -> Self {
            Self { age: Age::new(OPENED), ahead }
        }

        fn clock(&self, millis_after: u64) -> u32 {
            millis(at(millis_after)).wrapping_add(self.ahead)
        }

        /// A ping that is sent, answered and heard at these milliseconds.
        fn ping(&mut self, sent: u64, answered: u64, heard: u64, newest: u32, behind: bool) {
            let clock_ms = self.clock(answered);
            self.age.answered(Answer { sent: at(sent), clock_ms, newest, behind }, at(heard));
        }

        fn picture(&mut self, number: u32, captured: u64, decoded: u64, behind: bool) {
            let captured_ms = self.clock(captured);
            self.age.decoded(number, captured_ms, behind, at(decoded));
        }

        fn known_at(&self) -> Option<Duration> {
            self.age.freshness().known_at
        }
    }

    #[test]
    fn the_age_is_that_of_the_capture_whatever_the_agents_clock_shows() {
        let wraps_soon = u32::MAX - millis(OPENED) - 250;
        for ahead in [0, 1, 123_456_789, u32::MAX / 2, u32::MAX, wraps_soon] {
            let mut scene = Scene::new(ahead);
            scene.ping(0, 50, 100, 0, false);
            for step in 0..20 {
                let captured = 200 + step * 40;
                let number = u32::try_from(step).unwrap() + 1;
                scene.picture(number, captured, captured + 60, false);
                assert_eq!(scene.known_at(), Some(at(captured)), "{ahead} {step}");
            }
        }
    }

    #[test]
    fn the_fastest_of_the_last_answers_tells_the_clock() {
        let mut scene = Scene::new(77);
        // On a slow way back the answer is not from the middle.
        scene.ping(0, 10, 1_000, 0, false);
        scene.picture(1, 1_100, 1_150, false);
        assert_eq!(scene.known_at(), Some(at(1_150)), "clamped: not after its arrival");
        scene.ping(2_000, 2_010, 2_020, 0, false);
        scene.picture(2, 2_100, 2_150, false);
        assert_eq!(scene.known_at(), Some(at(2_100)));
        for second in 3..13 {
            scene.ping(second * 1_000, second * 1_000 + 100, second * 1_000 + 400, 0, false);
        }
        scene.picture(3, 14_000, 14_500, false);
        assert_eq!(scene.known_at(), Some(at(14_100)), "the fastest is forgotten after ten");
    }

    #[test]
    fn at_rest_an_answer_renews_what_is_shown_if_all_of_it_has_come() {
        let mut scene = Scene::new(5);
        scene.picture(7, 90, 100, false);
        assert_eq!(scene.known_at(), Some(at(100)), "no clock is known yet");
        scene.ping(1_000, 1_010, 1_020, 7, false);
        assert_eq!(scene.known_at(), Some(at(1_010)));
        scene.ping(2_000, 2_010, 2_020, 8, false);
        scene.ping(3_000, 3_010, 3_020, 7, true);
        scene.ping(4_000, 4_010, 4_020, 0, false);
        assert_eq!(scene.known_at(), Some(at(1_010)), "something newer is on its way or waits");
    }

    #[test]
    fn while_the_picture_comes_in_parts_it_is_loading_and_not_newer() {
        let mut scene = Scene::new(5);
        scene.ping(0, 10, 20, 0, false);
        scene.picture(1, 100, 110, false);
        for number in 2..6 {
            scene.picture(number, u64::from(number) * 1_000, u64::from(number) * 1_000, true);
        }
        let freshness = scene.age.freshness();
        assert_eq!(
            freshness,
            Freshness { known_at: Some(at(100)), loading_since: Some(at(2_000)) }
        );
        scene.picture(6, 6_000, 6_050, false);
        let freshness = scene.age.freshness();
        assert_eq!(freshness, Freshness { known_at: Some(at(6_000)), loading_since: None });
    }

    #[test]
    fn an_agent_that_lies_is_never_believed_beyond_what_is_possible() {
        let values = [0, 1, 1 << 31, (1 << 31) - 1, u32::MAX, 4_711];
        for clock_ms in values {
            for captured_ms in values {
                for (sent, now) in [(OPENED, at(50)), (at(90), at(50)), (Duration::ZERO, at(50))] {
                    let mut age = Age::new(OPENED);
                    age.answered(Answer { sent, clock_ms, newest: 1, behind: false }, now);
                    age.decoded(1, captured_ms, false, now);
                    age.answered(
                        Answer { sent, clock_ms: captured_ms, newest: 1, behind: false },
                        now,
                    );
                    let known = age.freshness().known_at.unwrap();
                    assert!((OPENED..=now).contains(&known), "{clock_ms} {captured_ms} {known:?}");
                }
            }
        }
    }
}

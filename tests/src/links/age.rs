//! The age of the picture, as the probe estimates it.

use std::time::Duration;

use beckon_tests::inside::probe::{Age, Last};

const MS: Duration = Duration::from_millis(1);

fn last(number: u32) -> Last {
    Last { number, behind: false }
}

/// The agent's clock is 1,000 ms ahead; half of a round trip is 10 ms.
fn shown() -> Age {
    let mut age = Age::default();
    age.answered((100 * MS, 120 * MS), 1_110, last(0));
    age.decoded(1, 1_150, false);
    age
}

#[test]
fn a_picture_ages_from_its_capture_on() {
    let age = shown();
    assert_eq!(age.at(150 * MS), Some(Duration::ZERO));
    assert_eq!(age.at(400 * MS), Some(250 * MS));
    assert_eq!(age.at(140 * MS), Some(Duration::ZERO), "an estimate a little off");
    assert_eq!(Age::default().at(MS), None);
}

#[test]
fn an_answer_makes_it_young_only_where_nothing_newer_was_sent_or_waits() {
    let now = 500 * MS;
    for (told, age_then) in
        [(last(1), 10 * MS), (last(2), 350 * MS), (Last { number: 1, behind: true }, 350 * MS)]
    {
        let mut age = shown();
        age.answered((480 * MS, now), 1_490, told);
        assert_eq!(age.at(now), Some(age_then), "{told:?}");
    }
}

#[test]
fn an_update_that_is_behind_does_not_make_it_young_and_an_old_one_not_older() {
    let mut age = shown();
    age.decoded(2, 1_400, true);
    assert_eq!(age.at(400 * MS), Some(250 * MS));
    age.decoded(3, 1_100, false);
    assert_eq!(age.at(400 * MS), Some(250 * MS));
}

#[test]
fn the_fastest_of_ten_answers_sets_the_clock() {
    let mut age = shown();
    // Slow on the way back: it looks as if the agent's clock went ahead by 500 ms less.
    age.answered((200 * MS, 1_220 * MS), 1_210, last(7));
    assert_eq!(age.at(400 * MS), Some(250 * MS));
    for _ in 0..9 {
        age.answered((200 * MS, 1_220 * MS), 1_210, last(7));
    }
    assert_ne!(age.at(400 * MS), Some(250 * MS), "the fast one is forgotten");
}

#[test]
fn the_clock_of_the_agent_may_wrap() {
    let mut age = Age::default();
    age.answered((100 * MS, 120 * MS), u32::MAX - 9, last(0));
    age.decoded(1, u32::MAX, false);
    // The agent's clock: 10 ms before the wrap at 110 ms, so 21 at 141.
    assert_eq!(age.at(141 * MS), Some(22 * MS));
}

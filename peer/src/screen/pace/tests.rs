//! Counting, without a link.

use super::*;

const MS: Duration = Duration::from_millis(1);

#[test]
fn three_updates_may_be_on_their_way() {
    let mut pace = Pace::new();
    for number in 1..=3 {
        assert!(pace.may_send());
        pace.sent(number, 100, MS);
    }
    assert!(!pace.may_send());
    pace.acknowledged(1, MS * 2).unwrap();
    assert!(pace.may_send());
    pace.sent(4, 100, MS * 2);
    assert!(!pace.may_send());
    pace.acknowledged(4, MS * 3).unwrap();
    assert!(pace.may_send());
}

#[test]
fn more_small_updates_may_be_on_their_way_over_a_long_round_trip() {
    let mut pace = Pace::new();
    pace.sent(1, 100, MS);
    pace.acknowledged(1, MS * 201).unwrap();
    for number in 2..=9 {
        assert!(pace.may_send(), "{number}");
        pace.sent(number, 100, MS * 202);
    }
    assert!(!pace.may_send());
}

#[test]
fn the_first_updates_wait_for_a_sign_of_the_rate() {
    let mut pace = Pace::new();
    assert_eq!(pace.budget(MS), 16 * 1024);
    pace.sent(1, 16 * 1024, MS);
    assert!(!pace.may_send());
    pace.acknowledged(1, MS * 21).unwrap();
    assert!(pace.budget(MS * 22) >= 32 * 1024);
}

#[test]
fn nobody_acknowledges_what_was_not_sent_or_already_is() {
    let mut pace = Pace::new();
    assert!(pace.acknowledged(1, MS).is_err());
    pace.sent(1, 10, MS);
    assert!(pace.acknowledged(2, MS).is_err());
    pace.acknowledged(1, MS).unwrap();
    let again = pace.acknowledged(1, MS);
    assert_eq!(again, Err(PaceError { update: 1, acknowledged: 1, sent: 1 }));
}

#[test]
fn numbers_wrap_and_what_is_never_acknowledged_takes_no_memory() {
    let mut pace = Pace::new();
    for number in 1..=1_000 {
        pace.sent(number, 1_000, MS * number);
    }
    assert!(pace.flights.len() <= Flight::MOST);
    pace.acknowledged(1_000, MS * 2_000).unwrap();
    assert_eq!((pace.ahead, pace.may_send()), (0, true));
    let mut pace = Pace { sent: u32::MAX - 1, acknowledged: u32::MAX - 1, ..Pace::new() };
    pace.sent(u32::MAX, 10, MS);
    pace.sent(0, 10, MS);
    assert!(pace.acknowledged(1, MS * 2).is_err());
    pace.acknowledged(0, MS * 2).unwrap();
    assert_eq!(pace.ahead, 0);
}

use super::*;

const MINUTE: i64 = 60;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros((1_800_000_000 + seconds) * 1_000_000)
}

fn sources(address: &str) -> Vec<Source> {
    prefixes(address.parse().unwrap()).into_iter().map(Source::new).collect()
}

#[test]
fn the_fifth_wrong_code_waits_and_each_wait_is_twice_as_long_up_to_a_day() {
    let mut ticket = Ticket::default();
    let mut now = at(0);
    for minutes in [15, 30, 60, 120, 240, 480, 960, 1_440, 1_440] {
        for left in [4, 3, 2, 1] {
            let counted = count(&mut ticket, &mut [], now);
            assert_eq!(counted, Ok(Counted { attempts_left: left, wait: None }));
        }
        let until = now.plus(Duration::from_mins(minutes));
        let wait = Wait { until, key: WaitKey::Ticket };
        let fifth = count(&mut ticket, &mut [], now);
        assert_eq!(fifth, Ok(Counted { attempts_left: 0, wait: Some(wait) }));
        let before = ticket;
        let early = Timestamp::from_micros(until.micros() - 1);
        assert_eq!(count(&mut ticket, &mut [], early), Err(wait));
        assert_eq!(ticket, before, "a refused attempt counts nothing");
        now = until;
    }
}

#[test]
fn a_network_may_try_25_codes_an_hour_whatever_tickets_it_shows() {
    let mut from = sources("198.51.100.7");
    for tried in 1..=25_u32 {
        let counted = count(&mut Ticket::default(), &mut from, at(0)).unwrap();
        assert_eq!(counted.attempts_left, (25 - tried).min(4), "{tried}");
        assert_eq!(counted.wait.is_some(), tried == 25, "{tried}");
    }
    let wait = Wait { until: at(60 * MINUTE), key: WaitKey::Source(from[0].prefix) };
    assert_eq!(count(&mut Ticket::default(), &mut from, at(60 * MINUTE - 1)), Err(wait));
    assert!(count(&mut Ticket::default(), &mut from, at(60 * MINUTE)).is_ok());
}

#[test]
fn a_network_may_try_100_codes_a_day() {
    let mut from = sources("2001:db8::1");
    from.truncate(1);
    for tried in 0..100 {
        let hour = i64::from(tried / 25) * 60 * MINUTE;
        assert!(count(&mut Ticket::default(), &mut from, at(hour)).is_ok(), "{tried}");
    }
    let day = at(24 * 60 * MINUTE);
    let refused = count(&mut Ticket::default(), &mut from, at(5 * 60 * MINUTE)).unwrap_err();
    assert_eq!(refused.until, day);
    assert!(!from[0].is_over(at(24 * 60 * MINUTE - 1)));
    assert!(from[0].is_over(day));
    assert!(count(&mut Ticket::default(), &mut from, day).is_ok());
}

#[test]
fn many_networks_of_one_site_share_its_limit() {
    let site = IpPrefix::of("2001:db8:5::".parse().unwrap(), 48);
    let mut rolled = vec![Source::new(site)];
    for network in 0..100_u32 {
        let mut from = sources(&format!("2001:db8:5:{network:x}::1"));
        assert_eq!(from[1].prefix, site);
        from[1] = rolled[0];
        assert!(count(&mut Ticket::default(), &mut from, at(0)).is_ok(), "{network}");
        rolled[0] = from[1];
    }
    let refused = count(&mut Ticket::default(), &mut rolled, at(0)).unwrap_err();
    assert_eq!(refused.key, WaitKey::Source(site));
}

#[test]
fn the_longest_wait_is_the_one_that_is_told() {
    let mut ticket = Ticket { wrong: 5, waits: 1, until: Some(at(15 * MINUTE)) };
    let mut from = sources("198.51.100.7");
    from[0].hour = Window { start: at(0), wrong: 25 };
    let wait = count(&mut ticket, &mut from, at(1)).unwrap_err();
    assert_eq!(wait.until, at(60 * MINUTE));
}

#[test]
fn what_was_right_is_taken_back() {
    let mut from = sources("198.51.100.7");
    let before = from[0].left();
    count(&mut Ticket::default(), &mut from, at(0)).unwrap();
    from[0].forgive();
    assert_eq!(from[0].left(), before);
}

//! Reading the log and its streams.

use beckon_server::store::Expected::{Exact, NoStream};
use beckon_server::store::Position;

use super::ground::{Ground, append, labels, stream};

fn five(ground: &mut Ground) {
    for (name, expected, label) in [
        ("session-1", NoStream, "a"),
        ("session-2", NoStream, "b"),
        ("operator-1", NoStream, "c"),
        ("session-1", Exact(0), "d"),
        ("session-2", Exact(0), "e"),
    ] {
        ground.append(append(name, expected, &[label])).unwrap();
    }
}

pub fn the_log_is_in_the_order_of_the_commits(ground: &mut Ground) {
    five(ground);
    let log = ground.log();
    assert_eq!(labels(&log), ["a", "b", "c", "d", "e"]);
    assert!(log.is_sorted_by(|one, next| one.position < next.position));
}

pub fn pages_of_the_log_add_up_to_the_log(ground: &mut Ground) {
    five(ground);
    let (reader, whole) = (ground.reader(), ground.log());
    for size in 1..=6 {
        let (mut pages, mut after) = (Vec::new(), None);
        loop {
            let page = reader.read_all(after, size).unwrap();
            assert!(page.len() <= size);
            let Some(last) = page.last() else { break };
            // A checkpoint keeps a position as a number.
            after = Some(Position::from_bits(last.position.to_bits()));
            pages.extend(page);
        }
        assert_eq!(pages, whole, "in pages of {size}");
    }
}

pub fn the_log_is_read_backwards_from_its_end_or_from_before_a_place(ground: &mut Ground) {
    let reader = ground.reader();
    assert_eq!(reader.read_all_back(None, 10).unwrap(), []);
    five(ground);
    let mut whole = ground.log();
    whole.reverse();
    for limit in 0..7 {
        let wanted = &whole[..limit.min(5)];
        assert_eq!(reader.read_all_back(None, limit).unwrap(), wanted, "at most {limit}");
    }
    for (place, event) in whole.iter().enumerate() {
        let read = reader.read_all_back(Some(event.position), 10).unwrap();
        assert_eq!(read, whole[place + 1..], "before the {place}th");
    }
}

pub fn a_reader_at_the_end_sees_what_comes_next(ground: &mut Ground) {
    let reader = ground.reader();
    assert_eq!(reader.read_all(None, 10).unwrap(), []);
    five(ground);
    let end = reader.last_position().unwrap();
    assert_eq!(reader.read_all(end, 10).unwrap(), []);
    ground.append(append("session-3", NoStream, &["f"])).unwrap();
    assert_eq!(labels(&reader.read_all(end, 10).unwrap()), ["f"]);
}

pub fn a_stream_is_read_from_a_version_and_up_to_a_limit(ground: &mut Ground) {
    five(ground);
    ground.append(append("session-1", Exact(1), &["f", "g", "h"])).unwrap();
    let whole = ["a", "d", "f", "g", "h"];
    let reader = ground.reader();
    for from in 0..7 {
        for limit in 0..7 {
            let end = whole.len().min(from + limit);
            let wanted = whole.get(from..end).unwrap_or_default();
            let read = reader.read_stream(&stream("session-1"), from as u64, limit).unwrap();
            assert_eq!(labels(&read), wanted, "from {from}, at most {limit}");
        }
    }
    let far = reader.read_stream(&stream("session-1"), u64::MAX, usize::MAX).unwrap();
    assert_eq!(far, []);
}

pub fn an_unknown_stream_is_empty(ground: &mut Ground) {
    five(ground);
    let reader = ground.reader();
    for name in ["session-9", "session-1-", "session-11", "node-1"] {
        assert_eq!(reader.read_stream(&stream(name), 0, 10).unwrap(), [], "{name}");
        assert_eq!(reader.head(&stream(name)).unwrap(), None, "{name}");
    }
}

pub fn streams_are_listed_by_kind_in_pages(ground: &mut Ground) {
    five(ground);
    ground.append(append("session-10", NoStream, &["f"])).unwrap();
    ground.append(append("sessions-1", NoStream, &["g"])).unwrap();
    let reader = ground.reader();
    let list = |kind, after: Option<&str>, limit| {
        let after = after.map(stream);
        let found = reader.streams(kind, after.as_ref(), limit).unwrap();
        found.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(list("session", None, 9), ["session-1", "session-10", "session-2"]);
    assert_eq!(list("session", None, 2), ["session-1", "session-10"]);
    assert_eq!(list("session", Some("session-10"), 2), ["session-2"]);
    assert_eq!(list("operator", None, 9), ["operator-1"]);
    assert!(list("node", None, 9).is_empty());
}

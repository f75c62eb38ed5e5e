//! What stands at which version of a stream.

use beckon_events::envelope::leaf;
use beckon_server::store::AppendError::Conflict;
use beckon_server::store::Expected::{Exact, NoStream};

use super::ground::{Ground, append, event, labels, stream};

pub fn the_versions_of_a_stream_count_up_from_zero(ground: &mut Ground) {
    let version = |answer: Result<beckon_server::store::Appended, _>| answer.unwrap().version;
    assert_eq!(version(ground.append(append("session-1", NoStream, &["a"]))), 0);
    assert_eq!(version(ground.append(append("session-1", Exact(0), &["b", "c"]))), 2);
    assert_eq!(version(ground.append(append("session-2", NoStream, &["d"]))), 0);
    assert_eq!(version(ground.append(append("session-1", Exact(2), &["e"]))), 3);
    let read = ground.reader().read_stream(&stream("session-1"), 0, 10).unwrap();
    assert_eq!(labels(&read), ["a", "b", "c", "e"]);
    assert_eq!(read.iter().map(|e| e.version).collect::<Vec<_>>(), [0, 1, 2, 3]);
}

pub fn an_append_at_another_version_conflicts_and_names_the_current_one(ground: &mut Ground) {
    let none = ground.append(append("session-1", Exact(0), &["x"]));
    assert_eq!(none, Err(Conflict { current: None }));
    ground.append(append("session-1", NoStream, &["a", "b", "c"])).unwrap();
    for expected in [NoStream, Exact(0), Exact(1), Exact(3), Exact(9), Exact(u64::MAX)] {
        let refused = ground.append(append("session-1", expected, &["x"]));
        assert_eq!(refused, Err(Conflict { current: Some(2) }), "{expected:?}");
    }
    assert_eq!(labels(&ground.log()), ["a", "b", "c"]);
}

pub fn a_repeated_append_is_answered_as_the_first_time_and_adds_nothing(ground: &mut Ground) {
    let asked = [
        append("session-1", NoStream, &["a", "b"]),
        append("session-1", Exact(1), &["c"]),
        append("session-1", Exact(2), &["d", "e"]),
    ];
    let first = asked.clone().map(|a| ground.append(a).unwrap());
    let again = asked.map(|a| ground.append(a).unwrap());
    assert_eq!(again, first);
    assert_eq!(labels(&ground.log()), ["a", "b", "c", "d", "e"]);
}

pub fn a_repeated_append_with_other_bytes_keeps_those_stored_first(ground: &mut Ground) {
    let first = append("session-1", NoStream, &["a"]);
    let mut other = first.clone();
    other.events[0].metadata = "{\"at\":\"later\"}".into();
    other.events[0].data = "{}".into();
    let stored = ground.append(first).unwrap();
    assert_eq!(ground.append(other), Ok(stored));
    assert_eq!(stored.leaf, leaf(&event("a").metadata));
    assert_eq!(labels(&ground.log()), ["a"]);
}

pub fn an_append_that_only_begins_like_what_is_stored_conflicts(ground: &mut Ground) {
    ground.append(append("session-1", NoStream, &["a", "b"])).unwrap();
    let conflict = Err(Conflict { current: Some(1) });
    assert_eq!(ground.append(append("session-1", NoStream, &["a", "b", "c"])), conflict);
    assert_eq!(ground.append(append("session-1", NoStream, &["a", "c"])), conflict);
    assert_eq!(ground.append(append("session-1", Exact(0), &["a"])), conflict);
    assert_eq!(ground.append(append("session-1", NoStream, &["b", "a"])), conflict);
    ground.append(append("session-1", Exact(1), &["c"])).unwrap();
    assert_eq!(labels(&ground.log()), ["a", "b", "c"]);
}

pub fn the_head_is_the_last_event(ground: &mut Ground) {
    let reader = ground.reader();
    assert_eq!(reader.head(&stream("session-1")).unwrap(), None);
    assert_eq!(reader.last_position().unwrap(), None);
    for (expected, label) in [(NoStream, "a"), (Exact(0), "b")] {
        let answer = ground.append(append("session-1", expected, &[label])).unwrap();
        assert_eq!(reader.head(&stream("session-1")).unwrap(), Some(answer));
        assert_eq!(reader.last_position().unwrap(), Some(answer.position));
    }
    let other = ground.append(append("session-2", NoStream, &["c"])).unwrap();
    assert_eq!(reader.head(&stream("session-1")).unwrap().unwrap().version, 1);
    assert_eq!(reader.last_position().unwrap(), Some(other.position));
}

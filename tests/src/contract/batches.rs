//! Several appends in one commit.

use beckon_server::store::AppendError::{Conflict, TooLarge};
use beckon_server::store::Expected::{Exact, NoStream};
use bytes::Bytes;

use super::ground::{Ground, append, labels};

pub fn of_an_append_all_events_are_stored_or_none(ground: &mut Ground) {
    let mut spoilt = append("session-1", NoStream, &["a", "b", "c"]);
    spoilt.events[2].data = Bytes::from(vec![0; 70_000]);
    assert!(matches!(ground.append(spoilt), Err(TooLarge { .. })));
    assert!(ground.log().is_empty());
    ground.append(append("session-1", NoStream, &["a", "b", "c"])).unwrap();
    assert_eq!(labels(&ground.log()), ["a", "b", "c"]);
}

pub fn in_a_batch_each_append_stands_for_itself(ground: &mut Ground) {
    let mut large = append("session-3", NoStream, &["x"]);
    large.events[0].metadata = Bytes::from(vec![0; 9_000]);
    let answers = ground
        .store
        .append(&[
            append("session-1", NoStream, &["a"]),
            append("session-2", Exact(7), &["x"]),
            large,
            append("session-4", NoStream, &["b", "c"]),
        ])
        .answers;
    assert_eq!(answers[0].as_ref().unwrap().version, 0);
    assert_eq!(answers[1], Err(Conflict { current: None }));
    assert!(matches!(answers[2], Err(TooLarge { .. })));
    assert_eq!(answers[3].as_ref().unwrap().version, 1);
    assert_eq!(labels(&ground.log()), ["a", "b", "c"]);
}

pub fn in_a_batch_one_append_builds_on_the_one_before(ground: &mut Ground) {
    let committed = ground.store.append(&[
        append("session-1", NoStream, &["a"]),
        append("session-2", NoStream, &["b"]),
        append("session-1", Exact(0), &["c", "d"]),
        append("session-1", Exact(2), &["e"]),
    ]);
    assert!(committed.answers.iter().all(Result::is_ok), "{committed:?}");
    assert_eq!(labels(&ground.log()), ["a", "b", "c", "d", "e"]);
}

pub fn in_a_batch_two_for_the_same_place_leave_the_first(ground: &mut Ground) {
    let twice = append("session-2", NoStream, &["c"]);
    let answers = ground
        .store
        .append(&[
            append("session-1", NoStream, &["a"]),
            append("session-1", NoStream, &["b"]),
            twice.clone(),
            twice,
        ])
        .answers;
    assert_eq!(answers[1], Err(Conflict { current: Some(0) }));
    assert!(answers[2].is_ok());
    assert_eq!(answers[3], answers[2]);
    assert_eq!(labels(&ground.log()), ["a", "c"]);
}

pub fn what_a_batch_adds_is_told_in_log_order_and_repetitions_are_not(ground: &mut Ground) {
    let first = append("session-1", NoStream, &["a", "b"]);
    let told = ground.store.append(std::slice::from_ref(&first)).events;
    assert_eq!(told, ground.log());
    let told = ground.store.append(&[
        append("session-2", NoStream, &["c"]),
        first,
        append("session-2", Exact(5), &["x"]),
        append("session-1", Exact(1), &["d"]),
    ]);
    assert_eq!(labels(&told.events), ["c", "d"]);
    assert_eq!(told.events, ground.log()[2..]);
    let last = told.answers[3].as_ref().unwrap();
    assert_eq!(last.position, told.events[1].position);
}

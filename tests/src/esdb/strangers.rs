//! Others write into the same cluster, too.

use std::time::Duration;

use beckon_server::face::peer::Foreign;
use beckon_server::store::EventStore;
use beckon_server::store::Expected::{Exact, NoStream};
use beckon_tests::clock::Deadline;

use super::cluster::Cluster;
use crate::contract::ground::append;

/// Twelve pages, and each takes half a second: far more than an append may take.
#[test]
fn an_append_after_a_night_of_others_is_answered_in_time() {
    let nodes = Cluster::of(1);
    let mut store = nodes.store();
    store.append(&[append("session-1", NoStream, &["a"])]).answers.remove(0).unwrap();
    for number in 0..6_000 {
        let stream = format!("orders-{number}");
        let stranger = Foreign { stream, kind: "Ordered".to_owned(), ..Foreign::default() };
        nodes.log().foreign(stranger).unwrap();
    }
    nodes.faults(0).read_after(Duration::from_millis(450));
    let begun = Deadline::after(Duration::MAX);
    let done = store.append(&[append("session-1", Exact(0), &["b"])]);
    assert_eq!(done.answers[0].as_ref().map(|appended| appended.version), Ok(1));
    assert_eq!(done.events.len(), 1);
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    // The next one is as well.
    let begun = Deadline::after(Duration::MAX);
    store.append(&[append("session-1", Exact(1), &["c"])]).answers.remove(0).unwrap();
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
}

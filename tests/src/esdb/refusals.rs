//! What a cluster does not take, however often it is asked.

use std::time::Duration;

use beckon_server::store::Expected::NoStream;
use beckon_server::store::{AppendError, EventStore};
use beckon_tests::clock::Deadline;
use bytes::Bytes;

use super::cluster::Cluster;
use crate::contract::ground::{append, labels};

#[test]
fn an_append_above_what_the_cluster_takes_is_refused_at_once_and_the_others_are_stored() {
    let nodes = Cluster::of(1);
    let mut store = nodes.store();
    let names: Vec<_> = (0..40).map(|number| number.to_string()).collect();
    let mut large = append("session-2", NoStream, &names.iter().map(|n| &**n).collect::<Vec<_>>());
    for event in &mut large.events {
        event.data = Bytes::from(format!("\"{}\"", "x".repeat(60_000)));
    }
    let batch =
        [append("session-1", NoStream, &["a"]), large, append("session-3", NoStream, &["b"])];
    let begun = Deadline::after(Duration::MAX);
    let answers = store.append(&batch).answers;
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    answers[0].as_ref().unwrap();
    assert!(matches!(answers[1], Err(AppendError::Refused(_))), "{:?}", answers[1]);
    answers[2].as_ref().unwrap();
    assert_eq!(labels(&nodes.stored()), ["a", "b"]);
}

//! How long an append takes.

use std::time::Duration;

use beckon_server::store::EventStore;
use beckon_server::store::Expected::{Exact, NoStream};
use beckon_tests::clock::Deadline;
use eventstore::{AppendToStreamOptions, Client, EventData};

use super::cluster::Cluster;
use crate::contract::ground::{append, stream};

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Counters: a session for the appends, and sockets that send at once for what is read back.
#[test]
fn neither_an_append_nor_a_read_waits_for_the_peer_s_acknowledgement() {
    let ours = Cluster::of(1);
    let mut store = ours.store();
    let mut appends = Vec::new();
    for version in 0..60_u64 {
        let expected = version.checked_sub(1).map_or(NoStream, Exact);
        let asked = [append("session-1", expected, &[&version.to_string()])];
        let begun = Deadline::after(Duration::MAX);
        let answer = store.append(&asked).answers.remove(0);
        appends.push(begun.elapsed());
        assert_eq!(answer.unwrap().version, version);
    }
    let reader = store.readers().reader().unwrap();
    let mut reads = Vec::new();
    for _ in 0..40 {
        let begun = Deadline::after(Duration::MAX);
        assert_eq!(reader.read_stream(&stream("session-1"), 0, 200).unwrap().len(), 60);
        reads.push(begun.elapsed());
    }
    // The client alone, on another port: sockets are told apart by it.
    let other = Cluster::of(1);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let alone = runtime.block_on(async {
        let client = Client::new(other.uri().parse().unwrap()).unwrap();
        let mut times = Vec::new();
        for number in 0..40 {
            let event = EventData::json("Numbered", &number).unwrap();
            let begun = Deadline::after(Duration::MAX);
            let options = AppendToStreamOptions::default();
            client.append_to_stream("session-1", &options, event).await.unwrap();
            times.push(begun.elapsed());
        }
        times
    });
    let half = |mut times: Vec<Duration>| median(times.split_off(20));
    let (appends, reads, alone) = (half(appends), half(reads), half(alone));
    assert!(alone > Duration::from_millis(30), "the client has learned it: {alone:?}");
    assert!(appends * 3 < alone && reads * 3 < alone, "{appends:?}, {reads:?}, {alone:?}");
}

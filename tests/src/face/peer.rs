//! The peer of the `esdb` store: it appends as a cluster does, and fails as one can.

use std::time::Duration;

use beckon_server::face::peer::{Foreign, Peer, PeerLog};
use beckon_server::store::memory::MemoryStore;
use beckon_tests::clock::Deadline;
use eventstore::{
    AppendToStreamOptions, Client, Error, EventData, ExpectedRevision, ReadAllOptions,
    StreamPosition, SubscribeToAllOptions,
};
use uuid::Uuid;

use super::ground::{all, client, free_port, soon};

const STREAM: &str = "session-1";

fn peer() -> (PeerLog, Peer, Client) {
    let log = PeerLog::over(Box::new(MemoryStore::new())).unwrap();
    let peer = Peer::start(log.clone(), None).unwrap();
    let client = client(&peer.uri());
    (log, peer, client)
}

fn events(numbers: std::ops::Range<u128>) -> Vec<EventData> {
    let event = |number| {
        let data = serde_json::json!({ "number": u64::try_from(number).unwrap() });
        EventData::json("Numbered", &data).unwrap().id(Uuid::from_u128(number + 1))
    };
    numbers.map(event).collect()
}

async fn append(
    client: &Client,
    expected: ExpectedRevision,
    numbers: std::ops::Range<u128>,
) -> Result<(u64, u64), Error> {
    let options = AppendToStreamOptions::default().expected_revision(expected);
    let written = soon(client.append_to_stream(STREAM, &options, events(numbers))).await?;
    Ok((written.next_expected_version, written.position.commit))
}

async fn kinds(client: &Client) -> Vec<String> {
    let options = ReadAllOptions::default().position(StreamPosition::Start);
    let events = all(client, &options).await.unwrap();
    events.into_iter().map(|event| format!("{} {}", event.stream_id, event.event_type)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_is_stored_once_and_a_conflict_is_told_with_both_versions() {
    let (_log, _peer, client) = peer();
    let first = append(&client, ExpectedRevision::NoStream, 0..2).await.unwrap();
    assert_eq!(first, (1, 200));
    assert_eq!(append(&client, ExpectedRevision::NoStream, 0..2).await.unwrap(), first);
    assert_eq!(append(&client, ExpectedRevision::Any, 0..2).await.unwrap(), first);
    assert_eq!(append(&client, ExpectedRevision::Exact(1), 2..3).await.unwrap(), (2, 300));
    assert_eq!(append(&client, ExpectedRevision::StreamExists, 3..4).await.unwrap(), (3, 400));
    let conflict = append(&client, ExpectedRevision::Exact(1), 4..5).await.unwrap_err();
    let Error::WrongExpectedVersion { expected, current } = conflict else { panic!("{conflict}") };
    assert_eq!(expected, ExpectedRevision::Exact(1));
    assert_eq!(current, eventstore::CurrentRevision::Current(3));
    assert_eq!(kinds(&client).await, ["session-1 Numbered"; 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_batches_answers_each_with_its_position_and_ends_at_a_conflict() {
    let (_log, peer, client) = peer();
    let batches = client.batch_append(&eventstore::BatchAppendOptions::default()).await.unwrap();
    let append = |expected, numbers| batches.append_to_stream(STREAM, expected, events(numbers));
    let written = soon(append(ExpectedRevision::NoStream, 0..3)).await.unwrap();
    assert_eq!(written.current_revision(), Some(2));
    assert_eq!(written.current_position().unwrap().commit, 300);
    let again = soon(append(ExpectedRevision::NoStream, 0..3)).await.unwrap();
    assert_eq!(again.current_position().unwrap().commit, 300);
    let conflict = soon(append(ExpectedRevision::NoStream, 3..4)).await.unwrap_err();
    assert!(matches!(conflict, Error::Grpc { code, .. } if code as i32 == 6), "{conflict}");
    assert_eq!(peer.calls(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_events_of_others_stand_between_ours_in_both_directions() {
    let (log, _peer, client) = peer();
    append(&client, ExpectedRevision::NoStream, 0..1).await.unwrap();
    for _ in 0..2 {
        let (stream, kind) = ("$stats-1".to_owned(), "$statsCollected".to_owned());
        log.foreign(Foreign { stream, kind, ..Foreign::default() }).unwrap();
    }
    append(&client, ExpectedRevision::Exact(0), 1..2).await.unwrap();
    let mut expected = [
        "session-1 Numbered",
        "$stats-1 $statsCollected",
        "$stats-1 $statsCollected",
        "session-1 Numbered",
    ];
    assert_eq!(kinds(&client).await, expected);
    expected.reverse();
    let options = ReadAllOptions::default().position(StreamPosition::End).backwards();
    let back = all(&client, &options).await.unwrap();
    let back: Vec<_> =
        back.iter().map(|event| format!("{} {}", event.stream_id, event.event_type)).collect();
    assert_eq!(back, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_fails_as_it_is_told() {
    let (log, peer, client) = peer();
    append(&client, ExpectedRevision::NoStream, 0..1).await.unwrap();
    let delay = Duration::from_millis(300);
    peer.faults().answer_after(delay);
    let began = Deadline::after(delay);
    append(&client, ExpectedRevision::Exact(0), 1..2).await.unwrap();
    assert!(began.passed());
    peer.faults().answer_after(Duration::ZERO);

    let options = SubscribeToAllOptions::default().position(StreamPosition::End);
    let mut subscription = client.subscribe_to_all(&options).await;
    soon(subscription.next_subscription_event()).await.unwrap();

    peer.faults().lose_answers(1);
    let lost = append(&client, ExpectedRevision::Exact(1), 2..3).await;
    assert!(lost.is_err(), "{lost:?}");
    assert_eq!(log.readers().reader().unwrap().read_all(None, 10).unwrap().len(), 3);

    let leader = free_port();
    let client = super::ground::client(&peer.uri());
    peer.faults().not_leader(Some(leader));
    let refused = append(&client, ExpectedRevision::Exact(2), 3..4).await.unwrap_err();
    let Error::NotLeaderException(told) = &refused else { panic!("{refused}") };
    assert_eq!(u32::from(leader.port()), told.port);
    peer.faults().not_leader(None);

    peer.faults().refuse(true);
    peer.faults().cut();
    let client = super::ground::client(&peer.uri());
    let refused = append(&client, ExpectedRevision::Exact(2), 3..4).await;
    assert!(refused.is_err(), "{refused:?}");
    let address = peer.address();
    peer.kill();
    let listener = std::net::TcpListener::bind(address).unwrap();
    let peer = Peer::on(listener, log, None).unwrap();
    let client = super::ground::client(&peer.uri());
    assert_eq!(append(&client, ExpectedRevision::Exact(2), 3..4).await.unwrap(), (3, 400));
}

//! The other five faults of the client, and that none of them is felt.

use std::net::TcpListener;
use std::process::Command;
use std::thread;
use std::time::Duration;

use beckon_server::face::peer::{Foreign, Peer, PeerLog};
use beckon_server::store::Expected::{Exact, NoStream};
use beckon_server::store::esdb::EsdbStore;
use beckon_server::store::memory::MemoryStore;
use beckon_server::store::{AppendError, EventStore};
use beckon_tests::programs::Programs;
use eventstore::{BatchAppendOptions, Client, EventData, ExpectedRevision, ReadStreamOptions};
use futures_util::future::join_all;

use super::cluster::Cluster;
use crate::contract::ground::{append, cluster, labels, stream};

async fn reads(client: &Client) -> bool {
    let read = async {
        let mut read = client.read_stream("session-1", &ReadStreamOptions::default()).await?;
        while read.next().await?.is_some() {}
        Ok::<_, eventstore::Error>(())
    };
    let done = tokio::time::timeout(Duration::from_secs(5), read).await;
    matches!(done, Ok(Ok(()) | Err(eventstore::Error::ResourceNotFound)))
}

#[test]
fn after_the_leader_has_died_the_next_append_finds_the_new_one() {
    let mut nodes = Cluster::of(2);
    let mut store = nodes.store();
    let answers = store.append(&[append("session-1", NoStream, &["a"])]).answers;
    answers[0].as_ref().unwrap();
    let reader = store.readers().reader().unwrap();
    let leader = usize::from(nodes.node(0).calls() == 0);
    // The client alone, led to the same node.
    nodes.faults(1 - leader).gossip_leader(Some(nodes.address(leader)));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let alone = runtime.block_on(async {
        let client = Client::new(nodes.uri().parse().unwrap()).unwrap();
        assert!(reads(&client).await);
        client
    });
    nodes.kill(leader);
    nodes.faults(1 - leader).gossip_leader(None);
    let answers = store.append(&[append("session-1", Exact(0), &["b"])]).answers;
    assert_eq!(answers[0].as_ref().unwrap().version, 1);
    assert_eq!(labels(&reader.read_stream(&stream("session-1"), 0, 9).unwrap()), ["a", "b"]);
    assert_eq!(nodes.node(1 - leader).calls(), 1);
    for _ in 0..5 {
        assert!(!runtime.block_on(reads(&alone)), "the client alone has learned it");
        thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn a_node_that_follows_names_the_leader_and_that_one_is_asked() {
    let nodes = Cluster::of(2);
    let one = format!("esdb://{}?tls=false", nodes.address(0));
    nodes.faults(0).not_leader(Some(nodes.address(1)));
    let mut store = EsdbStore::open(&cluster(&one)).unwrap();
    let answers = store.append(&[append("session-1", NoStream, &["a"])]).answers;
    answers[0].as_ref().unwrap();
    assert_eq!(nodes.node(1).calls(), 1);
}

#[test]
fn a_client_whose_first_connection_failed_is_replaced() {
    let place = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = place.local_addr().unwrap();
    drop(place);
    let uri = format!("esdb://{address}?tls=false");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let alone = runtime.block_on(async {
        let client = Client::new(uri.parse().unwrap()).unwrap();
        assert!(!reads(&client).await);
        client
    });
    let named = cluster(&uri);
    let opening = thread::spawn(move || EsdbStore::open(&named));
    thread::sleep(Duration::from_millis(700));
    let log = PeerLog::over(Box::new(MemoryStore::new())).unwrap();
    let peer = Peer::on(TcpListener::bind(address).unwrap(), log, None).unwrap();
    let mut store = opening.join().unwrap().unwrap();
    let answers = store.append(&[append("session-1", NoStream, &["a"])]).answers;
    answers[0].as_ref().unwrap();
    assert!(!runtime.block_on(reads(&alone)), "the client alone has learned it");
    drop(peer);
}

#[test]
fn a_cluster_that_stays_away_is_said_at_the_start() {
    let place = TcpListener::bind("127.0.0.1:0").unwrap();
    let named = cluster(&format!("esdb://{}?tls=false", place.local_addr().unwrap()));
    drop(place);
    let refused = EsdbStore::open_within(&named, Duration::from_millis(100)).map(drop);
    let said = refused.unwrap_err().to_string();
    assert!(said.contains("the event store cannot be reached"), "{said}");
}

/// A subscription that the server ends cleanly makes the client spin: there is none.
#[test]
fn the_log_is_followed_without_a_subscription() {
    let nodes = Cluster::of(1);
    let mut store = nodes.store();
    let reader = store.readers().reader().unwrap();
    let mut after = None;
    for round in 0..3_u64 {
        let expected = round.checked_sub(1).map_or(NoStream, Exact);
        let asked = [append("session-1", expected, &[&round.to_string()])];
        store.append(&asked).answers.remove(0).unwrap();
        let stranger = Foreign {
            stream: "$stats-1".to_owned(),
            kind: "$statsCollected".to_owned(),
            metadata: "{}".into(),
            data: "{}".into(),
        };
        nodes.log().foreign(stranger).unwrap();
        nodes.faults(0).end_subscriptions();
        let news = reader.read_all(after, 9).unwrap();
        assert_eq!(labels(&news), [round.to_string()]);
        after = news.last().map(|event| event.position);
        assert_eq!(reader.read_all(after, 9).unwrap(), []);
        assert_eq!(reader.last_position().unwrap(), after);
        assert_eq!(nodes.faults(0).open_subscriptions(), 0);
    }
}

#[test]
fn one_conflict_among_many_leaves_every_other_append_stored_once() {
    let nodes = Cluster::of(1);
    let mut store = nodes.store();
    let name = |number: usize| format!("session-{number}");
    let mut batch: Vec<_> =
        (0..60).map(|n| append(&name(n), NoStream, &[&n.to_string()])).collect();
    for wrong in [7, 8, 31] {
        batch[wrong].expected = Exact(5);
    }
    let done = store.append(&batch);
    for (number, answer) in done.answers.iter().enumerate() {
        if [7, 8, 31].contains(&number) {
            assert_eq!(*answer, Err(AppendError::Conflict { current: None }), "{number}");
        } else {
            assert_eq!(answer.as_ref().unwrap().version, 0, "{number}");
        }
    }
    let mut stored: Vec<usize> =
        labels(&nodes.stored()).iter().map(|label| label.parse().unwrap()).collect();
    assert_eq!(done.events.len(), 57);
    stored.sort_unstable();
    assert_eq!(stored, (0..60).filter(|n| ![7, 8, 31].contains(n)).collect::<Vec<_>>());
}

#[test]
fn the_client_alone_forgets_what_was_under_way_with_a_conflict() {
    let nodes = Cluster::of(1);
    nodes.faults(0).answer_after(Duration::from_millis(200));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let answers = runtime.block_on(async {
        let client = Client::new(nodes.uri().parse().unwrap()).unwrap();
        let session = client.batch_append(&BatchAppendOptions::default()).await.unwrap();
        let ask = |name: &'static str, expected| {
            let event = EventData::json("Named", &name).unwrap();
            session.append_to_stream(name, expected, vec![event])
        };
        let asked = [
            ask("session-1", ExpectedRevision::Exact(5)),
            ask("session-2", ExpectedRevision::NoStream),
        ];
        tokio::time::timeout(Duration::from_secs(5), join_all(asked)).await.unwrap()
    });
    assert!(answers.iter().all(Result::is_err), "the client alone has learned it: {answers:?}");
}

#[test]
fn without_certificates_the_program_says_which_package_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let ended = Command::new(Programs::built().path("beckon-server"))
        .env_clear()
        .env("SSL_CERT_FILE", "/nonexistent")
        .env("BECKON_DATA", folder.path().join("data"))
        .env("BECKON_LISTEN", "127.0.0.1:0")
        .env("BECKON_STORE", "esdb://me:hush@127.0.0.1:9?tls=false")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stderr) + String::from_utf8_lossy(&ended.stdout);
    assert!(!ended.status.success());
    assert!(said.contains("Install the package ca-certificates"), "{said}");
    assert!(!said.contains("panicked") && !said.contains("hush"), "{said}");
}

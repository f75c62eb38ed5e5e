//! The sequencer on its thread, as the server has it.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use beckon_protocol::evidence::{SignedCheckpoint, verify_consistency, verify_inclusion};
use bytes::Bytes;

use super::{Key, grow, grow_with, metadata, of, truth};
use crate::clock::{Clock, SystemClock};
use crate::config::EvidenceRules;
use crate::evidence::{Bell, Evidence, EvidenceError, LogSigner};
use crate::store::memory::MemoryStore;
use crate::store::{EventStore, Position};

fn rules(every: Duration) -> EvidenceRules {
    EvidenceRules { every, publish_folder: None, publish_command: Vec::new() }
}

fn start(folder: Option<&Path>, store: &dyn EventStore, rules: &EvidenceRules) -> (Evidence, Bell) {
    let (bell, asks) = Evidence::bell();
    let work = (bell.clone(), asks);
    let readers = store.readers();
    (Evidence::start(folder, of(), &readers, Key::new(1), rules, work).unwrap(), bell)
}

fn last(store: &dyn EventStore) -> Position {
    store.readers().reader().unwrap().last_position().unwrap().unwrap()
}

#[tokio::test]
async fn whoever_asks_gets_a_checkpoint_at_once_and_the_rest_of_the_log_in_its_time() {
    let mut store = MemoryStore::new();
    let (evidence, bell) = start(None, &store, &rules(Duration::from_hours(1)));
    assert_eq!(evidence.latest(), None, "an empty log is not signed");
    grow(&mut store, 10);
    bell.ring();
    let asked = (0..20).map(|_| evidence.covering(last(&store)));
    for signed in futures_util::future::join_all(asked).await {
        assert_eq!(signed.unwrap().size, 10);
    }
    assert_eq!(evidence.notes(0).unwrap().count(), 1, "one for all of them");
    let signed = evidence.latest().unwrap();
    assert!(SignedCheckpoint::parse(&signed.note).unwrap().verify(&Key::new(1).public_key()));
    grow(&mut store, 11);
    bell.ring();
    evidence.finish().await;
    assert_eq!(evidence.latest().unwrap().size, 11, "the end is signed");
    let refused = evidence.covering(Position::from_bits(99)).await;
    assert!(matches!(refused, Err(EvidenceError::Unavailable(_))), "{refused:?}");

    let (evidence, bell) = start(None, &store, &rules(Duration::from_millis(50)));
    grow(&mut store, 20);
    bell.ring();
    let grown = async {
        while evidence.latest().unwrap().size < 20 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), grown).await.unwrap();
}

#[tokio::test]
async fn the_record_of_an_export_ends_a_checkpoint_of_its_own() {
    let (mut store, exports) = (MemoryStore::new(), 600);
    let (evidence, bell) = start(None, &store, &rules(Duration::from_hours(1)));
    // Every second event of the first ones, so that their checkpoints fill more than one look.
    grow_with(&mut store, 2 * exports + 10, |index| match (index % 2, index < 2 * exports) {
        (1, true) => Bytes::from(format!("{{\"event\":{index},\"type\":\"Exported\"}}")),
        _ => metadata(index),
    });
    bell.ring();
    for index in [1199, 601, 3, 1] {
        let signed = evidence.at(Position::from_bits(index + 1)).await.unwrap();
        assert_eq!((signed.size, signed.position.to_bits()), (index + 1, index + 1));
        let read = SignedCheckpoint::parse(&signed.note).unwrap();
        assert_eq!((read.checkpoint.size, read.checkpoint.root), (signed.size, signed.root));
    }
    assert_eq!(evidence.latest().unwrap().size, 1_200, "the rest waits for its time");
    let last = evidence.at(last(&store)).await.unwrap();
    assert_eq!(last.size, 1_210);
    let none = evidence.at(Position::from_bits(3)).await.unwrap_err();
    assert!(matches!(none, EvidenceError::Unavailable(_)), "never one of another size: {none}");
}

#[tokio::test]
async fn a_damaged_tile_is_made_again_from_the_log_before_anybody_gets_a_wrong_proof() {
    let (folder, mut store) = (tempfile::tempdir().unwrap(), MemoryStore::new());
    grow(&mut store, 700);
    let (evidence, _bell) = start(Some(folder.path()), &store, &rules(Duration::from_hours(1)));
    let whole = evidence.receipt(Position::from_bits(301)).await.unwrap();
    assert_eq!(whole.index, 300);
    let tile = folder.path().join("tiles/0/001");
    let bytes = fs::read(&tile).unwrap();
    let mut damaged = bytes.clone();
    damaged[500] ^= 1;
    fs::write(&tile, damaged).unwrap();
    assert_eq!(evidence.receipt(Position::from_bits(301)).await.unwrap(), whole);
    assert_eq!(fs::read(&tile).unwrap(), bytes);
    fs::remove_file(&tile).unwrap();
    let again = evidence.prove(300).await.unwrap_err();
    assert_eq!(again, EvidenceError::Damaged, "not twice in a row, but never wrong");
    let (evidence, _bell) = {
        evidence.finish().await;
        start(Some(folder.path()), &store, &rules(Duration::from_hours(1)))
    };
    let (signed, proof) = evidence.prove(300).await.unwrap();
    assert!(verify_consistency(300, &truth(300).root(), 700, &signed.root, &proof));
    assert_eq!(fs::read(&tile).unwrap(), bytes);
    assert_eq!(evidence.prove(701).await.unwrap_err(), EvidenceError::Missing);
    let leaf = beckon_events::envelope::leaf(&metadata(300));
    assert!(verify_inclusion(&leaf, 300, 700, &whole.proof, &truth(700).root()));
}

#[tokio::test]
async fn every_checkpoint_leaves_the_server_also_the_last_one() {
    let (parent, mut store) = (tempfile::tempdir().unwrap(), MemoryStore::new());
    let folder = parent.path().join("copies");
    let rules =
        EvidenceRules { publish_folder: Some(folder.clone()), ..rules(Duration::from_hours(1)) };
    let (evidence, _bell) = start(None, &store, &rules);
    grow(&mut store, 4);
    evidence.covering(last(&store)).await.unwrap();
    grow(&mut store, 9);
    evidence.finish().await;
    let latest = fs::read_to_string(folder.join("latest.txt")).unwrap();
    assert_eq!(latest, evidence.latest().unwrap().note);
    assert_eq!(fs::read_to_string(folder.join("0-00000000000000000009.txt")).unwrap(), latest);
}

/// Not a limit: what it prints in a release build is compared by hand.
#[tokio::test]
async fn sequencing_keeps_up() {
    let (folder, mut store) = (tempfile::tempdir().unwrap(), MemoryStore::new());
    let (evidence, bell) = start(Some(folder.path()), &store, &rules(Duration::from_secs(1)));
    let (count, clock) = (20_000, SystemClock::new());
    grow(&mut store, count);
    let begun = clock.monotonic();
    bell.ring();
    let signed = evidence.covering(last(&store)).await.unwrap();
    let took = clock.monotonic().saturating_sub(begun);
    assert_eq!((signed.size, signed.root), (count, truth(count).root()));
    println!("sequenced {count} events in {took:?}: {:.0}/s", count as f64 / took.as_secs_f64());
    let begun = clock.monotonic();
    for index in (0..count).step_by(20) {
        evidence.inclusion(index, count).unwrap();
    }
    let each = clock.monotonic().saturating_sub(begun) / 1_000;
    println!("one inclusion proof: {each:?}");
    evidence.finish().await;
    let shared = Arc::strong_count(&evidence.shared);
    assert_eq!(shared, 1, "the thread has gone and holds nothing");
}

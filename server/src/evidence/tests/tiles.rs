//! Tiles on a disk, proofs from them, and their repair.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use beckon_events::envelope;
use beckon_protocol::evidence::{TileAt, verify_consistency, verify_inclusion};

use super::{Desk, grow, log, metadata, truth};
use crate::evidence::files::{DiskFiles, Files};
use crate::store::sqlite::SqliteStore;
use crate::store::{EventStore, Position};

/// Every file below, by its path.
fn below(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut open) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn the_folder_holds_the_tiles_of_the_tree_and_no_others_and_is_the_same_when_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let files: Arc<dyn Files> = Arc::new(DiskFiles::below(folder.path()));
    let mut store = log(1);
    let mut desk = Desk::open(&files, &store).unwrap();
    for events in [2, 200, 255, 256, 257, 700, 1_030] {
        grow(&mut store, events);
        desk.sign(&store);
    }
    desk.sequencer.finish();
    let tiles = below(&folder.path().join("tiles"));
    let mut expected: Vec<_> = TileAt::of_tree(1_030).map(|at| at.path()).collect();
    expected.extend(["positions", "state"].map(str::to_owned));
    expected.sort();
    assert_eq!(tiles.keys().cloned().collect::<Vec<_>>(), expected);
    let positions = &tiles["positions"];
    assert_eq!(positions.len(), 4 * 8);
    assert_eq!(positions[8..16], 257_u64.to_be_bytes(), "the place of the first of bundle 1");
    fs::remove_dir_all(folder.path().join("tiles")).unwrap();
    Desk::open(&files, &store).unwrap().sequencer.finish();
    assert_eq!(below(&folder.path().join("tiles")), tiles);
    let checkpoints = fs::read_to_string(folder.path().join("checkpoints/0.ndjson")).unwrap();
    assert_eq!(checkpoints.lines().count(), 8, "nothing is signed twice");
}

#[test]
fn every_event_of_a_log_in_a_file_is_found_and_proven() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(&folder.path().join("log.db")).unwrap();
    let files: Arc<dyn Files> = Arc::new(DiskFiles::below(folder.path()));
    grow(&mut store, 400);
    let mut desk = Desk::open(&files, &store).unwrap();
    grow(&mut store, 600);
    desk.sign(&store);
    let all = store.readers().reader().unwrap().read_all(None, 1_000).unwrap();
    let root = truth(600).root();
    for (index, event) in (0..).zip(&all) {
        assert_eq!(desk.evidence.index_of(event.position).unwrap(), index);
        let proof = desk.evidence.inclusion(index, 600).unwrap();
        assert!(verify_inclusion(&envelope::leaf(&metadata(index)), index, 600, &proof, &root));
    }
    for from in [0, 1, 255, 256, 257, 400, 599, 600] {
        let proof = desk.evidence.consistency(from, 600).unwrap();
        assert!(verify_consistency(from, &truth(from).root(), 600, &root, &proof), "{from}");
    }
    assert!(desk.evidence.consistency(0, 601).is_err());
    let behind = Position::from_bits(all[599].position.to_bits() + 1);
    assert!(desk.evidence.index_of(behind).is_err());
    for at in TileAt::of_tree(600) {
        assert_eq!(desk.evidence.tile(at).unwrap().len(), at.bytes());
    }
}

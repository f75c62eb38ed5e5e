//! The ways of many events at once.

use std::sync::Arc;

use beckon_protocol::evidence::verify_inclusion;
use bytes::Bytes;

use super::{Desk, grow, log};
use crate::evidence::Evidence;
use crate::evidence::files::Files;
use crate::evidence::memory_files::MemoryFiles;
use crate::store::{EventStore, StoredEvent};

/// A signed log of 1,030 events, and all of them.
fn signed() -> (Evidence, Vec<StoredEvent>) {
    let files: Arc<dyn Files> = Arc::new(MemoryFiles::default());
    let mut store = log(1);
    let mut desk = Desk::open(&files, &store).unwrap();
    grow(&mut store, 1_030);
    desk.sign(&store);
    let events = store.readers().reader().unwrap().read_all(None, 2_000).unwrap();
    (desk.evidence, events)
}

#[test]
fn every_event_has_its_own_way_whether_its_bundle_is_full_or_not() {
    let (evidence, events) = signed();
    let signed = evidence.latest().unwrap();
    // Neighbours, strangers far apart, and the bundle that is not full.
    let chosen: Vec<_> = [0, 1, 2, 255, 256, 700, 701, 1_023, 1_024, 1_029]
        .into_iter()
        .map(|index: usize| (index as u64, events[index].clone()))
        .collect();
    let (indexes, events): (Vec<_>, Vec<_>) = chosen.into_iter().unzip();
    let ways = evidence.ways(&events, &signed).unwrap();
    assert_eq!(ways.iter().map(|way| way.index).collect::<Vec<_>>(), indexes);
    for (way, event) in ways.iter().zip(&events) {
        assert!(way.holds);
        let one = evidence.inclusion(way.index, signed.size).unwrap();
        assert_eq!(way.path, one, "as it is proved alone");
        assert!(verify_inclusion(&event.leaf(), way.index, signed.size, &way.path, &signed.root));
    }
}

#[test]
fn the_way_of_bytes_that_were_changed_is_given_and_does_not_hold() {
    let (evidence, mut events) = signed();
    let signed = evidence.latest().unwrap();
    events[700].metadata = Bytes::from_static(b"{\"event\":\"another\"}");
    let ways = evidence.ways(&events[699..702], &signed).unwrap();
    let holding: Vec<_> = ways.iter().map(|way| way.holds).collect();
    assert_eq!(holding, [true, false, true]);
    assert_eq!(ways[1].path, evidence.inclusion(700, signed.size).unwrap());
}

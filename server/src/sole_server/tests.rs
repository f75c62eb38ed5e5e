use super::*;
use crate::store::memory::MemoryStore;
use crate::store::{Append, EventStore, Expected, NewEvent};
use beckon_events::EventId;
use uuid::Uuid;

/// A log of which the node recorded these.
fn recorded(kinds: &[&str]) -> (MemoryStore, Vec<Position>) {
    let mut store = MemoryStore::new();
    let (zero, none) = (Uuid::nil(), "0".repeat(64));
    let mut positions = Vec::new();
    for (version, kind) in (0_u64..).zip(kinds) {
        let metadata = format!(
            r#"{{"v":1,"id":"{zero}","log":"{zero}","stream":"node-0","version":{version},"type":"{kind}","schema":1,"at":"2026-01-01T00:00:00.000000Z","actor":{{"kind":"system","id":null}},"$causationId":"{zero}","$correlationId":"{zero}","body":"{none}","prev":"{none}","sealed":[]}}"#
        );
        assert_eq!(envelope::metadata(metadata.as_bytes()).unwrap().kind, *kind);
        let id = EventId(Uuid::from_u128(version.into()));
        let event = NewEvent { id, metadata: metadata.into(), data: "{}".into() };
        let expected = version.checked_sub(1).map_or(Expected::NoStream, Expected::Exact);
        let stream = StreamName::node(NODE).unwrap();
        let append = Append { stream, expected, events: vec![event] };
        positions.push(store.append(&[append]).answers.remove(0).unwrap().position);
    }
    (store, positions)
}

fn looked(kinds: &[&str], own: usize, from: u64) -> (bool, u64) {
    let (store, positions) = recorded(kinds);
    let node = StreamName::node(NODE).unwrap();
    other_start(&*store.readers(), &node, from, Some(positions[own])).unwrap()
}

#[test]
fn another_start_after_this_one_supersedes_it() {
    assert!(looked(&["ServerStarted", "ServerStarted"], 0, 0).0);
    assert!(looked(&["ServerStarted", "ServerStopped", "ServerStarted"], 0, 1).0);
    assert!(!looked(&["ServerStarted", "ServerStarted"], 1, 0).0);
}

#[test]
fn the_end_of_the_one_before_is_no_reason_to_go() {
    let seen = looked(&["ServerStarted", "ServerStarted", "ServerStopped"], 1, 0);
    assert_eq!(seen, (false, 3));
}

#[test]
fn a_start_far_along_the_stream_is_found() {
    let mut kinds = vec!["ServerStopped"; 3 * PAGE];
    kinds[0] = "ServerStarted";
    assert_eq!(looked(&kinds, 0, 0), (false, 192));
    *kinds.last_mut().unwrap() = "ServerStarted";
    assert!(looked(&kinds, 0, 0).0);
}

//! What a start refuses, and what it says to do.

use std::sync::Arc;

use beckon_protocol::evidence::SignedCheckpoint;
use bytes::Bytes;

use super::{Desk, Key, LOG, checked_notes, grow, grow_with, log, metadata, of, truth};
use crate::evidence::files::{Files, Keep};
use crate::evidence::memory_files::MemoryFiles;
use crate::evidence::state::STATE;
use crate::evidence::{LogOf, StartError};
use crate::store::memory::MemoryStore;
use crate::store::sqlite::SqliteStore;

const CHECKPOINTS: &str = "checkpoints/0.ndjson";

/// A log of 300 events that was signed to its end, and closed.
fn signed() -> Arc<dyn Files> {
    let files: Arc<dyn Files> = Arc::new(MemoryFiles::default());
    let mut store = log(200);
    let mut desk = Desk::open(&files, &store).unwrap();
    grow(&mut store, 300);
    desk.sign(&store);
    desk.sequencer.finish();
    files
}

fn copy(files: &Arc<dyn Files>) -> Arc<dyn Files> {
    let copied = MemoryFiles::default();
    let folders = ["tiles", "tiles/0", "tiles/0/001.p", "tiles/1/000.p", "checkpoints"];
    for folder in folders {
        for name in files.names(folder).unwrap() {
            let path = format!("{folder}/{name}");
            if let Some(bytes) = files.read(&path).unwrap() {
                copied.put(&path, &bytes, Keep::Now).unwrap();
            }
        }
    }
    Arc::new(copied)
}

fn refused(files: &Arc<dyn Files>, store: &MemoryStore) -> String {
    let kept = files.read(CHECKPOINTS).unwrap();
    let refused = Desk::open(files, store).map(|_| ()).unwrap_err();
    assert_eq!(files.read(CHECKPOINTS).unwrap(), kept, "nothing was signed");
    refused.to_string()
}

/// A log in which the event at `index` is another one.
fn altered(index: u64, events: u64) -> MemoryStore {
    let mut store = MemoryStore::new();
    grow_with(&mut store, events, |at| {
        if at == index { Bytes::from_static(b"{\"event\":\"another\"}") } else { metadata(at) }
    });
    store
}

#[test]
fn a_log_that_was_rolled_back_is_refused_also_when_it_has_grown_anew() {
    for events in [0, 1, 256, 299] {
        let said = refused(&signed(), &log(events));
        assert!(said.contains(&format!("the log has {events} events")), "{said}");
        assert!(said.contains("over 300 was signed") && said.contains("restore"), "{said}");
    }
    for events in [300, 301, 600] {
        let mut store = log(250);
        grow_with(&mut store, events, |at| Bytes::from(format!("{{\"anew\":{at}}}")));
        let said = refused(&signed(), &store);
        assert!(said.contains("the log was changed"), "{said}");
    }
}

#[test]
fn an_event_that_was_changed_under_a_signed_checkpoint_is_refused() {
    let said = refused(&signed(), &altered(299, 300));
    assert!(said.contains("the log was changed") && said.contains("right log.db"), "{said}");
    for index in [0, 1, 255, 256, 298] {
        let files = copy(&signed());
        files.remove(STATE).unwrap();
        let said = refused(&files, &altered(index, 320));
        assert!(said.contains("the first 300 events"), "{said}");
    }
}

#[test]
fn the_same_holds_for_a_log_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let [path, old] = ["log.db", "old.db"].map(|name| folder.path().join(name));
    let files: Arc<dyn Files> = Arc::new(MemoryFiles::default());
    let mut store = SqliteStore::open(&path).unwrap();
    grow(&mut store, 100);
    drop(store);
    std::fs::copy(&path, &old).unwrap();
    let mut store = SqliteStore::open(&path).unwrap();
    grow(&mut store, 300);
    let desk = Desk::open(&files, &store).unwrap();
    desk.sequencer.finish();
    drop(store);
    let refused = Desk::open(&files, &SqliteStore::open(&old).unwrap()).map(|_| ()).unwrap_err();
    assert!(matches!(refused, StartError::Shorter { has: 100, signed: 300 }), "{refused}");
    let store = SqliteStore::open(&path).unwrap();
    let raw = rusqlite::Connection::open(&path).unwrap();
    let triggers = "SELECT group_concat('DROP TRIGGER ' || name || ';', '') FROM sqlite_master \
         WHERE type = 'trigger'";
    let drop_all: String = raw.query_row(triggers, [], |row| row.get(0)).unwrap();
    raw.execute_batch(&drop_all).unwrap();
    let change = "UPDATE events SET metadata = CAST('{}' AS BLOB) WHERE position = \
         (SELECT max(position) FROM events)";
    assert_eq!(raw.execute(change, []).unwrap(), 1);
    let refused = Desk::open(&files, &store).map(|_| ()).unwrap_err();
    assert!(matches!(refused, StartError::Changed { signed: 300 }), "{refused}");
}

#[test]
fn checkpoints_of_another_log_key_or_era_are_refused() {
    let files = signed();
    let open = |of: LogOf, key| Desk::of(&files, &log(300), of, key).map(|_| ()).unwrap_err();
    let other = LogOf { log: beckon_events::LogId(uuid::Uuid::from_u128(8)), ..of() };
    assert!(matches!(open(other, Key::new(1)), StartError::OtherLog { signed: LOG, .. }));
    let said = open(of(), Key::new(2)).to_string();
    assert!(said.contains("keys/log.key"), "{said}");
    files.put("checkpoints/1.ndjson", b"", Keep::Now).unwrap();
    let said = open(of(), Key::new(1)).to_string();
    assert!(said.contains("era 0") && said.contains("of era 1"), "{said}");
}

#[test]
fn a_damaged_checkpoint_is_refused_unless_it_is_the_last_line_that_was_torn() {
    let files = signed();
    let bytes = files.read(CHECKPOINTS).unwrap().unwrap();
    let with = |bytes: &[u8]| {
        let files = copy(&files);
        files.put(CHECKPOINTS, bytes, Keep::Now).unwrap();
        files
    };
    let second = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let root = second + bytes[second..].windows(2).position(|at| at == b"\\n").unwrap() + 8;
    let mut wrong = bytes.clone();
    wrong[root] = if wrong[root] == b'A' { b'B' } else { b'A' };
    assert!(Desk::open(&with(&wrong), &log(300)).is_err(), "a wrong root is not a torn line");
    let twice = [&bytes[..second - 9], b"\n", &bytes[second..bytes.len() - 9]].concat();
    let said = refused(&with(&twice), &log(300));
    assert!(said.contains(CHECKPOINTS) && said.contains("damaged"), "{said}");
    let torn = [&bytes[..], b"\"help.exam"].concat();
    let files = with(&torn);
    let mut desk = Desk::open(&files, &log(300)).unwrap();
    assert_eq!(files.read(CHECKPOINTS).unwrap().unwrap(), bytes, "the torn line is gone");
    assert_eq!(desk.sign(&log(300)).size, 300);
    assert_eq!(checked_notes(&*files).len(), 2, "the same size is not signed again");
}

#[test]
fn a_log_whose_checkpoints_are_gone_is_not_signed_anew() {
    let era = |era, restored| LogOf { era, restored, signed: true, ..of() };
    let open = |files: &Arc<dyn Files>, of| {
        Desk::of(files, &log(300), of, Key::new(1)).map(|_| ()).map_err(|error| error.to_string())
    };
    for left in [None, Some(&b""[..]), Some(b"\"help.exam")] {
        let files = signed();
        files.remove(CHECKPOINTS).unwrap();
        if let Some(left) = left {
            files.put(CHECKPOINTS, left, Keep::Now).unwrap();
        }
        let said = open(&files, era(0, None)).unwrap_err();
        assert!(said.contains(CHECKPOINTS) && said.contains("missing or empty"), "{said}");
        assert!(said.contains("one JSON string a line") && said.contains("restore"), "{said}");
        assert_eq!(files.read(CHECKPOINTS).unwrap().as_deref(), left, "nothing was signed");
        let bytes = signed().read(CHECKPOINTS).unwrap().unwrap();
        files.put(CHECKPOINTS, &bytes, Keep::Now).unwrap();
        assert_eq!(open(&files, era(0, None)), Ok(()), "it is put back");
    }
    let files = signed();
    let said = open(&files, era(1, Some(250))).unwrap_err();
    assert!(said.contains("checkpoints/1.ndjson"), "{said}");
    assert_eq!(open(&files, LogOf { signed: false, ..era(1, Some(250)) }), Ok(()), "just restored");
}

#[test]
fn after_a_restore_the_new_era_goes_on_over_what_was_signed_before() {
    let files = signed();
    let era = LogOf { era: 1, restored: Some(220), host: "new.example.org".to_owned(), ..of() };
    let anew = |from: u64| {
        let mut store = log(from);
        grow_with(&mut store, 240, |at| Bytes::from(format!("{{\"anew\":{at}}}")));
        store
    };
    // 200 and 300 were signed; 220 events came back.
    let refused = Desk::of(&files, &anew(199), era.clone(), Key::new(1)).map(|_| ()).unwrap_err();
    assert!(matches!(refused, StartError::Changed { signed: 200 }), "{refused}");
    let store = anew(220);
    let mut desk = Desk::of(&files, &store, era.clone(), Key::new(1)).unwrap();
    let signed = SignedCheckpoint::parse(&desk.sign(&store).note).unwrap();
    assert_eq!(signed.checkpoint.size, 240);
    assert_eq!(signed.checkpoint.origin.to_string(), format!("new.example.org/beckon/{LOG}/1"));
    assert_eq!(desk.evidence.eras().unwrap(), [0, 1]);
    assert_eq!([0, 1].map(|era| desk.evidence.notes(era).unwrap().count()), [2, 1]);
    drop(desk);
    let moved = LogOf { host: "moved.example.org".to_owned(), ..era };
    let desk = Desk::of(&files, &store, moved, Key::new(1)).unwrap();
    assert_eq!(desk.evidence.origin().host, "new.example.org", "a log keeps its name in an era");
}

#[test]
fn a_state_of_a_tree_that_was_never_signed_counts_for_nothing() {
    let files = signed();
    let other: Arc<dyn Files> = Arc::new(MemoryFiles::default());
    let desk = Desk::open(&other, &altered(4, 300)).unwrap();
    desk.sequencer.finish();
    let forged = other.read(STATE).unwrap().unwrap();
    files.put(STATE, &forged, Keep::Now).unwrap();
    let desk = Desk::open(&files, &log(300)).unwrap();
    assert_eq!(desk.sequencer.tree.root(), truth(300).root());
}

//! What only the inside of the store can show: a commit that fails.

use beckon_events::EventId;
use bytes::Bytes;
use uuid::Uuid;

use super::*;
use crate::store::{Expected, NewEvent};

fn append(stream: &str, expected: Expected, size: usize) -> Append {
    let seed = format!("{stream} {expected:?} {size}");
    let event = NewEvent {
        id: EventId(Uuid::new_v5(&Uuid::NAMESPACE_URL, seed.as_bytes())),
        metadata: Bytes::from(seed),
        data: Bytes::from(vec![7; size]),
    };
    Append { stream: stream.parse().unwrap(), expected, events: vec![event] }
}

#[test]
fn a_full_disk_stores_nothing_of_the_batch_and_the_store_goes_on_once_there_is_space() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(&folder.path().join("log.db")).unwrap();
    let first = store.append(&[append("session-1", Expected::NoStream, 10)]);
    assert!(first.answers[0].is_ok());
    let pages: i64 = store.connection.query_row("PRAGMA page_count", [], |r| r.get(0)).unwrap();
    let limit = |store: &SqliteStore, pages: i64| {
        let sql = format!("PRAGMA max_page_count = {pages}");
        store.connection.query_row(&sql, [], |_| Ok(())).unwrap();
    };
    limit(&store, pages);
    let batch = [
        append("session-1", Expected::Exact(0), 10),
        append("session-2", Expected::NoStream, 60_000),
        append("session-3", Expected::NoStream, 70_000),
    ];
    let full = store.append(&batch);
    assert_eq!(full.answers[0], Err(AppendError::DiskFull));
    assert_eq!(full.answers[1], Err(AppendError::DiskFull));
    assert!(matches!(full.answers[2], Err(AppendError::TooLarge { .. })));
    assert!(full.events.is_empty());
    let reader = store.readers().reader().unwrap();
    assert_eq!(reader.read_all(None, 10).unwrap().len(), 1);

    limit(&store, 100_000);
    let again = store.append(&batch[..2]);
    assert!(again.answers.iter().all(Result::is_ok), "{again:?}");
    assert_eq!(reader.read_all(None, 10).unwrap().len(), 3);
}

#[test]
fn after_a_failed_disk_nothing_is_written_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(&folder.path().join("log.db")).unwrap();
    let failure = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_FSYNC);
    let error = store.failed(&rusqlite::Error::SqliteFailure(failure, None));
    assert!(matches!(&error, AppendError::Lost(reason) if reason.contains("log.db")));
    let after = store.append(&[append("session-1", Expected::NoStream, 10)]);
    assert_eq!(after.answers, [Err(error.clone())]);
    assert_eq!(store.idle(), Err(error));
    assert_eq!(store.readers().reader().unwrap().last_position(), Ok(None));
}

#[test]
fn what_a_killed_server_left_in_the_wal_is_on_the_disk_before_anything_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let [path, left] = ["log.db", "left.db"].map(|name| folder.path().join(name));
    let mut store = SqliteStore::open(&path).unwrap();
    assert!(store.append(&[append("session-1", Expected::NoStream, 10)]).answers[0].is_ok());
    for end in ["", "-wal"] {
        let of = |name: &str| folder.path().join(format!("{name}{end}"));
        std::fs::copy(of("log.db"), of("left.db")).unwrap();
    }
    let wal = folder.path().join("left.db-wal");
    let failed = SqliteStore::open_with(&left, |synced| {
        assert_eq!(synced, wal);
        assert!(!folder.path().join("left.db-shm").exists(), "nobody has read it");
        Err(io::Error::other("the disk is gone"))
    });
    assert!(failed.unwrap_err().to_string().contains("the disk is gone"));
    let opened = SqliteStore::open(&left).unwrap();
    let reader = opened.readers().reader().unwrap();
    assert_eq!(reader.read_all(None, 10).unwrap().len(), 1);
}

#[test]
fn a_damaged_page_is_found_when_it_is_read_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let mut store = SqliteStore::open(&path).unwrap();
    for number in 0..40 {
        let name = format!("session-{number}");
        assert!(store.append(&[append(&name, Expected::NoStream, 3_000)]).answers[0].is_ok());
    }
    drop(store);
    let mut bytes = std::fs::read(&path).unwrap();
    let (middle, end) = (bytes.len() / 3, bytes.len() - 20 * 4_096);
    bytes[middle..end].fill(0xAB);
    std::fs::write(&path, bytes).unwrap();
    let found = match SqliteStore::open(&path) {
        Err(error) => error.to_string(),
        Ok(store) => {
            let reader = store.readers().reader().unwrap();
            reader.read_all(None, 1_000).unwrap_err().to_string()
        }
    };
    assert!(found.contains("damaged"), "{found}");
}

#[test]
fn heads_beyond_the_cache_are_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(&folder.path().join("log.db")).unwrap();
    assert!(store.append(&[append("session-1", Expected::NoStream, 1)]).answers[0].is_ok());
    store.heads.clear();
    let next = store.append(&[append("session-1", Expected::Exact(0), 1)]);
    assert_eq!(next.answers[0].as_ref().map(|a| a.version), Ok(1));
}

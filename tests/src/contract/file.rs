//! What a log in a file owes beyond the laws of every store.

use std::fs;
use std::path::Path;

use beckon_server::store::Expected::{Exact, NoStream};
use beckon_server::store::sqlite::{SqliteReaders, SqliteStore};
use beckon_server::store::{EventStore, Readers, StoredEvent};

use super::ground::{Ground, append, labels};

fn filled() -> Ground {
    let mut ground = Ground::sqlite();
    ground.append(append("session-1", NoStream, &["a", "b"])).unwrap();
    ground.append(append("session-2", NoStream, &["c"])).unwrap();
    ground.append(append("session-1", Exact(1), &["d"])).unwrap();
    ground
}

fn log_of(path: &Path) -> Vec<StoredEvent> {
    let store = SqliteStore::open(path).unwrap();
    store.readers().reader().unwrap().read_all(None, 10_000).unwrap()
}

#[test]
fn what_was_stored_is_there_after_opening_again_and_the_stream_goes_on() {
    let ground = filled();
    let (before, path) = (ground.log(), ground.log_db());
    drop(ground.store);
    let mut store = SqliteStore::open(&path).unwrap();
    let reader = store.readers().reader().unwrap();
    assert_eq!(reader.read_all(None, 10).unwrap(), before);
    let next = [append("session-1", Exact(2), &["e"]), append("session-1", Exact(1), &["d"])];
    let answers = store.append(&next).answers;
    assert_eq!(answers[0].as_ref().unwrap().version, 3);
    assert_eq!(answers[1].as_ref().unwrap().position, before[3].position);
}

#[test]
fn what_was_answered_is_in_the_files_a_killed_server_leaves() {
    let ground = filled();
    let left = tempfile::tempdir().unwrap();
    for name in ["log.db", "log.db-wal"] {
        fs::copy(ground.folder.path().join(name), left.path().join(name)).unwrap();
    }
    let readers = SqliteReaders::open(&left.path().join("log.db")).unwrap();
    assert_eq!(readers.reader().unwrap().read_all(None, 10).unwrap(), ground.log());
    assert_eq!(log_of(&left.path().join("log.db")), ground.log());
}

#[test]
fn wherever_the_wal_is_cut_off_whole_appends_remain() {
    let ground = filled();
    let wal = fs::read(ground.folder.path().join("log.db-wal")).unwrap();
    let mut seen = Vec::new();
    for length in (0..=wal.len()).step_by(1_000) {
        let left = tempfile::tempdir().unwrap();
        let path = left.path().join("log.db");
        fs::copy(ground.log_db(), &path).unwrap();
        fs::write(left.path().join("log.db-wal"), &wal[..length]).unwrap();
        seen.push(labels(&log_of(&path)).concat());
    }
    seen.dedup();
    let whole = ["", "ab", "abc", "abcd"];
    assert!(seen.iter().all(|s| whole.contains(&s.as_str())), "{seen:?}");
    assert!(seen.len() >= 3, "the cuts fell between the appends: {seen:?}");
}

#[test]
fn an_event_can_be_neither_changed_nor_deleted() {
    let ground = filled();
    let other = rusqlite::Connection::open(ground.log_db()).unwrap();
    for sql in [
        "UPDATE events SET data = x'00' WHERE position = 1",
        "UPDATE events SET version = version + 10",
        "DELETE FROM events WHERE position = 4",
        "DELETE FROM events",
        "UPDATE streams SET name = 'session-9'",
        "DELETE FROM streams",
    ] {
        let refused = other.execute(sql, []).unwrap_err().to_string();
        assert!(refused.contains("is never "), "{sql}: {refused}");
    }
    let twice = "INSERT INTO events (stream, version, id, metadata, data) \
         SELECT stream, version, id, metadata, data FROM events WHERE position = 1";
    assert!(other.execute(twice, []).is_err());
    assert_eq!(labels(&ground.log()), ["a", "b", "c", "d"]);
}

#[test]
fn a_reader_of_the_file_sees_what_the_server_writes_meanwhile() {
    let mut ground = filled();
    let readers = SqliteReaders::open(&ground.log_db()).unwrap();
    let reader = readers.reader().unwrap();
    assert_eq!(reader.read_all(None, 10).unwrap().len(), 4);
    ground.append(append("session-1", Exact(2), &["e"])).unwrap();
    ground.store.idle().unwrap();
    assert_eq!(reader.read_all(None, 10).unwrap().len(), 5);
}

#[test]
fn a_log_that_was_cut_off_overwritten_or_replaced_is_refused_by_name() {
    type Spoil = fn(&Path);
    let spoil: [(&str, Spoil); 5] = [
        ("is damaged (the file is empty)", |path| cut(path, 0)),
        ("is damaged", |path| cut(path, 5_000)),
        ("is damaged", |path| cut(path, 60)),
        ("is not the event log of Beckon", |path| fs::write(path, "Dear diary, I").unwrap()),
        ("is not the event log of Beckon", |path| {
            fs::remove_file(path).unwrap();
            let other = rusqlite::Connection::open(path).unwrap();
            other.execute_batch("CREATE TABLE events (x)").unwrap();
        }),
    ];
    for (wanted, spoil) in spoil {
        let ground = filled();
        let path = ground.log_db();
        drop(ground.store);
        spoil(&path);
        for refused in [
            SqliteStore::open(&path).map(drop).unwrap_err().to_string(),
            SqliteReaders::open(&path).map(drop).unwrap_err().to_string(),
        ] {
            assert!(refused.contains(wanted), "{refused}");
            assert!(refused.contains("log.db"), "{refused}");
        }
    }
}

fn cut(path: &Path, length: u64) {
    fs::File::options().write(true).open(path).unwrap().set_len(length).unwrap();
}

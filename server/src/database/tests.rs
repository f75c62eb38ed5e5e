use super::*;

const KIND: Kind = Kind {
    what: "the shelf",
    application_id: 0x5348_454C,
    version: 1,
    schema: "CREATE TABLE shelf (book TEXT) STRICT;",
    upgrades: &[],
    remedy: "restore it",
};

fn shelf() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shelf.db");
    let connection = open(&path, &KIND).unwrap();
    for _ in 0..200 {
        let book = "x".repeat(1_000);
        connection.execute("INSERT INTO shelf VALUES (?)", [book]).unwrap();
    }
    connection.close().unwrap();
    (folder, path)
}

fn refused(path: &Path) -> String {
    open(path, &KIND).unwrap_err().to_string()
}

#[test]
fn what_was_stored_is_there_after_opening_again_and_a_reader_cannot_write() {
    let (_folder, path) = shelf();
    let reader = open_read_only(&path, &KIND).unwrap();
    let count = |c: &Connection| -> i64 {
        c.query_row("SELECT count(*) FROM shelf", [], |r| r.get(0)).unwrap()
    };
    assert_eq!(count(&reader), 200);
    assert!(reader.execute("DELETE FROM shelf", []).is_err());
    assert_eq!(count(&open(&path, &KIND).unwrap()), 200);
}

#[test]
fn a_file_cut_off_anywhere_is_named_as_damaged() {
    let whole = fs::metadata(shelf().1).unwrap().len();
    for length in [0, 50, 99, 100, 4_096, 50_000, whole - 1] {
        let (_folder, path) = shelf();
        File::options().write(true).open(&path).unwrap().set_len(length).unwrap();
        let said = refused(&path);
        assert!(said.contains("shelf.db is damaged"), "{length}: {said}");
        assert!(said.contains("restore it"), "{length}: {said}");
    }
}

#[test]
fn a_foreign_file_a_foreign_database_and_a_newer_format_are_told_apart() {
    let (folder, path) = shelf();
    let text = folder.path().join("text");
    fs::write(&text, "Dear diary, ".repeat(20)).unwrap();
    assert!(refused(&text).contains("is not the shelf of Beckon"));
    let other = folder.path().join("other");
    let foreign = Connection::open(&other).unwrap();
    foreign.execute_batch("CREATE TABLE t (x)").unwrap();
    drop(foreign);
    assert!(refused(&other).contains("is not the shelf of Beckon"));
    let connection = open(&path, &KIND).unwrap();
    connection.execute_batch("PRAGMA user_version = 2; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(connection);
    assert!(refused(&path).contains("has format 2"));
}

#[test]
fn a_file_that_is_gone_while_its_wal_is_there_is_not_made_anew() {
    let (_folder, path) = shelf();
    fs::rename(&path, path.with_extension("db-wal")).unwrap();
    assert!(refused(&path).contains("does not exist"));
}

#[test]
fn a_full_disk_and_a_failing_disk_are_told_apart() {
    let error = |code| rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
    assert_eq!(Failure::of(&error(rusqlite::ffi::SQLITE_FULL)), Failure::DiskFull);
    assert_eq!(Failure::of(&error(rusqlite::ffi::SQLITE_IOERR_FSYNC)), Failure::Lost);
    assert_eq!(Failure::of(&error(rusqlite::ffi::SQLITE_CORRUPT)), Failure::Lost);
    assert_eq!(Failure::of(&error(rusqlite::ffi::SQLITE_BUSY)), Failure::Refused);
}

const NEXT: Kind = Kind {
    version: 3,
    schema: "CREATE TABLE shelf (book TEXT, lent INTEGER) STRICT; CREATE TABLE lent (x) STRICT;",
    upgrades: &[
        "ALTER TABLE shelf ADD COLUMN lent INTEGER;",
        "CREATE TABLE lent (to_whom TEXT) STRICT;",
    ],
    ..KIND
};

#[test]
fn an_older_file_is_brought_up_to_date_in_place_and_only_once() {
    let (_folder, path) = shelf();
    for _ in 0..2 {
        let connection = open(&path, &NEXT).unwrap();
        let count = "SELECT count(*) FROM shelf LEFT JOIN lent WHERE lent IS NULL";
        let count: i64 = connection.query_row(count, [], |r| r.get(0)).unwrap();
        assert_eq!(count, 200);
    }
    assert!(refused(&path).contains("has format 3, this program reads format 1"));
}

#[test]
fn an_upgrade_that_fails_leaves_the_file_as_it_was() {
    let (_folder, path) = shelf();
    let broken =
        Kind { version: 2, upgrades: &["CREATE TABLE lent (x); SELECT nonsense;"], ..KIND };
    assert!(open(&path, &broken).is_err());
    let connection = open(&path, &KIND).unwrap();
    let tables = "SELECT count(*) FROM sqlite_schema WHERE name = 'lent'";
    assert_eq!(connection.query_row(tables, [], |r| r.get(0)), Ok(0));
}

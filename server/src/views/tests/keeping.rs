//! What a start finds in read.db, and what it makes of it.

use rusqlite::Connection;

use super::*;

type Damage = &'static dyn Fn(&mut Vec<u8>);

fn file(folder: &Path) -> std::path::PathBuf {
    folder.join("read.db")
}

fn generations(views: &Views) -> Vec<(String, u64)> {
    let mut all: Vec<_> =
        views.standings().unwrap().into_iter().map(|it| (it.name, it.generation)).collect();
    all.sort();
    all
}

fn log_of(sessions: u128) -> Arc<Log> {
    let log = Log::new();
    for n in 0..sessions {
        log.life(
            n,
            i64::try_from(n).unwrap() * 10,
            if n % 2 == 0 { ANA } else { BEN },
            Some("Printer"),
        );
    }
    log
}

#[test]
fn a_start_folds_only_what_came_after_the_last_proper_end() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_of(300);
    let views = log.views(folder.path());
    log.check(&views);
    views.finish();
    log.session(1_000, 9_000, created(1_000, ANA, None));
    log.read.store(0, Ordering::SeqCst);
    let views = log.views(folder.path());
    assert_eq!(log.read.load(Ordering::SeqCst), 1, "one event is new");
    log.check(&views);
    assert!(generations(&views).iter().all(|(_, built)| *built == 1));
}

#[test]
fn a_killed_server_loses_nothing_and_folds_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_of(20);
    let views = log.views(folder.path());
    log.life(100, 1_000, BEN, Some("Scanner"));
    log.wait(&views);
    // As the disk is when the process is killed at this moment.
    let killed = tempfile::tempdir().unwrap();
    for name in ["read.db", "read.db-wal"] {
        std::fs::copy(folder.path().join(name), killed.path().join(name)).unwrap();
    }
    log.life(101, 2_000, ANA, None);
    log.wait(&views);
    let again = log.views(killed.path());
    log.check(&again);
    log.check(&views);
}

#[test]
fn another_log_or_one_that_was_rolled_back_is_folded_from_its_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_of(9);
    log.views(folder.path()).finish();
    for other in [log_of(3), log_of(8), {
        let other = log_of(8);
        other.life(77, 2_000, BEN, None);
        other
    }] {
        let views = other.views(folder.path());
        other.check(&views);
        views.finish();
    }
}

#[test]
fn a_model_of_another_version_is_built_anew_and_the_others_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_of(5);
    log.views(folder.path()).finish();
    let connection = Connection::open(file(folder.path())).unwrap();
    connection
        .execute("UPDATE models SET version = 99 WHERE name IN ('audit_log', 'roster')", [])
        .unwrap();
    drop(connection);
    let views = log.views(folder.path());
    log.check(&views);
    let built: BTreeMap<_, _> = generations(&views).into_iter().collect();
    assert_eq!((built["audit_log"], built["session_history"]), (2, 1));
    let tables = "SELECT count(*) FROM pragma_table_list WHERE name GLOB ?";
    let connection = Connection::open(file(folder.path())).unwrap();
    for (glob, left) in [("audit_log_1*", 0), ("audit_log_2", 1), ("session_history_1", 1)] {
        let count: i64 = connection.query_row(tables, [glob], |row| row.get(0)).unwrap();
        assert_eq!(count, left, "{glob}");
    }
}

#[test]
fn a_damaged_file_is_thrown_away_and_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_of(200);
    log.views(folder.path()).finish();
    let whole = std::fs::read(file(folder.path())).unwrap();
    let damage: [Damage; 7] = [
        // Of a program with other tables.
        &|bytes| bytes[63] = 1,
        &|bytes| bytes.clear(),
        &|bytes| bytes.truncate(5_000),
        &|bytes| bytes.truncate(bytes.len() / 2 / 4_096 * 4_096),
        &|bytes| bytes[..20].fill(7),
        &|bytes| bytes[4_096..].fill(0xAB),
        &|bytes| bytes.splice(.., *b"hello").for_each(drop),
    ];
    for (number, damage) in damage.into_iter().enumerate() {
        let mut bytes = whole.clone();
        damage(&mut bytes);
        discard(&file(folder.path())).unwrap();
        std::fs::write(file(folder.path()), bytes).unwrap();
        let views = log.views(folder.path());
        log.life(1_000 + number as u128, 90_000, ANA, None);
        views.rebuild_one("exports").unwrap();
        soon("it is whole again", || {
            let limit = 1_000_000;
            views
                .look_now(|tables| tables.audit(&AuditQuery { limit, ..AuditQuery::default() }))
                .is_ok_and(|page| page.rows.len() == log.events().len())
        });
        log.check(&views);
        views.finish();
    }
}

#[test]
fn damage_that_is_found_while_the_server_runs_is_mended_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_of(400);
    let views = log.views(folder.path());
    let size = std::fs::metadata(file(folder.path())).unwrap().len();
    let bytes = vec![0xAB; usize::try_from(size).unwrap() - 8_192];
    let damaged = std::fs::File::options().write(true).open(file(folder.path())).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&damaged, &bytes, 8_192).unwrap();
    let all = AuditQuery { limit: 1_000_000, ..AuditQuery::default() };
    soon("it is mended", || {
        let found = views.look_now(|tables| tables.audit(&all));
        found.is_ok_and(|page| page.rows.len() == 1_600)
    });
    log.life(1_000, 90_000, ANA, None);
    log.wait(&views);
    log.check(&views);
}

#[test]
fn a_log_that_cannot_be_read_is_followed_again_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_of(2);
    let views = log.views(folder.path());
    log.fails.store(1, Ordering::SeqCst);
    log.life(7, 100, ANA, None);
    soon("it says so", || views.failing().is_some_and(|why| why.contains("cluster is gone")));
    log.fails.store(0, Ordering::SeqCst);
    // Nobody rings again.
    log.wait(&views);
    log.check(&views);
}

#[test]
fn a_file_that_cannot_be_written_leaves_memory_in_step_and_catches_up_without_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_of(2);
    let views = log.views(folder.path());
    let other = Connection::open(file(folder.path())).unwrap();
    // The page is half written when it is refused.
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON work_report_1 WHEN new.created > 50 \
         BEGIN SELECT RAISE(ABORT, 'no space'); END";
    other.execute_batch(refuse).unwrap();
    log.life(7, 100, ANA, Some("Seven"));
    soon("it says so", || views.failing().is_some_and(|why| why.contains("no space")));
    let query = HistoryQuery { text: "seven".to_owned(), limit: 9, ..HistoryQuery::default() };
    let found = |views: &Views| views.look_now(|tables| tables.history(&query)).unwrap().rows.len();
    assert_eq!(found(&views), 0, "the page is not half there");
    assert!(views.read(|models| models.sessions.get(session(7)).is_some()));
    log.life(8, 200, ANA, Some("Eight"));
    other.execute_batch("DROP TRIGGER refuse").unwrap();
    soon("it follows again", || views.failing().is_none() && found(&views) == 1);
    log.wait(&views);
    log.check(&views);
}

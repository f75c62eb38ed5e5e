//! Building anew while everything goes on, and what is left of what was erased.

use std::sync::atomic::AtomicBool;

use rusqlite::Connection;

use super::*;

const NAME: &str = "Quokka Wombat";

/// Also where an assertion fails, so that the threads end.
struct Stops<'a>(&'a AtomicBool);

impl Drop for Stops<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn grep(folder: &Path, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap().to_ascii_lowercase();
        let name = name.to_ascii_lowercase();
        if bytes.windows(name.len()).any(|window| window == name.as_bytes()) {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    found
}

#[test]
fn whoever_looks_is_answered_while_all_is_built_anew_and_the_log_grows() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::new();
    (0..200).for_each(|n| log.life(n, 0, ANA, Some("Printer")));
    let views = log.views(folder.path());
    let (stop, views) = (AtomicBool::new(false), &views);
    std::thread::scope(|scope| {
        let growing = scope.spawn(|| {
            for n in 1_000..2_000 {
                log.life(n, 10, BEN, Some("Scanner"));
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                std::thread::sleep(Duration::from_millis(2));
            }
        });
        let looking = scope.spawn(|| {
            let mut seen = 0;
            while !stop.load(Ordering::SeqCst) {
                let text = "print".to_owned();
                let query = HistoryQuery { text, limit: 500, ..HistoryQuery::default() };
                let (named, all) = views
                    .look_now(|tables| {
                        let ended = tables.ended(None, Timestamp::from_micros(0), 0)?;
                        Ok((tables.history(&query)?.rows.len(), ended.total))
                    })
                    .unwrap();
                assert_eq!(named, 200);
                assert!(all >= seen, "what was there is not gone: {seen} then {all}");
                seen = all;
                assert!(views.read(|models| models.sessions.last_ended(None)).is_some());
            }
        });
        let _stops = Stops(&stop);
        for round in 0..4 {
            let before = views.generation();
            if round % 2 == 0 {
                let done = views.rebuild().unwrap();
                assert!(done.events >= 800 && done.models.len() == 8, "{done:?}");
            } else {
                views.rebuild_one("session_history").unwrap();
                views.rebuild_one("session_list").unwrap();
            }
            assert!(views.generation() > before);
        }
        stop.store(true, Ordering::SeqCst);
        growing.join().unwrap();
        looking.join().unwrap();
    });
    log.wait(views);
    log.check(views);
    let unknown = views.rebuild_one("everything").unwrap_err().to_string();
    assert!(unknown.contains("no read model everything"), "{unknown}");
}

#[test]
fn what_was_erased_is_in_no_byte_of_the_file_after_all_is_built_anew() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::new();
    for n in 0..300 {
        log.life(n, 0, ANA, Some(if n % 3 == 0 { NAME } else { "Printer" }));
    }
    let views = log.views(folder.path());
    for n in (0..300).step_by(3) {
        assert!(log.keys.key(Subject::user(session(n))).unwrap().is_some());
    }
    assert!(!grep(folder.path(), NAME).is_empty() && !grep(folder.path(), "quokka").is_empty());
    (0..300).step_by(3).for_each(|n| log.keys.erase(Subject::user(session(n))));
    views.rebuild().unwrap();
    for word in [NAME, "quokka", "wombat"] {
        assert_eq!(grep(folder.path(), word), Vec::<String>::new(), "{word}");
    }
    assert!(!grep(folder.path(), "printer").is_empty());
    let query = HistoryQuery { text: "quo".to_owned(), limit: 9, ..HistoryQuery::default() };
    assert_eq!(views.look_now(|tables| tables.history(&query)).unwrap().rows, []);
    log.check(&views);
}

#[test]
fn an_erasure_that_was_cut_off_before_the_rebuild_is_finished_by_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::new();
    log.life(1, 0, ANA, Some(NAME));
    log.session(2, 9, created(2, BEN, Some("Printer")));
    log.views(folder.path()).finish();
    assert!(!grep(folder.path(), "quokka").is_empty());
    log.keys.erase(Subject::user(session(1)));
    let views = log.views(folder.path());
    assert_eq!(grep(folder.path(), "quokka"), Vec::<String>::new());
    log.check(&views);
}

#[test]
fn a_rebuild_that_is_cut_off_leaves_what_served_and_its_tables_go_with_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::new();
    (0..100).for_each(|n| log.life(n, 0, ANA, Some("Printer")));
    let views = log.views(folder.path());
    let tables = |folder: &Path| -> i64 {
        let connection = Connection::open(folder.join("read.db")).unwrap();
        let sql = "SELECT count(*) FROM sqlite_schema WHERE name GLOB '*_2*'";
        connection.query_row(sql, [], |row| row.get(0)).unwrap()
    };
    let killed = tempfile::tempdir().unwrap();
    // Whoever follows reads too: the failure may come before the rebuild has written anything.
    let in_the_middle = (0..20).any(|_| {
        log.fails.store(2, Ordering::SeqCst);
        let failed = views.rebuild().unwrap_err().to_string();
        assert!(failed.contains("cluster is gone"), "{failed}");
        log.fails.store(0, Ordering::SeqCst);
        for name in ["read.db", "read.db-wal"] {
            std::fs::copy(folder.path().join(name), killed.path().join(name)).unwrap();
        }
        tables(killed.path()) > 0
    });
    assert!(in_the_middle, "it was never killed in the middle");
    log.check(&views);
    let again = log.views(killed.path());
    assert_eq!(tables(killed.path()), 0);
    log.check(&again);
}

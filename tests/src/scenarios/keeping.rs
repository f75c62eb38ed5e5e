//! Keeping a server: erasing somebody, backing it up, putting it back, by the command line.

use std::path::{Path, PathBuf};

use beckon_events::{RecordedEvent, node, operator};
use beckon_tests::auditor::fingerprint;
use beckon_tests::http;
use beckon_tests::scratch::Scratch;
use beckon_tests::server::Server;

const NAME: &str = "Nadia Quokka";

/// A verb that must succeed, and what it says.
fn done(server: &Server, arguments: &[&str]) -> String {
    let (status, said) = server.verb(arguments);
    assert!(status.success(), "{arguments:?} ({status}): {said}");
    said
}

fn refused(server: &Server, arguments: &[&str]) -> String {
    let (status, said) = server.verb(arguments);
    assert_eq!(status.code(), Some(1), "{arguments:?}: {said}");
    said
}

/// The subject of the operator who was invited last.
fn invited(server: &Server) -> String {
    let events = server.log().events();
    let last = events.into_iter().rev().find_map(|event| match event {
        RecordedEvent::Operator(recorded) => match recorded.event {
            operator::Event::Invited { operator, .. } => Some(operator),
            _ => None,
        },
        _ => None,
    });
    format!("operator:{}", last.unwrap())
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// The files under `folder` that hold the name, or one of its words as a search finds it.
fn named(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    files(folder, &mut all);
    let words: Vec<_> = NAME.split(' ').map(str::to_lowercase).collect();
    all.retain(|path| {
        let bytes = std::fs::read(path).unwrap_or_default().to_ascii_lowercase();
        let holds = |word: &String| bytes.windows(word.len()).any(|it| it == word.as_bytes());
        words.iter().any(holds)
    });
    all
}

#[test]
fn an_erased_operator_is_nowhere_whether_the_server_runs_or_not() {
    let mut server = Server::start_with(&[("BECKON_LOG__LEVEL", "trace")]);
    server.init("Example Ltd");
    let shelf = Scratch::new("shelf");
    for running in [true, false] {
        done(&server, &["user", "add", NAME, "--role", "operator"]);
        let subject = invited(&server);
        if !running {
            assert!(server.stop().success());
        }
        let holds = named(server.scratch().path());
        let of_views = |path: &PathBuf| path.to_string_lossy().contains("/read.db");
        assert!(!holds.is_empty() && holds.iter().all(of_views), "{holds:?}");
        let before = server.log().lines();
        let wrong = refused(&server, &["erase", &subject, "--reason", ""]);
        assert!(wrong.contains("give a reason of 1 to 200 characters"), "{wrong}");
        let copy = shelf.path().join(format!("export-{running}")).display().to_string();
        done(&server, &["export", &copy, "--with-names", "all"]);
        let said = done(&server, &["erase", &subject, "--reason", "left the company"]);
        assert!(said.contains("is erased: its key is destroyed"), "{said}");
        let listed = said.lines().filter(|line| line.contains("WITH these names readable"));
        assert_eq!(listed.count(), 1, "{said}");
        assert_eq!(server.log().lines()[..before.len()], before[..]);
        assert_eq!(named(server.scratch().path()), Vec::<PathBuf>::new());
        let unknown = format!("{}0", &subject[..subject.len() - 1]);
        if unknown != subject {
            let said = refused(&server, &["erase", &unknown, "--reason", "x"]);
            assert!(said.contains("nothing is recorded about"), "{said}");
        }
    }
    server.start_again();
    assert_eq!(http::get(server.address(), "/healthz").status, 200);
}

#[test]
fn a_server_is_put_back_from_its_backup_and_goes_on_in_the_next_era() {
    let mut server = Server::start();
    let (status, said) = server.verb(&["init", "--company", "Example Ltd"]);
    assert!(status.success(), "{said}");
    let key = fingerprint(&said);
    assert_eq!(fingerprint(&done(&server, &["key"])), key);
    done(&server, &["user", "add", NAME, "--role", "operator"]);
    let shelf = Scratch::new("shelf");
    let at = |name: &str| shelf.path().join(name).display().to_string();
    let said = done(&server, &["backup", &at("running"), "--keys", &at("keys")]);
    assert!(said.contains("Keep them apart from it"), "{said}");
    let said = refused(&server, &["backup", &at("running")]);
    assert!(said.contains("is not empty: name a new folder"), "{said}");
    assert!(server.stop().success());
    let said = done(&server, &["backup", &at("stopped")]);
    assert!(said.contains("The keys are NOT in it"), "{said}");
    assert_eq!(named(shelf.path()), Vec::<PathBuf>::new(), "the name stands in the clear");
    let restore = ["restore", &at("running"), "--keys", &at("keys")];
    let said = refused(&server, &restore);
    assert!(said.contains("holds data already"), "{said}");
    let lost = server.scratch().path().join("lost");
    std::fs::rename(server.scratch().path().join("data"), &lost).unwrap();
    let said = done(&server, &restore);
    assert!(said.contains("goes on in era 1") && said.contains(key), "{said}");
    assert!(said.contains("beckon-server erase SUBJECT --reason TEXT"), "{said}");
    assert_eq!(fingerprint(&done(&server, &["key"])), key);
    server.start_again();
    assert_eq!(http::get(server.address(), "/healthz").status, 200);
    let era = server.log().events().into_iter().filter_map(|event| match event {
        RecordedEvent::Node(recorded) => match recorded.event {
            node::Event::LogRestored { era, .. } | node::Event::ServerStarted { era, .. } => {
                Some(era)
            }
            node::Event::ServerStopped {} => None,
        },
        _ => None,
    });
    assert_eq!(era.collect::<Vec<_>>(), [0, 1, 1]);
}

#[test]
fn read_models_are_listed_and_built_anew_whether_the_server_runs_or_not() {
    let mut server = Server::start();
    server.init("Example Ltd");
    for running in [true, false] {
        if !running {
            assert!(server.stop().success());
            let read_db = server.scratch().path().join("data/read.db");
            std::fs::write(read_db, "not a database").unwrap();
        }
        let listed = done(&server, &["projections", "list"]);
        let names = ["session_history", "audit_log", "work_report", "session_list", "roster"];
        for name in names {
            let line = listed.lines().find(|line| line.starts_with(name));
            let line = line.unwrap_or_else(|| panic!("no {name}: {listed}"));
            assert!(line.ends_with("up to date"), "{line}");
        }
        let said = done(&server, &["projections", "rebuild"]);
        let all = names.iter().all(|name| said.contains(name));
        assert!(said.contains("Built anew from") && all, "{said}");
        let said = done(&server, &["projections", "rebuild", "audit_log"]);
        assert!(said.contains("audit_log") && !said.contains("roster"), "{said}");
        let said = refused(&server, &["projections", "rebuild", "everything"]);
        assert!(said.contains("there is no read model everything"), "{said}");
    }
    server.start_again();
    assert_eq!(http::get(server.address(), "/healthz").status, 200);
}

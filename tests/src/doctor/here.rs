//! What is wrong on the server's own machine.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use beckon_server::config::Config;
use beckon_server::doctor::{Check, Outcome};
use beckon_tests::http;

use super::ground::{Patient, complaints, only};

/// An address where nobody listens.
fn free() -> String {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    free.local_addr().unwrap().to_string()
}

#[tokio::test]
async fn a_server_that_works_passes_every_check() {
    let face = free();
    let settings =
        [("BECKON_METRICS__LISTEN", "127.0.0.1:0"), ("BECKON_FACE__LISTEN", face.as_str())];
    let patient = Patient::start(&settings);
    let report = patient.examined().await;
    assert_eq!(complaints(&report), [], "{report}");
    assert!(report.passed());
    for check in [
        Check::Configuration,
        Check::DataFolder,
        Check::Disk,
        Check::Server,
        Check::Store,
        Check::ReadModels,
        Check::Tree,
        Check::Clock,
        Check::Name,
        Check::Connection,
        Check::Address,
        Check::WebSockets,
        Check::FrameSize,
        Check::Buffering,
        Check::Visitors,
        Check::Mail,
        Check::Downloads,
        Check::Face,
        Check::Metrics,
    ] {
        assert!(report.worst(check).is_some(), "{check:?} was not looked at: {report}");
    }
}

#[tokio::test]
async fn a_folder_that_others_can_read_is_named_with_the_command_that_closes_it() {
    let patient = Patient::start(&[]);
    let key = patient.data().join("keys/log.key");
    fs::set_permissions(&key, PermissionsExt::from_mode(0o644)).unwrap();
    let words = format!("(mode 644): chmod go-rwx {}", key.display());
    only(&patient.examined().await, Check::DataFolder, Outcome::Failed, &words);
}

#[tokio::test]
async fn a_server_that_does_not_run_and_one_that_hangs_are_told_apart() {
    let mut patient = Patient::start(&[]);
    fs::remove_file(patient.data().join("admin.sock")).unwrap();
    let hangs = patient.examined().await;
    let words = format!("process {} holds the data folder", std::process::id());
    only(&hangs, Check::Server, Outcome::Failed, &words);
    patient.stop();
    let gone = patient.examined().await;
    let failed = [(Check::Server, Outcome::Failed), (Check::Connection, Outcome::Failed)];
    assert_eq!(complaints(&gone), failed, "{gone}");
    assert!(gone.worst(Check::Server).unwrap().found.contains("no server runs"), "{gone}");
}

#[tokio::test]
async fn a_damaged_log_is_named() {
    let mut patient = Patient::start(&[]);
    patient.stop();
    let log = patient.data().join("log.db");
    // What a late reader left beside it would stand for the damaged pages.
    for beside in ["log.db-wal", "log.db-shm"] {
        drop(fs::remove_file(patient.data().join(beside)));
    }
    let mut bytes = fs::read(&log).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0x5a);
    fs::write(&log, bytes).unwrap();
    let report = patient.examined().await;
    let store = report.worst(Check::Store).unwrap();
    assert_eq!(store.outcome, Outcome::Failed, "{report}");
    assert!(store.found.contains("restore log.db"), "{store}");
}

#[tokio::test]
async fn ports_that_the_server_did_not_open_are_named() {
    let mut patient = Patient::start(&[("BECKON_METRICS__LISTEN", "127.0.0.1:0")]);
    let mut changed = patient.config.clone();
    let settings = [("BECKON_FACE__LISTEN".to_owned(), free())];
    changed.face = Config::parse("", settings).unwrap().face;
    std::mem::swap(&mut patient.config, &mut changed);
    let report = patient.examined().await;
    only(&report, Check::Face, Outcome::Failed, "restart the server with this configuration");
}

#[tokio::test]
async fn a_server_with_nothing_to_hand_out_is_warned() {
    let patient = Patient::start(&[]);
    fs::remove_dir_all(patient.folder.path().join("builds")).unwrap();
    let report = patient.examined().await;
    only(&report, Check::Downloads, Outcome::Warning, "put builds such as beckon-agent");
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_answer_nobody_who_was_not_given_one() {
    let patient = Patient::start(&[]);
    let address = patient.address.to_string();
    for path in ["echo", "stream", "socket"] {
        let guessed = format!("/health/{path}/{}", "A".repeat(43));
        let answer = tokio::task::block_in_place(|| http::get(&address, &guessed));
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.header("set-cookie"), None, "{path}");
    }
}

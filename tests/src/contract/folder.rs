//! The data folder that a log lives in.

use std::fs;
use std::process::{Command, Stdio};

use beckon_server::clock::Random;
use beckon_server::config::Store;
use beckon_server::data_folder::DataFolder;
use beckon_server::store;
use beckon_server::store::Expected::NoStream;
use beckon_server::vault::Vault;

use super::ground::append;

#[test]
fn a_folder_that_another_process_holds_is_refused_until_that_process_ends() {
    let folder = tempfile::tempdir().unwrap();
    let lock = folder.path().join("lock");
    let mut other = Command::new("flock")
        .arg("--no-fork")
        .arg(&lock)
        .args(["sh", "-c", "echo 4711 > \"$0\" && echo held && exec cat"])
        .arg(&lock)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    let stdout = other.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut said).unwrap();
    assert_eq!(said, "held\n");
    let refused = DataFolder::open(folder.path(), &Random::new()).unwrap_err().to_string();
    assert!(
        refused.contains("another beckon-server uses this data folder (pid 4711)"),
        "{refused}"
    );
    assert!(!folder.path().join("keys").exists(), "it was touched all the same");
    other.kill().unwrap();
    other.wait().unwrap();
    DataFolder::open(folder.path(), &Random::new()).unwrap();
}

#[test]
fn while_a_folder_is_open_no_other_process_gets_its_lock() {
    let folder = tempfile::tempdir().unwrap();
    let lock = folder.path().join("lock");
    let try_lock = || {
        let status = Command::new("flock").arg("-n").arg(&lock).arg("true").status();
        status.unwrap().success()
    };
    let open = DataFolder::open(folder.path(), &Random::new()).unwrap();
    assert!(!try_lock());
    drop(open);
    assert!(try_lock());
}

#[test]
fn a_log_that_is_gone_from_a_used_folder_is_not_begun_anew() {
    let parent = tempfile::tempdir().unwrap();
    let random = Random::new();
    let folder = DataFolder::open(parent.path(), &random).unwrap();
    let mut log = store::open(&Store::Sqlite(None), &folder).unwrap();
    Vault::open(&folder.vault_db(), folder.pepper(), &random).unwrap();
    assert!(log.append(&[append("session-1", NoStream, &["a"])]).answers[0].is_ok());
    drop(log);
    let kept = folder.path().join("kept.db");
    fs::rename(folder.log_db(), &kept).unwrap();
    let refused = store::open(&Store::Sqlite(None), &folder).map(drop).unwrap_err().to_string();
    assert!(refused.contains("log.db does not exist"), "{refused}");
    assert!(refused.contains("restore log.db"), "{refused}");
    assert!(!folder.log_db().exists());
    fs::rename(&kept, folder.log_db()).unwrap();
    let log = store::open(&Store::Sqlite(None), &folder).unwrap();
    assert_eq!(log.readers().reader().unwrap().read_all(None, 9).unwrap().len(), 1);
}

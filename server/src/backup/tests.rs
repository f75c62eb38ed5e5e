use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use beckon_events::account::Names;
use beckon_events::{Keys, RecordedEvent, Subject, envelope, node};
use beckon_protocol::evidence::SignedCheckpoint;

use super::*;
use crate::clock::Random;
use crate::config::{Config, Store};
use crate::data_folder::DataFolder;
use crate::erase::erase;
use crate::erase::tests::desk::{Desk, OPERATOR, USER, config};
use crate::store::sqlite::SqliteStore;
use crate::store::{Position, StoredEvent};
use crate::vault::Vault;

/// Two folders for a backup, and one to restore into.
struct Shelf {
    parent: tempfile::TempDir,
}

impl Shelf {
    fn new() -> Self {
        Self { parent: tempfile::tempdir().unwrap() }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.parent.path().join(name)
    }

    fn back_up(&self, desk: &Desk) -> Result<Backup, BackupError> {
        back_up(desk, &self.at("backup"), Some(&self.at("keys")))
    }

    fn restore(&self, seen: Option<&Path>) -> Result<Restored, BackupError> {
        self.restore_as(&config(&self.at("data")), seen)
    }

    fn restore_as(&self, config: &Config, seen: Option<&Path>) -> Result<Restored, BackupError> {
        let now = "2026-11-23T08:00:00.000000Z".parse().unwrap();
        restore(config, &self.at("backup"), &self.at("keys"), seen, now, &Random::new())
    }

    fn refused(&self, seen: Option<&Path>) -> String {
        let data = self.at("data");
        assert!(!data.exists());
        let refused = self.restore(seen).unwrap_err().to_string();
        assert!(!data.exists(), "{} is left: {refused}", data.display());
        refused
    }

    /// A server on what was restored.
    async fn open(&self) -> Desk {
        let moved = tempfile::tempdir().unwrap();
        fs::remove_dir(moved.path()).unwrap();
        fs::rename(self.at("data"), moved.path()).unwrap();
        Desk::at(moved).await
    }

    fn seen(&self, note: &str) -> PathBuf {
        let path = self.at("seen");
        fs::write(&path, note).unwrap();
        path
    }
}

fn back_up(desk: &Desk, folder: &Path, keys: Option<&Path>) -> Result<Backup, BackupError> {
    let (hub, now) = (&desk.hub, desk.hub.journal.now());
    make(&hub.folder, &Store::Sqlite(None), folder, keys, now, &hub.random)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A checkpoint over everything that is recorded now.
async fn signed(desk: &Desk) -> (String, u64) {
    let last: Position = desk.log().last().unwrap().position;
    let signed = desk.hub.evidence.covering(last).await.unwrap();
    (signed.note.clone(), signed.size)
}

fn restored(desk: &Desk, size: usize) -> node::Event {
    match desk.events().swap_remove(size) {
        RecordedEvent::Node(recorded) => recorded.event,
        other => panic!("{other:?}"),
    }
}

fn bytes(events: &[StoredEvent]) -> Vec<(&[u8], &[u8])> {
    events.iter().map(|event| (&*event.metadata, &*event.data)).collect()
}

#[actix_web::test]
async fn a_backup_of_a_running_server_is_restored_into_the_next_era() {
    let (desk, shelf) = (Desk::new().await, Shelf::new());
    let (_, session) = desk.session().await;
    let (note, size) = signed(&desk).await;
    desk.end(session).await;
    let made = shelf.back_up(&desk).unwrap();
    assert_eq!(names(&made.folder), ["backup.json", "checkpoints", "log.db", "vault.db"]);
    let keys = made.keys.unwrap();
    assert_eq!(names(&keys), ["account.key", "kek.1", "log.key", "pepper"]);
    for key in names(&keys) {
        let mode = fs::metadata(keys.join(&key)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{key}");
    }
    let before = desk.log();
    assert_eq!(made.events, before.len() as u64);
    let done = shelf.restore(None).unwrap();
    assert_eq!((done.era, done.events), (1, made.events));
    assert!(done.checkpoint >= Some(size));
    let after = shelf.open().await;
    let log = after.log();
    assert_eq!(bytes(&log[..before.len()]), bytes(&before));
    let node::Event::LogRestored { era: 1, size: kept, checkpoint: Some(found) } =
        restored(&after, before.len())
    else {
        panic!("the era does not begin with LogRestored");
    };
    assert_eq!(kept, made.events);
    let metadata = |at: usize| envelope::metadata(&log[at].metadata).unwrap();
    assert_eq!(metadata(before.len()).correlation, metadata(0).correlation, "the log's id");
    let sizes = [&found, &note].map(|note| SignedCheckpoint::parse(note).unwrap().checkpoint.size);
    assert!(sizes[0] >= sizes[1]);
    let started = restored(&after, before.len() + 1);
    assert!(matches!(started, node::Event::ServerStarted { era: 1, .. }), "{started:?}");
    assert_eq!((after.holds(&USER).is_empty(), after.holds(&OPERATOR).is_empty()), (false, false));
    let (later, _) = signed(&after).await;
    assert_eq!(SignedCheckpoint::parse(&later).unwrap().checkpoint.origin.era, 1);
    let again = Shelf::new();
    again.back_up(&after).unwrap();
    assert_eq!(again.restore(None).unwrap().era, 2);
}

#[actix_web::test]
async fn a_checkpoint_that_somebody_kept_shows_what_the_restore_lost() {
    let (desk, shelf) = (Desk::new().await, Shelf::new());
    let (early, _) = signed(&desk).await;
    let made = shelf.back_up(&desk).unwrap();
    desk.export(1, None, Names::None).await;
    let (note, size) = signed(&desk).await;
    assert!(size > made.events);
    assert!(shelf.restore(Some(&shelf.seen(&early))).is_ok(), "one that the backup has fits");
    fs::remove_dir_all(shelf.at("data")).unwrap();
    let line = serde_json::to_string(&note).unwrap() + "\n";
    let done = shelf.restore(Some(&shelf.seen(&line))).unwrap();
    assert_eq!(done.checkpoint, Some(size));
    let after = shelf.open().await;
    let found = restored(&after, usize::try_from(made.events).unwrap());
    let wanted = node::Event::LogRestored { era: 1, size: made.events, checkpoint: Some(note) };
    assert_eq!(found, wanted);
    let kept = fs::read_to_string(after.folder.path().join("checkpoints/0.ndjson")).unwrap();
    assert_eq!(kept.lines().last(), Some(line.trim_end()), "an export shows it");
}

#[actix_web::test]
async fn a_checkpoint_that_speaks_of_something_else_is_refused() {
    let (desk, shelf) = (Desk::new().await, Shelf::new());
    signed(&desk).await;
    shelf.back_up(&desk).unwrap();
    let other = Desk::new().await;
    let (foreign, _) = signed(&other).await;
    let refused = shelf.refused(Some(&shelf.seen(&foreign)));
    assert!(refused.contains("a checkpoint of another log"), "{refused}");
    let (note, size) = signed(&desk).await;
    let mut changed = SignedCheckpoint::parse(&note).unwrap().checkpoint;
    changed.root = beckon_events::Digest::ZERO;
    let forged = changed.sign(other.hub.folder.log_key().pair()).note;
    let refused = shelf.refused(Some(&shelf.seen(&forged)));
    assert!(refused.contains("not signed by the log.key"), "{refused}");
    changed.size = size - 1;
    let fork = changed.sign(desk.hub.folder.log_key().pair()).note;
    let refused = shelf.refused(Some(&shelf.seen(&fork)));
    assert!(refused.contains("another history"), "{refused}");
    for other in [shelf.seen("hello"), shelf.at("backup"), shelf.at("backup/log.db")] {
        let refused = shelf.refused(Some(&other));
        assert!(refused.contains("give a checkpoint, such as latest.txt"), "{refused}");
    }
    // Somebody has seen what an earlier restore of the same backup led to.
    changed.origin.era = 3;
    let later = changed.sign(desk.hub.folder.log_key().pair()).note;
    let done = shelf.restore(Some(&shelf.seen(&later))).unwrap();
    assert_eq!(done.era, 4, "no era is ever signed twice");
}

#[actix_web::test]
async fn a_backup_goes_into_new_folders_apart_from_each_other_and_leaves_nothing_unfinished() {
    let (desk, shelf) = (Desk::new().await, Shelf::new());
    let refused =
        |folder: &Path, keys: Option<&Path>| back_up(&desk, folder, keys).unwrap_err().to_string();
    let (backup, data) = (shelf.at("backup"), desk.folder.path());
    for (folder, keys, says) in [
        (backup.clone(), Some(backup.join("keys")), "must not be inside"),
        (backup.clone(), Some(backup.clone()), "name two different folders"),
        (data.join("log.db"), None, "must not be inside"),
        (shelf.seen("a file"), None, "is a file: name a new folder"),
        (data.join("backup"), None, "must not be inside"),
        (backup.clone(), Some(data.join("copy")), "must not be inside"),
        (shelf.at("none/backup"), None, "cannot be read or written"),
    ] {
        let said = refused(&folder, keys.as_deref());
        assert!(said.contains(says), "{}: {said}", folder.display());
    }
    fs::remove_file(shelf.at("seen")).unwrap();
    assert_eq!(names(shelf.parent.path()), Vec::<String>::new());
    fs::create_dir(&backup).unwrap();
    fs::create_dir(backup.join("keys")).unwrap();
    let said = refused(&backup.join("keys"), Some(&backup));
    assert!(said.contains("must not be inside"), "{said}");
    assert!(refused(&backup, None).contains("is not empty"));
    fs::remove_dir(backup.join("keys")).unwrap();
    let made = back_up(&desk, &backup, None).unwrap();
    assert_eq!((made.folder, made.keys), (backup.canonicalize().unwrap(), None));
    assert_eq!(names(shelf.parent.path()), ["backup"]);
    let now = desk.hub.journal.now();
    let memory = make(&desk.hub.folder, &Store::Memory, &backup, None, now, &desk.hub.random);
    assert!(matches!(memory, Err(BackupError::InMemory)));
}

#[actix_web::test]
async fn what_a_killed_backup_or_export_left_is_gone_with_the_next_one() {
    let (desk, shelf) = (Desk::new().await, Shelf::new());
    let left = |name: &str| {
        let left = shelf.at(&format!(".{name}.partial-6d5f3e0a-0000-4000-8000-000000000000"));
        fs::create_dir(&left).unwrap();
        fs::write(left.join("log.key"), "secret").unwrap();
        left
    };
    let keys = left("keys-of-yesterday");
    shelf.back_up(&desk).unwrap();
    assert_eq!(names(shelf.parent.path()), ["backup", "keys"], "{}", keys.display());
    for target in ["log", "log.zip"] {
        left("names");
        let wish = crate::export::Wish { session: None, names: Names::All };
        crate::export::write_to(&desk.hub, shelf.at(target), wish).await.unwrap();
        fs::rename(shelf.at(target), shelf.at("backup").join(target)).unwrap();
        assert_eq!(names(shelf.parent.path()), ["backup", "keys"], "{target}");
    }
    let (node, log) = (desk.events().into_iter().next().unwrap(), desk.log());
    let folder = desk.close().await;
    let here = folder.path().join(".log.partial-6d5f3e0a-0000-4000-8000-000000000000");
    fs::write(&here, "secret").unwrap();
    let desk = Desk::at(folder).await;
    assert!(!here.exists(), "a start sweeps its own folder");
    assert!(desk.log().len() > log.len() && desk.events()[0] == node);
}

#[actix_web::test]
async fn a_backup_that_was_changed_or_lacks_a_key_is_refused_by_the_name_of_the_file() {
    let (desk, shelf) = (Desk::new().await, Shelf::new());
    signed(&desk).await;
    shelf.back_up(&desk).unwrap();
    for file in [
        "backup/log.db",
        "backup/vault.db",
        "backup/checkpoints/0.ndjson",
        "keys/log.key",
        "keys/kek.1",
        "keys/pepper",
        "keys/account.key",
    ] {
        let path = shelf.at(file);
        let whole = fs::read(&path).unwrap();
        let mut changed = whole.clone();
        *changed.last_mut().unwrap() ^= 1;
        fs::write(&path, &changed).unwrap();
        assert!(shelf.refused(None).contains(file), "{file} changed");
        fs::write(&path, &whole[1..]).unwrap();
        assert!(shelf.refused(None).contains(file), "{file} cut off");
        fs::remove_file(&path).unwrap();
        assert!(shelf.refused(None).contains(file), "{file} missing");
        std::os::unix::fs::symlink("/etc/passwd", &path).unwrap();
        assert!(shelf.refused(None).contains(file), "{file} is a link");
        fs::remove_file(&path).unwrap();
        fs::write(&path, &whole).unwrap();
    }
    let manifest = shelf.at("backup/backup.json");
    let whole = fs::read_to_string(&manifest).unwrap();
    for (from, to, says) in [
        ("beckon-backup", "other", "something else"),
        ("\"v\": 1", "\"v\": 2", "use a newer program"),
        ("checkpoints/0.ndjson", "../0.ndjson", "lists other files"),
        ("\"kek.1\"", "\"../kek.1\"", "lists other files"),
        ("\"era\": 0", "\"era\": 1", "log.db"),
    ] {
        assert!(whole.contains(from), "{from}");
        fs::write(&manifest, whole.replace(from, to)).unwrap();
        let refused = shelf.refused(None);
        assert!(refused.contains(says), "{to}: {refused}");
    }
    fs::write(&manifest, whole).unwrap();
    shelf.restore(None).unwrap();
    let used = shelf.restore(None).unwrap_err().to_string();
    assert!(used.contains("holds data already"), "{used}");
    assert!(used.contains("move that folder away"), "{used}");
}

#[actix_web::test]
async fn what_is_no_backup_is_refused_with_what_a_backup_holds() {
    let (desk, shelf) = (Desk::new().await, Shelf::new());
    let refused = || shelf.refused(None);
    assert!(refused().contains("holds backup.json, log.db"), "{}", refused());
    let wish = crate::export::Wish { session: None, names: Names::None };
    crate::export::write_to(&desk.hub, shelf.at("backup"), wish).await.unwrap();
    assert!(refused().contains("is an export"), "{}", refused());
}

#[actix_web::test]
async fn a_log_that_the_configuration_keeps_elsewhere_goes_there() {
    let (desk, shelf) = (Desk::new().await, Shelf::new());
    let made = shelf.back_up(&desk).unwrap();
    let log = shelf.at("elsewhere.db");
    let text = format!("data = {:?}\nstore = \"sqlite:{}\"", shelf.at("data"), log.display());
    let config = Config::parse(&text, []).unwrap();
    shelf.restore_as(&config, None).unwrap();
    assert!(!shelf.at("data/log.db").exists());
    assert_eq!(whole_log::WholeLog::read(&log, &[]).unwrap().size, made.events + 1);
    fs::remove_dir_all(shelf.at("data")).unwrap();
    let refused = shelf.restore_as(&config, None).unwrap_err().to_string();
    assert!(refused.contains("elsewhere.db holds data already"), "{refused}");
}

#[actix_web::test]
async fn a_vault_older_than_its_log_gives_no_key_to_whoever_was_erased_or_is_unknown_to_it() {
    let (desk, shelf) = (Desk::new().await, Shelf::new());
    let (operator, session) = desk.session().await;
    desk.end(session).await;
    let old = shelf.at("old");
    fs::create_dir_all(old.join("keys")).unwrap();
    Vault::copy(&desk.hub.folder.vault_db(), &old.join("vault.db")).unwrap();
    for key in names(&desk.hub.folder.keys()) {
        fs::copy(desk.hub.folder.keys().join(&key), old.join("keys").join(&key)).unwrap();
    }
    let erased = Subject::user(session);
    erase(&desk.hub, &erased.to_string(), "asked").await.unwrap();
    let (_, later) = desk.session().await;
    SqliteStore::copy(&desk.hub.folder.log_db(), &old.join("log.db")).unwrap();
    let random = Random::new();
    let folder = DataFolder::open(&old, &random).unwrap();
    restore::settle_keys(&folder, &random).unwrap();
    let vault = Vault::open(&folder.vault_db(), folder.pepper(), &random).unwrap();
    let keyring = crate::keyring::Keyring::open(vault, folder.keks().clone(), random).unwrap();
    assert_eq!(keyring.key(erased), Ok(None));
    assert!(keyring.key(Subject::operator(operator)).unwrap().is_some());
    assert!(
        keyring.ensure(&[Subject::user(later)], crate::keyring::FirstOfStream::Yes).is_err(),
        "its values have another key"
    );
    assert_eq!(names(&folder.keys()), ["account.key", "kek.2", "log.key", "pepper"]);
}

#[actix_web::test]
async fn a_restore_that_was_cut_off_is_no_folder_to_start_on() {
    let (desk, shelf) = (Desk::new().await, Shelf::new());
    shelf.back_up(&desk).unwrap();
    shelf.restore(None).unwrap();
    let (whole, data) = (shelf.at("whole"), shelf.at("data"));
    fs::rename(&data, &whole).unwrap();
    fs::create_dir(&data).unwrap();
    let start = async || {
        let clock = crate::clock::ManualClock::new(desk.hub.journal.now());
        let url = "http://127.0.0.1:8080".parse().unwrap();
        crate::run::open(config(&data), url, std::sync::Arc::new(clock)).await.map(drop)
    };
    for name in restore::ORDER {
        fs::rename(whole.join(name), data.join(name)).unwrap();
        let started = start().await.map_err(|error| error.to_string());
        if name == "log.db" {
            started.unwrap();
        } else {
            let refused = started.unwrap_err();
            assert!(refused.contains("restore"), "{name}: {refused}");
        }
    }
}

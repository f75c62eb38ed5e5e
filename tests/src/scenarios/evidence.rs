//! The log as evidence: what leaves the server, what is forgotten, what comes back.

use std::path::{Path, PathBuf};

use beckon_events::session::{EndReason, EndedBy};
use beckon_events::{Action, SessionId};
use beckon_protocol::{AgentSays, ControlSays, ToControl};
use beckon_tests::auditor::{Auditor, fingerprint};
use beckon_tests::inside::client::active;
use beckon_tests::inside::ground::Ground;
use beckon_tests::log::Log;
use beckon_tests::server::Server;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// What the fake agent claims its computer to be.
const HOST: &str = "kitchen-pc";

/// A data folder with sessions that have happened, and a server program that runs on it.
struct Archive {
    server: Server,
    sessions: Vec<SessionId>,
    folder: TempDir,
}

impl Archive {
    /// `count` sessions from the invitation to the user's end.
    fn of(count: usize) -> Self {
        let runtime = Runtime::new().unwrap();
        let (folder, sessions) = runtime.block_on(async {
            let ground = Ground::in_real_time().await;
            let mut sessions = Vec::new();
            for _ in 0..count {
                sessions.push(happens(&ground).await);
            }
            (ground.into_folder(), sessions)
        });
        let server = runs_on(&folder.path().join("data"), &folder.path().join("published"));
        Self { server, sessions, folder }
    }

    fn verb(&self, arguments: &[&str]) -> String {
        let (status, said) = self.server.verb(arguments);
        assert!(status.success(), "{arguments:?}: {said}");
        said
    }

    fn export(&self, target: &Path, more: &[&str]) -> String {
        let target = target.display().to_string();
        self.verb(&[&["export", &target], more].concat())
    }

    fn key(&self) -> String {
        let said = self.verb(&["key"]);
        fingerprint(&said).to_owned()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

fn runs_on(data: &Path, published: &Path) -> Server {
    std::fs::create_dir_all(published).unwrap();
    let (data, published) = (data.display().to_string(), published.display().to_string());
    Server::start_with(&[
        ("BECKON_DATA", &data),
        ("BECKON_EVIDENCE__PUBLISH_FOLDER", &published),
        ("BECKON_EVIDENCE__EVERY_SECONDS", "1"),
    ])
}

/// One session that is helped and ended by the user.
async fn happens(ground: &Ground<beckon_server::clock::SystemClock>) -> SessionId {
    let invited = ground.invited().await;
    let (mut agent, mut control) = active(ground, &invited).await;
    control.socket.say(&ControlSays::Connected {}).await;
    ground.recorded(invited.session, "OperatorConnected").await;
    agent.socket.say(&AgentSays::ActionStarted { action: Action::View }).await;
    let end = agent.ended();
    agent.socket.say(&end).await;
    let ended = ToControl::Ended { by: EndedBy::User, why: EndReason::Asked };
    control.until(|heard| *heard == ended).await;
    invited.session
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Both verifiers end alike.
fn both(auditor: &Auditor, code: i32, arguments: &[&str]) -> String {
    let said = auditor.audits(&[&["verify"], arguments].concat());
    assert_eq!(said.code, code, "{arguments:?}: {}", said.words);
    let again = auditor.checks_again(arguments);
    assert_eq!(again.code, code, "{arguments:?}: {}\nbut: {}", again.words, said.words);
    said.words
}

#[test]
fn a_copy_is_verified_by_whoever_kept_the_key_and_any_change_of_it_is_found() {
    let archive = Archive::of(2);
    let auditor = Auditor::new();
    let (folder, zip) = (auditor.path("log"), auditor.path("log.zip"));
    let said = archive.export(&folder, &[]);
    let key = archive.key();
    assert_eq!(fingerprint(&said), key, "the export says how to verify it");
    archive.export(&zip, &["--with-names", "all"]);
    for export in [&folder, &zip] {
        both(&auditor, 0, &["--key", &key, &text(export)]);
        let words = both(&auditor, 3, &[&text(export)]);
        assert!(
            words.lines().next().unwrap().contains("NOT ANCHORED"),
            "it is said first: {words}"
        );
    }
    let other = "0".repeat(64);
    both(&auditor, 1, &["--key", &other, &text(&folder)]);

    let one = auditor.path("one.zip");
    let session = archive.sessions[0].to_string();
    archive.export(&one, &["--session", &session, "--with-names", "all"]);
    both(&auditor, 0, &["--key", &key, &text(&one)]);
    let told = auditor.audits(&["replay", &text(&one), &session]);
    assert_eq!(told.code, 0, "{}", told.words);
    assert!(told.words.contains("The user ended the session."), "{}", told.words);
    assert!(told.words.contains(HOST), "names were asked for: {}", told.words);
    let listed = auditor.audits(&["sessions", &text(&folder)]);
    for session in &archive.sessions {
        assert!(listed.words.contains(&session.to_string()), "{}", listed.words);
    }
    assert!(!listed.words.contains(HOST), "names were not asked for: {}", listed.words);
    let report = auditor.audits(&["report", "--key", &key, &text(&one), &session]);
    assert!(report.code == 0 && report.words.contains("Ana Silva"), "{}", report.words);
    let same = auditor.audits(&["diff", &text(&folder), &text(&zip)]);
    assert_eq!(same.code, 0, "{}", same.words);

    let events = folder.join("events.ndjson");
    let mut bytes = std::fs::read(&events).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&events, bytes).unwrap();
    let words = both(&auditor, 1, &["--key", &key, &text(&folder)]);
    assert!(words.contains("V0") && words.contains("events.ndjson"), "{words}");
}

#[test]
fn whoever_is_erased_is_in_no_file_any_more_and_the_log_still_verifies() {
    let archive = Archive::of(2);
    let auditor = Auditor::new();
    let key = archive.key();
    let before = auditor.path("before.zip");
    archive.export(&before, &["--with-names", "all"]);
    let gone = archive.sessions[0].to_string();
    let subject = format!("user:{gone}");
    let said = archive.verb(&["erase", &subject, "--reason", "the user asked for it"]);
    assert!(said.contains("whole log"), "the copy that left is listed: {said}");
    let (status, again) = archive.server.verb(&["erase", "user:nobody", "--reason", "x"]);
    assert!(!status.success() && again.contains("user:"), "{again}");

    let after = auditor.path("after.zip");
    archive.export(&after, &["--with-names", "all"]);
    both(&auditor, 0, &["--key", &key, &text(&after)]);
    let told = auditor.audits(&["replay", &text(&after), &gone]);
    assert!(told.words.contains("erased") && !told.words.contains(HOST), "{}", told.words);
    let other = auditor.audits(&["replay", &text(&after), &archive.sessions[1].to_string()]);
    assert!(other.words.contains(HOST), "somebody else is not erased: {}", other.words);
    let told = auditor.audits(&["replay", &text(&before), &gone]);
    assert!(told.words.contains(HOST), "a copy that left cannot be called back: {}", told.words);
    // The other user's computer has the same name, which the read models hold as long as it is known.
    let other = format!("user:{}", archive.sessions[1]);
    archive.verb(&["erase", &other, "--reason", "the other user asked for it, too"]);
    nowhere(&archive.data(), HOST);
    assert!(!archive.server.process().words().contains(HOST), "the server's own words");
}

/// No file below `folder` holds `name`.
fn nowhere(folder: &Path, name: &str) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            nowhere(&entry.path(), name);
        } else if entry.file_type().unwrap().is_file() {
            let bytes = std::fs::read(entry.path()).unwrap();
            let found = bytes.windows(name.len()).any(|window| window == name.as_bytes());
            assert!(!found, "{} holds {name:?}", entry.path().display());
        }
    }
}

#[test]
fn a_backup_comes_back_in_a_new_era_and_what_it_lost_is_known() {
    let mut archive = Archive::of(1);
    let auditor = Auditor::new();
    let (backup, keys) = (auditor.path("backup"), auditor.path("keys"));
    let said = archive.verb(&["backup", &text(&backup), "--keys", &text(&keys)]);
    assert!(!said.is_empty() && !backup.join("keys").exists(), "{said}");
    nowhere(&backup, HOST);
    // What happens after the backup is lost with the disk.
    archive.verb(&["user", "add", "Ben Ortiz", "--role", "auditor"]);
    let latest = archive.folder.path().join("published/latest.txt");
    let lost = auditor.path("before.zip");
    archive.export(&lost, &[]);
    archive.server.stop();
    let seen = auditor.path("seen.txt");
    std::fs::copy(&latest, &seen).unwrap();

    let restored = auditor.path("restored");
    let config = [("BECKON_DATA", text(&restored))];
    let config: Vec<_> = config.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let said = auditor.serves(&config, &["restore", &text(&backup), "--keys", &text(&keys)]);
    assert_eq!(said.code, 0, "{}", said.words);
    let again = auditor.serves(&config, &["restore", &text(&backup), "--keys", &text(&keys)]);
    assert_ne!(again.code, 0, "never over a folder that is in use: {}", again.words);
    let key = archive.key_of(&said.words);
    let published = auditor.path("published");
    let server = runs_on(&restored, &published);
    let after = auditor.path("after");
    let (status, said) = server.verb(&["export", &text(&after), "--with-names", "all"]);
    assert!(status.success(), "{said}");
    let words = both(&auditor, 0, &["--key", &key, &text(&after)]);
    assert!(words.contains("restore"), "the break is told: {words}");
    both(&auditor, 1, &["--key", &key, "--seen", &text(&seen), &text(&after)]);
    let told = auditor.audits(&["diff", &text(&lost), &text(&after)]);
    assert_eq!(told.code, 1, "{}", told.words);
    let session = archive.sessions[0].to_string();
    let told = auditor.audits(&["replay", &text(&after), &session]);
    assert!(told.words.contains(HOST), "the keys came back, too: {}", told.words);
    assert_eq!(Log::of(&restored).count("LogRestored"), 1);
    drop(server);
}

impl Archive {
    /// The fingerprint in `said`; a restore keeps the key.
    fn key_of(&self, said: &str) -> String {
        let key = fingerprint(said).to_owned();
        let first = self.server.verb(&["key"]).1;
        assert_eq!(fingerprint(&first), key);
        key
    }
}

//! The data folder: who may read it, how much room it has, and whether its files are sound.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

#[cfg(feature = "esdb")]
use std::time::Duration;

use super::line::WITHIN;
use super::report::{Check, Report};
use super::standing::Standing;
#[cfg(feature = "esdb")]
use crate::config::Esdb;
use crate::config::{Config, Store};
use crate::database::{DatabaseError, Soundness};
use crate::disk::Room;
use crate::store::sqlite::SqliteStore;
#[cfg(feature = "esdb")]
use crate::store::{OpenError, ReadError, esdb::EsdbStore, probe};
use crate::text::doctor as text;
use crate::vault::Vault;

/// What is secret in the folder.
const SECRET: [&str; 5] = ["keys", "vault.db", "log.db", "admin.sock", "lock"];

/// Looks at the folder, its disk and its databases.
pub async fn look(config: &Config, standing: Option<&Standing>, report: &mut Report) {
    let (config, runs) = (config.clone(), standing.is_some());
    let looking = tokio::task::spawn_blocking(move || {
        let mut found = Report::default();
        if private(&config.data, &mut found) {
            room(&config.data, &mut found);
            sound(&config, runs, &mut found);
        }
        found
    });
    if let Ok(found) = looking.await {
        report.checks.extend(found.checks);
    }
}

/// Whether there is a folder to look into.
fn private(folder: &Path, report: &mut Report) -> bool {
    let own = match fs::metadata(folder) {
        Ok(own) => own,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            report.fail(Check::DataFolder, text::no_folder(folder));
            return false;
        }
        Err(error) => {
            report.fail(Check::DataFolder, text::folder_unreadable(folder, &error));
            return false;
        }
    };
    if !own.is_dir() {
        report.fail(Check::DataFolder, text::no_folder(folder));
        return false;
    }
    let before = report.checks.len();
    let me = fs::metadata("/proc/self").map_or(own.uid(), |me| me.uid());
    if me != own.uid() && me != 0 {
        report.fail(Check::DataFolder, text::folder_of_another(folder, own.uid(), me));
    }
    for path in std::iter::once(folder.to_owned()).chain(secrets(folder)) {
        let Ok(of) = fs::symlink_metadata(&path) else { continue };
        if of.mode() & 0o077 != 0 {
            report.fail(Check::DataFolder, text::open_to_others(&path, of.mode() & 0o777));
        }
        if of.uid() != own.uid() {
            report.fail(Check::DataFolder, text::other_owner(&path, of.uid(), own.uid()));
        }
    }
    if report.checks.len() == before {
        report.ok(Check::DataFolder, text::folder(folder));
    }
    true
}

/// Every path that nobody else may read, keys included.
fn secrets(folder: &Path) -> Vec<PathBuf> {
    let keys = fs::read_dir(folder.join("keys"));
    let keys = keys.into_iter().flatten().flatten().map(|entry| entry.path());
    SECRET.iter().map(|name| folder.join(name)).chain(keys).collect()
}

fn room(folder: &Path, report: &mut Report) {
    match Room::of(folder) {
        Err(error) => report.fail(Check::Disk, text::folder_unreadable(folder, &error)),
        Ok(room) if room.bytes == 0 => report.fail(Check::Disk, text::DISK_FULL),
        Ok(room) if room.is_tight() => report.warn(Check::Disk, text::disk_tight(&room)),
        Ok(room) if room.is_crowded() => report.warn(Check::Disk, text::disk_crowded(&room)),
        Ok(room) => report.ok(Check::Disk, text::disk(&room)),
    }
}

/// Whether a cluster could be worked with.
#[cfg(feature = "esdb")]
fn cluster(of: &Esdb, report: &mut Report) {
    let missed = probe::missed(of);
    if !missed.is_empty() {
        return report.fail(Check::Store, crate::text::cluster_unreachable(of, &missed));
    }
    match EsdbStore::open_within(of, Duration::ZERO) {
        Ok(_) => report.ok(Check::Store, text::cluster(of)),
        Err(OpenError::Read(ReadError::Unavailable(why))) => {
            report.fail(Check::Store, (crate::text::cluster_unusable(of, &why), String::new()));
        }
        Err(error) => report.fail(Check::Store, (error.to_string(), String::new())),
    }
}

fn sound(config: &Config, runs: bool, report: &mut Report) {
    let log = match &config.store {
        Store::Sqlite(None) => Some(config.data.join("log.db")),
        Store::Sqlite(Some(path)) => Some(path.clone()),
        // What is elsewhere, or nowhere, the running server speaks about.
        _ => None,
    };
    // A running server speaks about its cluster itself.
    #[cfg(feature = "esdb")]
    if let (Store::Esdb(of), false) = (&config.store, runs) {
        cluster(of, report);
    }
    let vault = config.data.join("vault.db");
    if !runs && !vault.exists() && log.as_ref().is_none_or(|log| !log.exists()) {
        return report.warn(Check::Store, text::NOTHING_YET);
    }
    let mut tell = |name: &str, found: Result<Soundness, DatabaseError>| match found {
        Ok(Soundness::Sound) => report.ok(Check::Store, text::sound(name)),
        Ok(Soundness::SoundSoFar) => report.ok(Check::Store, text::sound_so_far(name)),
        Err(error) => report.fail(Check::Store, (error.to_string(), String::new())),
    };
    let half = WITHIN / 2;
    if let Some(log) = log {
        tell("log.db", SqliteStore::soundness(&log, half));
    }
    tell("vault.db", Vault::soundness(&vault, half));
}

#[cfg(all(test, feature = "esdb"))]
mod tests {
    use super::super::report::Outcome;
    use super::*;

    #[test]
    fn a_cluster_that_is_not_there_is_found_while_no_server_runs() {
        let folder = tempfile::tempdir().unwrap();
        let authority = rcgen::generate_simple_self_signed(["a".to_owned()]).unwrap();
        let ca = folder.path().join("ca.pem");
        fs::write(&ca, authority.cert.pem()).unwrap();
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let text = format!(
            "data = {:?}\nstore = \"esdb://me:hush@{closed}\"\n[esdb]\nca_file = {:?}",
            folder.path().display().to_string(),
            ca.display().to_string()
        );
        let config = Config::parse(&text, []).unwrap();
        let mut report = Report::default();
        sound(&config, false, &mut report);
        let said = report.worst(Check::Store).unwrap();
        assert_eq!(said.outcome, Outcome::Failed);
        let said = said.to_string();
        assert!(said.contains(&format!("{closed} refuses the connection")), "{said}");
        assert!(!said.contains("hush"), "{said}");
    }
}

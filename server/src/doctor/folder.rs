//! The data folder: who may read it, how much room it has, and whether its files are sound.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::line::WITHIN;
use super::report::{Check, Report};
use super::standing::Standing;
use crate::config::{Config, Store};
use crate::database::{DatabaseError, Soundness};
use crate::disk::Room;
use crate::store::sqlite::SqliteStore;
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

fn sound(config: &Config, runs: bool, report: &mut Report) {
    let log = match &config.store {
        Store::Sqlite(None) => Some(config.data.join("log.db")),
        Store::Sqlite(Some(path)) => Some(path.clone()),
        // What is elsewhere, or nowhere, the running server speaks about.
        _ => None,
    };
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

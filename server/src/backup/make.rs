//! Making a backup, while the server runs or not.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use beckon_events::Timestamp;

use super::manifest::{Entry, Manifest, copied, is_key};
use super::notes;
use super::place::{Place, apart, resolve};
use super::whole_log::WholeLog;
use super::{BackupError, at};
use crate::clock::Random;
use crate::config;
use crate::data_folder::DataFolder;
use crate::data_folder::file::create_private_folder;
use crate::store::sqlite::SqliteStore;
use crate::vault::Vault;

/// A backup that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// Where it is.
    pub folder: PathBuf,
    /// Where its keys are, where they were copied.
    pub keys: Option<PathBuf>,
    /// How many events it holds.
    pub events: u64,
}

/// Copies the data folder to `target`, which must be new or empty, and the keys to `keys`.
///
/// Checkpoints are copied before the log: what they sign is in the log that follows. The vault
/// is copied after it: whoever the log speaks of has a key there. No erasure comes in between
/// vault and keys.
pub fn make(
    folder: &DataFolder,
    store: &config::Store,
    target: &Path,
    keys: Option<&Path>,
    now: Timestamp,
    random: &Random,
) -> Result<Backup, BackupError> {
    let log = match store {
        config::Store::Memory => return Err(BackupError::InMemory),
        config::Store::Esdb(_) => return Err(BackupError::InCluster),
        config::Store::Sqlite(None) => folder.log_db(),
        config::Store::Sqlite(Some(path)) => path.clone(),
    };
    let differ = |keys: &Path, target: &Path| {
        let same = || BackupError::SameFolder(keys.to_owned());
        if keys == target { Err(same()) } else { apart(keys, target) }
    };
    if let Some(keys) = keys {
        differ(keys, target)?;
    }
    let target = resolve(target)?;
    let keys = keys.map(resolve).transpose()?;
    apart(&target, folder.path())?;
    if let Some(keys) = &keys {
        differ(keys, &target)?;
        apart(keys, folder.path())?;
    }
    let place = Place::new(target, random)?;
    let key_place = keys.map(|keys| Place::new(keys, random)).transpose()?;

    let mut files = Vec::new();
    let mut checkpoint = None;
    for (era, name) in eras(&folder.checkpoints())? {
        let path = format!("checkpoints/{era}.ndjson");
        create_private_folder(&place.path().join("checkpoints")).map_err(at(place.path()))?;
        let copy = place.path().join(&path);
        let last = notes::copy(&folder.checkpoints().join(&name), &copy).map_err(at(&copy))?;
        checkpoint = last.or(checkpoint);
        files.push(Entry::of(place.path(), &path)?);
    }
    SqliteStore::copy(&log, &place.path().join("log.db"))?;
    let key_files = {
        let _no_erasure = folder.keks().hold();
        Vault::copy(&folder.vault_db(), &place.path().join("vault.db"))?;
        copy_keys(&folder.keys(), key_place.as_ref().map(Place::path))?
    };
    let whole = WholeLog::read(&place.path().join("log.db"), &[])?;
    files.push(Entry::of(place.path(), "log.db")?);
    files.push(Entry::of(place.path(), "vault.db")?);
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Manifest::new(whole.described(checkpoint), now, files, key_files).write(place.path())?;
    let keys = key_place.map(Place::finish).transpose()?;
    Ok(Backup { folder: place.finish()?, keys, events: whole.size })
}

/// The files of checkpoints, in the order of their eras.
pub(super) fn eras(folder: &Path) -> Result<Vec<(u32, String)>, BackupError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(at(folder)(error)),
    };
    let mut eras = Vec::new();
    for entry in entries {
        let name = entry.map_err(at(folder))?.file_name().to_string_lossy().into_owned();
        let era = name.strip_suffix(".ndjson").and_then(|era| era.parse().ok());
        if let Some(era) = era.filter(|era: &u32| format!("{era}.ndjson") == name) {
            eras.push((era, name));
        }
    }
    eras.sort_unstable();
    Ok(eras)
}

fn copy_keys(from: &Path, into: Option<&Path>) -> Result<Vec<Entry>, BackupError> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(from).map_err(at(from))? {
        let name = entry.map_err(at(from))?.file_name().to_string_lossy().into_owned();
        if is_key(&name) {
            let target = into.map(|into| into.join(&name));
            entries.push(copied(&from.join(&name), target.as_deref(), &name)?);
        }
    }
    entries.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(entries)
}

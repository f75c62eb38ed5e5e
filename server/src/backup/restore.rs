//! Putting a server back from a backup: the log goes on in the next era.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use beckon_events::envelope::{self, Actor, Cause, Seals};
use beckon_events::{CommandId, Decider, NoKeys, Subject, Timestamp, node};
use beckon_protocol::evidence::{SignedCheckpoint, fingerprint};
use bytes::Bytes;

use super::found::Found;
use super::manifest::Manifest;
use super::place::{Place, is_free};
use super::whole_log::WholeLog;
use super::{BackupError, at};
use crate::clock::Random;
use crate::config::{self, Config};
use crate::data_folder::DataFolder;
use crate::data_folder::file::{create_private_folder, open_private, sync_folder_of};
use crate::keyring::Keyring;
use crate::mention::{Mention, mentions};
use crate::store::sqlite::{SqliteReaders, SqliteStore};
use crate::store::{Append, EventStore, Expected, NewEvent, Readers};
use crate::vault::Vault;

/// The order in which a data folder is put together: a server that is started before the end
/// refuses, because there is a vault without its keys or its log.
pub(super) const ORDER: [&str; 5] = ["vault.db", "keys", "checkpoints", "downloads", "log.db"];

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The data folder.
    pub folder: PathBuf,
    /// When the backup was made.
    pub made: Timestamp,
    /// How many events it held.
    pub events: u64,
    /// The era that begins.
    pub era: u32,
    /// The size of the last signed checkpoint that was found.
    pub checkpoint: Option<u64>,
    /// The fingerprint of the log's key.
    pub fingerprint: String,
}

/// Restores the backup in `from` with the keys in `keys` into the data folder of `config`, which
/// must be empty. `seen` is a file with a checkpoint that somebody kept.
pub fn restore(
    config: &Config,
    from: &Path,
    keys: &Path,
    seen: Option<&Path>,
    now: Timestamp,
    random: &Random,
) -> Result<Restored, BackupError> {
    let elsewhere = match &config.store {
        config::Store::Memory => return Err(BackupError::InMemory),
        config::Store::Esdb(_) => return Err(BackupError::InCluster),
        config::Store::Sqlite(path) => path.as_deref(),
    };
    if !is_free(&config.data)? {
        return Err(BackupError::DataFolderUsed(config.data.clone()));
    }
    if let Some(path) = elsewhere.filter(|path| path.exists()) {
        return Err(BackupError::DataFolderUsed(path.to_owned()));
    }
    let manifest = Manifest::read(from)?;
    let place = Place::within(config.data.clone(), random)?;
    fetch(&manifest, from, keys, place.path())?;

    let folder = DataFolder::open(place.path(), random)?;
    let notes = folder.checkpoints().join(format!("{}.ndjson", manifest.era));
    let found = Found::read(&notes, seen, &folder.log_key().public_key(), &manifest)?;
    let whole = WholeLog::read(&folder.log_db(), &found.sizes())?;
    if (whole.log, whole.size, whole.node.era()) != (manifest.log, manifest.events, manifest.era) {
        return Err(BackupError::Changed(from.join("log.db")));
    }
    found.check(&whole, seen)?;
    if let Some(news) = found.news() {
        add(&notes, news)?;
    }
    // Nothing was ever signed in the name of an era after all that are known.
    let era = found.later.unwrap_or(0).max(whole.node.era()).saturating_add(1);
    settle_keys(&folder, random)?;
    begin_era(&folder.log_db(), &whole, era, found.last(), now, random)?;
    let fingerprint = fingerprint(&folder.log_key().public_key());
    drop(folder);
    if let Some(path) = elsewhere {
        move_log(&place.path().join("log.db"), path)?;
    }
    place.move_up(&ORDER)?;
    Ok(Restored {
        folder: config.data.clone(),
        made: manifest.created,
        events: whole.size,
        era,
        checkpoint: found.last().map(|signed| signed.checkpoint.size),
        fingerprint,
    })
}

/// Copies files and keys, and refuses those that are not the ones that were backed up.
fn fetch(manifest: &Manifest, from: &Path, keys: &Path, into: &Path) -> Result<(), BackupError> {
    for name in ["checkpoints", "keys"] {
        let folder = into.join(name);
        create_private_folder(&folder).map_err(at(&folder))?;
    }
    for entry in &manifest.files {
        if !entry.restore(from, into)? {
            return Err(BackupError::Changed(from.join(&entry.path)));
        }
    }
    for entry in &manifest.keys {
        if !entry.restore(keys, &into.join("keys"))? {
            return Err(BackupError::Key(keys.join(&entry.path)));
        }
    }
    Ok(())
}

/// Nobody has a key whom the log calls erased, and nobody gets a new one under whose name values
/// stand in the log already.
pub(super) fn settle_keys(folder: &DataFolder, random: &Random) -> Result<(), BackupError> {
    let mut erased = BTreeSet::new();
    let mut sealed = BTreeSet::new();
    let reader = SqliteReaders::open(&folder.log_db())?.reader()?;
    mentions(&*reader, |mention, _, _| match mention {
        Mention::Sealed(subject) => drop(sealed.insert(subject)),
        Mention::Erased(subject) => drop(erased.insert(subject)),
        Mention::Exported { .. } => {}
    })?;
    let vault = Vault::open(&folder.vault_db(), folder.pepper(), random)?;
    let mut without: Vec<Subject> = erased.into_iter().collect();
    for subject in sealed {
        if vault.subject_key(subject)?.is_none() {
            without.push(subject);
        }
    }
    let taken = vault.mark_without_key(&without)?;
    if taken > 0 {
        tracing::warn!(count = taken, "keys that the log calls erased were taken out of the vault");
    }
    Keyring::open(vault, folder.keks().clone(), random.clone())?;
    Ok(())
}

/// Appends `LogRestored`.
fn begin_era(
    log_db: &Path,
    whole: &WholeLog,
    era: u32,
    found: Option<&SignedCheckpoint>,
    now: Timestamp,
    random: &Random,
) -> Result<(), BackupError> {
    let checkpoint = found.map(|signed| signed.note.clone());
    let command = node::Command::Restore { era, size: whole.size, checkpoint };
    let events = whole.node.decide(command)?;
    let command = CommandId(random.uuid());
    let cause = Cause {
        log: whole.log,
        command,
        // As in every event of a node: its stream has no id of its own.
        correlation: whole.log.0,
        at: now.max(whole.last_at),
        actor: Actor::SYSTEM,
    };
    let seals = Seals { keys: &NoKeys, nonces: random };
    let sealed = envelope::build(whole.stream.as_str(), whole.head, &cause, &events, seals)
        .map_err(|error| at(log_db)(io::Error::other(error)))?;
    let events = sealed.into_iter().map(|event| NewEvent {
        id: event.id,
        metadata: Bytes::from(event.metadata),
        data: Bytes::from(event.data),
    });
    let append = Append {
        stream: whole.stream.clone(),
        expected: whole.head.next.checked_sub(1).map_or(Expected::NoStream, Expected::Exact),
        events: events.collect(),
    };
    let committed = SqliteStore::open(log_db)?.append(&[append]);
    committed.answers.into_iter().try_for_each(|answer| answer.map(drop))?;
    Ok(())
}

/// Keeps the checkpoint that was seen among the others.
fn add(notes: &Path, signed: &SignedCheckpoint) -> Result<(), BackupError> {
    let line = serde_json::to_string(&signed.note).map_err(|e| at(notes)(io::Error::other(e)))?;
    let append = || -> io::Result<()> {
        let mut file = open_private(notes)?;
        file.seek(io::SeekFrom::End(0))?;
        file.write_all((line + "\n").as_bytes())
    };
    append().map_err(at(notes))
}

/// Moves the log to where the configuration wants it, which may be another file system.
fn move_log(from: &Path, to: &Path) -> Result<(), BackupError> {
    let draft = to.with_extension("new");
    if draft.exists() {
        fs::remove_file(&draft).map_err(at(&draft))?;
    }
    super::manifest::copied(from, Some(&draft), "log.db")?;
    let move_it = || -> io::Result<()> {
        fs::File::open(&draft)?.sync_all()?;
        fs::rename(&draft, to)?;
        sync_folder_of(to)?;
        fs::remove_file(from)
    };
    move_it().map_err(at(to))
}

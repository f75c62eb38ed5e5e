//! `backup.json`: what a backup holds.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

use beckon_events::{Digest, LogId, Timestamp};
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use super::{BackupError, at};
use crate::data_folder::file::create_private;
use crate::export::is_export;

/// The name of the file.
pub(crate) const NAME: &str = "backup.json";
const FORMAT: &str = "beckon-backup";
const VERSION: u32 = 1;
/// The longest `backup.json`, in bytes: some 10,000 eras.
const LONGEST: u64 = 2 * 1024 * 1024;

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    format: String,
    v: u32,
    /// The log.
    pub log: LogId,
    /// How often it had been restored.
    pub era: u32,
    /// How many events it had.
    pub events: u64,
    /// The last signed checkpoint.
    pub checkpoint: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// Which program made it.
    pub build: String,
    /// The files beside this one.
    pub files: Vec<Entry>,
    /// The keys it needs, which are kept elsewhere.
    pub keys: Vec<Entry>,
}

/// What tells a backup from anything else, in every version.
#[derive(Deserialize)]
struct Head {
    format: String,
    v: u32,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// Its place, with slashes.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of it.
    pub sha256: Digest,
}

/// What the log says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Described {
    pub log: LogId,
    pub era: u32,
    pub events: u64,
    pub checkpoint: Option<String>,
}

impl Manifest {
    /// The manifest of a backup that is made now.
    pub(super) fn new(
        log: Described,
        created: Timestamp,
        files: Vec<Entry>,
        keys: Vec<Entry>,
    ) -> Self {
        let Described { log, era, events, checkpoint } = log;
        let (format, build) = (FORMAT.to_owned(), env!("CARGO_PKG_VERSION").to_owned());
        Self { format, v: VERSION, log, era, events, checkpoint, created, build, files, keys }
    }

    /// Reads the manifest of the backup in `folder`.
    pub(super) fn read(folder: &Path) -> Result<Self, BackupError> {
        let path = folder.join(NAME);
        let foreign = |why: String| BackupError::Foreign { path: folder.to_owned(), why };
        if !path.exists() && (is_export(folder) || folder.extension().is_some_and(|e| e == "zip")) {
            return Err(BackupError::Export(folder.to_owned()));
        }
        let mut bytes = Vec::new();
        let file = File::open(&path).map_err(|error| foreign(format!("{NAME}: {error}")))?;
        file.take(LONGEST).read_to_end(&mut bytes).map_err(at(&path))?;
        let head: Head =
            serde_json::from_slice(&bytes).map_err(|error| foreign(format!("{NAME}: {error}")))?;
        if head.format != FORMAT {
            return Err(foreign(format!("{NAME} says that it is something else")));
        }
        if head.v != VERSION {
            return Err(foreign(format!("it has version {}, use a newer program", head.v)));
        }
        let read: Self =
            serde_json::from_slice(&bytes).map_err(|error| foreign(format!("{NAME}: {error}")))?;
        let known = read.files.iter().all(|entry| is_file(&entry.path))
            && ["log.db", "vault.db"].iter().all(|n| read.files.iter().any(|e| e.path == *n))
            && read.keys.iter().all(|entry| is_key(&entry.path));
        if known { Ok(read) } else { Err(foreign(format!("{NAME} lists other files"))) }
    }

    /// Writes it into `folder`.
    pub(super) fn write(&self, folder: &Path) -> Result<(), BackupError> {
        let path = folder.join(NAME);
        let mut text = serde_json::to_vec_pretty(self)
            .map_err(|error| at(&path)(std::io::Error::other(error)))?;
        text.push(b'\n');
        create_private(&path).and_then(|mut file| file.write_all(&text)).map_err(at(&path))
    }
}

impl Entry {
    /// The entry of the file at `path` below `folder`.
    pub(super) fn of(folder: &Path, path: &str) -> Result<Self, BackupError> {
        copied(&folder.join(path), None, path)
    }

    /// Copies the file from one folder into another, where it is the one that was backed up.
    pub(super) fn restore(&self, from: &Path, into: &Path) -> Result<bool, BackupError> {
        let (source, target) = (from.join(&self.path), into.join(&self.path));
        let regular = fs::symlink_metadata(&source).is_ok_and(|file| file.is_file());
        Ok(regular && copied(&source, Some(&target), &self.path)? == *self)
    }
}

/// Reads `source`, and writes it to the new private file `target` on the way.
pub(super) fn copied(
    source: &Path,
    target: Option<&Path>,
    name: &str,
) -> Result<Entry, BackupError> {
    let mut reader = File::open(source).map_err(at(source))?;
    let mut writer = match target {
        Some(target) => Some(create_private(target).map_err(at(target))?),
        None => None,
    };
    let mut context = Context::new(&SHA256);
    let mut buffer = zeroize::Zeroizing::new(vec![0; 64 * 1024]);
    let mut bytes = 0;
    loop {
        let count = reader.read(&mut buffer).map_err(at(source))?;
        if count == 0 {
            break;
        }
        context.update(&buffer[..count]);
        bytes += count as u64;
        if let (Some(writer), Some(target)) = (&mut writer, target) {
            writer.write_all(&buffer[..count]).map_err(at(target))?;
        }
    }
    let mut sha256 = Digest::ZERO;
    sha256.0.copy_from_slice(context.finish().as_ref());
    Ok(Entry { path: name.to_owned(), bytes, sha256 })
}

fn is_file(path: &str) -> bool {
    let era = path.strip_prefix("checkpoints/").and_then(|name| name.strip_suffix(".ndjson"));
    ["log.db", "vault.db"].contains(&path) || era.is_some_and(is_number)
}

/// Whether a file of this name is a key.
pub(super) fn is_key(name: &str) -> bool {
    let kek = name.strip_prefix("kek.");
    ["account.key", "log.key", "pepper"].contains(&name) || kek.is_some_and(is_number)
}

fn is_number(text: &str) -> bool {
    text.parse::<u32>().is_ok_and(|number| number.to_string() == text)
}

//! The last signed checkpoint that is found when a log is restored.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use beckon_events::PublicKey;
use beckon_protocol::evidence::{NOTE_MAX, SignedCheckpoint};

use super::manifest::Manifest;
use super::whole_log::WholeLog;
use super::{BackupError, at};

/// Signed checkpoints of the era that was backed up.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The last one of the backup.
    pub kept: Option<SignedCheckpoint>,
    /// The one that the caller has seen.
    pub seen: Option<SignedCheckpoint>,
    /// The era of the one that the caller has seen, where that is later than the backup's: the
    /// log was restored before, and what came then is lost.
    pub later: Option<u32>,
}

impl Found {
    /// Reads the last line of `notes`, and the file that the caller has seen; both must be
    /// signed by `key`.
    pub(super) fn read(
        notes: &Path,
        seen: Option<&Path>,
        key: &PublicKey,
        manifest: &Manifest,
    ) -> Result<Self, BackupError> {
        let kept = if notes.exists() {
            let last = super::notes::last(notes).map_err(at(notes))?;
            let last = last.map(|note| signed(&note, key, manifest)).transpose();
            last.map_err(|_| BackupError::Changed(notes.to_owned()))?
                .filter(|last| last.checkpoint.origin.era == manifest.era)
        } else {
            None
        };
        let seen = seen.map(|path| {
            let wrong = |why: String| BackupError::Seen { path: path.to_owned(), why };
            signed(&text(path)?, key, manifest).map_err(wrong)
        });
        let seen = seen.transpose()?;
        let era = |signed: &SignedCheckpoint| signed.checkpoint.origin.era;
        let later = seen.as_ref().map(era).filter(|era| *era > manifest.era);
        Ok(Self { kept, seen: seen.filter(|_| later.is_none()), later })
    }

    /// The sizes of which the root must be known.
    pub(super) fn sizes(&self) -> Vec<u64> {
        self.kept.iter().chain(&self.seen).map(|signed| signed.checkpoint.size).collect()
    }

    /// Refuses a log that is not the one they speak of. One that was seen may speak of more
    /// events than the backup has.
    pub(super) fn check(&self, log: &WholeLog, seen: Option<&Path>) -> Result<(), BackupError> {
        let fits = |signed: &SignedCheckpoint| {
            log.roots.get(&signed.checkpoint.size) == Some(&signed.checkpoint.root)
        };
        if let Some(kept) = self.kept.as_ref().filter(|kept| !fits(kept)) {
            return Err(BackupError::OtherHistory(kept.checkpoint.size));
        }
        match (&self.seen, seen) {
            (Some(signed), Some(path)) if signed.checkpoint.size <= log.size && !fits(signed) => {
                let why = "it speaks of another history than this backup: one of the two was \
                     changed. Nothing was restored";
                Err(BackupError::Seen { path: path.to_owned(), why: why.to_owned() })
            }
            _ => Ok(()),
        }
    }

    /// The later of the two.
    pub(super) fn last(&self) -> Option<&SignedCheckpoint> {
        self.kept.iter().chain(&self.seen).max_by_key(|signed| signed.checkpoint.size)
    }

    /// The one that was seen, where the backup does not have it.
    pub(super) fn news(&self) -> Option<&SignedCheckpoint> {
        let kept = self.kept.as_ref().map_or(0, |kept| kept.checkpoint.size);
        self.seen.as_ref().filter(|seen| seen.checkpoint.size > kept)
    }
}

/// The checkpoint, where it is signed for this log, in the era of the backup or later.
fn signed(note: &str, key: &PublicKey, log: &Manifest) -> Result<SignedCheckpoint, String> {
    let found = SignedCheckpoint::parse(note).map_err(no_checkpoint)?;
    let origin = &found.checkpoint.origin;
    if origin.log != log.log {
        return Err("it is a checkpoint of another log".to_owned());
    }
    if origin.era < log.era {
        return Err(format!(
            "it is of era {}, and the backup ends in era {}: use a checkpoint from after the last \
             restore",
            origin.era, log.era
        ));
    }
    if !found.verify(key) {
        return Err("it is not signed by the log.key of this backup".to_owned());
    }
    Ok(found)
}

fn no_checkpoint(why: impl std::fmt::Display) -> String {
    format!(
        "it is no checkpoint ({why}): give a checkpoint, such as latest.txt of the folder that \
         checkpoints are published to"
    )
}

/// A signed note as it is, or as a JSON string on the last line.
fn text(path: &Path) -> Result<String, BackupError> {
    if path.is_dir() {
        let why = no_checkpoint("it is a folder");
        return Err(BackupError::Seen { path: path.to_owned(), why });
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(at(path))?;
    file.take(NOTE_MAX as u64).read_to_end(&mut bytes).map_err(at(path))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let line = text.trim_end().lines().next_back().unwrap_or_default();
    Ok(serde_json::from_str(line).unwrap_or(text))
}

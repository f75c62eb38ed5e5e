//! A folder that appears complete or not at all.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::{BackupError, at};
use crate::clock::Random;
use crate::data_folder::file::{create_private_folder, sync_folder_of};
use crate::partial::{self, Held};

/// A folder while it is filled, beside its place or in it. Removed when dropped unfinished.
#[derive(Debug)]
pub(super) struct Place {
    draft: PathBuf,
    target: PathBuf,
    // The folders that were made for it, the innermost first.
    made: Vec<PathBuf>,
    finished: bool,
    _held: Option<Held>,
}

/// Where `path` will stand: its parent must exist.
pub(super) fn resolve(path: &Path) -> Result<PathBuf, BackupError> {
    if let Ok(whole) = path.canonicalize() {
        return Ok(whole);
    }
    let invalid = || at(path)(io::Error::from(io::ErrorKind::InvalidInput));
    let name = path.file_name().ok_or_else(invalid)?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    Ok(parent.canonicalize().map_err(at(parent))?.join(name))
}

/// Refuses two folders of which one stands in the other.
pub(super) fn apart(one: &Path, other: &Path) -> Result<(), BackupError> {
    for (inner, outer) in [(one, other), (other, one)] {
        if inner.starts_with(outer) {
            let (inner, outer) = (inner.to_owned(), outer.to_owned());
            return Err(BackupError::Inside { inner, outer });
        }
    }
    Ok(())
}

/// Whether nothing is there, or an empty folder.
pub(super) fn is_free(path: &Path) -> Result<bool, BackupError> {
    match fs::read_dir(path) {
        Ok(entries) => {
            let mut names = entries.filter_map(Result::ok).map(|entry| entry.file_name());
            // A file system of its own has this one from the beginning.
            Ok(names.all(|name| name == "lost+found"))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(false),
        Err(error) => Err(at(path)(error)),
    }
}

impl Place {
    /// Begins to fill the folder `target`, which must be free.
    pub(super) fn new(target: PathBuf, random: &Random) -> Result<Self, BackupError> {
        if target.is_file() {
            return Err(BackupError::IsFile(target));
        }
        if !is_free(&target)? {
            return Err(BackupError::NotEmpty(target));
        }
        let draft = partial::beside(&target, random);
        create_private_folder(&draft).map_err(at(&draft))?;
        let held = Held::new(&draft).map_err(at(&draft))?;
        Ok(Self { draft, target, made: Vec::new(), finished: false, _held: Some(held) })
    }

    /// Begins to fill `target`, which must be free, from within: it may be a file system of its
    /// own.
    pub(super) fn within(target: PathBuf, random: &Random) -> Result<Self, BackupError> {
        let new = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
        let made = target.ancestors().take_while(new).map(Path::to_owned).collect();
        let draft = target.join(format!(".partial-{}", random.uuid()));
        let place = Self { draft, target, made, finished: false, _held: None };
        create_private_folder(&place.draft).map_err(at(&place.draft))?;
        Ok(place)
    }

    /// Where it is filled.
    pub(super) fn path(&self) -> &Path {
        &self.draft
    }

    /// Moves these entries up into their place, one after the other; they are on disk when this
    /// returns. What else there is goes.
    pub(super) fn move_up(self, names: &[&str]) -> Result<(), BackupError> {
        sync(&self.draft).map_err(at(&self.draft))?;
        for name in names {
            let (from, to) = (self.draft.join(name), self.target.join(name));
            if from.exists() {
                fs::rename(&from, &to).map_err(at(&to))?;
                sync_folder_of(&to).map_err(at(&to))?;
            }
        }
        Ok(())
    }

    /// Moves the complete folder to its place; it is on disk when this returns.
    pub(super) fn finish(mut self) -> Result<PathBuf, BackupError> {
        sync(&self.draft).map_err(at(&self.draft))?;
        match fs::remove_dir(&self.target) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(at(&self.target)(error));
            }
            Ok(()) | Err(_) => {}
        }
        fs::rename(&self.draft, &self.target).map_err(at(&self.target))?;
        self.finished = true;
        sync_folder_of(&self.target).map_err(at(&self.target))?;
        Ok(self.target.clone())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.finished
            && let Err(error) = fs::remove_dir_all(&self.draft)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "an unfinished folder stays: {}", self.draft.display());
        }
        // One that holds something stays: it was filled, or is somebody else's by now.
        let removed = |folder: &PathBuf| fs::remove_dir(folder).is_ok();
        self.made.iter().take_while(|folder| removed(folder)).for_each(drop);
    }
}

fn sync(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync(&entry.path())?;
        } else {
            File::open(entry.path())?.sync_all()?;
        }
    }
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

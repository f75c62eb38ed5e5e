//! What stands beside its place until it is whole: `.NAME.partial-<uuid>`.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::clock::Random;

/// Where something is written that will have the name of `target`.
pub(crate) fn beside(target: &Path, random: &Random) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or(OsStr::new("new")));
    name.push(format!(".partial-{}", random.uuid()));
    target.with_file_name(name)
}

/// A partial file or folder that is being written, as long as it is held: nobody sweeps it away.
#[derive(Debug)]
pub(crate) struct Held {
    _lock: Option<File>,
}

impl Held {
    /// Holds the one at `path`, and removes what others that were killed left beside it: keys of
    /// subjects, or of the server, may be in that.
    pub(crate) fn new(path: &Path) -> io::Result<Self> {
        let lock = File::open(path)?;
        // Some file systems know no locks; then nobody can sweep there either.
        let held = lock.try_lock().is_ok();
        let held = Self { _lock: held.then_some(lock) };
        if let Some(parent) = path.parent() {
            sweep(parent, &fs::symlink_metadata(path)?);
        }
        Ok(held)
    }
}

/// Removes partial files and folders in `folder` that belong to the owner of `own` and that
/// nobody holds. What cannot be removed is named in the log.
pub(crate) fn sweep(folder: &Path, own: &Metadata) {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.filter_map(Result::ok).filter(|entry| is_partial(&entry.file_name())) {
        let path = entry.path();
        match remove(&path, own) {
            Ok(true) => tracing::info!(path = %path.display(), "swept what was never finished"),
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "what was never finished stays");
            }
        }
    }
}

/// Whether it was removed.
fn remove(path: &Path, own: &Metadata) -> io::Result<bool> {
    let found = fs::symlink_metadata(path)?;
    if !(found.is_dir() || found.is_file()) || !same_owner(&found, own) {
        return Ok(false);
    }
    let lock = File::open(path)?;
    if lock.try_lock().is_err() {
        return Ok(false);
    }
    let removed = if found.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.map(|()| true)
}

fn is_partial(name: &OsStr) -> bool {
    let Some(name) = name.to_str().and_then(|name| name.strip_prefix('.')) else { return false };
    let Some((of, id)) = name.rsplit_once(".partial-") else { return false };
    // As it is written here, and in no other of the forms that a uuid has.
    !of.is_empty() && Uuid::parse_str(id).is_ok_and(|uuid| uuid.to_string() == id)
}

#[cfg(unix)]
fn same_owner(found: &Metadata, own: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    found.uid() == own.uid()
}

#[cfg(not(unix))]
fn same_owner(_: &Metadata, _: &Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "6d5f3e0a-0000-4000-8000-000000000000";

    #[test]
    fn only_what_was_left_unfinished_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let kept = [
            ".partial-6d5f3e0a-0000-4000-8000-000000000000",
            "keys.partial-6d5f3e0a-0000-4000-8000-000000000000",
            ".keys.partial-6d5f3e0a",
            ".keys.partial-6D5F3E0A-0000-4000-8000-000000000000",
            ".keys.partial-6d5f3e0a000040008000000000000000",
            "keys",
        ];
        for name in kept {
            fs::create_dir(at(name)).unwrap();
        }
        let link = format!(".link.partial-{ID}");
        std::os::unix::fs::symlink(at("keys"), at(&link)).unwrap();
        let random = Random::new();
        let (left, held, own) = (
            beside(&at("keys"), &random),
            beside(&at("log"), &random),
            beside(&at("a.zip"), &random),
        );
        fs::create_dir(&left).unwrap();
        fs::write(left.join("log.key"), "secret").unwrap();
        fs::write(at(&format!(".a.zip.partial-{ID}")), "secret").unwrap();
        fs::create_dir(&held).unwrap();
        let lock = File::open(&held).unwrap();
        lock.try_lock().unwrap();
        fs::write(&own, "").unwrap();
        let _held = Held::new(&own).unwrap();
        let there = |path: &Path| fs::symlink_metadata(path).is_ok();
        assert!(!there(&left) && !there(&at(&format!(".a.zip.partial-{ID}"))));
        assert!(there(&held) && there(&own) && there(&at(&link)), "others are being written");
        assert!(kept.iter().all(|name| there(&at(name))));
        drop(lock);
        sweep(folder.path(), &fs::metadata(folder.path()).unwrap());
        assert!(!there(&held) && there(&own));
    }
}

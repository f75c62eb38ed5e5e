//! An export as a folder.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::text;
use crate::verdict::{CannotLook, Check, Place, Stop};

/// How deep the folders of an export may be.
const DEPTH: usize = 16;

/// The files below a folder.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    files: BTreeMap<String, u64>,
}

impl Folder {
    /// Lists what is there; only regular files and folders may be.
    pub fn open(root: &Path) -> Result<Self, Stop> {
        let mut files = BTreeMap::new();
        list(root, "", 0, &mut files)?;
        Ok(Self { root: root.to_owned(), files })
    }

    pub(super) fn files(&self) -> &BTreeMap<String, u64> {
        &self.files
    }

    pub(super) fn read(&self, path: &str) -> io::Result<Box<dyn Read + Send>> {
        // The listing holds no link and no "..", so this stays below the root.
        if !self.files.contains_key(path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(Box::new(File::open(self.root.join(path))?))
    }
}

fn list(
    root: &Path,
    below: &str,
    depth: usize,
    files: &mut BTreeMap<String, u64>,
) -> Result<(), Stop> {
    let here = root.join(below);
    let failed = |error| Stop::from(CannotLook::Open { path: here.clone(), error });
    let mut entries: Vec<_> =
        fs::read_dir(&here).map_err(failed)?.collect::<Result<_, _>>().map_err(failed)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let shown = name.to_string_lossy();
        let path = if below.is_empty() { shown.to_string() } else { format!("{below}/{shown}") };
        let wrong = |what| Stop::wrong(Check::V0, Place::file(&path), what);
        let metadata = fs::symlink_metadata(entry.path()).map_err(failed)?;
        if name.to_str().is_none() || depth >= DEPTH {
            return Err(wrong(text::form::NAME));
        }
        if metadata.is_dir() {
            list(root, &path, depth + 1, files)?;
        } else if metadata.is_file() {
            files.insert(path, metadata.len());
        } else {
            return Err(wrong(text::form::NOT_REGULAR));
        }
    }
    Ok(())
}

//! Where the files of an export are.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;

use super::archive::Archive;
use super::folder::Folder;
use crate::text;
use crate::verdict::{CannotLook, Check, Place, Stop};

/// The longest file that is read at once, in bytes.
pub const SMALL: u64 = 64 * 1024 * 1024;

/// A folder or a zip. Nothing is ever unpacked to disk.
#[derive(Debug)]
pub enum Container {
    /// A folder.
    Folder(Folder),
    /// A zip.
    Archive(Archive),
}

impl Container {
    /// Opens it and looks at the kinds and names of its files.
    pub fn open(path: &Path) -> Result<Self, Stop> {
        let metadata = std::fs::metadata(path)
            .map_err(|error| CannotLook::Open { path: path.to_owned(), error })?;
        if metadata.is_dir() {
            Folder::open(path).map(Self::Folder)
        } else if metadata.is_file() {
            Archive::open(path).map(Self::Archive)
        } else {
            Err(CannotLook::NoExport(path.to_owned()).into())
        }
    }

    /// The files and their lengths, by their paths, in the order of the paths' bytes.
    pub fn files(&self) -> &BTreeMap<String, u64> {
        match self {
            Self::Folder(folder) => folder.files(),
            Self::Archive(archive) => archive.files(),
        }
    }

    /// The bytes of a file.
    pub fn read(&self, path: &str) -> io::Result<Box<dyn Read + Send>> {
        match self {
            Self::Folder(folder) => folder.read(path),
            Self::Archive(archive) => archive.read(path),
        }
    }

    /// All bytes of a file that is at most [`SMALL`].
    pub fn load(&self, path: &str) -> Result<Vec<u8>, Stop> {
        let mut bytes = Vec::new();
        let reader = self.read(path).map_err(|error| Self::failed(path, error))?;
        let read = reader.take(SMALL + 1).read_to_end(&mut bytes);
        read.map_err(|error| Self::failed(path, error))?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > SMALL {
            return Err(Stop::wrong(Check::V0, Place::file(path), text::form::TOO_LARGE));
        }
        Ok(bytes)
    }

    /// What it means that a file could not be read: it is damaged, or the disk is.
    pub fn failed(path: &str, error: io::Error) -> Stop {
        use io::ErrorKind::{InvalidData, InvalidInput, NotFound, UnexpectedEof};
        if matches!(error.kind(), InvalidData | InvalidInput | NotFound | UnexpectedEof) {
            Stop::wrong(Check::V0, Place::file(path), text::form::damaged(&error))
        } else {
            CannotLook::Read { path: path.to_owned(), error }.into()
        }
    }
}

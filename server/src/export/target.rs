//! A folder or a zip that an export becomes, whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::folder_sink::FolderSink;
use super::package::{FORMAT, MANIFEST};
use super::zip_sink::ZipSink;
use super::{Basis, Contents, ExportError};
use crate::backup;
use crate::data_folder::file;
use crate::partial::Held;

/// A name that nothing has yet. What stands there is never replaced, a link is never followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    path: PathBuf,
}

/// What is not the target yet; gone unless it becomes it.
struct Draft {
    path: Option<PathBuf>,
    held: Option<Held>,
}

impl Target {
    /// The target at `path`: a zip where that ends in `.zip`, else a folder.
    pub fn new(path: PathBuf) -> Result<Self, ExportError> {
        path.file_name().ok_or(ExportError::Nameless)?;
        if let Some(folder) = path.parent().filter(|folder| is_missing(folder)) {
            return Err(ExportError::NoFolder(folder.to_owned()));
        }
        let target = Self { path };
        target.must_be_free()?;
        Ok(target)
    }

    /// Refuses a place in the folder `data`, or in an export or a backup: with a file more, that
    /// would no longer be what it says.
    pub fn must_stand_apart(&self, data: &Path) -> Result<(), ExportError> {
        let parent = self.path.parent().unwrap_or(Path::new("/"));
        let parent = parent.canonicalize().map_err(ExportError::Write)?;
        let holds = |folder: &&Path| {
            *folder == data || is_export(folder) || folder.join(backup::MANIFEST).is_file()
        };
        match parent.ancestors().find(holds) {
            Some(holder) => Err(ExportError::Inside(self.path.clone(), holder.to_owned())),
            None => Ok(()),
        }
    }

    /// Writes the export. Waits for the disk.
    pub fn write(&self, basis: &Basis) -> Result<Contents, ExportError> {
        let mut draft = Draft { path: Some(basis.beside(&self.path)), held: None };
        let contents = if self.path.extension().is_some_and(|end| end == "zip") {
            zip(&mut draft, basis)?
        } else {
            folder(&mut draft, basis)?
        };
        self.must_be_free()?;
        draft.become_target(&self.path).map_err(ExportError::Write)?;
        Ok(contents)
    }

    fn must_be_free(&self) -> Result<(), ExportError> {
        match fs::symlink_metadata(&self.path) {
            Ok(_) => Err(ExportError::Exists(self.path.clone())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(ExportError::Write(error)),
        }
    }
}

impl Draft {
    fn path(&self) -> &Path {
        self.path.as_deref().unwrap_or(Path::new(""))
    }

    /// It is there now, and nobody sweeps it away.
    fn hold(&mut self) -> Result<(), ExportError> {
        self.held = Some(Held::new(self.path()).map_err(ExportError::Write)?);
        Ok(())
    }

    fn become_target(mut self, target: &Path) -> io::Result<()> {
        fs::rename(self.path(), target)?;
        self.path = None;
        file::sync_folder_of(target)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let Some(path) = &self.path else { return };
        let removed = fs::remove_file(path).or_else(|_| fs::remove_dir_all(path));
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(path = %path.display(), %error, "an export that failed is left over");
            }
            Ok(()) | Err(_) => {}
        }
    }
}

/// Whether this folder is an export.
pub fn is_export(folder: &Path) -> bool {
    // The format stands at the beginning; the list of files may be long.
    let mut head = [0; 256];
    let read = File::open(folder.join(MANIFEST)).and_then(|mut file| file.read(&mut head));
    let format = FORMAT.as_bytes();
    read.is_ok() && head.windows(format.len()).any(|part| part == format)
}

fn is_missing(folder: &Path) -> bool {
    let is_there = folder.as_os_str().is_empty() || !matches!(folder.try_exists(), Ok(false));
    !is_there
}

fn folder(draft: &mut Draft, basis: &Basis) -> Result<Contents, ExportError> {
    fs::DirBuilder::new().mode(0o700).create(draft.path()).map_err(ExportError::Write)?;
    draft.hold()?;
    let mut sink = FolderSink::new(draft.path());
    let contents = basis.write(&mut sink)?;
    sink.finish().map_err(ExportError::Write)?;
    Ok(contents)
}

fn zip(draft: &mut Draft, basis: &Basis) -> Result<Contents, ExportError> {
    let file = file::create_private(draft.path()).map_err(ExportError::Write)?;
    draft.hold()?;
    let mut sink = ZipSink::new(BufWriter::new(file));
    let contents = basis.write(&mut sink)?;
    let finish = || -> io::Result<()> {
        let file: File = sink.finish()?.into_inner()?;
        file.sync_all()
    };
    finish().map_err(ExportError::Write)?;
    Ok(contents)
}

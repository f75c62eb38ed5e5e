//! A folder or a zip that an export becomes, whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::folder_sink::FolderSink;
use super::zip_sink::ZipSink;
use super::{Basis, Contents, ExportError};
use crate::data_folder::file;

/// A name that nothing has yet. What stands there is never replaced, a link is never followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    path: PathBuf,
    name: OsString,
}

/// What is not the target yet; gone unless it becomes it.
struct Draft(Option<PathBuf>);

impl Target {
    /// The target at `path`: a zip where that ends in `.zip`, else a folder.
    pub fn new(path: PathBuf) -> Result<Self, ExportError> {
        let name = path.file_name().ok_or(ExportError::Nameless)?.to_owned();
        let target = Self { path, name };
        target.must_be_free()?;
        Ok(target)
    }

    /// Writes the export. Waits for the disk.
    pub fn write(&self, basis: &Basis) -> Result<Contents, ExportError> {
        let mut name = OsString::from(".");
        name.push(&self.name);
        name.push(format!(".{}", basis.token()));
        let draft = Draft(Some(self.path.with_file_name(name)));
        let contents = if self.path.extension().is_some_and(|end| end == "zip") {
            zip(draft.path(), basis)?
        } else {
            folder(draft.path(), basis)?
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
        self.0.as_deref().unwrap_or(Path::new(""))
    }

    fn become_target(mut self, target: &Path) -> io::Result<()> {
        fs::rename(self.path(), target)?;
        self.0 = None;
        file::sync_folder_of(target)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let Some(path) = &self.0 else { return };
        let removed = fs::remove_file(path).or_else(|_| fs::remove_dir_all(path));
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(path = %path.display(), %error, "an export that failed is left over");
            }
            Ok(()) | Err(_) => {}
        }
    }
}

fn folder(path: &Path, basis: &Basis) -> Result<Contents, ExportError> {
    fs::DirBuilder::new().mode(0o700).create(path).map_err(ExportError::Write)?;
    let mut sink = FolderSink::new(path);
    let contents = basis.write(&mut sink)?;
    sink.finish().map_err(ExportError::Write)?;
    Ok(contents)
}

fn zip(path: &Path, basis: &Basis) -> Result<Contents, ExportError> {
    let file = file::create_private(path).map_err(ExportError::Write)?;
    let mut sink = ZipSink::new(BufWriter::new(file));
    let contents = basis.write(&mut sink)?;
    let finish = || -> io::Result<()> {
        let file: File = sink.finish()?.into_inner()?;
        file.sync_all()
    };
    finish().map_err(ExportError::Write)?;
    Ok(contents)
}

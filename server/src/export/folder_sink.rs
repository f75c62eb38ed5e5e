//! Files in a folder.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::sink::Sink;
use crate::data_folder::file;

/// A folder that nobody else writes into.
pub(super) struct FolderSink {
    root: PathBuf,
    open: Option<BufWriter<File>>,
    files: Vec<PathBuf>,
}

impl FolderSink {
    /// The files go below `root`, which exists and is empty.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), open: None, files: Vec::new() }
    }

    /// Ends the last file and makes everything durable.
    pub fn finish(mut self) -> io::Result<()> {
        self.end()?;
        let mut folders = BTreeSet::from([self.root.clone()]);
        // All of them are on their way to the disk by now: that is faster than one by one.
        for path in &self.files {
            File::open(path)?.sync_all()?;
            let above = path.ancestors().skip(1).take_while(|above| above.starts_with(&self.root));
            folders.extend(above.map(Path::to_owned));
        }
        folders.iter().try_for_each(|folder| File::open(folder)?.sync_all())
    }

    fn end(&mut self) -> io::Result<()> {
        self.open.take().map_or(Ok(()), |mut file| file.flush())
    }
}

impl Sink for FolderSink {
    fn begin(&mut self, path: &str) -> io::Result<()> {
        self.end()?;
        let path = self.root.join(path);
        if let Some(folder) = path.parent() {
            file::create_private_folder(folder)?;
        }
        self.open = Some(BufWriter::new(file::create_private(&path)?));
        self.files.push(path);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.open {
            Some(file) => file.write_all(bytes),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

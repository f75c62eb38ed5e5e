//! Files that live as long as the process: beside a log that does.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, Cursor};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::files::{Files, Keep};

/// Files in memory.
#[derive(Debug, Default)]
pub(super) struct MemoryFiles(Mutex<BTreeMap<String, Vec<u8>>>);

impl MemoryFiles {
    /// Files with these contents.
    #[cfg(test)]
    pub(super) fn of(files: BTreeMap<String, Vec<u8>>) -> Self {
        Self(Mutex::new(files))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Files for MemoryFiles {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.lock().get(path).cloned())
    }

    fn open(&self, path: &str) -> io::Result<Option<Box<dyn BufRead + Send>>> {
        let bytes = self.read(path)?;
        Ok(bytes.map(|bytes| Box::new(Cursor::new(bytes)) as Box<dyn BufRead + Send>))
    }

    fn tail(&self, path: &str, most: u64) -> io::Result<Option<(u64, Vec<u8>)>> {
        let files = self.lock();
        let Some(bytes) = files.get(path) else { return Ok(None) };
        let most = usize::try_from(most).unwrap_or(usize::MAX).min(bytes.len());
        Ok(Some((bytes.len() as u64, bytes[bytes.len() - most..].to_vec())))
    }

    fn names(&self, folder: &str) -> io::Result<Vec<String>> {
        let folder = format!("{folder}/");
        let files = self.lock();
        let names = files.keys().filter_map(|path| path.strip_prefix(&folder));
        Ok(names.filter(|name| !name.contains('/')).map(str::to_owned).collect())
    }

    fn put(&self, path: &str, bytes: &[u8], _: Keep) -> io::Result<()> {
        self.lock().insert(path.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn write_from(&self, path: &str, at: u64, bytes: &[u8]) -> io::Result<()> {
        let mut files = self.lock();
        let file = files.entry(path.to_owned()).or_default();
        file.resize(usize::try_from(at).unwrap_or(usize::MAX), 0);
        file.extend_from_slice(bytes);
        Ok(())
    }

    fn sync(&self, _: &BTreeSet<String>) -> io::Result<()> {
        Ok(())
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.lock().remove(path);
        Ok(())
    }
}

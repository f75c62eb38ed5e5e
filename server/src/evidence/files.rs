//! Where tiles and checkpoints are kept: few operations, so that tests can cut the power between
//! any two of them.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::data_folder::file;

/// Files by their paths below one folder, with `/` between names.
pub(super) trait Files: Send + Sync {
    /// The bytes of a file; none where there is no such file.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>>;

    /// A file from its beginning, a part at a time; none where there is no such file.
    fn open(&self, path: &str) -> io::Result<Option<Box<dyn BufRead + Send>>>;

    /// The length of a file and at most its last `most` bytes.
    fn tail(&self, path: &str, most: u64) -> io::Result<Option<(u64, Vec<u8>)>>;

    /// The names in a folder, in no order; none where there is no such folder.
    fn names(&self, folder: &str) -> io::Result<Vec<String>>;

    /// Writes a file, whole or not at all.
    fn put(&self, path: &str, bytes: &[u8], keep: Keep) -> io::Result<()>;

    /// Cuts a file to `at` bytes and appends to it. Durable after [`Files::sync`].
    fn write_from(&self, path: &str, at: u64, bytes: &[u8]) -> io::Result<()>;

    /// Makes files durable, and the folders that name them.
    fn sync(&self, paths: &BTreeSet<String>) -> io::Result<()>;

    /// Removes a file where there is one, and its folder of partial tiles with the last of them.
    fn remove(&self, path: &str) -> io::Result<()>;
}

/// When a file that was put is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// When it has been put.
    Now,
    /// After [`Files::sync`]; until then a power cut may lose it, or leave it empty.
    Later,
}

/// Files on a disk.
#[derive(Debug)]
pub(super) struct DiskFiles(PathBuf);

impl DiskFiles {
    /// The files below `root`.
    pub(super) fn below(root: &Path) -> Self {
        Self(root.to_owned())
    }

    /// Where a file is written before it gets its name.
    fn draft(&self, path: &str) -> PathBuf {
        let top = path.split_once('/').map_or("", |(top, _)| top);
        self.0.join(top).join(".new")
    }
}

impl Files for DiskFiles {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        there(fs::read(self.0.join(path)))
    }

    fn open(&self, path: &str) -> io::Result<Option<Box<dyn BufRead + Send>>> {
        let file = there(File::open(self.0.join(path)))?;
        Ok(file.map(|file| Box::new(BufReader::new(file)) as Box<dyn BufRead + Send>))
    }

    fn tail(&self, path: &str, most: u64) -> io::Result<Option<(u64, Vec<u8>)>> {
        let read = || {
            let mut file = File::open(self.0.join(path))?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(most)))?;
            let mut bytes = Vec::new();
            file.take(most).read_to_end(&mut bytes)?;
            Ok((length, bytes))
        };
        there(read())
    }

    fn names(&self, folder: &str) -> io::Result<Vec<String>> {
        let Some(entries) = there(fs::read_dir(self.0.join(folder)))? else {
            return Ok(Vec::new());
        };
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    }

    fn put(&self, path: &str, bytes: &[u8], keep: Keep) -> io::Result<()> {
        let (draft, target) = (self.draft(path), self.0.join(path));
        if let Some(folder) = target.parent() {
            file::create_private_folder(folder)?;
        }
        there(fs::remove_file(&draft))?;
        let mut file = file::create_private(&draft)?;
        file.write_all(bytes)?;
        if keep == Keep::Now {
            file.sync_all()?;
        }
        fs::rename(&draft, &target)?;
        match keep {
            Keep::Now => file::sync_folder_of(&target),
            Keep::Later => Ok(()),
        }
    }

    fn write_from(&self, path: &str, at: u64, bytes: &[u8]) -> io::Result<()> {
        let path = self.0.join(path);
        if let Some(folder) = path.parent() {
            file::create_private_folder(folder)?;
        }
        let mut file = file::open_private(&path)?;
        file.set_len(at)?;
        file.seek(SeekFrom::Start(at))?;
        file.write_all(bytes)
    }

    fn sync(&self, paths: &BTreeSet<String>) -> io::Result<()> {
        let mut folders = BTreeSet::new();
        for path in paths {
            let path = self.0.join(path);
            OpenOptions::new().read(true).write(true).open(&path)?.sync_all()?;
            let above = path.ancestors().skip(1).take_while(|folder| folder.starts_with(&self.0));
            folders.extend(above.map(Path::to_owned));
        }
        for folder in folders {
            // Any name within will do: it is the folder that is synced.
            file::sync_folder_of(&folder.join("any"))?;
        }
        Ok(())
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        let path = self.0.join(path);
        there(fs::remove_file(&path))?;
        let folder = path.parent().filter(|folder| folder.extension().is_some_and(|e| e == "p"));
        if let Some(folder) = folder {
            match fs::remove_dir(folder) {
                Err(error)
                    if !matches!(
                        error.kind(),
                        io::ErrorKind::NotFound | io::ErrorKind::DirectoryNotEmpty
                    ) =>
                {
                    return Err(error);
                }
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }
}

/// None where the file or folder does not exist.
fn there<T>(read: io::Result<T>) -> io::Result<Option<T>> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_on_a_disk_keep_what_those_in_memory_keep() {
        let folder = tempfile::tempdir().unwrap();
        let disk = DiskFiles::below(folder.path());
        let memory = super::super::memory_files::MemoryFiles::default();
        let both: [&dyn Files; 2] = [&disk, &memory];
        for files in both {
            assert_eq!(files.read("tiles/0/000").unwrap(), None);
            assert_eq!(files.tail("tiles/positions", 8).unwrap(), None);
            assert_eq!(files.names("tiles/0/001.p").unwrap(), Vec::<String>::new());
            files.remove("tiles/0/001.p/7").unwrap();
            files.put("tiles/0/000", b"old", Keep::Later).unwrap();
            files.put("tiles/0/000", b"full", Keep::Later).unwrap();
            files.put("tiles/0/001.p/1", b"a", Keep::Later).unwrap();
            files.put("tiles/0/001.p/2", b"ab", Keep::Now).unwrap();
            files.write_from("tiles/positions", 0, b"12345678").unwrap();
            files.write_from("tiles/positions", 6, b"xyz").unwrap();
            let synced = ["tiles/0/000", "tiles/positions"].map(str::to_owned);
            files.sync(&synced.into_iter().collect()).unwrap();
            assert_eq!(files.read("tiles/0/000").unwrap().unwrap(), b"full");
            let tail = files.tail("tiles/positions", 4).unwrap().unwrap();
            assert_eq!(tail, (9, b"6xyz".to_vec()));
            let mut read = Vec::new();
            files.open("tiles/positions").unwrap().unwrap().read_to_end(&mut read).unwrap();
            assert_eq!(
                (read, files.open("tiles/0/009").unwrap().is_none()),
                (b"123456xyz".to_vec(), true)
            );
            let mut names = files.names("tiles/0/001.p").unwrap();
            names.sort();
            assert_eq!(names, ["1", "2"]);
            files.remove("tiles/0/001.p/1").unwrap();
            files.remove("tiles/0/001.p/2").unwrap();
        }
        assert!(!folder.path().join("tiles/0/001.p").exists(), "an empty folder goes, too");
        assert!(folder.path().join("tiles/0").exists());
    }
}

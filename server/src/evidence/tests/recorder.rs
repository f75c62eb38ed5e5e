//! Files that remember what was done to them, and what of it a power cut leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Mutex;

use crate::evidence::files::{Files, Keep};
use crate::evidence::memory_files::MemoryFiles;

/// One thing that was done.
#[derive(Clone, Debug)]
pub enum Op {
    Put(String, Vec<u8>, Keep),
    Write(String, u64, Vec<u8>),
    Sync(BTreeSet<String>),
    Remove(String),
}

pub type Contents = BTreeMap<String, Vec<u8>>;

/// What becomes of what was not durable yet.
#[derive(Clone, Copy, Debug)]
pub enum Fate {
    /// All of it is there: the process was killed, the machine goes on.
    Kept,
    /// None of it is.
    Lost,
    /// Files that were put are there, but empty; what was appended is there as zeros.
    Hollow,
    /// Of what was appended so many bytes are there.
    Torn(usize),
}

#[derive(Default)]
pub struct Recorder {
    files: MemoryFiles,
    ops: Mutex<Vec<Op>>,
}

impl Recorder {
    pub fn ops(&self) -> Vec<Op> {
        self.ops.lock().unwrap().clone()
    }

    fn done(&self, op: Op) {
        self.ops.lock().unwrap().push(op);
    }
}

/// What stands on the disk when the power goes after `ops`.
pub fn after(ops: &[Op], fate: Fate) -> Contents {
    let (mut seen, mut durable) = (Contents::new(), Contents::new());
    for op in ops {
        match op {
            Op::Put(path, bytes, keep) => {
                seen.insert(path.clone(), bytes.clone());
                if *keep == Keep::Now {
                    durable.insert(path.clone(), bytes.clone());
                }
            }
            Op::Write(path, at, bytes) => {
                let file = seen.entry(path.clone()).or_default();
                file.truncate(usize::try_from(*at).unwrap());
                file.extend_from_slice(bytes);
            }
            Op::Sync(paths) => {
                for path in paths {
                    durable.insert(path.clone(), seen[path].clone());
                }
            }
            Op::Remove(path) => {
                seen.remove(path);
            }
        }
    }
    match fate {
        Fate::Kept => seen,
        Fate::Lost => durable,
        Fate::Hollow | Fate::Torn(_) => {
            for (path, bytes) in seen {
                let kept = durable.entry(path).or_default();
                // What was durable of a file that was appended to stays as it was.
                if bytes.len() >= kept.len() && bytes[..kept.len()] == kept[..] {
                    let more = &bytes[kept.len()..];
                    match fate {
                        Fate::Torn(length) => kept.extend(&more[..length.min(more.len())]),
                        _ if kept.is_empty() => {}
                        _ => kept.resize(bytes.len(), 0),
                    }
                }
            }
            durable
        }
    }
}

impl Files for Recorder {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        self.files.read(path)
    }

    fn open(&self, path: &str) -> io::Result<Option<Box<dyn io::BufRead + Send>>> {
        self.files.open(path)
    }

    fn tail(&self, path: &str, most: u64) -> io::Result<Option<(u64, Vec<u8>)>> {
        self.files.tail(path, most)
    }

    fn names(&self, folder: &str) -> io::Result<Vec<String>> {
        self.files.names(folder)
    }

    fn put(&self, path: &str, bytes: &[u8], keep: Keep) -> io::Result<()> {
        self.done(Op::Put(path.to_owned(), bytes.to_vec(), keep));
        self.files.put(path, bytes, keep)
    }

    fn write_from(&self, path: &str, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.done(Op::Write(path.to_owned(), at, bytes.to_vec()));
        self.files.write_from(path, at, bytes)
    }

    fn sync(&self, paths: &BTreeSet<String>) -> io::Result<()> {
        self.done(Op::Sync(paths.clone()));
        self.files.sync(paths)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.done(Op::Remove(path.to_owned()));
        self.files.remove(path)
    }
}

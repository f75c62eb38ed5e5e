//! The builds of agent and Control that this server hands out.

mod platform;

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use beckon_events::Digest;
pub use platform::Platform;

/// A program that can be downloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Program {
    /// For end users.
    Agent,
    /// For operators.
    Control,
}

/// One file that is handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// Where it is.
    pub path: PathBuf,
    /// How long it is, in bytes.
    pub bytes: u64,
    /// What it holds.
    pub sha256: Digest,
    modified: Option<SystemTime>,
}

/// Where builds are, and what is known about them. Cheap to clone; it reads the disk, so it is
/// asked where a thread may wait.
#[derive(Clone, Debug)]
pub struct Downloads(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    /// The folder of the server's own program.
    beside: Option<PathBuf>,
    known: Mutex<HashMap<PathBuf, Build>>,
}

impl Program {
    /// The program's name, without `.exe`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Agent => "beckon-agent",
            Self::Control => "beckon-control",
        }
    }
}

impl Downloads {
    /// The builds in `folder`, and for this machine's own platform those beside the server's
    /// program. Hashes what is there.
    pub fn open(folder: PathBuf) -> Self {
        let program = std::env::current_exe().ok();
        Self::with(folder, program.and_then(|program| program.parent().map(Path::to_owned)))
    }

    fn with(folder: PathBuf, beside: Option<PathBuf>) -> Self {
        let downloads = Self(Arc::new(Inner { folder, beside, known: Mutex::default() }));
        for platform in Platform::ALL {
            for program in [Program::Agent, Program::Control] {
                if let Err(error) = downloads.find(program, platform) {
                    tracing::warn!(%error, program = program.name(), "a build cannot be read");
                }
            }
        }
        downloads
    }

    /// The build for a platform; none where none is installed. A file that has been replaced is
    /// hashed again.
    pub fn find(&self, program: Program, platform: Platform) -> io::Result<Option<Build>> {
        for path in self.candidates(program, platform) {
            match self.at(&path) {
                Ok(build) => return Ok(Some(build)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    fn candidates(&self, program: Program, platform: Platform) -> Vec<PathBuf> {
        let exe = platform.exe();
        let named = |triple: &&str| self.0.folder.join(format!("{}-{triple}{exe}", program.name()));
        let mut paths: Vec<_> = platform.triples().iter().map(named).collect();
        if let Some(beside) = self.0.beside.as_ref().filter(|_| platform.is_own()) {
            paths.push(beside.join(format!("{}{exe}", program.name())));
        }
        paths
    }

    fn at(&self, path: &Path) -> io::Result<Build> {
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let (bytes, modified) = (metadata.len(), metadata.modified().ok());
        let known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        if let Some(known) = known.filter(|b| b.bytes == bytes && b.modified == modified) {
            return Ok(known);
        }
        let sha256 = hash(&mut file)?;
        let build = Build { path: path.to_owned(), bytes, sha256, modified };
        let mut known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(path.to_owned(), build.clone());
        Ok(build)
    }
}

impl Build {
    /// Whether an opened file is still the one that was hashed.
    pub fn is(&self, opened: &std::fs::Metadata) -> bool {
        opened.len() == self.bytes && opened.modified().ok() == self.modified
    }
}

fn hash(file: &mut File) -> io::Result<Digest> {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let read = file.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        context.update(bytes);
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    Ok(Digest(digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_is_found_by_its_triple_before_the_one_beside_the_server() {
        let (folder, beside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let downloads = Downloads::with(folder.path().to_owned(), Some(beside.path().to_owned()));
        let own = Platform::own().unwrap();
        assert_eq!(downloads.find(Program::Agent, own).unwrap(), None);
        let local = beside.path().join(format!("beckon-agent{}", own.exe()));
        std::fs::write(&local, "local").unwrap();
        let found = downloads.find(Program::Agent, own).unwrap().unwrap();
        assert_eq!((found.path, found.sha256), (local, Digest::of(b"local")));
        let named = format!("beckon-agent-{}{}", own.triples()[0], own.exe());
        std::fs::write(folder.path().join(&named), "released").unwrap();
        let found = downloads.find(Program::Agent, own).unwrap().unwrap();
        assert_eq!((found.bytes, found.sha256), (8, Digest::of(b"released")));
        assert_eq!(downloads.find(Program::Control, own).unwrap(), None);
        for other in Platform::ALL.into_iter().filter(|other| *other != own) {
            assert_eq!(downloads.find(Program::Agent, other).unwrap(), None, "{other:?}");
        }
    }

    #[test]
    fn a_replaced_build_is_hashed_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("beckon-agent-x86_64-pc-windows-msvc.exe");
        std::fs::write(&path, "one").unwrap();
        let downloads = Downloads::with(folder.path().to_owned(), None);
        let find = || downloads.find(Program::Agent, Platform::WindowsX86_64).unwrap().unwrap();
        let first = find();
        assert_eq!(first.sha256, Digest::of(b"one"));
        assert!(first.is(&std::fs::metadata(&path).unwrap()));
        std::fs::write(&path, "other").unwrap();
        assert!(!first.is(&std::fs::metadata(&path).unwrap()));
        assert_eq!(find().sha256, Digest::of(b"other"));
    }
}

//! Scratch: the folder of one scenario, and where its pictures go.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A folder of a scenario's own, removed with everything in it when dropped.
#[derive(Debug)]
pub struct Scratch {
    folder: TempDir,
}

impl Scratch {
    /// An empty folder only this user can enter. `purpose` stands in its name; keep it short, for
    /// sockets inside it may not be longer than 107 bytes in all.
    pub fn new(purpose: &str) -> Self {
        let folder = tempfile::Builder::new()
            .prefix(&format!("beckon-{purpose}-"))
            .tempdir()
            .unwrap_or_else(|error| panic!("no scratch folder for {purpose}: {error}"));
        Self { folder }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A folder inside it, made when it is not there yet, that only this user can enter.
    pub fn folder(&self, name: &str) -> PathBuf {
        use std::os::unix::fs::DirBuilderExt;
        let path = self.path().join(name);
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        path
    }
}

/// The root of the checkout that is being tested.
pub fn workspace() -> PathBuf {
    // What cargo says now counts: a build may have been taken over from another checkout.
    let tests = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or(env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    tests.parent().expect("the tests lie inside the workspace").to_owned()
}

/// The folder that keeps the picture of every state, made when it is not there yet.
pub fn shots() -> PathBuf {
    let folder = workspace().join("target/shots");
    std::fs::create_dir_all(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    folder
}

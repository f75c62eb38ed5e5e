//! Files that only this program's user may read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// Why a secret file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Others than its owner may read it.
    #[error("{} can be read by others (mode {mode:03o}): run chmod 600 {}", path.display(), path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The file system refused.
    #[error("{} cannot be read or written ({error}): check that it exists and who owns it", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        error: io::Error,
    },
}

/// Reads a secret of at most 64 KiB and refuses one that others can read.
pub fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let refused = |error| SecretError::Io { path: path.to_owned(), error };
    let file = File::open(path).map_err(refused)?;
    let metadata = file.metadata().map_err(refused)?;
    let mode = mode_of(&metadata);
    if mode & 0o077 != 0 {
        return Err(SecretError::Open { path: path.to_owned(), mode });
    }
    let mut secret = Zeroizing::new(Vec::with_capacity(4_096));
    io::Read::read_to_end(&mut io::Read::take(file, 65_536), &mut secret).map_err(refused)?;
    Ok(secret)
}

/// Writes a new secret file with mode 0600, complete or not at all, and fsyncs it.
pub fn write_secret(path: &Path, secret: &[u8]) -> Result<(), SecretError> {
    let draft = path.with_extension("new");
    let write = || -> io::Result<()> {
        match fs::remove_file(&draft) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            Ok(()) | Err(_) => {}
        }
        let mut file = create_private(&draft)?;
        file.write_all(secret)?;
        file.sync_all()?;
        fs::rename(&draft, path)?;
        sync_folder_of(path)
    };
    write().map_err(|error| SecretError::Io { path: path.to_owned(), error })
}

/// Makes a new, empty file that only its owner may read and write.
pub fn create_private(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().write(true).create_new(true)).open(path)
}

/// Opens or makes a file that only its owner may read and write; what is in it stays.
pub fn open_private(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().read(true).write(true).create(true).truncate(false)).open(path)
}

/// Makes a folder and those above it; a new one is for its owner only.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes an existing file durable, and the folder that names it.
pub fn sync(path: &Path) -> io::Result<()> {
    OpenOptions::new().read(true).write(true).open(path)?.sync_all()?;
    sync_folder_of(path)
}

/// Makes a rename within the folder of `path` durable.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(()); // a folder cannot be opened there, and its entries are journalled
    }
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(unix)]
fn mode_of(metadata: &fs::Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777
}

#[cfg(not(unix))]
fn mode_of(_: &fs::Metadata) -> u32 {
    0o600
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_reads_back_and_is_refused_once_others_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        write_secret(&path, b"hush").unwrap();
        assert_eq!(*read_secret(&path).unwrap(), b"hush");
        let mode = |mode| {
            let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
            fs::set_permissions(&path, permissions).unwrap();
        };
        for open in [0o640, 0o604, 0o644] {
            mode(open);
            let said = read_secret(&path).unwrap_err().to_string();
            assert!(said.contains("run chmod 600 "), "{said}");
            assert!(said.contains(&format!("mode {open:03o}")), "{said}");
        }
        mode(0o600);
        assert!(read_secret(&path).is_ok());
    }
}

//! The data folder: everything that survives a restart, held by one server at a time.
//!
//! ```text
//! log.db  vault.db  read.db  tiles/  checkpoints/  downloads/  lock  admin.sock
//! keys/{account.key, log.key, kek.N, pepper}
//! ```

pub mod file;
mod kek;
pub mod key;

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::clock::Random;
use crate::vault::Vault;
pub use file::{SecretError, read_secret};
pub use kek::{Kek, Keks, Ring};
pub use key::{AccountKey, LogSigningKey, Pepper};

/// An open data folder. Nobody else can open it while this value lives.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    account_key: AccountKey,
    log_key: LogSigningKey,
    keks: Keks,
    pepper: Pepper,
    // INVARIANT: locked for as long as the folder is open.
    _lock: File,
}

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataFolderError {
    /// It cannot be made or written.
    #[error(
        "the data folder {} cannot be used ({error}): make it writable for the user who runs \
         beckon-server, or set \"data\" to another folder",
        path.display()
    )]
    NotWritable {
        /// The folder, or the file in it.
        path: PathBuf,
        /// What the file system said.
        error: io::Error,
    },
    /// Another server runs on it.
    #[error(
        "another beckon-server uses this data folder (pid {pid}): {}; stop it first, or set \
         \"data\" to another folder",
        path.display()
    )]
    InUse {
        /// The folder.
        path: PathBuf,
        /// The other server's process id, as far as it is known.
        pid: String,
    },
    /// A key file is unsafe or unreadable.
    #[error(transparent)]
    Key(#[from] SecretError),
    /// A key file is gone though the folder has been in use.
    #[error("{} is missing, though this data folder has been in use: restore it from a backup", .0.display())]
    KeyMissing(PathBuf),
    /// No key opens the wrapped keys of the vault.
    #[error(
        "{} is missing, and without it no name in the log can be read: restore the folder keys \
         from a backup. If there is none, move vault.db away and run `beckon-server vault renew`: \
         everybody is signed out, and every name reads as erased",
        .0.display()
    )]
    KekMissing(PathBuf),
    /// A key file holds something else.
    #[error("{} is not a key that beckon-server wrote: restore it from a backup", .0.display())]
    KeyDamaged(PathBuf),
}

impl DataFolder {
    /// Makes the folder where needed, locks it, and makes or reads its keys.
    pub fn open(path: &Path, random: &Random) -> Result<Self, DataFolderError> {
        let refused = |path: &Path| {
            let path = path.to_owned();
            move |error| DataFolderError::NotWritable { path, error }
        };
        file::create_private_folder(path).map_err(refused(path))?;
        let path = path.canonicalize().map_err(refused(path))?;
        let lock = lock(&path)?;
        for folder in [path.join("keys"), path.join("downloads")] {
            file::create_private_folder(&folder).map_err(refused(&folder))?;
        }
        // Log and vault are made after the keys: where one is, they have been.
        let (log, vault) = (path.join("log.db").exists(), path.join("vault.db"));
        let used = log || vault.exists();
        // Vaults of the first schema had neither a log key nor wrapped keys.
        let sealed = if vault.exists() { !Vault::is_unsealed(&vault) } else { log };
        let pkcs8 = |name: &str, used: bool| -> Result<_, DataFolderError> {
            let key = path.join("keys").join(name);
            let bytes = key_file(&key, used, || {
                key::generate(random).map(|pkcs8| pkcs8.as_ref().to_vec())
            })?;
            Ok((bytes, DataFolderError::KeyDamaged(key)))
        };
        let (bytes, damaged) = pkcs8("account.key", used)?;
        let account_key = AccountKey::from_pkcs8(&bytes).ok_or(damaged)?;
        let (bytes, damaged) = pkcs8("log.key", sealed)?;
        let log_key = LogSigningKey::from_pkcs8(&bytes).ok_or(damaged)?;
        let keks = Keks::open(&path.join("keys"), sealed, random)?;
        let pepper_path = path.join("keys/pepper");
        let pepper = key_file(&pepper_path, used, || Some(random.bytes::<32>().to_vec()))?;
        let pepper = <&[u8; 32]>::try_from(pepper.as_slice())
            .map(Pepper::new)
            .map_err(|_| DataFolderError::KeyDamaged(pepper_path))?;
        Ok(Self { path, account_key, log_key, keks, pepper, _lock: lock })
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The events.
    pub fn log_db(&self) -> PathBuf {
        self.path.join("log.db")
    }

    /// What is durable and can be forgotten.
    pub fn vault_db(&self) -> PathBuf {
        self.path.join("vault.db")
    }

    /// The read models, which can be thrown away.
    pub fn read_db(&self) -> PathBuf {
        self.path.join("read.db")
    }

    /// The tiles of the log's Merkle tree.
    pub fn tiles(&self) -> PathBuf {
        self.path.join("tiles")
    }

    /// The signed checkpoints, one file for each era.
    pub fn checkpoints(&self) -> PathBuf {
        self.path.join("checkpoints")
    }

    /// The folder of the keys.
    pub fn keys(&self) -> PathBuf {
        self.path.join("keys")
    }

    /// Builds of agent and Control.
    pub fn downloads(&self) -> PathBuf {
        self.path.join("downloads")
    }

    /// The socket on which the running server takes commands of its own user.
    pub fn admin_socket(&self) -> PathBuf {
        self.path.join("admin.sock")
    }

    /// What signs the certificates of operators.
    pub fn account_key(&self) -> &AccountKey {
        &self.account_key
    }

    /// What signs the checkpoints of the log.
    pub fn log_key(&self) -> &LogSigningKey {
        &self.log_key
    }

    /// What wraps the keys of subjects in the vault.
    pub fn keks(&self) -> &Keks {
        &self.keks
    }

    /// What hides join codes.
    pub fn pepper(&self) -> &Pepper {
        &self.pepper
    }
}

fn lock(folder: &Path) -> Result<File, DataFolderError> {
    let path = folder.join("lock");
    let refused = |error| DataFolderError::NotWritable { path: path.clone(), error };
    let mut file = file::open_private(&path).map_err(refused)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let pid = holder(&mut file);
            return Err(DataFolderError::InUse { path: folder.to_owned(), pid });
        }
        Err(TryLockError::Error(error)) => return Err(refused(error)),
    }
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "{}", std::process::id()))
        .map_err(refused)?;
    Ok(file)
}

/// The process id of the server that holds the folder, as far as it is known; none where nobody
/// does.
pub fn is_held(folder: &Path) -> Option<String> {
    let mut file = File::open(folder.join("lock")).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(holder(&mut file)),
        // Given back at once.
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

/// Who wrote down that it holds the lock.
fn holder(lock: &mut File) -> String {
    let mut pid = String::new();
    let read = lock.take(20).read_to_string(&mut pid);
    let known = read.is_ok() && !pid.trim().is_empty();
    if known { pid.trim().to_owned() } else { "unknown".to_owned() }
}

/// Reads a key, or makes it in a folder that was never used.
fn key_file(
    path: &Path,
    used: bool,
    make: impl FnOnce() -> Option<Vec<u8>>,
) -> Result<zeroize::Zeroizing<Vec<u8>>, DataFolderError> {
    let there = fs::exists(path)
        .map_err(|error| DataFolderError::NotWritable { path: path.to_owned(), error })?;
    if !there {
        if used {
            return Err(DataFolderError::KeyMissing(path.to_owned()));
        }
        let fresh = make().ok_or_else(|| DataFolderError::KeyDamaged(path.to_owned()))?;
        file::write_secret(path, &zeroize::Zeroizing::new(fresh))?;
    }
    Ok(read_secret(path)?)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn said(path: &Path) -> String {
        DataFolder::open(path, &Random::new()).unwrap_err().to_string()
    }

    fn named(folder: &DataFolder) -> [beckon_events::Digest; 3] {
        let keys = [folder.account_key().public_key(), folder.log_key().public_key()];
        let [account, log] = keys.map(|key| beckon_events::Digest(key.0));
        [account, log, folder.pepper().code_digest("X")]
    }

    #[test]
    fn a_new_folder_is_private_and_keeps_its_keys() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a/data");
        let folder = DataFolder::open(&path, &Random::new()).unwrap();
        let mode = |p: &Path| fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        for key in ["keys/account.key", "keys/log.key", "keys/kek.1", "keys/pepper", "lock"] {
            assert_eq!(mode(&path.join(key)), 0o600, "{key}");
        }
        let first = named(&folder);
        drop(folder);
        let folder = DataFolder::open(&path, &Random::new()).unwrap();
        assert_eq!(named(&folder), first);
    }

    #[test]
    fn a_second_server_on_the_same_folder_is_told_who_has_it() {
        let parent = tempfile::tempdir().unwrap();
        assert_eq!(is_held(parent.path()), None);
        let folder = DataFolder::open(parent.path(), &Random::new()).unwrap();
        assert_eq!(is_held(parent.path()), Some(std::process::id().to_string()));
        let wanted =
            format!("another beckon-server uses this data folder (pid {})", std::process::id());
        assert!(said(parent.path()).contains(&wanted));
        drop(folder);
        assert!(DataFolder::open(parent.path(), &Random::new()).is_ok());
    }

    #[test]
    fn a_place_that_cannot_be_a_folder_is_named() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("file");
        fs::write(&path, "").unwrap();
        let said = said(&path);
        assert!(said.contains("file cannot be used"), "{said}");
        assert!(said.contains("set \"data\" to another folder"), "{said}");
    }

    #[test]
    fn a_key_that_is_open_damaged_or_gone_is_refused_by_name() {
        let parent = tempfile::tempdir().unwrap();
        drop(DataFolder::open(parent.path(), &Random::new()).unwrap());
        let pepper = parent.path().join("keys/pepper");
        fs::set_permissions(&pepper, PermissionsExt::from_mode(0o640)).unwrap();
        assert!(said(parent.path()).contains("run chmod 600"));
        fs::set_permissions(&pepper, PermissionsExt::from_mode(0o600)).unwrap();
        fs::write(&pepper, "short").unwrap();
        assert!(said(parent.path()).contains("is not a key that beckon-server wrote"));
        fs::remove_file(&pepper).unwrap();
        fs::write(parent.path().join("log.db"), "").unwrap();
        assert!(said(parent.path()).contains("pepper is missing"));
        fs::remove_file(parent.path().join("keys/kek.1")).unwrap();
        let kek = said(parent.path());
        assert!(kek.contains("kek.1 is missing") && kek.contains("vault renew"), "{kek}");
        fs::remove_file(parent.path().join("keys/log.key")).unwrap();
        assert!(said(parent.path()).contains("log.key is missing"));
    }
}

//! A new vault for a log whose vault is gone.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use beckon_events::Subject;

use crate::clock::Random;
use crate::config::{self, Config};
use crate::data_folder::file::sync_folder_of;
use crate::data_folder::{DataFolder, DataFolderError};
use crate::mention::{Mention, mentions};
use crate::store::{self, OpenError, ReadError};
use crate::vault::{Vault, VaultError};

/// Why no vault was made.
#[derive(Debug, thiserror::Error)]
pub enum RenewalError {
    /// The data folder cannot be used.
    #[error(transparent)]
    Folder(#[from] DataFolderError),
    /// The log cannot be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The log cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The vault cannot be made.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The read models cannot be thrown away.
    #[error(transparent)]
    Views(#[from] crate::views::ViewsError),
    /// There is a vault.
    #[error("{} is there: nothing to renew. If it is damaged, move it and its -wal file away first, and keep them", .0.display())]
    NotGone(PathBuf),
    /// There is no log.
    #[error("there is no log in {}: nothing to renew", .0.display())]
    NoLog(PathBuf),
    /// The file system refused.
    #[error("{} cannot be written ({error}): check owner and free space", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        error: io::Error,
    },
}

/// Makes a vault in which everybody of whom values stand in the log has no key: they read as
/// erased, and nobody seals new ones under another key. How many that are. The log is not
/// changed: nobody was erased by intent, so it does not say so.
pub fn renew(config: &Config, random: &Random) -> Result<usize, RenewalError> {
    let log = match &config.store {
        config::Store::Sqlite(Some(path)) => path.clone(),
        config::Store::Sqlite(None) | config::Store::Memory => config.data.join("log.db"),
        // The log is elsewhere; its key stands where its server was.
        config::Store::Esdb(_) => config.data.join("keys/log.key"),
    };
    if !log.exists() {
        return Err(RenewalError::NoLog(config.data.clone()));
    }
    let folder = DataFolder::open(&config.data, random)?;
    let vault_db = folder.vault_db();
    if vault_db.exists() {
        return Err(RenewalError::NotGone(vault_db));
    }
    // It may hold the names that nobody can read any more.
    crate::views::discard(&folder.read_db())?;
    let mut subjects = BTreeSet::new();
    let reader = store::open(&config.store, &folder)?.readers().reader()?;
    mentions(&*reader, |mention, _, _| {
        if let Mention::Sealed(subject) | Mention::Erased(subject) = mention {
            subjects.insert(subject);
        }
    })?;
    // Beside its place until it is complete: a vault without the marks would hand out new keys.
    let draft = folder.path().join("vault.renewed");
    for name in ["vault.renewed", "vault.renewed-wal", "vault.renewed-shm", "vault.db-wal"] {
        discard(&folder.path().join(name))?;
    }
    let subjects: Vec<Subject> = subjects.into_iter().collect();
    let vault = Vault::open(&draft, folder.pepper(), random)?;
    vault.mark_without_key(&subjects)?;
    vault.scrub()?;
    drop(vault);
    let refused = |error| RenewalError::Io { path: vault_db.clone(), error };
    fs::rename(&draft, &vault_db).map_err(refused)?;
    sync_folder_of(&vault_db).map_err(refused)?;
    Ok(subjects.len())
}

fn discard(path: &Path) -> Result<(), RenewalError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(RenewalError::Io { path: path.to_owned(), error })
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

//! A copy of the data folder from which a server can be put back, its keys kept apart.
//!
//! ```text
//! DIR/     backup.json  log.db  vault.db  checkpoints/<era>.ndjson
//! KEYDIR/  account.key  log.key  pepper  kek.N
//! ```

mod found;
mod make;
mod manifest;
mod notes;
mod place;
mod restore;
#[cfg(test)]
mod tests;
mod whole_log;

use std::io;
use std::path::{Path, PathBuf};

use beckon_events::node;

use crate::data_folder::DataFolderError;
use crate::database::DatabaseError;
use crate::keyring::KeyringError;
use crate::store::{AppendError, OpenError, ReadError};
use crate::vault::VaultError;
pub use make::{Backup, make};
pub(crate) use manifest::NAME as MANIFEST;
pub use restore::{Restored, restore};

/// Why there is no backup, or nothing was restored from it.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The events are in memory only.
    #[error(
        "the log is kept in memory (store = \"memory:\"): there is nothing to back up or restore"
    )]
    InMemory,
    /// The events are in a cluster.
    #[error(
        "the log is kept in an event store (store = \"esdb://…\") that this program cannot copy: \
         back the cluster up with its own tools; then stop this server and copy its data folder, \
         which holds the vault, the keys and the checkpoints. To restore, put both back as they \
         were at one time, the cluster no older than the data folder, then start the server"
    )]
    InCluster,
    /// A folder that should be new holds something.
    #[error("{} is not empty: name a new folder", .0.display())]
    NotEmpty(PathBuf),
    /// A file stands where a folder should be made.
    #[error("{} is a file: name a new folder", .0.display())]
    IsFile(PathBuf),
    /// The keys would stand among the rest.
    #[error("the backup and its keys are both to go into {}: name two different folders", .0.display())]
    SameFolder(PathBuf),
    /// A folder stands in another one.
    #[error("{} must not be inside {}: name another place", inner.display(), outer.display())]
    Inside {
        /// The one.
        inner: PathBuf,
        /// The other.
        outer: PathBuf,
    },
    /// The file system refused.
    #[error("{} cannot be read or written ({error}): check that it exists, its owner and the free space", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the file system said.
        error: io::Error,
    },
    /// It is no backup of this program.
    #[error(
        "{} is not a backup that this beckon-server can read ({why}): name the folder that \
         `beckon-server backup` wrote, which holds backup.json, log.db, vault.db and checkpoints/",
        path.display()
    )]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// What was found.
        why: String,
    },
    /// It is an export.
    #[error(
        "{} is an export, and a server cannot be restored from one: it holds no vault. Name the \
         folder that `beckon-server backup` wrote, which holds backup.json",
        .0.display()
    )]
    Export(PathBuf),
    /// A file is not the one that was backed up.
    #[error("{} is not the file that was backed up: the backup is damaged, use another one", .0.display())]
    Changed(PathBuf),
    /// A key is not the one of this backup.
    #[error("{} is missing or is not the key of this backup: name the folder that `beckon-server backup --keys` wrote with it", .0.display())]
    Key(PathBuf),
    /// The data folder is in use.
    #[error("{} holds data already: a backup is restored into an empty folder only. Stop the server, move that folder away, then run this again", .0.display())]
    DataFolderUsed(PathBuf),
    /// A checkpoint that the caller has seen does not fit.
    #[error("{}: {why}", path.display())]
    Seen {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The events are not those that were signed.
    #[error(
        "the log in the backup is not the one that its own checkpoint of {0} events speaks of: use another backup"
    )]
    OtherHistory(u64),
    /// The log has no beginning.
    #[error("the log in {} holds no events: there is nothing to restore", .0.display())]
    NoEvents(PathBuf),
    /// A rule of the node's stream.
    #[error(transparent)]
    Node(#[from] node::Rejection),
    /// The restored folder.
    #[error(transparent)]
    Folder(#[from] DataFolderError),
    /// A database file.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The log.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The log.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The log.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The keys of subjects.
    #[error(transparent)]
    Keys(#[from] KeyringError),
}

/// Says which file or folder it was.
fn at(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    move |error| BackupError::Io { path, error }
}

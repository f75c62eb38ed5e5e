//! The vault: what must survive a restart and must be forgotten one day, so it is no event.
//!
//! Every method is one transaction, on disk when it returns. All of them wait for the disk, and
//! those about passwords also compute for some 50 ms: call them in `web::block`.

mod api_token;
mod forget;
mod invitation;
mod join_attempt;
mod password;
mod secret;
mod setup;
mod subject_key;
pub mod throttle;
mod web_session;

use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use beckon_events::{Subject, Timestamp};
use ring::aead;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::watch;

use crate::clock::Random;
use crate::data_folder::{Pepper, file};
use crate::database::{self, DatabaseError, Failure, Kind, Soundness};
pub use api_token::{ApiToken, TOKEN_PREFIX};
pub use invitation::Invitation;
pub use join_attempt::{Attempt, Verdict};
pub use password::{PASSWORD_MAX, PASSWORD_MIN};
pub use secret::Secret;
pub use setup::SetupClaim;
pub use subject_key::{Kept, Wrapped};
pub use web_session::{ABSOLUTE, IDLE, SignedIn, WebSession, WebSessionKey};

const KIND: Kind = Kind {
    what: "the vault",
    application_id: 0x4263_5661, // "BcVa"
    version: 3,
    schema: concat!(
        include_str!("schema.sql"),
        include_str!("subject_keys.sql"),
        include_str!("api_tokens.sql"),
    ),
    upgrades: &[include_str!("subject_keys.sql"), include_str!("api_tokens.sql")],
    remedy: "restore vault.db and vault.db-wal from a backup",
};

/// An open vault; cheap to clone.
#[derive(Clone, Debug)]
pub struct Vault(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    connection: Mutex<Connection>,
    pepper: Pepper,
    seal: aead::LessSafeKey,
    random: Random,
    /// A password that nobody has, for those who do not exist.
    nobody: OnceLock<String>,
    /// How the disk failed. Once set, nothing is changed any more.
    lost: watch::Sender<Option<String>>,
}

/// Why the vault did not do it.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// Its file cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// No space is left. Nothing was changed.
    #[error("the disk of the vault is full, make space: nothing was changed")]
    DiskFull,
    /// The disk failed; whether it was changed is not known. The process must end.
    #[error("the vault failed ({0}): whether it was changed is not known")]
    Lost(String),
    /// Anything else. Nothing was changed.
    #[error("the vault refused ({0}), try again")]
    Refused(String),
    /// The password is too short or too long.
    #[error("a password has {PASSWORD_MIN} to {PASSWORD_MAX} characters")]
    PasswordLength,
    /// The password could not be hashed.
    #[error("the password could not be hashed ({0}), try again")]
    Hashing(String),
    /// Another open invitation has this code or token.
    #[error("another invitation has this code, make a new one")]
    CodeTaken,
    /// An invitation was sealed with another pepper, or changed since.
    #[error(
        "the invitation cannot be opened: keys/pepper or vault.db is not the one it was made with"
    )]
    Sealed,
    /// A subject was erased: it never gets a key again.
    #[error(
        "{0} was erased, or its key is lost: nothing personal can be recorded about it any more"
    )]
    Erased(Subject),
    /// The key of a subject was wrapped with something else.
    #[error(
        "the key of {subject} cannot be opened with keys/kek.{kek}: restore keys and vault.db \
         from the same backup"
    )]
    Wrapped {
        /// Whose key it is.
        subject: Subject,
        /// The number of the wrapping key.
        kek: u32,
    },
}

impl Vault {
    /// Whether the file at `path` is of the first schema, which kept no keys of subjects.
    pub fn is_unsealed(path: &Path) -> bool {
        database::version(path) == Some(1)
    }

    /// Looks for damage in the vault at `path`, for at most `within`.
    pub fn soundness(path: &Path, within: Duration) -> Result<Soundness, DatabaseError> {
        database::look(path, &KIND, within)
    }

    /// Copies the vault at `path`, as it is at this moment, to the new file `target`.
    pub fn copy(path: &Path, target: &Path) -> Result<(), DatabaseError> {
        database::copy(path, &KIND, target)
    }

    /// Opens a vault file, or makes it where it does not exist.
    pub fn open(path: &Path, pepper: &Pepper, random: &Random) -> Result<Self, VaultError> {
        // No event is sealed with a key that a power cut could still take back.
        database::settle(path, &KIND, file::sync)?;
        let connection = database::open(path, &KIND)?;
        connection
            .execute_batch("PRAGMA secure_delete = ON")
            .map_err(|e| database::explain(&e, path, &KIND))?;
        let seal = pepper.sealing_key("vault invitation v1").ok_or(VaultError::Sealed)?;
        Ok(Self(Arc::new(Shared {
            connection: Mutex::new(connection),
            pepper: pepper.clone(),
            seal,
            random: random.clone(),
            nobody: OnceLock::new(),
            lost: watch::Sender::new(None),
        })))
    }

    /// Forgets what has expired: web sessions, setup links, join tickets and counters.
    pub fn sweep(&self, now: Timestamp) -> Result<(), VaultError> {
        self.change(|t| {
            web_session::sweep(t, now)?;
            setup::sweep(t, now)?;
            join_attempt::sweep(t, now)
        })
    }

    /// Waits until the disk has failed, and says how. The process must end then.
    pub async fn lost(&self) -> String {
        let mut lost = self.0.lost.subscribe();
        let failed = lost.wait_for(Option::is_some).await;
        // The sender lives as long as `self`.
        failed.ok().and_then(|why| why.clone()).unwrap_or_default()
    }

    /// Runs `body` as one transaction that is on disk when this returns.
    fn change<T>(
        &self,
        body: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, VaultError> {
        let mut connection = self.0.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(why) = self.0.lost.borrow().clone() {
            return Err(VaultError::Lost(why));
        }
        let run = || -> rusqlite::Result<T> {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = body(&transaction)?;
            transaction.commit()?;
            Ok(value)
        };
        run().map_err(VaultError::from).inspect_err(|error| {
            if let VaultError::Lost(why) = error {
                self.0.lost.send_replace(Some(why.clone()));
            }
        })
    }

    /// Runs `body` on what is stored.
    fn look<T>(
        &self,
        body: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, VaultError> {
        let connection = self.0.connection.lock().unwrap_or_else(PoisonError::into_inner);
        body(&connection).map_err(VaultError::from)
    }
}

impl From<rusqlite::Error> for VaultError {
    fn from(error: rusqlite::Error) -> Self {
        match Failure::of(&error) {
            Failure::DiskFull => Self::DiskFull,
            Failure::Lost => Self::Lost(format!("vault.db: {error}")),
            Failure::Refused => Self::Refused(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests;

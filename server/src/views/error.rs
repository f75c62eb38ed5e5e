//! Why read models cannot be kept or looked at.

use beckon_events::KeysError;
use rusqlite::ErrorCode;

use crate::database::DatabaseError;
use crate::dispatch::DispatchError;
use crate::store::ReadError;

/// Why the read models cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum ViewsError {
    /// The log.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The keys of personal values.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// Their file cannot be opened.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Their file cannot be written.
    #[error("the read models cannot be kept in read.db ({0}): make space, it is tried again")]
    Sql(#[from] rusqlite::Error),
    /// They cannot be looked at.
    #[error(transparent)]
    Tables(#[from] TablesError),
    /// A row that is not what was written.
    #[error("a row of read.db cannot be read or written: {0}")]
    Row(#[from] serde_json::Error),
    /// Their file cannot be thrown away.
    #[error("{path} cannot be removed ({error}): remove it, it is made again")]
    Remove {
        /// The file.
        path: String,
        /// What the file system said.
        error: std::io::Error,
    },
    /// Somebody else has written their file.
    #[error("somebody else has written read.db: it is read again")]
    Moved,
    /// What was erased may still stand in their file.
    #[error("read.db is still being read, its old pages are not gone yet: try again")]
    NotScrubbed,
    /// A name that no read model has.
    #[error("there is no read model {0}: `beckon-server projections list` prints their names")]
    Unknown(String),
    /// The server is stopping.
    #[error("the read models are not kept any more: the server is stopping")]
    Stopped,
}

/// Why a read model cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum TablesError {
    /// The file.
    #[error("read.db cannot be read: {0}")]
    Sql(#[from] rusqlite::Error),
    /// The file cannot be opened.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A row that is not what was written.
    #[error("a row of read.db cannot be read: {0}")]
    Row(#[from] serde_json::Error),
    /// It is being built.
    #[error("the read model {0} is being built, try again in a minute")]
    Building(&'static str),
}

impl ViewsError {
    /// Whether the file is not what was written, so that it has to be made anew.
    pub(super) fn is_damage(&self) -> bool {
        match self {
            Self::Sql(error) => is_damage(error),
            Self::Tables(error) => error.is_damage(),
            Self::Row(_) => true,
            Self::Database(error) => !matches!(error, DatabaseError::Unusable { .. }),
            Self::Read(_)
            | Self::Keys(_)
            | Self::Remove { .. }
            | Self::Moved
            | Self::NotScrubbed
            | Self::Unknown(_)
            | Self::Stopped => false,
        }
    }
}

impl TablesError {
    /// Whether the file is not what was written, so that it has to be made anew.
    pub(super) fn is_damage(&self) -> bool {
        match self {
            Self::Sql(error) => is_damage(error),
            Self::Row(_) => true,
            Self::Database(error) => !matches!(error, DatabaseError::Unusable { .. }),
            Self::Building(_) => false,
        }
    }
}

/// The file is no database, or holds a value that this program never writes.
fn is_damage(error: &rusqlite::Error) -> bool {
    match error {
        rusqlite::Error::SqliteFailure(..) => matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        ),
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::IntegralValueOutOfRange(..) => true,
        _ => false,
    }
}

impl From<TablesError> for DispatchError {
    fn from(error: TablesError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

//! A SQLite file of the data folder: made whole or not at all, checked before it is used.

mod soundness;

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::data_folder::file;
pub use soundness::{Soundness, look};

/// What a database file is for, and how one is told from any other.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// What it holds, as in "the event log".
    pub what: &'static str,
    /// SQLite's `application_id`.
    pub application_id: i32,
    /// SQLite's `user_version`: the version of the schema.
    pub version: i32,
    /// The statements that make it.
    pub schema: &'static str,
    /// What leads from version 1 to 2, from 2 to 3, and so on up to `version`.
    pub upgrades: &'static [&'static str],
    /// What to do when it is damaged, as in "restore it from a backup".
    pub remedy: &'static str,
}

/// Why a database file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// It is not there, though it should be.
    #[error("{what} {} does not exist: {remedy}", path.display())]
    Missing {
        /// What the file holds.
        what: &'static str,
        /// Where it should be.
        path: PathBuf,
        /// What to do.
        remedy: &'static str,
    },
    /// It is something else.
    #[error(
        "{} is not {what} of Beckon: if it was, it is damaged, restore it from a backup; if it never \
         was, move it away, or name another data folder",
        path.display()
    )]
    Foreign {
        /// What the file should hold.
        what: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// A newer program wrote it.
    #[error(
        "{what} {} has format {found}, this program reads format {known}: start the newer beckon-server",
        path.display()
    )]
    Newer {
        /// What the file holds.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i32,
        /// The format of this program.
        known: i32,
    },
    /// It was cut off or overwritten.
    #[error(
        "{what} {} is damaged ({reason}): keep a copy of the data folder, then {remedy}",
        path.display()
    )]
    Damaged {
        /// What the file holds.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What was found.
        reason: String,
        /// What to do.
        remedy: &'static str,
    },
    /// The file system refused.
    #[error(
        "{what} {} cannot be opened ({reason}): check the folder's owner, permissions and free space",
        path.display()
    )]
    Unusable {
        /// What the file holds.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What the file system said.
        reason: String,
    },
}

/// What a failed statement means for whoever asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No space left; nothing of the transaction was stored.
    DiskFull,
    /// The disk failed or the file is damaged; what was stored is not known.
    Lost,
    /// Anything else; nothing of the transaction was stored.
    Refused,
}

impl Failure {
    /// What `error` means.
    pub fn of(error: &rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(
                ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase,
            ) => Self::Lost,
            _ => Self::Refused,
        }
    }
}

/// Opens `path` for writing and makes it first where it does not exist: WAL, every commit fsynced.
pub fn open(path: &Path, kind: &Kind) -> Result<Connection, DatabaseError> {
    if !exists(path, kind)? {
        create(path, kind)?;
    }
    check_header(path, kind)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(path, flags).map_err(|e| explain(&e, path, kind))?;
    let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
         PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON; PRAGMA trusted_schema = OFF; \
         PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;";
    prepare(&connection, settings)
        .and_then(|()| upgrade(&connection, kind))
        .map_err(|e| explain(&e, path, kind))?;
    Ok(connection)
}

/// What a killed program left in the WAL of `path` is committed for whoever reads it, but perhaps
/// not on the disk: `sync` makes a file durable, and the folder that names it.
pub fn settle(
    path: &Path,
    kind: &Kind,
    sync: impl FnOnce(&Path) -> std::io::Result<()>,
) -> Result<(), DatabaseError> {
    let wal = wal_of(path);
    match sync(&wal) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(unusable(&wal, kind, &error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Opens an existing `path` for reading only, beside whoever writes it.
pub fn open_read_only(path: &Path, kind: &Kind) -> Result<Connection, DatabaseError> {
    if !exists(path, kind)? {
        return Err(missing(path, kind));
    }
    check_header(path, kind)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(path, flags).map_err(|e| explain(&e, path, kind))?;
    let settings = "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF;";
    prepare(&connection, settings).map_err(|e| explain(&e, path, kind))?;
    Ok(connection)
}

/// Writes the file at `path`, as it is at this moment, to the new file `target`; others may go on
/// writing it. What was deleted is not in the copy.
pub fn copy(path: &Path, kind: &Kind, target: &Path) -> Result<(), DatabaseError> {
    if !exists(path, kind)? {
        return Err(missing(path, kind));
    }
    check_header(path, kind)?;
    let refused = |error: std::io::Error| unusable(target, kind, &error);
    file::create_private(target).map_err(refused)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let copy = || -> rusqlite::Result<()> {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.execute("VACUUM INTO ?", [target.to_string_lossy()]).map(drop)
    };
    copy().map_err(|e| explain(&e, path, kind))?;
    File::open(target).and_then(|file| file.sync_all()).map_err(refused)
}

/// The version that a file says it has, without opening it as a database.
pub fn version(path: &Path) -> Option<i32> {
    let mut header = [0; 64];
    File::open(path).and_then(|mut file| file.read_exact(&mut header)).ok()?;
    let [.., a, b, c, d] = header;
    Some(i32::from_be_bytes([a, b, c, d]))
}

/// What `error` says about the file at `path`.
pub fn explain(error: &rusqlite::Error, path: &Path, kind: &Kind) -> DatabaseError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => damaged(path, kind, error),
        _ => unusable(path, kind, error),
    }
}

fn prepare(connection: &Connection, settings: &str) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(64);
    // The first read is where SQLite finds a file that is shorter than it says.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    connection.execute_batch(settings)
}

/// Brings an older file to the version of this program, each step whole or not at all.
fn upgrade(connection: &Connection, kind: &Kind) -> rusqlite::Result<()> {
    let found: i32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let missing = usize::try_from(kind.version.saturating_sub(found)).unwrap_or(0);
    if missing == 0 {
        return Ok(());
    }
    let first = kind.upgrades.len().saturating_sub(missing);
    for (to, step) in (found.saturating_add(1)..).zip(kind.upgrades.iter().skip(first)) {
        connection.execute_batch(&format!(
            "BEGIN IMMEDIATE; {step} PRAGMA user_version = {to}; COMMIT;"
        ))?;
    }
    // The version is read from the file's first bytes before SQLite is asked.
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

fn exists(path: &Path, kind: &Kind) -> Result<bool, DatabaseError> {
    if path.try_exists().map_err(|e| unusable(path, kind, &e))? {
        return Ok(true);
    }
    if wal_of(path).exists() {
        return Err(missing(path, kind));
    }
    Ok(false)
}

fn wal_of(path: &Path) -> PathBuf {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    wal.into()
}

/// Made beside its place and moved there complete, so that an empty file is always damage.
fn create(path: &Path, kind: &Kind) -> Result<(), DatabaseError> {
    let draft = path.with_extension("new");
    let refused = |e: std::io::Error| unusable(path, kind, &e);
    match fs::remove_file(&draft) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(refused(e)),
        Ok(()) | Err(_) => {}
    }
    file::create_private(&draft).map_err(refused)?;
    let make = || -> rusqlite::Result<()> {
        let connection = Connection::open(&draft)?;
        connection.execute_batch(&format!(
            "PRAGMA journal_mode = MEMORY; BEGIN; {} PRAGMA application_id = {}; \
             PRAGMA user_version = {}; COMMIT;",
            kind.schema, kind.application_id, kind.version
        ))?;
        connection.close().map_err(|(_, error)| error)
    };
    make().map_err(|e| explain(&e, path, kind))?;
    File::open(&draft).and_then(|f| f.sync_all()).map_err(refused)?;
    fs::rename(&draft, path).map_err(refused)?;
    file::sync_folder_of(path).map_err(refused)
}

fn check_header(path: &Path, kind: &Kind) -> Result<(), DatabaseError> {
    const LENGTH: usize = 100;
    let mut header = Vec::with_capacity(LENGTH);
    File::open(path)
        .and_then(|f| f.take(LENGTH as u64).read_to_end(&mut header))
        .map_err(|e| unusable(path, kind, &e))?;
    if header.is_empty() {
        return Err(damaged(path, kind, &"the file is empty"));
    }
    let foreign = || DatabaseError::Foreign { what: kind.what, path: path.to_owned() };
    let magic = b"SQLite format 3\0";
    if !header.starts_with(&magic[..magic.len().min(header.len())]) {
        return Err(foreign());
    }
    let number = |at: usize| -> Option<i32> {
        let bytes: [u8; 4] = header.get(at..at + 4)?.try_into().ok()?;
        Some(i32::from_be_bytes(bytes))
    };
    let (Some(version), Some(application)) = (number(60), number(68)) else {
        return Err(damaged(path, kind, &"the file is cut off"));
    };
    if application != kind.application_id || version < 1 {
        return Err(foreign());
    }
    if version > kind.version {
        return Err(DatabaseError::Newer {
            what: kind.what,
            path: path.to_owned(),
            found: version,
            known: kind.version,
        });
    }
    // SQLite reads what is missing of its last page as zeros. While there is a log beside it, the
    // page may be on its way there.
    let page = number(16).map_or(0, |bytes| u64::from(bytes.cast_unsigned() >> 16));
    let page = if page == 1 { 65_536 } else { page };
    let length = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
    if length(&wal_of(path)) == 0 && !length(path).is_multiple_of(page) {
        return Err(damaged(path, kind, &"the file is cut off"));
    }
    Ok(())
}

fn missing(path: &Path, kind: &Kind) -> DatabaseError {
    DatabaseError::Missing { what: kind.what, path: path.to_owned(), remedy: kind.remedy }
}

fn damaged(path: &Path, kind: &Kind, reason: &dyn std::fmt::Display) -> DatabaseError {
    DatabaseError::Damaged {
        what: kind.what,
        path: path.to_owned(),
        reason: reason.to_string(),
        remedy: kind.remedy,
    }
}

fn unusable(path: &Path, kind: &Kind, reason: &dyn std::fmt::Display) -> DatabaseError {
    DatabaseError::Unusable { what: kind.what, path: path.to_owned(), reason: reason.to_string() }
}

#[cfg(test)]
mod tests;

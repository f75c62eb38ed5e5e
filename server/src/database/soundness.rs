//! Whether a file reads as a sound database, looked at beside whoever writes it.

use std::path::Path;
use std::time::Duration;

use rusqlite::ErrorCode;

use super::{DatabaseError, Kind, damaged, explain, open_read_only};

/// What a look at a file found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Soundness {
    /// All of it was looked at and is sound.
    Sound,
    /// It opens and what was looked at is sound; all of it would have taken too long.
    SoundSoFar,
}

/// Looks at the file at `path` for at most `within`. Waits for the disk.
pub fn look(path: &Path, kind: &Kind, within: Duration) -> Result<Soundness, DatabaseError> {
    let connection = open_read_only(path, kind)?;
    let handle = connection.get_interrupt_handle();
    let (done, waiting) = std::sync::mpsc::channel::<()>();
    let limit = std::thread::spawn(move || {
        if waiting.recv_timeout(within) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            handle.interrupt();
        }
    });
    let found = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    drop(done);
    // It has nothing left to do but to end.
    let _ = limit.join();
    match found {
        Ok(said) if said == "ok" => Ok(Soundness::Sound),
        Ok(said) => Err(damaged(path, kind, &said)),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
            Ok(Soundness::SoundSoFar)
        }
        Err(error) => Err(explain(&error, path, kind)),
    }
}

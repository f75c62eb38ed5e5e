//! Connections that look at read.db, each for one thread at a time.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use super::book::KIND;
use super::error::TablesError;
use super::tables::Tables;
use crate::database;

/// So many connections wait for the next who looks.
const KEPT: usize = 8;

/// Connections that nobody uses at the moment.
#[derive(Debug)]
pub(super) struct Shelf {
    path: PathBuf,
    /// Grows when the file is replaced by another.
    file: AtomicU64,
    idle: Mutex<Vec<(u64, Connection)>>,
}

impl Shelf {
    pub(super) fn of(path: PathBuf) -> Self {
        Self { path, file: AtomicU64::new(0), idle: Mutex::default() }
    }

    /// The file at the path is another one now.
    pub(super) fn replaced(&self) {
        self.file.fetch_add(1, Ordering::AcqRel);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Looks at the tables as they are at one moment.
    pub(super) fn look<R>(
        &self,
        f: impl FnOnce(&Tables<'_>) -> Result<R, TablesError>,
    ) -> Result<R, TablesError> {
        let file = self.file.load(Ordering::Acquire);
        let taken = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = match taken {
            Some((of, connection)) if of == file => connection,
            Some(_) | None => database::open_read_only(&self.path, &KIND)?,
        };
        let looked = {
            let moment = connection.transaction()?;
            f(&Tables::at(&moment)?)?
        };
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push((file, connection));
        }
        Ok(looked)
    }
}

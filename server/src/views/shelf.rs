//! Connections that look at read.db, each for one thread at a time.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock, RwLockWriteGuard, TryLockError};

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
    /// The file that somebody has found damaged.
    damaged: AtomicU64,
    idle: Mutex<Vec<(u64, Connection)>>,
    /// Held by everybody who looks, so that there can be a moment in which nobody does.
    looking: RwLock<()>,
}

impl Shelf {
    pub(super) fn of(path: PathBuf) -> Self {
        Self {
            path,
            file: AtomicU64::new(0),
            damaged: AtomicU64::new(u64::MAX),
            idle: Mutex::default(),
            looking: RwLock::default(),
        }
    }

    /// The file at the path is another one now.
    pub(super) fn replaced(&self) {
        self.file.fetch_add(1, Ordering::AcqRel);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Whether somebody has found the file damaged.
    pub(super) fn is_damaged(&self) -> bool {
        self.damaged.load(Ordering::Acquire) == self.file.load(Ordering::Acquire)
    }

    /// The file that is there now is damaged.
    pub(super) fn report(&self) {
        self.damaged.store(self.file.load(Ordering::Acquire), Ordering::Release);
    }

    /// Waits until nobody looks; nobody does for as long as this is held.
    pub(super) fn alone(&self) -> RwLockWriteGuard<'_, ()> {
        self.looking.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same where nobody looks right now; none where somebody does.
    pub(super) fn alone_now(&self) -> Option<RwLockWriteGuard<'_, ()>> {
        match self.looking.try_write() {
            Ok(alone) => Some(alone),
            Err(TryLockError::Poisoned(alone)) => Some(alone.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Looks at the tables as they are at one moment.
    pub(super) fn look<R>(
        &self,
        f: impl FnOnce(&Tables<'_>) -> Result<R, TablesError>,
    ) -> Result<R, TablesError> {
        let _looking = self.looking.read().unwrap_or_else(PoisonError::into_inner);
        let file = self.file.load(Ordering::Acquire);
        let looked = self.look_at(file, f);
        if looked.as_ref().is_err_and(TablesError::is_damage) {
            // Where the file has been replaced meanwhile, nobody asks about this one any more.
            self.damaged.store(file, Ordering::Release);
        }
        looked
    }

    fn look_at<R>(
        &self,
        file: u64,
        f: impl FnOnce(&Tables<'_>) -> Result<R, TablesError>,
    ) -> Result<R, TablesError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_put_off_does_not_wait_for_whoever_looks() {
        let shelf = Shelf::of(PathBuf::new());
        let looking = shelf.looking.read().unwrap();
        assert!(shelf.alone_now().is_none());
        drop(looking);
        assert!(shelf.alone_now().is_some());
    }
}

//! read.db without a log: filled with events that somebody else has, to measure it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use beckon_events::{Digest, RecordedEvent};
use rusqlite::TransactionBehavior;

use super::book::{self, Book};
use super::checkpoint::Checkpoint;
use super::error::{TablesError, ViewsError};
use super::page::{BULK, Page};
use super::shelf::Shelf;
use super::tables::Tables;
use super::{OpeningKeys, Views};
use crate::store::{Position, Readers, StreamName};

/// A read.db that nobody writes any more.
#[derive(Debug)]
pub struct Filled {
    path: PathBuf,
    shelf: Arc<Shelf>,
}

impl Filled {
    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Looks at its rows.
    pub fn look_now<R>(
        &self,
        f: impl FnOnce(&Tables<'_>) -> Result<R, TablesError>,
    ) -> Result<R, TablesError> {
        self.shelf.look(f)
    }
}

/// Folds events, in the order of their positions, into the rows of a new read.db in `folder`, in
/// the way in which a server builds it.
pub fn fill(
    folder: &Path,
    events: impl IntoIterator<Item = RecordedEvent>,
) -> Result<Filled, ViewsError> {
    let path = folder.join("read.db");
    let shelf = Arc::new(Shelf::of(path.clone()));
    let mut book = Book::anew(&path, &shelf)?;
    let mut models: Vec<_> =
        book::NAMES.iter().filter_map(|(name, _)| book::model(name, 1)).collect();
    for model in &mut models {
        model.create(&book.connection)?;
    }
    let mut events = events.into_iter().peekable();
    while events.peek().is_some() {
        let Some(page) = page(events.by_ref().take(BULK).collect()) else { continue };
        let transaction =
            book.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for model in &mut models {
            model.fold(&transaction, &page)?;
        }
        transaction.commit()?;
        for model in &mut models {
            model.reached(&page.last);
        }
    }
    for index in models.iter().flat_map(|model| model.indexes()).collect::<Vec<_>>() {
        book.connection.execute_batch(&index)?;
    }
    book.swap(models, &[], None)?;
    book.scrub()?;
    Ok(Filled { path, shelf })
}

/// The read models of a store, in a read.db of their own in `folder`. They are not told of new
/// events.
pub fn build(
    folder: &Path,
    readers: &Arc<dyn Readers>,
    keys: Arc<dyn OpeningKeys>,
) -> Result<(Views, super::Bell), ViewsError> {
    let (bell, ear) = Views::bell();
    Ok((Views::start(readers, ear, keys, &folder.join("read.db"))?, bell))
}

fn page(events: Vec<RecordedEvent>) -> Option<Page> {
    let (last, stored) = (events.last()?, events.len());
    let metadata = last.metadata();
    let last = Checkpoint {
        position: Position::from_bits(last.position()),
        stream: metadata.stream.parse::<StreamName>().ok()?,
        version: metadata.version,
        // There is no log that it could be compared with.
        leaf: Digest::ZERO,
    };
    Some(Page { events, last, stored })
}

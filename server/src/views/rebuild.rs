//! Building read models anew beside those that serve, and putting them in their place.

use std::sync::PoisonError;

use rusqlite::TransactionBehavior;

use super::Rebuilt;
use super::book::{self, Book};
use super::checkpoint::{self, Checkpoint};
use super::error::ViewsError;
use super::models::{self, ReadModels};
use super::page::{self, BULK, Page};
use super::projector::{Projector, all};
use super::row_table::RowModel;
use crate::store::{Position, ReadError};

/// Models that do not count yet.
struct Fresh {
    rows: Vec<Box<dyn RowModel>>,
    memory: ReadModels,
    /// Which of the models in memory are wanted.
    wanted: Vec<&'static str>,
    at: Option<Checkpoint>,
    events: u64,
}

impl Projector {
    /// Folds the whole log anew with the keys there are now. Those that serve go on following the
    /// log, and only then are they replaced, in one step. Where something was erased, nothing of it
    /// is left when this returns; else what was replaced is still to be swept.
    pub(super) fn rebuild(&mut self, names: &[&'static str]) -> Result<Rebuilt, ViewsError> {
        // Read before anything is opened: what is erased meanwhile is built once more.
        let epoch = self.keys.epoch();
        let everything = all().iter().all(|name| names.contains(name));
        let forgets = everything && checkpoint::epoch(&self.book.connection)? != Some(epoch);
        self.book.drop_old()?;
        let mut fresh = Fresh::begin(&mut self.book, names)?;
        self.fill(&mut fresh)?;
        let Fresh { rows, memory, wanted, at, events } = fresh;
        let snapshots = {
            let mut models = self.shared.models.write().unwrap_or_else(PoisonError::into_inner);
            models.take(memory, &wanted);
            models.snapshots()?
        };
        if wanted.len() == models::NAMES.len() {
            self.at.clone_from(&at);
        }
        self.book.swap(rows, &snapshots, self.at.as_ref())?;
        self.is_kept();
        self.shared.rebuilt();
        let position = at.as_ref().map_or(0, |at| at.position.to_bits());
        self.shared.position.send_modify(|reached| *reached = position.max(*reached));
        if forgets {
            // Noted only then, so that what is cut off before is done once more.
            self.sweep()?;
            checkpoint::set_epoch(&self.book.connection, epoch)?;
        }
        tracing::info!(events, models = names.join(" "), "read models were built anew");
        Ok(Rebuilt { events, models: names.to_vec() })
    }

    /// Drops what was replaced, until nothing of it is left in any file.
    pub(super) fn sweep(&mut self) -> Result<(), ViewsError> {
        self.book.drop_old()?;
        self.book.scrub()
    }

    /// Reads on one thread, opens on another, folds and writes on this one.
    fn fill(&mut self, fresh: &mut Fresh) -> Result<(), ViewsError> {
        let unavailable = |error: std::io::Error| ReadError::Unavailable(error.to_string());
        let ahead = page::ahead(self.readers.reader()?, self.keys.clone()).map_err(unavailable)?;
        for page in ahead {
            fresh.fold(&mut self.book, &page?)?;
            self.follow_meanwhile()?;
        }
        let indexes: Vec<_> = fresh.rows.iter().flat_map(|model| model.indexes()).collect();
        for index in indexes {
            self.book.connection.execute_batch(&index)?;
            self.follow_meanwhile()?;
        }
        // What came meanwhile. The rest is folded when they serve.
        while let Some(page) = page::read(&*self.reader, &*self.keys, fresh.position(), BULK)? {
            fresh.fold(&mut self.book, &page)?;
            if page.stored < BULK {
                break;
            }
        }
        Ok(())
    }

    /// Those that serve stay up to date, where there are any.
    fn follow_meanwhile(&mut self) -> Result<(), ViewsError> {
        // A log that grows faster than this is caught up with afterwards.
        const PAGES: usize = 4;
        // At the first start there is nobody to be kept up to date.
        if self.book.serves() || self.at.is_some() {
            self.catch_up(PAGES)?;
        }
        Ok(())
    }
}

impl Fresh {
    fn begin(book: &mut Book, names: &[&'static str]) -> Result<Self, ViewsError> {
        let mut rows = Vec::new();
        for name in names {
            let generation = book.next_generation(name)?;
            if let Some(mut model) = book::model(name, generation) {
                model.create(&book.connection)?;
                rows.push(model);
            }
        }
        let in_memory = |name: &&str| models::NAMES.iter().any(|(known, _)| known == name);
        let wanted = names.iter().copied().filter(in_memory).collect();
        Ok(Self { rows, memory: ReadModels::default(), wanted, at: None, events: 0 })
    }

    fn fold(&mut self, book: &mut Book, page: &Page) -> Result<(), ViewsError> {
        if !self.wanted.is_empty() {
            self.memory.apply(&page.events);
        }
        let transaction =
            book.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for model in &mut self.rows {
            model.fold(&transaction, page)?;
        }
        transaction.commit()?;
        for model in &mut self.rows {
            model.reached(&page.last);
        }
        book.bound()?;
        self.at = Some(page.last.clone());
        self.events += page.stored as u64;
        Ok(())
    }

    fn position(&self) -> Option<Position> {
        self.at.as_ref().map(|at| at.position)
    }
}

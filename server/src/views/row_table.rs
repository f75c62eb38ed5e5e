//! How the rows of a read model lie in read.db, and how they are folded there.

use std::collections::BTreeMap;

use beckon_projections::Rows;
use rusqlite::Connection;

use super::checkpoint::{self, Checkpoint, Entry};
use super::error::ViewsError;
use super::page::Page;
use crate::store::Position;

/// The tables of one read model, of one generation.
pub(super) trait RowTable: Send + Sized {
    /// What is kept in them.
    type Of: Rows;

    /// Whether an event can change a row that is there; else each makes one of its own.
    const CHANGES: bool = true;

    /// The tables of this generation.
    fn of(generation: u64) -> Self;

    /// Makes them, without the indexes that only readers need.
    fn create(&mut self, connection: &Connection) -> rusqlite::Result<()>;

    /// Reads what the writer must know.
    fn open(&mut self, connection: &Connection) -> rusqlite::Result<()>;

    /// The statements that make the indexes for readers.
    fn indexes(&self) -> Vec<String>;

    /// The row as it is kept.
    fn load(
        &self,
        connection: &Connection,
        key: &<Self::Of as Rows>::Key,
    ) -> Result<Option<RowOf<Self>>, ViewsError>;

    /// Keeps rows, each with what is kept of it now.
    fn store<'r>(
        &mut self,
        connection: &Connection,
        rows: impl Iterator<Item = (Option<&'r RowOf<Self>>, &'r RowOf<Self>)>,
    ) -> Result<(), ViewsError>
    where
        RowOf<Self>: 'r;
}

/// A row of a table.
pub(super) type RowOf<T> = <<T as RowTable>::Of as Rows>::Row;

/// One read model of many rows, whatever they are.
pub(super) trait RowModel: Send {
    /// Its name.
    fn name(&self) -> &'static str;

    /// As it is kept.
    fn entry(&self) -> Entry;

    /// Takes over what the file says it is.
    fn attach(&mut self, connection: &Connection, at: Option<Checkpoint>)
    -> Result<(), ViewsError>;

    /// Makes its tables.
    fn create(&mut self, connection: &Connection) -> rusqlite::Result<()>;

    /// The statements that make its indexes.
    fn indexes(&self) -> Vec<String>;

    /// Folds what it has not folded yet into its rows, within the caller's transaction.
    fn fold(&mut self, connection: &Connection, page: &Page) -> Result<(), ViewsError>;

    /// Notes in the file that a page is folded in; false where somebody else has folded.
    fn advance(&self, connection: &Connection, page: &Page) -> rusqlite::Result<bool>;

    /// The transaction has been made.
    fn reached(&mut self, last: &Checkpoint);

    /// As far as it is folded.
    fn position(&self) -> Option<Position>;
}

/// The rows of one model.
pub(super) struct RowSet<T: RowTable> {
    table: T,
    generation: u64,
    at: Option<Checkpoint>,
}

struct Touched<R> {
    kept: Option<R>,
    now: Option<R>,
}

impl<T: RowTable> RowSet<T> {
    pub(super) fn of(generation: u64) -> Self {
        Self { table: T::of(generation), generation, at: None }
    }
}

impl<T: RowTable> RowModel for RowSet<T> {
    fn name(&self) -> &'static str {
        T::Of::NAME
    }

    fn entry(&self) -> Entry {
        Entry {
            name: T::Of::NAME.to_owned(),
            version: T::Of::VERSION,
            generation: self.generation,
            checkpoint: self.at.clone(),
        }
    }

    fn attach(
        &mut self,
        connection: &Connection,
        at: Option<Checkpoint>,
    ) -> Result<(), ViewsError> {
        self.table.open(connection)?;
        self.at = at;
        Ok(())
    }

    fn create(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        self.table.create(connection)
    }

    fn indexes(&self) -> Vec<String> {
        self.table.indexes()
    }

    fn fold(&mut self, connection: &Connection, page: &Page) -> Result<(), ViewsError> {
        let after = self.position().map(Position::to_bits);
        let new = page.events.iter().filter(|event| Some(event.position()) > after);
        if !T::CHANGES {
            let rows: Vec<_> = new.filter_map(|event| T::Of::fold(None, event)).collect();
            return self.table.store(connection, rows.iter().map(|row| (None, row)));
        }
        let mut rows: BTreeMap<<T::Of as Rows>::Key, Touched<RowOf<T>>> = BTreeMap::new();
        for event in new {
            let Some(key) = T::Of::key(event) else { continue };
            if let Some(row) = rows.get_mut(&key) {
                row.now = T::Of::fold(row.now.take(), event);
                continue;
            }
            let kept = self.table.load(connection, &key)?;
            let now = T::Of::fold(kept.clone(), event);
            rows.insert(key, Touched { kept, now });
        }
        // A row is written once for all that happened to it within the page.
        let rows = rows.values().filter_map(|row| Some((row.kept.as_ref(), row.now.as_ref()?)));
        self.table.store(connection, rows)
    }

    fn advance(&self, connection: &Connection, page: &Page) -> rusqlite::Result<bool> {
        if self.position() >= Some(page.last.position) {
            return Ok(true);
        }
        let from = self.position();
        checkpoint::advance(connection, self.name(), self.generation, from, &page.last)
    }

    fn reached(&mut self, last: &Checkpoint) {
        if self.position() < Some(last.position) {
            self.at = Some(last.clone());
        }
    }

    fn position(&self) -> Option<Position> {
        self.at.as_ref().map(|at| at.position)
    }
}

//! The thread that folds the log: into the models in memory and into the rows of read.db.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::bell::Ear;
use super::book::{self, Book};
use super::checkpoint::{self, Checkpoint};
use super::error::ViewsError;
use super::models::{self, ReadModels};
use super::page::{self, LIVE, Page};
use super::{OpeningKeys, Rebuilt, Shared};
use crate::clock::{Clock, SystemClock};
use crate::store::{EventReader, Position, Readers};

/// What could not be read or written is tried again after this.
const RETRY: Duration = Duration::from_millis(500);
/// So many pages are folded before somebody else gets a turn.
const AT_ONCE: usize = 50;
/// Snapshots are not made more often.
const KEEP_EVERY: Duration = Duration::from_secs(5);

/// What the thread is asked for.
pub(super) enum Request {
    /// Build these models anew, and say when they count.
    Rebuild(Vec<&'static str>, SyncSender<Result<Rebuilt, ViewsError>>),
    /// Keep everything and end.
    Finish(SyncSender<()>),
}

/// What the thread does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// There is more in the log.
    GoOn,
    /// All is folded.
    Wait,
    /// Something failed.
    Retry,
}

impl Next {
    fn within(self) -> Duration {
        match self {
            Self::GoOn => Duration::ZERO,
            Self::Wait => KEEP_EVERY,
            Self::Retry => RETRY,
        }
    }
}

/// Whoever owns it is the only one who folds.
pub(super) struct Projector {
    pub(super) shared: Arc<Shared>,
    pub(super) readers: Arc<dyn Readers>,
    pub(super) reader: Box<dyn EventReader>,
    pub(super) keys: Arc<dyn OpeningKeys>,
    pub(super) book: Book,
    /// As far as the models in memory are folded.
    pub(super) at: Option<Checkpoint>,
    /// As far as they are kept.
    kept: Option<Position>,
}

impl Projector {
    /// Opens read.db and folds the rest of the log. What is missing there, or does not fit the
    /// log, is built anew.
    pub(super) fn start(
        shared: Arc<Shared>,
        readers: Arc<dyn Readers>,
        keys: Arc<dyn OpeningKeys>,
        path: &Path,
    ) -> Result<Self, ViewsError> {
        let (reader, book) = (readers.reader()?, Book::open(path, &shared.shelf)?);
        let mut projector = Self { shared, readers, reader, keys, book, at: None, kept: None };
        let missing = match projector.restore() {
            Err(error @ (ViewsError::Read(_) | ViewsError::Keys(_))) => return Err(error),
            Err(error) => {
                tracing::warn!(%error, "read.db cannot be read: it is thrown away and made again");
                projector.begin_anew()?;
                all()
            }
            Ok(missing) => missing,
        };
        if !missing.is_empty() {
            projector.rebuild(&missing)?;
            projector.sweep()?;
        }
        projector.catch_up(usize::MAX)?;
        // Also where nothing was new.
        let position = projector.position().map_or(0, Position::to_bits);
        projector.shared.position.send_replace(position);
        Ok(projector)
    }

    /// Takes over what stands in read.db; what has to be built anew.
    fn restore(&mut self) -> Result<Vec<&'static str>, ViewsError> {
        let entries = self.book.entries()?;
        for at in entries.iter().filter_map(|entry| entry.checkpoint.as_ref()) {
            if !at.stands_in(&*self.reader)? {
                let position = at.position.to_bits();
                tracing::warn!(position, "read.db was made from another log: it is made again");
                self.begin_anew()?;
                return Ok(all());
            }
        }
        // Without it a name that was erased since may stand in the rows.
        if checkpoint::epoch(&self.book.connection)? != Some(self.keys.epoch()) {
            return Ok(all());
        }
        let mut missing = Vec::new();
        for (name, version) in book::NAMES {
            match entries.iter().find(|it| it.name == name && it.version == version) {
                Some(entry) => self.book.attach(entry)?,
                None => missing.push(name),
            }
        }
        let mut restored = ReadModels::default();
        let mut after = Vec::new();
        for (name, version) in models::NAMES {
            let entry = entries.iter().find(|it| it.name == name && it.version == version);
            let state = entry.map(|entry| self.book.snapshot(entry)).transpose()?.flatten();
            match (entry, state) {
                (Some(entry), Some(state)) => {
                    restored.restore(name, &state)?;
                    after.push(entry.checkpoint.clone());
                }
                _ => missing.push(name),
            }
        }
        let earliest = |at: &Option<Checkpoint>| at.as_ref().map(|at| at.position);
        self.at = after.into_iter().min_by_key(earliest).flatten();
        self.kept = self.at.as_ref().map(|at| at.position);
        restored.last_at = self.book.last_at()?;
        *self.shared.models.write().unwrap_or_else(PoisonError::into_inner) = restored;
        self.book.drop_old()?;
        Ok(missing)
    }

    /// An empty read.db. The models in memory stay as they are.
    fn begin_anew(&mut self) -> Result<(), ViewsError> {
        self.book = Book::anew(self.book.path(), &self.shared.shelf)?;
        Ok(())
    }

    /// Follows the log until every bell is gone, or it is asked to end.
    pub(super) fn follow(mut self, ear: Ear, requests: Receiver<Request>) {
        let clock = SystemClock::new();
        let (mut next, mut kept) = (Next::Wait, clock.monotonic());
        loop {
            match ear.rung.recv_timeout(next.within()) {
                Ok(()) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.finish(),
            }
            while let Ok(request) = requests.try_recv() {
                match request {
                    Request::Rebuild(names, answer) => {
                        // Whoever asked may have gone.
                        let _ = answer.send(self.rebuild(&names));
                        self.told(|it| it.sweep().map(|()| Next::Wait));
                    }
                    Request::Finish(answer) => {
                        self.finish();
                        let _ = answer.send(());
                        return;
                    }
                }
            }
            next = self.told(Self::step);
            let due = clock.monotonic().saturating_sub(kept) >= KEEP_EVERY;
            if due && next != Next::Retry && self.kept != self.position() {
                kept = clock.monotonic();
                next = self.told(|it| it.keep().map(|()| next));
            }
        }
    }

    /// Folds what is new.
    fn step(&mut self) -> Result<Next, ViewsError> {
        if self.shared.shelf.is_damaged() {
            tracing::warn!("read.db is damaged: it is thrown away and made again");
        }
        if self.shared.shelf.is_damaged() || !self.book.missing().is_empty() {
            self.recover()?;
        }
        self.catch_up(AT_ONCE)
    }

    /// Throws read.db away and makes it again.
    fn recover(&mut self) -> Result<(), ViewsError> {
        self.begin_anew()?;
        let memory = models::NAMES.into_iter().map(|(name, _)| name);
        let names: Vec<_> = self.book.missing().into_iter().chain(memory).collect();
        self.rebuild(&names).map(drop)
    }

    /// Does it and says what went wrong, once until it goes well again.
    fn told(&mut self, work: impl FnOnce(&mut Self) -> Result<Next, ViewsError>) -> Next {
        let done = work(self);
        let said = match &done {
            Ok(_) => None,
            Err(error) => {
                if error.is_damage() {
                    self.shared.shelf.report();
                }
                Some(error.to_string())
            }
        };
        let mut failing = self.shared.failing.lock().unwrap_or_else(PoisonError::into_inner);
        if *failing != said {
            if let Some(error) = &said {
                tracing::error!(%error, "the read models are behind the log");
            } else {
                tracing::info!("the read models follow the log again");
            }
            *failing = said;
        }
        done.unwrap_or(Next::Retry)
    }

    /// Folds at most so many pages. The models in memory go on where the rows cannot be written.
    pub(super) fn catch_up(&mut self, pages: usize) -> Result<Next, ViewsError> {
        let (mut failed, mut next) = (None, Next::GoOn);
        for _ in 0..pages {
            let memory = self.position();
            let rows = failed.is_none() && self.book.serves();
            let after = if rows { self.book.after().min(memory) } else { memory };
            let Some(page) = page::read(&*self.reader, &*self.keys, after, LIVE)? else {
                next = Next::Wait;
                break;
            };
            self.remember(&page);
            if failed.is_none()
                && let Err(error) = self.book.write(&page)
            {
                failed = Some(error);
            }
            self.shared.position.send_replace(self.position().map_or(0, Position::to_bits));
        }
        failed.map_or(Ok(next), Err)
    }

    /// Folds a page into the models in memory.
    fn remember(&mut self, page: &Page) {
        if self.position() < Some(page.last.position) {
            self.shared.models.write().unwrap_or_else(PoisonError::into_inner).apply(&page.events);
            self.at = Some(page.last.clone());
        }
    }

    /// Keeps the models in memory, so that the next start need not fold them.
    fn keep(&mut self) -> Result<(), ViewsError> {
        let snapshots = {
            let models = self.shared.models.read().unwrap_or_else(PoisonError::into_inner);
            models.snapshots()?
        };
        self.book.keep(&snapshots, self.at.as_ref())?;
        self.kept = self.position();
        Ok(())
    }

    /// Everything is kept, and the file is whole without its -wal.
    fn finish(mut self) {
        self.told(|it| {
            it.catch_up(usize::MAX)?;
            it.keep()?;
            it.book.scrub().map(|()| Next::Wait)
        });
    }

    /// As far as the models in memory are folded.
    pub(super) fn position(&self) -> Option<Position> {
        self.at.as_ref().map(|at| at.position)
    }

    /// The models in memory are kept as they are now.
    pub(super) fn is_kept(&mut self) {
        self.kept = self.position();
    }
}

/// Every model there is.
pub(super) fn all() -> Vec<&'static str> {
    book::NAMES.into_iter().chain(models::NAMES).map(|(name, _)| name).collect()
}

//! The read models: small ones in memory, those of many rows in read.db; both kept up to date by
//! one thread of their own.
//!
//! ```text
//! log ──► Projector ─┬─► ReadModels (memory, snapshots in read.db) ──► Views::read
//!                    └─► rows of read.db, with their checkpoint ─────► Views::look ──► Tables
//! ```
//!
//! read.db can be thrown away: the log has everything. A start folds only what came after the
//! checkpoints, once it has seen that the log has them.

mod audit_table;
mod bell;
mod book;
mod checkpoint;
mod error;
mod filled;
mod history_table;
mod models;
mod page;
mod projector;
mod rebuild;
mod row_table;
mod shelf;
mod standing;
mod tables;
#[cfg(test)]
mod tests;
mod words;
mod work_table;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use beckon_events::{Keys, NoKeys};
use tokio::sync::watch;

use self::bell::FaintBell;
use self::projector::{Projector, Request};
use self::shelf::Shelf;
use crate::dispatch::DispatchError;
use crate::keyring::Keyring;
use crate::store::{Position, ReadError, Readers};
pub use bell::{Bell, Ear};
pub use book::discard;
pub use error::{TablesError, ViewsError};
pub use filled::{Filled, build, fill};
pub use models::ReadModels;
pub use standing::Standing;
pub use tables::{
    AuditPage, AuditQuery, ENDED_PAGE, EndedPage, HistoryPage, HistoryQuery, Tables, WORK_MAX,
    WorkQuery,
};

/// A page that follows a command waits no longer for its read model.
const REACHED_WITHIN: Duration = Duration::from_secs(1);

/// What opens personal values, and tells when some were erased.
pub trait OpeningKeys: Keys + Send + Sync {
    /// Another number after every erasure.
    fn epoch(&self) -> u64;
}

impl OpeningKeys for Keyring {
    fn epoch(&self) -> u64 {
        self.newest().into()
    }
}

impl OpeningKeys for NoKeys {
    fn epoch(&self) -> u64 {
        0
    }
}

/// The read models, shared. Cheap to clone.
#[derive(Clone)]
pub struct Views {
    shared: Arc<Shared>,
    readers: Arc<dyn Readers>,
    requests: Sender<Request>,
    bell: FaintBell,
}

/// What was built anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// How many events the log has, as far as they are folded.
    pub events: u64,
    /// Into which models.
    pub models: Vec<&'static str>,
}

/// What the projector and everybody who looks share.
struct Shared {
    models: RwLock<ReadModels>,
    position: watch::Sender<u64>,
    /// How often anything was built anew.
    generation: AtomicU64,
    shelf: Arc<Shelf>,
    failing: Mutex<Option<String>>,
}

impl Shared {
    fn rebuilt(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }
}

impl Views {
    /// Folds what read.db at `path` does not have yet, then follows the log on a thread of its own
    /// until every bell is gone.
    pub fn start(
        readers: &Arc<dyn Readers>,
        ear: Ear,
        keys: Arc<dyn OpeningKeys>,
        path: &Path,
    ) -> Result<Self, ViewsError> {
        let shared = Arc::new(Shared {
            models: RwLock::default(),
            position: watch::Sender::new(0),
            generation: AtomicU64::new(0),
            shelf: Arc::new(Shelf::of(path.to_owned())),
            failing: Mutex::default(),
        });
        let readers = Arc::clone(readers);
        let projector = Projector::start(Arc::clone(&shared), readers.clone(), keys, path)?;
        let (requests, asked) = channel();
        let bell = ear.bell.clone();
        std::thread::Builder::new()
            .name("projector".to_owned())
            .spawn(move || projector.follow(ear, asked))
            .map_err(|error| ReadError::Unavailable(error.to_string()))?;
        Ok(Self { shared, readers, requests, bell })
    }

    /// A bell and what it is heard with.
    pub fn bell() -> (Bell, Ear) {
        Bell::new()
    }

    /// Looks at the read models in memory; `f` must be short.
    pub fn read<R>(&self, f: impl FnOnce(&ReadModels) -> R) -> R {
        f(&self.shared.models.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks at the rows of read.db as they are at one moment.
    pub async fn look<R: Send + 'static>(
        &self,
        f: impl FnOnce(&Tables<'_>) -> Result<R, TablesError> + Send + 'static,
    ) -> Result<R, DispatchError> {
        let views = self.clone();
        match tokio::task::spawn_blocking(move || views.look_now(f)).await {
            Ok(looked) => looked.map_err(DispatchError::from),
            Err(_) => Err(DispatchError::Unavailable("looking at read.db failed".to_owned())),
        }
    }

    /// The same on a thread that may wait for the disk.
    pub fn look_now<R>(
        &self,
        f: impl FnOnce(&Tables<'_>) -> Result<R, TablesError>,
    ) -> Result<R, TablesError> {
        let looked = self.shared.shelf.look(f);
        if let Err(error) = &looked
            && error.is_damage()
        {
            // It is mended at once.
            self.bell.ring();
        }
        looked
    }

    /// Waits (at most 1 s) until the read models have reached `position`; whether they have.
    pub async fn reached(&self, position: Position) -> bool {
        let mut at = self.shared.position.subscribe();
        let wait = at.wait_for(|at| *at >= position.to_bits());
        tokio::time::timeout(REACHED_WITHIN, wait).await.is_ok_and(|reached| reached.is_ok())
    }

    /// Wakes whenever the read models have moved on.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.shared.position.subscribe()
    }

    /// As far as the log is folded; 0 where nothing is.
    pub fn position(&self) -> u64 {
        *self.shared.position.borrow()
    }

    /// Another number whenever read models were built anew: what somebody was shown may not hold
    /// any more.
    pub fn generation(&self) -> u64 {
        self.shared.generation.load(Ordering::Acquire)
    }

    /// Why the log cannot be followed at the moment.
    pub fn failing(&self) -> Option<String> {
        self.shared.failing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Builds every model anew with the keys there are now, while the old ones serve. Waits until
    /// the new ones are in their place and, where somebody was erased, nothing of the old ones is
    /// left in read.db.
    pub fn rebuild(&self) -> Result<Rebuilt, ViewsError> {
        self.ask(projector::all())
    }

    /// Builds one model anew.
    pub fn rebuild_one(&self, name: &str) -> Result<Rebuilt, ViewsError> {
        let known = projector::all().into_iter().find(|known| *known == name);
        self.ask(vec![known.ok_or_else(|| ViewsError::Unknown(name.to_owned()))?])
    }

    fn ask(&self, names: Vec<&'static str>) -> Result<Rebuilt, ViewsError> {
        let (answer, answered) = sync_channel(1);
        let asked = self.requests.send(Request::Rebuild(names, answer));
        asked.map_err(|_| ViewsError::Stopped)?;
        self.bell.ring();
        answered.recv().map_err(|_| ViewsError::Stopped)?
    }

    /// How far every model is. Waits for the disk.
    pub fn standings(&self) -> Result<Vec<Standing>, ViewsError> {
        let mut all = self.look_now(|tables| {
            let entries = tables.entries().iter();
            entries.map(|entry| standing::of(tables, entry)).collect::<Result<Vec<_>, _>>()
        })?;
        let reader = self.readers.reader()?;
        let now = self.position();
        for standing in &mut all {
            if standing.rows.is_none() {
                // It is in memory, where it goes on between the snapshots.
                standing.position = Some(now).filter(|now| *now > 0);
            }
            let after = standing.position.map(Position::from_bits);
            let counted = usize::try_from(Standing::COUNTED).unwrap_or(usize::MAX);
            standing.behind = reader.read_all(after, counted)?.len() as u64;
        }
        Ok(all)
    }

    /// Keeps everything in read.db and ends; what is folded can still be looked at. Waits for the
    /// disk.
    pub fn finish(&self) {
        let (answer, answered) = sync_channel(1);
        if self.requests.send(Request::Finish(answer)).is_ok() {
            self.bell.ring();
            // It has ended where it does not answer.
            let _ = answered.recv();
        }
    }
}

//! The read models, kept up to date by one thread of their own.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use beckon_events::envelope::{self, EnvelopeError};
use beckon_events::{RecordedEvent, Timestamp};
use beckon_projections::{AccountSettings, Deadlines, Exports, Projection, Roster, SessionList};
use tokio::sync::watch;

use crate::keyring::Keyring;
use crate::store::{EventReader, Position, ReadError, Readers};

/// How many events are folded under one lock.
const PAGE: usize = 500;
/// A page that follows a command waits no longer for its read model.
const REACHED_WITHIN: Duration = Duration::from_secs(1);

/// What pages and rules look at.
#[derive(Default)]
pub struct ReadModels {
    /// The on-demand list.
    pub sessions: SessionList,
    /// Who may do what.
    pub roster: Roster,
    /// The company and its settings.
    pub account: AccountSettings,
    /// What is due when.
    pub deadlines: Deadlines,
    /// What has left the server.
    pub exports: Exports,
    /// The time of the newest event.
    pub last_at: Timestamp,
}

/// The read models, shared. Cheap to clone.
#[derive(Clone)]
pub struct Views {
    models: Arc<RwLock<ReadModels>>,
    position: watch::Sender<u64>,
    keys: Keyring,
    fold: Arc<Mutex<Fold>>,
}

/// How far the log is folded. Whoever holds it is the only one who folds.
struct Fold {
    reader: Box<dyn EventReader>,
    after: Option<Position>,
}

/// Wakes the projector after a commit.
#[derive(Clone)]
pub struct Bell(SyncSender<()>);

impl Bell {
    /// Wakes it; ringing twice is ringing once.
    pub fn ring(&self) {
        match self.0.try_send(()) {
            Ok(()) | Err(TrySendError::Full(()) | TrySendError::Disconnected(())) => {}
        }
    }
}

impl Views {
    /// Folds the whole log, then follows it on a thread of its own until every bell is gone.
    pub fn start(
        readers: &Arc<dyn Readers>,
        bell: Receiver<()>,
        keys: Keyring,
    ) -> Result<Self, ReadError> {
        let fold = Fold { reader: readers.reader()?, after: None };
        let views = Self {
            models: Arc::default(),
            position: watch::Sender::new(0),
            keys,
            fold: Arc::new(Mutex::new(fold)),
        };
        views.catch_up()?;
        let following = views.clone();
        let follow = move || {
            while bell.recv().is_ok() {
                if let Err(error) = following.catch_up() {
                    tracing::error!(%error, "the read models are behind the log");
                }
            }
        };
        std::thread::Builder::new()
            .name("projector".to_owned())
            .spawn(follow)
            .map_err(|error| ReadError::Unavailable(error.to_string()))?;
        Ok(views)
    }

    /// A bell and what it rings.
    pub fn bell() -> (Bell, Receiver<()>) {
        let (ring, bell) = sync_channel(1);
        (Bell(ring), bell)
    }

    /// Looks at the read models; `f` must be short.
    pub fn read<R>(&self, f: impl FnOnce(&ReadModels) -> R) -> R {
        f(&self.models.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits (at most 1 s) until the read models have reached `position`; whether they have.
    pub async fn reached(&self, position: Position) -> bool {
        let mut at = self.position.subscribe();
        let wait = at.wait_for(|at| *at >= position.to_bits());
        tokio::time::timeout(REACHED_WITHIN, wait).await.is_ok_and(|reached| reached.is_ok())
    }

    /// Wakes whenever the read models have moved on.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.position.subscribe()
    }

    /// Folds the whole log anew with the keys there are now, and only then takes the place of
    /// what was known before.
    pub fn rebuild(&self) -> Result<(), ReadError> {
        let mut fold = self.fold();
        let mut fresh = ReadModels::default();
        let mut after = None;
        while let Some((last, events)) = self.page(&*fold.reader, after)? {
            fresh.apply(&events);
            after = Some(last);
        }
        *self.models.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        fold.after = after;
        if let Some(last) = after {
            self.position.send_replace(last.to_bits());
        }
        Ok(())
    }

    fn catch_up(&self) -> Result<(), ReadError> {
        let mut fold = self.fold();
        while let Some((last, events)) = self.page(&*fold.reader, fold.after)? {
            self.models.write().unwrap_or_else(PoisonError::into_inner).apply(&events);
            self.position.send_replace(last.to_bits());
            fold.after = Some(last);
        }
        Ok(())
    }

    /// The next events of the log, and where the last of them stands.
    fn page(
        &self,
        reader: &dyn EventReader,
        after: Option<Position>,
    ) -> Result<Option<(Position, Vec<RecordedEvent>)>, ReadError> {
        let page = reader.read_all(after, PAGE)?;
        let Some(last) = page.last().map(|event| event.position) else { return Ok(None) };
        let mut events = Vec::with_capacity(page.len());
        for stored in &page {
            let position = stored.position.to_bits();
            match envelope::read(&stored.metadata, &stored.data, position, &self.keys) {
                Ok(event) => events.push(event),
                // Whether a value was erased is not known: this page is read again later.
                Err(EnvelopeError::Keys(error)) => {
                    return Err(ReadError::Unavailable(error.to_string()));
                }
                Err(error) => tracing::error!(%error, "an event cannot be read"),
            }
        }
        Ok(Some((last, events)))
    }

    fn fold(&self) -> MutexGuard<'_, Fold> {
        self.fold.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ReadModels {
    fn apply(&mut self, events: &[RecordedEvent]) {
        for event in events {
            self.sessions.apply(event);
            self.roster.apply(event);
            self.account.apply(event);
            self.deadlines.apply(event);
            self.exports.apply(event);
            self.last_at = self.last_at.max(event.metadata().at);
        }
    }
}

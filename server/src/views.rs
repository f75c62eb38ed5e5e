//! The read models, kept up to date by one thread of their own.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use beckon_events::{Timestamp, envelope};
use beckon_projections::{AccountSettings, Deadlines, Projection, Roster, SessionList};
use tokio::sync::watch;

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
    /// The time of the newest event.
    pub last_at: Timestamp,
}

/// The read models, shared. Cheap to clone.
#[derive(Clone)]
pub struct Views {
    models: Arc<RwLock<ReadModels>>,
    position: watch::Sender<u64>,
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
    pub fn start(readers: &Arc<dyn Readers>, bell: Receiver<()>) -> Result<Self, ReadError> {
        let views = Self { models: Arc::default(), position: watch::Sender::new(0) };
        let reader = readers.reader()?;
        let mut after = views.catch_up(&*reader, None)?;
        let following = views.clone();
        let follow = move || {
            while bell.recv().is_ok() {
                match following.catch_up(&*reader, after) {
                    Ok(reached) => after = reached,
                    Err(error) => tracing::error!(%error, "the read models are behind the log"),
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

    fn catch_up(
        &self,
        reader: &dyn EventReader,
        after: Option<Position>,
    ) -> Result<Option<Position>, ReadError> {
        let mut after = after;
        loop {
            let page = reader.read_all(after, PAGE)?;
            let Some(last) = page.last().map(|event| event.position) else { return Ok(after) };
            let events: Vec<_> = page
                .iter()
                .filter_map(|stored| {
                    let position = stored.position.to_bits();
                    envelope::read(&stored.metadata, &stored.data, position)
                        .inspect_err(|error| tracing::error!(%error, "an event cannot be read"))
                        .ok()
                })
                .collect();
            {
                let mut models = self.models.write().unwrap_or_else(PoisonError::into_inner);
                for event in &events {
                    models.sessions.apply(event);
                    models.roster.apply(event);
                    models.account.apply(event);
                    models.deadlines.apply(event);
                    models.last_at = models.last_at.max(event.metadata().at);
                }
            }
            self.position.send_replace(last.to_bits());
            after = Some(last);
        }
    }
}

//! The Merkle tree over the log, and what is signed of it.
//!
//! **Invariant.** A tree that contradicts the last signed one is never signed; a checkpoint is
//! durable before anybody sees it. Not on the way of a write: the sequencer reads what is stored.
//!
//! ```text
//! commit ─ Bell ─► Sequencer ─► Tree ─► tiles/  (can be made again from the log)
//!                     └──────► Checkpoints ─► checkpoints/<era>.ndjson ─► Publisher ─► elsewhere
//!                                   └─► Evidence ─► proofs, receipts
//! ```

mod checkpoints;
mod error;
mod files;
mod lag;
mod log_of;
mod memory_files;
mod paths;
mod positions;
mod proofs;
mod publisher;
mod sequencer;
mod shared;
mod start;
mod state;
#[cfg(test)]
mod tests;
mod tree;

use std::io;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use beckon_events::{Digest, PublicKey};
use beckon_protocol::evidence::{Checkpoint, Origin, SignedCheckpoint};
use tokio::sync::oneshot;

use self::checkpoints::Notes;
use self::files::{DiskFiles, Files};
use self::lag::Lag;
use self::memory_files::MemoryFiles;
use self::publisher::Publisher;
use self::sequencer::{Ask, Sequencer};
use self::shared::Shared;
use self::start::Opening;
use crate::clock::{Clock, SystemClock};
use crate::config::EvidenceRules;
use crate::data_folder::DataFolder;
use crate::store::{Position, Readers};
pub use error::{EvidenceError, StartError};
pub use log_of::LogOf;
pub use paths::Way;
pub use sequencer::Bell;

/// How long somebody waits for a checkpoint.
const COVERED_WITHIN: Duration = Duration::from_secs(15);
/// How often it is looked whether events wait for too long.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A checkpoint as everybody may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The signed note.
    pub note: String,
    /// How many events the tree has.
    pub size: u64,
    /// Its root.
    pub root: Digest,
    /// The position of its last event in the store.
    pub position: Position,
}

/// What signs checkpoints.
pub trait LogSigner: Send + Sync {
    /// The public half of its key.
    fn public_key(&self) -> PublicKey;

    /// Signs.
    fn sign(&self, checkpoint: &Checkpoint) -> SignedCheckpoint;
}

/// Proofs from the tree. Cheap to clone.
#[derive(Clone)]
pub struct Evidence {
    shared: Arc<Shared>,
    bell: Bell,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

/// What rings at the sequencer's.
pub struct Asks(Receiver<Ask>);

impl LogSigner for DataFolder {
    fn public_key(&self) -> PublicKey {
        self.log_key().public_key()
    }

    fn sign(&self, checkpoint: &Checkpoint) -> SignedCheckpoint {
        checkpoint.sign(self.log_key().pair())
    }
}

impl Evidence {
    /// A bell and what it rings. It counts real time, whatever clock a test shows.
    pub fn bell() -> (Bell, Asks) {
        let (asks, asked) = channel();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let (rung, lag) = (Arc::new(AtomicBool::new(false)), Arc::new(Lag::default()));
        (Bell { asks, rung, lag, clock }, Asks(asked))
    }

    /// Compares the log with what was signed, catches up, and follows it on a thread of its own.
    /// `folder` is the data folder; none where the log lives in memory.
    pub fn start(
        folder: Option<&Path>,
        of: LogOf,
        readers: &Arc<dyn Readers>,
        signer: Arc<dyn LogSigner>,
        rules: &EvidenceRules,
        (bell, asks): (Bell, Asks),
    ) -> Result<Self, StartError> {
        let files: Arc<dyn Files> = match folder {
            Some(folder) => Arc::new(DiskFiles::below(folder)),
            None => Arc::new(MemoryFiles::default()),
        };
        let (shared, mut sequencer) =
            prepare(files, of, readers, signer, (bell.clone(), rules.every))?;
        sequencer.publish_to(Publisher::start(rules, shared.origin.era)?);
        sequencer.begin()?;
        let thread = std::thread::Builder::new().name("sequencer".to_owned());
        let thread = thread.spawn(move || sequencer.run(&asks.0))?;
        Ok(Self { shared, bell, thread: Arc::new(Mutex::new(Some(thread))) })
    }

    /// The newest signed checkpoint.
    pub fn latest(&self) -> Option<Arc<Signed>> {
        self.shared.latest()
    }

    /// A signed checkpoint that covers the event at `position`; signed at once where there is
    /// none yet.
    pub async fn covering(&self, position: Position) -> Result<Arc<Signed>, EvidenceError> {
        if let Some(latest) = self.latest().filter(|latest| latest.position >= position) {
            return Ok(latest);
        }
        let (answer, answered) = oneshot::channel();
        let ended = || EvidenceError::Unavailable("the sequencer has ended".to_owned());
        self.bell.asks.send(Ask::Cover(position, answer)).map_err(|_| ended())?;
        match tokio::time::timeout(COVERED_WITHIN, answered).await {
            Ok(answer) => answer.map_err(|_| ended())?,
            Err(_) => Err(EvidenceError::Unavailable("it is far behind".to_owned())),
        }
    }

    /// The checkpoint of exactly the log that ends with the event at `position`. There is one for
    /// an `Exported`, and for whatever was the last event when a checkpoint was due.
    pub async fn at(&self, position: Position) -> Result<Arc<Signed>, EvidenceError> {
        let newest = self.covering(position).await?;
        if newest.position == position {
            return Ok(newest);
        }
        let evidence = self.clone();
        let look = move || {
            let size = evidence.index_of(position)? + 1;
            let unavailable = |why: String| EvidenceError::Unavailable(why);
            let found = checkpoints::of_size(&*evidence.shared.files, evidence.era(), size)
                .map_err(|error| unavailable(error.to_string()))?;
            let none = || unavailable("no checkpoint ends with this event".to_owned());
            let SignedCheckpoint { checkpoint, note } = found.ok_or_else(none)?;
            Ok(Arc::new(Signed { note, size, root: checkpoint.root, position }))
        };
        let failed = |_| EvidenceError::Unavailable("reading the checkpoints failed".to_owned());
        tokio::task::spawn_blocking(look).await.map_err(failed)?
    }

    /// The eras with checkpoints, in their order. Waits for the disk.
    pub fn eras(&self) -> io::Result<Vec<u32>> {
        checkpoints::eras(&*self.shared.files)
    }

    /// The checkpoints of one era, in the order of their sizes, as far as everybody may see them:
    /// read while they are taken, so that any number of them needs no memory.
    pub fn notes(&self, era: u32) -> io::Result<impl Iterator<Item = io::Result<String>> + use<>> {
        let seen = self.latest().filter(|_| era == self.era()).map(|latest| latest.size);
        let size = |note: &str| SignedCheckpoint::parse(note).map(|s| s.checkpoint.size);
        let shown = move |note: &io::Result<String>| match (note, seen) {
            (Ok(note), Some(seen)) => size(note).map_or(true, |size| size <= seen),
            _ => true,
        };
        Ok(Notes::of(&*self.shared.files, era)?.take_while(shown))
    }

    /// What the log is called in its checkpoints.
    pub fn origin(&self) -> &Origin {
        &self.shared.origin
    }

    /// The era.
    pub fn era(&self) -> u32 {
        self.shared.origin.era
    }

    /// The key that signs.
    pub fn public_key(&self) -> PublicKey {
        self.shared.key
    }

    /// Signs the last checkpoint and ends the sequencer; what it held is free then.
    pub async fn finish(&self) {
        let _ = self.bell.asks.send(Ask::Finish);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && !tokio::task::spawn_blocking(|| thread.join().is_ok()).await.unwrap_or(false)
        {
            tracing::error!("the sequencer has failed");
        }
    }

    /// How long the oldest event waits for its place in the tree; none where none does.
    pub fn waiting(&self) -> Option<Duration> {
        self.bell.lag.waiting(self.bell.clock.monotonic())
    }

    /// How long ago the newest checkpoint was signed, or shown by a start.
    pub fn since_signed(&self) -> Option<Duration> {
        self.bell.lag.since_signed(self.bell.clock.monotonic())
    }

    /// How many events have their place in the tree.
    pub fn size(&self) -> u64 {
        self.shared.size()
    }

    /// Says so, once a minute, while events wait for their place for more than 10 s.
    pub async fn watch(self) {
        let mut tick = tokio::time::interval(LOOK_EVERY);
        loop {
            tick.tick().await;
            if let Some(lag) = self.bell.lag.alarm(self.bell.clock.monotonic()) {
                tracing::error!(seconds = lag.as_secs(), "events wait for their place in the tree");
            }
        }
    }
}

/// Opens files and log; nothing is signed yet.
fn prepare(
    files: Arc<dyn Files>,
    of: LogOf,
    readers: &Arc<dyn Readers>,
    signer: Arc<dyn LogSigner>,
    (bell, every): (Bell, Duration),
) -> Result<(Arc<Shared>, Sequencer), StartError> {
    let LogOf { log, era, restored, signed, host } = of;
    let (reader, key) = (readers.reader()?, signer.public_key());
    let opened = start::open(&files, &*reader, Opening { log, era, restored, signed }, &key)?;
    let known = opened.1.last().map(|last| last.checkpoint.origin.clone());
    let origin = known.unwrap_or(Origin { host, log, era });
    let shared = Arc::new(Shared::new(files, origin, key, readers.reader()?));
    let sequencer = Sequencer::new(opened, Arc::clone(&shared), reader, (signer, bell, every));
    Ok((shared, sequencer))
}

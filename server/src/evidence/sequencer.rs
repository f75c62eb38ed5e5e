//! The thread that gives every event its place in the tree and signs what has grown.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use beckon_protocol::evidence::{Checkpoint, SignedCheckpoint};
use tokio::sync::oneshot;

use super::checkpoints::Checkpoints;
use super::lag::Lag;
use super::publisher::Publisher;
use super::shared::{Published, Shared};
use super::start::{self, Opening};
use super::tree::Tree;
use super::{EvidenceError, LogSigner, Signed, StartError};
use crate::clock::Clock;
use crate::store::{EventReader, Position, StoredEvent};

/// How many events are read at once.
const PAGE: usize = 500;
/// After so many new leaves everything is made durable, so that a start has less to read.
const SAVE_EVERY: u64 = 4_096;
/// After a failure it is tried again after this.
const AGAIN_AFTER: Duration = Duration::from_secs(1);
/// A disk that damages one tile after the other does not keep the sequencer from its work.
const REPAIR_WITHIN: Duration = Duration::from_secs(10);
/// While nothing grows.
const IDLE: Duration = Duration::from_mins(10);

/// What the sequencer is asked for.
pub(super) enum Ask {
    /// Look at the log.
    Ring,
    /// A checkpoint that covers the event at this position, at once.
    Cover(Position, oneshot::Sender<Covered>),
    /// Make all tiles again from the log.
    Repair(oneshot::Sender<()>),
    /// Sign the last checkpoint, and end.
    Finish,
}

pub(super) type Covered = Result<Arc<Signed>, EvidenceError>;

/// Wakes the sequencer after a commit. Cheap to clone.
#[derive(Clone)]
pub struct Bell {
    pub(super) asks: Sender<Ask>,
    pub(super) rung: Arc<AtomicBool>,
    pub(super) lag: Arc<Lag>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Bell {
    /// Wakes it; ringing twice is ringing once.
    pub fn ring(&self) {
        self.lag.queued(self.clock.monotonic());
        if !self.rung.swap(true, Ordering::AcqRel) {
            // A sequencer that has ended needs no waking.
            let _ = self.asks.send(Ask::Ring);
        }
    }
}

/// The tree, its checkpoints, and everybody who waits for one.
pub(super) struct Sequencer {
    pub(super) tree: Tree,
    checkpoints: Checkpoints,
    reader: Box<dyn EventReader>,
    signer: Arc<dyn LogSigner>,
    shared: Arc<Shared>,
    bell: Bell,
    every: Duration,
    /// When the next checkpoint is due; none while nothing has grown.
    due: Option<Duration>,
    /// Whether the last turn could not do what it should.
    failed: bool,
    publisher: Option<Publisher>,
    waiting: Vec<(Position, oneshot::Sender<Covered>)>,
    /// When everything was made again last.
    repaired: Option<Duration>,
    /// Why nothing is signed any more.
    refused: Option<String>,
}

impl Sequencer {
    /// The sequencer of a log that agrees with what was signed.
    pub(super) fn new(
        (tree, checkpoints): (Tree, Checkpoints),
        shared: Arc<Shared>,
        reader: Box<dyn EventReader>,
        (signer, bell, every): (Arc<dyn LogSigner>, Bell, Duration),
    ) -> Self {
        Self {
            tree,
            checkpoints,
            reader,
            signer,
            shared,
            bell,
            every,
            due: None,
            failed: false,
            publisher: None,
            waiting: Vec::new(),
            repaired: None,
            refused: None,
        }
    }

    /// Copies of checkpoints go there.
    pub(super) fn publish_to(&mut self, publisher: Option<Publisher>) {
        self.publisher = publisher;
    }

    /// Shows the last checkpoint, or signs one where the log has grown since.
    pub(super) fn begin(&mut self) -> Result<(), StartError> {
        self.tree.find_partials()?;
        self.shared.grown(&self.tree);
        if let (Some(signed), Some((position, _))) = (self.checkpoints.last(), self.tree.last())
            && signed.checkpoint.size == self.tree.size()
        {
            let signed = signed.clone();
            self.tree.show()?;
            self.show(&signed, position);
            return Ok(());
        }
        Ok(self.sign()?)
    }

    /// Works until it is told to finish, or nobody can ask any more.
    pub(super) fn run(mut self, asks: &Receiver<Ask>) {
        loop {
            let wait = match self.due {
                _ if self.failed => AGAIN_AFTER,
                Some(due) => due.saturating_sub(self.bell.clock.monotonic()),
                None => IDLE,
            };
            let mut goes_on = match asks.recv_timeout(wait) {
                Ok(ask) => self.take(ask),
                Err(RecvTimeoutError::Timeout) => true,
                Err(RecvTimeoutError::Disconnected) => false,
            };
            for ask in asks.try_iter() {
                goes_on &= self.take(ask);
            }
            self.turn();
            if !goes_on {
                return self.finish();
            }
        }
    }

    /// Whether it goes on.
    pub(super) fn take(&mut self, ask: Ask) -> bool {
        match ask {
            Ask::Ring => {}
            Ask::Cover(position, answer) => self.waiting.push((position, answer)),
            Ask::Repair(answer) => {
                self.repair();
                // Whoever asked may be gone.
                let _ = answer.send(());
            }
            Ask::Finish => return false,
        }
        true
    }

    /// Reads what is new, and signs where it is time.
    pub(super) fn turn(&mut self) {
        self.bell.rung.store(false, Ordering::Release);
        self.bell.lag.begin();
        let caught_up = self.catch_up();
        self.failed = caught_up.is_err();
        match caught_up {
            Ok(()) => self.bell.lag.done(),
            Err(error) => tracing::error!(%error, "the tree is behind the log"),
        }
        self.shared.grown(&self.tree);
        let now = self.bell.clock.monotonic();
        let (signed, reached) =
            (self.signed_size(), self.tree.last().map(|(position, _)| position));
        if self.tree.size() > signed {
            self.due.get_or_insert(now + self.every);
        }
        let latest = self.shared.latest().map(|latest| latest.position);
        let asked = self.waiting.iter().any(|(position, _)| {
            Some(*position) <= reached && latest.is_none_or(|latest| *position > latest)
        });
        let mut failure = None;
        if (asked || self.due.is_some_and(|due| now >= due))
            && let Err(error) = self.sign()
        {
            tracing::error!(%error, "a checkpoint could not be signed");
            failure = Some(EvidenceError::Unavailable(error.to_string()));
            self.due = Some(now + self.every);
        }
        self.answer(failure.as_ref());
    }

    fn signed_size(&self) -> u64 {
        self.checkpoints.last().map_or(0, |last| last.checkpoint.size)
    }

    fn catch_up(&mut self) -> Result<(), StartError> {
        loop {
            let after = self.tree.last().map(|(position, _)| position);
            let page = self.reader.read_all(after, PAGE)?;
            if page.is_empty() {
                return Ok(());
            }
            for event in &page {
                self.tree.push(event)?;
                if is_export(event) {
                    self.sign_exactly();
                }
            }
            self.shared.grown(&self.tree);
        }
    }

    /// An export holds the log up to its own record and nothing after it. Where this fails, it
    /// finds no checkpoint and is asked for again.
    fn sign_exactly(&mut self) {
        self.shared.grown(&self.tree);
        if let Err(error) = self.sign() {
            tracing::error!(%error, "the checkpoint of an export could not be signed");
        }
    }

    /// Signs the tree as it is, where it has grown; nobody sees a checkpoint that is not durable.
    fn sign(&mut self) -> io::Result<()> {
        if let Some(why) = &self.refused {
            return Err(io::Error::other(why.clone()));
        }
        self.due = None;
        let Some((position, _)) =
            self.tree.last().filter(|_| self.tree.size() > self.signed_size())
        else {
            return Ok(());
        };
        self.tree.show()?;
        let origin = self.shared.origin.clone();
        let checkpoint = Checkpoint { origin, size: self.tree.size(), root: self.tree.root() };
        let signed = self.signer.sign(&checkpoint);
        self.checkpoints.append(&signed)?;
        self.show(&signed, position);
        let tidied = self.tree.tidy();
        let kept = tidied.and_then(|()| match self.tree.unsaved() {
            SAVE_EVERY.. => self.tree.save(),
            _ => Ok(()),
        });
        if let Err(error) = kept {
            // A start reads the more of the log.
            tracing::error!(%error, "the tiles could not be kept");
        }
        Ok(())
    }

    fn show(&mut self, signed: &SignedCheckpoint, position: Position) {
        let SignedCheckpoint { checkpoint, note } = signed;
        let signed =
            Signed { note: note.clone(), size: checkpoint.size, root: checkpoint.root, position };
        let signed = Arc::new(signed);
        self.shared.publish(Published { signed: Arc::clone(&signed), edge: self.tree.partials() });
        self.bell.lag.signed(self.bell.clock.monotonic());
        tracing::debug!(size = signed.size, "checkpoint signed");
        if let Some(publisher) = &self.publisher {
            publisher.publish(signed);
        }
    }

    fn answer(&mut self, failure: Option<&EvidenceError>) {
        let latest = self.shared.latest();
        self.waiting.retain(|(_, answer)| !answer.is_closed());
        for (position, answer) in std::mem::take(&mut self.waiting) {
            let covers = |signed: &&Arc<Signed>| signed.position >= position;
            // Whoever asked may be gone.
            match (latest.as_ref().filter(covers), failure) {
                (Some(signed), _) => drop(answer.send(Ok(Arc::clone(signed)))),
                (None, Some(failure)) => drop(answer.send(Err(failure.clone()))),
                (None, None) => self.waiting.push((position, answer)),
            }
        }
    }

    /// Makes every tile again from the log, which must still be what was signed.
    fn repair(&mut self) {
        let now = self.bell.clock.monotonic();
        if self.repaired.is_some_and(|last| now.saturating_sub(last) < REPAIR_WITHIN) {
            return;
        }
        self.repaired = Some(now);
        tracing::error!("a tile of the tree was damaged: all are made again from the log");
        let origin = &self.shared.origin;
        let opening = Opening { log: origin.log, era: origin.era, restored: None, signed: false };
        match start::rebuild(&self.shared.files, &*self.reader, opening, &self.checkpoints) {
            Ok(tree) => {
                self.tree = tree;
                let kept = self.tree.find_partials().map_err(StartError::from);
                let shown = kept.and_then(|()| Ok(self.tree.show()?));
                if let Err(error) = shown.and_then(|()| Ok(self.tree.save()?)) {
                    tracing::error!(%error, "the tiles could not be kept");
                }
                self.shared.repaired(&self.tree);
            }
            Err(error @ (StartError::Shorter { .. } | StartError::Changed { .. })) => {
                tracing::error!(%error, "nothing is signed any more");
                self.refused = Some(error.to_string());
            }
            Err(error) => tracing::error!(%error, "the tiles could not be made again"),
        }
    }

    pub(super) fn finish(mut self) {
        if self.refused.is_none() {
            let kept = self.sign().and_then(|()| self.tree.save());
            if let Err(error) = kept {
                tracing::error!(%error, "the last checkpoint could not be signed");
            }
        }
        self.answer(Some(&EvidenceError::Unavailable("the server is ending".to_owned())));
        if let Some(publisher) = self.publisher.take() {
            publisher.finish();
        }
    }
}

/// Whether this is the record of an export; the order of the keys of metadata is fixed, and
/// nothing in it is typed by anybody.
fn is_export(event: &StoredEvent) -> bool {
    std::str::from_utf8(&event.metadata).is_ok_and(|text| text.contains("\"type\":\"Exported\""))
}

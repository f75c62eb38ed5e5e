//! The thread that writes the log: whatever waits becomes one commit.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use super::{Append, AppendError, Appended, Committed, EventStore, StoredEvent};

/// The most appends that wait; the next one is answered [`AppendError::Busy`].
pub const QUEUE_MAX: usize = 4_096;
/// The most appends of one commit.
const BATCH_MAX: usize = 1_024;
/// How long nothing is asked for before the store does its housekeeping.
const IDLE: Duration = Duration::from_secs(1);

/// Hears of every event once, in log order, on the writer's thread: it must not block.
pub type Publish = Box<dyn FnMut(&[StoredEvent]) + Send>;

/// The answer to an append.
pub type Answer = Result<Appended, AppendError>;

/// Asks the writer to append; cheap to clone. The writer ends when the last one is dropped.
#[derive(Clone, Debug)]
pub struct WriterHandle {
    requests: SyncSender<Request>,
    waiting: Arc<AtomicUsize>,
}

/// How the writer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Nobody can ask any more and everything asked for is answered.
    Stopped,
    /// The store failed and what is stored is not known: the process must end.
    Lost(String),
}

#[derive(Debug)]
struct Request {
    append: Append,
    answer: oneshot::Sender<Answer>,
}

/// Starts the writer's thread. The receiver hears when and how it ends.
pub fn spawn(
    store: Box<dyn EventStore>,
    publish: Publish,
) -> io::Result<(WriterHandle, oneshot::Receiver<Ended>)> {
    let (requests, queue) = sync_channel(QUEUE_MAX);
    let (end, ended) = oneshot::channel();
    let waiting = Arc::new(AtomicUsize::new(0));
    let writer = Writer { store, publish, waiting: Arc::clone(&waiting) };
    let thread = thread::Builder::new().name("journal".to_owned());
    thread.spawn(move || {
        // Nobody waits for the end in a process that is ending anyway.
        let _ = end.send(writer.run(queue));
    })?;
    Ok((WriterHandle { requests, waiting }, ended))
}

impl WriterHandle {
    /// Queues an append; the receiver hears the answer. A receiver that hears nothing (the writer
    /// is gone) does not know whether it was stored.
    pub fn append(&self, append: Append) -> oneshot::Receiver<Answer> {
        let (answer, receiver) = oneshot::channel();
        // Counted before it is there, so that the writer never takes off what was not added.
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let refused = match self.requests.try_send(Request { append, answer }) {
            Ok(()) => return receiver,
            Err(TrySendError::Full(request)) => (request, AppendError::Busy),
            Err(TrySendError::Disconnected(request)) => {
                let reason = "the writer has ended".to_owned();
                (request, AppendError::Unavailable(reason))
            }
        };
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        let _ = refused.0.answer.send(Err(refused.1));
        receiver
    }

    /// How many appends wait to be written.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}

struct Writer {
    store: Box<dyn EventStore>,
    publish: Publish,
    waiting: Arc<AtomicUsize>,
}

impl Writer {
    /// Takes the queue with it, so that whoever asks after the end is told so.
    fn run(mut self, queue: Receiver<Request>) -> Ended {
        loop {
            let outcome = match queue.recv_timeout(IDLE) {
                Ok(first) => self.commit(first, &queue),
                Err(RecvTimeoutError::Timeout) => self.store.idle(),
                Err(RecvTimeoutError::Disconnected) => {
                    return match self.store.idle() {
                        Err(AppendError::Lost(reason)) => Ended::Lost(reason),
                        _ => Ended::Stopped,
                    };
                }
            };
            match outcome {
                Ok(()) => {}
                Err(AppendError::Lost(reason)) => return Ended::Lost(reason),
                Err(error) => tracing::warn!(%error, "the event log put off its housekeeping"),
            }
        }
    }

    fn commit(&mut self, first: Request, queue: &Receiver<Request>) -> Result<(), AppendError> {
        let waiting = queue.try_iter().take(BATCH_MAX - 1);
        let (batch, callers): (Vec<_>, Vec<_>) = std::iter::once(first)
            .chain(waiting)
            .map(|request| (request.append, request.answer))
            .unzip();
        self.waiting.fetch_sub(batch.len(), Ordering::Relaxed);
        let Committed { answers, events } = self.store.append(&batch);
        let lost = answers.iter().find_map(|answer| match answer {
            Err(error @ AppendError::Lost(_)) => Some(error.clone()),
            _ => None,
        });
        for (caller, answer) in callers.into_iter().zip(answers) {
            // A caller that has gone meanwhile reads the log when it comes back.
            let _ = caller.send(answer);
        }
        if !events.is_empty() {
            (self.publish)(&events);
        }
        lost.map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests;

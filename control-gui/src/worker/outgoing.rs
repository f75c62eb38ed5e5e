//! What is sent to the agent.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use beckon_desk::clipboard::{self, Clips, Outbox, Sort};
use beckon_desk::{RelaySender, clock};
use beckon_peer::{ControlMessage, Sealer, Stream};
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::asked::Asked;
use super::queue::{Next, Queue, is_passing};

/// How often the time to the agent and back is measured.
const PING_EVERY: Duration = Duration::from_secs(1);

/// The queue of one tunnel; may be cloned.
#[derive(Clone)]
pub struct Outgoing {
    line: Arc<Line>,
    asked: Asked,
    clips: Clips,
}

/// The other end of an [`Outgoing`].
pub struct Waiting(Arc<Line>, Outbox);

#[derive(Default)]
struct Line {
    queue: Mutex<Queue>,
    changed: Notify,
}

impl Outgoing {
    /// A queue and its other end.
    pub fn new() -> (Self, Waiting) {
        let line = Arc::new(Line::default());
        let (clips, outbox) = Clips::new();
        clips.open(true);
        let outgoing = Self { line: Arc::clone(&line), asked: Asked::default(), clips };
        (outgoing, Waiting(line, outbox))
    }

    /// What the agent was asked for.
    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    /// Queues `message`. A link that is stuck for so long that the queue is full is closed.
    pub fn send(&self, message: ControlMessage) {
        self.asked.said(&message, clock::uptime());
        if !self.line.queue().push(message) {
            tracing::warn!("the other side takes nothing any more");
            self.line.queue().close();
        }
        self.line.changed.notify_one();
    }

    /// What was copied here, to be sent after everything else.
    pub fn clips(&self) -> &Clips {
        &self.clips
    }

    /// The agent has answered the ping with `nonce`: it has received what was sent before.
    pub fn answered(&self, nonce: u64) {
        self.line.queue().answered(nonce);
        self.clips.answered(nonce);
        self.line.changed.notify_one();
    }

    /// Sends what waits and nothing more.
    pub fn close(&self) {
        self.line.queue().close();
        self.line.changed.notify_one();
    }
}

impl Line {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    /// The next message when it is its turn; `None` when the queue is closed and empty.
    async fn next(&self) -> Option<ControlMessage> {
        loop {
            let next = self.queue().next(clock::uptime());
            match next {
                Next::Message(message) => return Some(message),
                Next::Closed => return None,
                Next::Nothing => self.changed.notified().await,
                Next::In(time) => tokio::select! {
                    () = self.changed.notified() => {}
                    () = sleep(time) => {}
                },
            }
        }
    }
}

/// Seals and sends until the queue or the relay closes; `clip_sent` hears of each copy that is on
/// its way as a whole.
pub async fn send_all(
    mut sealer: Sealer,
    relay: RelaySender,
    Waiting(line, mut outbox): Waiting,
    clip_sent: impl Fn(Sort),
) {
    let mut measure = interval(PING_EVERY);
    measure.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let message = tokio::select! {
            biased;
            message = line.next() => match message {
                Some(message) => message,
                None => return,
            },
            _ = measure.tick() => ping(),
            () = outbox.ready() => {
                match send_clip(&mut outbox, &mut sealer, &relay).await {
                    Some(sent) => sent.into_iter().for_each(&clip_sent),
                    None => return,
                }
                // Its answer says that the record has arrived, and lets the next one go.
                let ping = ping();
                if let ControlMessage::Ping { nonce } = ping {
                    outbox.pinged(nonce);
                }
                ping
            }
        };
        if !send(&mut sealer, &relay, &message).await {
            return;
        }
        let due = line.queue().sent(&message, clock::uptime());
        if due && is_passing(&message) {
            let ping = ping();
            line.queue().sent(&ping, clock::uptime());
            if !send(&mut sealer, &relay, &ping).await {
                return;
            }
        }
    }
}

/// Sends the next record of what was copied here, and says when it was the last; `None` where
/// nothing can be sent any more.
async fn send_clip(
    outbox: &mut Outbox,
    sealer: &mut Sealer,
    relay: &RelaySender,
) -> Option<Option<Sort>> {
    let (record, sent) = match outbox.next(sealer) {
        Ok(clipboard::Next::Record(record)) => (record, None),
        Ok(clipboard::Next::Last(record, sort)) => (record, Some(sort)),
        Ok(clipboard::Next::Nothing) => return Some(None),
        Ok(clipboard::Next::Recalled) => return None,
        Err(error) => {
            tracing::warn!(%error, "the tunnel closes");
            return None;
        }
    };
    relay.send(record).await.is_ok().then_some(sent)
}

async fn send(sealer: &mut Sealer, relay: &RelaySender, message: &ControlMessage) -> bool {
    let records = match sealer.seal(Stream::Control, &message.to_bytes()) {
        Ok(records) => records,
        Err(error) => {
            tracing::warn!(%error, "the tunnel closes");
            return false;
        }
    };
    for record in records {
        if relay.send(record).await.is_err() {
            return false;
        }
    }
    true
}

/// The nonce is the time, so that the answer alone says how long it took.
fn ping() -> ControlMessage {
    let nonce = u64::try_from(clock::uptime().as_micros()).unwrap_or(u64::MAX);
    ControlMessage::Ping { nonce }
}

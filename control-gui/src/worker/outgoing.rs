//! What is sent to the agent.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use beckon_desk::{RelaySender, clock};
use beckon_peer::{ControlMessage, InputEvent, Sealer, Stream};
use tokio::sync::mpsc::{Receiver, Sender, channel, error::TrySendError};
use tokio::time::{MissedTickBehavior, interval};

/// So many messages wait at most.
const WAITING: usize = 1_024;
/// From so many on, what will be out of date when it arrives is dropped.
const BUSY: usize = 64;
/// How often the time to the agent and back is measured.
const PING_EVERY: Duration = Duration::from_secs(2);

/// The queue of one tunnel; may be cloned.
#[derive(Clone)]
pub struct Outgoing {
    queue: Arc<Mutex<Option<Sender<ControlMessage>>>>,
}

impl Outgoing {
    /// A queue and its other end.
    pub fn new() -> (Self, Receiver<ControlMessage>) {
        let (sender, receiver) = channel(WAITING);
        (Self { queue: Arc::new(Mutex::new(Some(sender))) }, receiver)
    }

    /// Queues `message`. A link that is stuck for so long that the queue is full is closed.
    pub fn send(&self, message: ControlMessage) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(sender) = queue.as_ref() else { return };
        let busy = sender.max_capacity() - sender.capacity() >= BUSY;
        if busy && is_passing(&message) {
            return;
        }
        if let Err(TrySendError::Full(_)) = sender.try_send(message) {
            tracing::warn!("the other side takes nothing any more");
            *queue = None;
        }
    }

    /// Sends what waits and nothing more.
    pub fn close(&self) {
        *self.queue.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Seals and sends until the queue or the relay closes.
pub async fn send_all(
    mut sealer: Sealer,
    relay: RelaySender,
    mut waiting: Receiver<ControlMessage>,
) {
    let mut measure = interval(PING_EVERY);
    measure.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let message = tokio::select! {
            message = waiting.recv() => match message {
                Some(message) => message,
                None => return,
            },
            // The nonce is the time, so that the answer alone says how long it took.
            _ = measure.tick() => ControlMessage::Ping { nonce: micros(clock::uptime()) },
        };
        let records = match sealer.seal(Stream::Control, &message.to_bytes()) {
            Ok(records) => records,
            Err(error) => {
                tracing::warn!(%error, "the tunnel closes");
                return;
            }
        };
        for record in records {
            if relay.send(record).await.is_err() {
                return;
            }
        }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Whether a newer message of the same kind replaces it.
fn is_passing(message: &ControlMessage) -> bool {
    matches!(message, ControlMessage::Input(InputEvent::PointerMove(_) | InputEvent::Wheel { .. }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use beckon_peer::{Button, Point, Press};

    #[test]
    fn while_the_link_is_slow_moves_are_dropped_and_clicks_are_not() {
        let (outgoing, mut waiting) = Outgoing::new();
        let click = InputEvent::Button { button: Button::Left, press: Press::Down };
        let to = InputEvent::PointerMove(Point { monitor: 0, x: 1, y: 1 });
        for _ in 0..BUSY {
            outgoing.send(ControlMessage::Input(to.clone()));
        }
        outgoing.send(ControlMessage::Input(to));
        outgoing.send(ControlMessage::Input(click.clone()));
        outgoing.close();
        let mut all = Vec::new();
        while let Ok(message) = waiting.try_recv() {
            all.push(message);
        }
        assert_eq!(all.len(), BUSY + 1);
        assert_eq!(all.last(), Some(&ControlMessage::Input(click)));
    }

    #[test]
    fn a_link_that_is_stuck_is_closed() {
        let (outgoing, mut waiting) = Outgoing::new();
        for _ in 0..=WAITING {
            outgoing.send(ControlMessage::RequestFullPicture);
        }
        while waiting.try_recv().is_ok() {}
        assert!(waiting.is_closed());
    }
}

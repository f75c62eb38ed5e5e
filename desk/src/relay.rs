//! The socket that carries what only agent and Control can read.

use beckon_protocol::limits::PING_EVERY;
use beckon_protocol::{RelayHello, ServerAddress, VERSION};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use crate::{Frame, Socket, SocketError, SocketReceiver, SocketSender};

/// So many messages of at most 64 KiB wait at most in each direction.
const WAITING: usize = 16;

/// Sends on a relay; may be cloned.
#[derive(Clone, Debug)]
pub struct RelaySender {
    queue: mpsc::Sender<Vec<u8>>,
}

/// Receives from a relay. When it is dropped the relay closes.
#[derive(Debug)]
pub struct RelayReceiver {
    queue: mpsc::Receiver<Vec<u8>>,
}

/// The relay is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the connection to the other side is closed")]
pub struct RelayClosed;

/// Opens the relay of `server` with a single-use ticket, within a tokio runtime.
pub async fn open(
    server: &ServerAddress,
    ticket: String,
) -> Result<(RelaySender, RelayReceiver), SocketError> {
    let (mut sender, socket) = Socket::connect(server, "/ws/relay").await?.split();
    sender.say(&RelayHello { v: VERSION, ticket }).await?;
    let (to_send, waiting) = mpsc::channel(WAITING);
    let (received, to_receive) = mpsc::channel(WAITING);
    let writer = tokio::spawn(write(sender, waiting));
    tokio::spawn(async move {
        read(socket, received).await;
        // Makes every RelaySender fail from now on.
        writer.abort();
    });
    Ok((RelaySender { queue: to_send }, RelayReceiver { queue: to_receive }))
}

impl RelaySender {
    /// Sends `message`; waits while too many wait.
    pub async fn send(&self, message: Vec<u8>) -> Result<(), RelayClosed> {
        self.queue.send(message).await.map_err(|_| RelayClosed)
    }

    /// Sends `message` from a thread outside of the runtime; blocks while too many wait.
    pub fn blocking_send(&self, message: Vec<u8>) -> Result<(), RelayClosed> {
        self.queue.blocking_send(message).map_err(|_| RelayClosed)
    }

    /// Whether nothing waits to be written to the socket.
    pub fn is_empty(&self) -> bool {
        self.queue.capacity() == self.queue.max_capacity()
    }

    /// Sends `message` unless too many wait: then `Ok(false)`, and it is not sent.
    pub fn try_send(&self, message: Vec<u8>) -> Result<bool, RelayClosed> {
        match self.queue.try_send(message) {
            Ok(()) => Ok(true),
            Err(mpsc::error::TrySendError::Full(_)) => Ok(false),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(RelayClosed),
        }
    }
}

impl RelayReceiver {
    /// The next message; `None` once the relay is closed.
    pub async fn recv(&mut self) -> Option<Vec<u8>> {
        self.queue.recv().await
    }

    /// The next message, for a thread outside of the runtime.
    pub fn blocking_recv(&mut self) -> Option<Vec<u8>> {
        self.queue.blocking_recv()
    }
}

async fn write(mut sender: SocketSender, mut waiting: mpsc::Receiver<Vec<u8>>) {
    let mut ping = interval(PING_EVERY);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let sent = tokio::select! {
            message = waiting.recv() => match message {
                Some(message) => sender.send(Frame::Binary(message)).await,
                None => break,
            },
            _ = ping.tick() => sender.ping().await,
        };
        if sent.is_err() {
            return;
        }
    }
    if let Err(error) = sender.close().await {
        tracing::debug!(%error, "the relay was closed already");
    }
}

async fn read(mut socket: SocketReceiver, received: mpsc::Sender<Vec<u8>>) {
    loop {
        let frame = tokio::select! {
            frame = socket.next() => frame,
            () = received.closed() => return,
        };
        match frame {
            Ok(Frame::Binary(message)) => {
                if received.send(message).await.is_err() {
                    return;
                }
            }
            Ok(Frame::Text(_)) => return,
            Err(error) => {
                tracing::debug!(%error, "the relay is closed");
                return;
            }
        }
    }
}

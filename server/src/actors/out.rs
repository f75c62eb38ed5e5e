//! The way to one connected program.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix::{Message, Recipient};
use serde::Serialize;

/// One connection, for the life of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConnectionId(pub u64);

/// What is sent to a connected program.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub enum Outgoing {
    /// A protocol message.
    Text(String),
    /// The end of the connection, with a reason for the other side's log.
    Close(&'static str),
}

/// Sends to one connected program. A program that does not read loses its connection and is
/// told everything anew when it comes back; nothing waits for it.
#[derive(Clone)]
pub struct Out {
    /// Which connection.
    pub connection: ConnectionId,
    socket: Recipient<Outgoing>,
    cut: Arc<AtomicBool>,
}

impl Out {
    /// The way through `socket`, which ends itself soon after `cut` is set.
    pub fn new(
        connection: ConnectionId,
        socket: Recipient<Outgoing>,
        cut: Arc<AtomicBool>,
    ) -> Self {
        Self { connection, socket, cut }
    }

    /// Sends a message; whether it was taken.
    pub fn say<T: Serialize>(&self, message: &T) -> bool {
        self.send(Outgoing::Text(beckon_protocol::encode(message)))
    }

    /// Ends the connection.
    pub fn close(&self, reason: &'static str) {
        self.send(Outgoing::Close(reason));
    }

    fn send(&self, outgoing: Outgoing) -> bool {
        match self.socket.try_send(outgoing) {
            Ok(()) => true,
            Err(error) => {
                tracing::debug!(connection = self.connection.0, %error, "a message was not taken");
                self.cut.store(true, Ordering::Release);
                false
            }
        }
    }
}

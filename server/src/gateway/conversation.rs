//! One connected program and what it says, in order.

use std::net::IpAddr;

use beckon_events::CommandId;
use beckon_events::envelope::Actor;
use beckon_protocol::limits::{AUTHENTICATE_WITHIN, FRAME_MAX, HELLO_MAX};
use beckon_protocol::{FrameError, Hello, HelloFrame, Kind, VERSION, decode};
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::actors::Out;
use crate::dispatch::Source;
use crate::hub::Hub;

/// A connection of an agent or a Control.
pub struct Conversation {
    /// The server.
    pub hub: Hub,
    /// The way to the program.
    pub out: Out,
    /// Where it connects from.
    pub source: IpAddr,
    /// 32 random bytes of this connection, for signatures.
    pub nonce: [u8; 32],
    texts: mpsc::Receiver<String>,
    /// Every message within it has its own command id.
    namespace: Uuid,
    messages: u64,
}

impl Conversation {
    /// A conversation over `out` and `texts`; `random` gives the nonce.
    pub fn new(
        hub: Hub,
        out: Out,
        texts: mpsc::Receiver<String>,
        source: IpAddr,
        random: [u8; 32],
    ) -> Self {
        let namespace = hub.random.uuid();
        Self { hub, out, source, nonce: random, texts, namespace, messages: 0 }
    }

    /// The next message before authentication: small, and within 10 s.
    pub async fn first<T: DeserializeOwned>(&mut self) -> Option<T> {
        let Ok(text) = tokio::time::timeout(AUTHENTICATE_WITHIN, self.texts.recv()).await else {
            self.out.close("nothing was said in time");
            return None;
        };
        self.read(&text?, HELLO_MAX)
    }

    /// The next message; `None` once the connection is over or something cannot be read.
    pub async fn next<T: DeserializeOwned>(&mut self) -> Option<T> {
        let text = self.texts.recv().await?;
        self.messages += 1;
        self.read(&text, FRAME_MAX)
    }

    /// Hears the hello; `None` (and the connection closed) where the program does not fit.
    /// `answer` says which versions this server speaks.
    pub async fn hello(&mut self, kind: Kind) -> Option<Result<Hello, Vec<u16>>> {
        let HelloFrame { hello } = self.first().await?;
        if hello.kind != kind {
            self.out.close("this socket is for another program");
            return None;
        }
        Some(if hello.v == VERSION { Ok(hello) } else { Err(vec![VERSION]) })
    }

    /// The source of the command that the current message asks for.
    pub fn command(&self, actor: Actor) -> Source {
        let command = CommandId::within(self.namespace, &self.messages.to_string());
        Source { command, actor }
    }

    fn read<T: DeserializeOwned>(&self, text: &str, max: usize) -> Option<T> {
        match decode(text, max) {
            Ok(message) => Some(message),
            Err(error) => {
                let why = without_content(&error);
                tracing::info!(connection = self.out.connection.0, why, "a connection is closed");
                self.out.close("this message cannot be read");
                None
            }
        }
    }
}

/// What is wrong with a message, without anything of what it says: that may be personal.
fn without_content(error: &FrameError) -> String {
    match error {
        FrameError::Unreadable(json) => format!("{:?} error at {}", json.classify(), json.column()),
        FrameError::TooLong { .. } | FrameError::TooDeep => error.to_string(),
    }
}

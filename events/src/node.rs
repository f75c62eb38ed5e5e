//! One server: when it ran.

use serde::{Deserialize, Serialize};

use crate::{Decider, DomainEvent, LogId};

/// The events of the stream `node-<id>`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "the fields are described in docs/events.md, which a test keeps complete"
)]
pub enum Event {
    /// A server opened the log.
    ServerStarted { log: LogId, build: String },
    /// It closed the log properly.
    ServerStopped {},
}

impl DomainEvent for Event {
    const CATEGORY: &'static str = "node";
    const NAMES: &'static [&'static str] = &["ServerStarted", "ServerStopped"];

    fn name(&self) -> &'static str {
        match self {
            Self::ServerStarted { .. } => "ServerStarted",
            Self::ServerStopped {} => "ServerStopped",
        }
    }
}

/// A request to a node's stream.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each field becomes the field of the same name in the event")]
pub enum Command {
    /// Record the start.
    Start { log: LogId, build: String },
    /// Record the proper end.
    Stop,
}

/// The rule that forbids a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The folder holds another log.
    #[error("this log has another id than before")]
    OtherLog,
    /// It is not running.
    #[error("the server is not running")]
    NotRunning,
}

/// The folded state of a node.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Node {
    log: Option<LogId>,
    running: bool,
}

impl Node {
    /// The id of the log, once a server has started.
    pub fn log(&self) -> Option<LogId> {
        self.log
    }
}

impl Decider for Node {
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Start { log, build } => match self.log {
                Some(known) if known != log => Err(Rejection::OtherLog),
                _ => Ok(vec![Event::ServerStarted { log, build }]),
            },
            Command::Stop if self.running => Ok(vec![Event::ServerStopped {}]),
            Command::Stop => Err(Rejection::NotRunning),
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::ServerStarted { log, .. } => {
                self.log = Some(*log);
                self.running = true;
            }
            Event::ServerStopped {} => self.running = false,
        }
        self
    }
}

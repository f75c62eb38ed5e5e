//! One server: when it ran.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Decider, DomainEvent, LogId, PublicKey, Recorded, RecordedEvent};

/// The events of the stream `node-<id>`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "the fields are described in docs/events.md, which a test keeps complete"
)]
pub enum Event {
    /// A server opened the log. Schema 2; schema 1 knew neither era nor key.
    ServerStarted { log: LogId, build: String, era: u32, log_key: Option<PublicKey> },
    /// It closed the log properly.
    ServerStopped {},
    /// The log was put back from a backup, and a new era begins.
    LogRestored { era: u32, size: u64, checkpoint: Option<String> },
}

impl DomainEvent for Event {
    const CATEGORY: &'static str = "node";
    const NAMES: &'static [&'static str] = &["ServerStarted", "ServerStopped", "LogRestored"];

    fn schema(name: &str) -> u16 {
        if name == "ServerStarted" { 2 } else { 1 }
    }

    fn upcast(name: &str, from: u16, data: Value) -> Option<Value> {
        match (name, from, data) {
            ("ServerStarted", 1, Value::Object(mut fields)) => {
                fields.insert("era".to_owned(), 0.into());
                fields.insert("log_key".to_owned(), Value::Null);
                Some(fields.into())
            }
            _ => None,
        }
    }

    fn recorded(recorded: Recorded<Self>) -> RecordedEvent {
        RecordedEvent::Node(recorded)
    }

    fn name(&self) -> &'static str {
        match self {
            Self::ServerStarted { .. } => "ServerStarted",
            Self::ServerStopped {} => "ServerStopped",
            Self::LogRestored { .. } => "LogRestored",
        }
    }
}

/// A request to a node's stream.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each field becomes the field of the same name in the event")]
pub enum Command {
    /// Record the start.
    Start { log: LogId, build: String, era: u32, log_key: Option<PublicKey> },
    /// Record the proper end.
    Stop,
    /// Record that the log was put back from a backup.
    Restore { era: u32, size: u64, checkpoint: Option<String> },
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
    /// The log is in another era.
    #[error("this log is in era {0}")]
    OtherEra(u32),
    /// A restore begins a new era.
    #[error("this log is in era {0} already: a restore needs a later one")]
    PastEra(u32),
}

/// The folded state of a node.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Node {
    log: Option<LogId>,
    running: bool,
    era: u32,
}

impl Node {
    /// The id of the log, once a server has started.
    pub fn log(&self) -> Option<LogId> {
        self.log
    }

    /// The era that the log is in: how often it was restored.
    pub fn era(&self) -> u32 {
        self.era
    }
}

impl Decider for Node {
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Start { log, .. } if self.log.is_some_and(|known| known != log) => {
                Err(Rejection::OtherLog)
            }
            Command::Start { era, .. } if era != self.era => Err(Rejection::OtherEra(self.era)),
            Command::Start { log, build, era, log_key } => {
                Ok(vec![Event::ServerStarted { log, build, era, log_key }])
            }
            Command::Restore { era, size, checkpoint } if era > self.era => {
                Ok(vec![Event::LogRestored { era, size, checkpoint }])
            }
            Command::Restore { .. } => Err(Rejection::PastEra(self.era)),
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
            Event::LogRestored { era, .. } => {
                self.era = *era;
                self.running = false;
            }
        }
        self
    }
}

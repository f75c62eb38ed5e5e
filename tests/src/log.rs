//! What the log says, read from the file as the server wrote it.

mod table;

use std::path::{Path, PathBuf};
use std::time::Duration;

use beckon_events::{NoKeys, RecordedEvent, SessionId, envelope, session};
use beckon_server::store::sqlite::SqliteReaders;
use beckon_server::store::{Readers as _, StoredEvent};

use crate::clock::{PATIENCE, within};

const PAGE: usize = 500;

/// The log of a server, running or not. It is only read.
#[derive(Debug, Clone)]
pub struct Log {
    path: PathBuf,
}

impl Log {
    /// The log in a data folder.
    pub fn of(data: &Path) -> Self {
        Self { path: data.join("log.db") }
    }

    /// Every event in log order; personal values stay sealed.
    pub fn events(&self) -> Vec<RecordedEvent> {
        let read = |stored: &StoredEvent| {
            envelope::read(&stored.metadata, &stored.data, stored.position.to_bits(), &NoKeys)
                .unwrap_or_else(|error| panic!("{} {}: {error}", stored.stream, stored.version))
        };
        self.stored().iter().map(read).collect()
    }

    fn stored(&self) -> Vec<StoredEvent> {
        let path = self.path.display();
        let readers = SqliteReaders::open(&self.path).unwrap_or_else(|e| panic!("{path}: {e}"));
        let reader = readers.reader().unwrap_or_else(|e| panic!("{path}: {e}"));
        let mut events = Vec::new();
        loop {
            let after = events.last().map(|last: &StoredEvent| last.position);
            let page = reader.read_all(after, PAGE).unwrap_or_else(|e| panic!("{path}: {e}"));
            if page.is_empty() {
                return events;
            }
            events.extend(page);
        }
    }

    /// The events of all sessions in log order.
    pub fn sessions(&self) -> Vec<session::Event> {
        let events = self.events().into_iter().filter_map(|recorded| match recorded {
            RecordedEvent::Session(recorded) => Some(recorded.event),
            _ => None,
        });
        events.collect()
    }

    /// The events of one session in their order.
    pub fn session(&self, id: SessionId) -> Vec<session::Event> {
        let stream = envelope::stream_name("session", id);
        let events = self.events().into_iter().filter_map(|recorded| match recorded {
            RecordedEvent::Session(recorded) if recorded.metadata.stream == stream => {
                Some(recorded.event)
            }
            _ => None,
        });
        events.collect()
    }

    /// The names of all session events in log order.
    pub fn story(&self) -> Vec<String> {
        let events = self.events().into_iter().filter_map(|recorded| match recorded {
            RecordedEvent::Session(recorded) => Some(recorded.metadata.kind),
            _ => None,
        });
        events.collect()
    }

    /// Waits until the session events are exactly these, in this order. What comes on connections
    /// of its own comes in any order: where they stand together, `OperatorConnected` is taken to be
    /// before `ActionStarted`, and what follows an end is taken in the order of the alphabet.
    pub fn tells(&self, story: &[&str]) {
        let told = || (signed_last(connected_first(self.story())) == story).then_some(());
        let told = within(PATIENCE, told);
        assert!(told.is_some(), "the log tells\n  {:?}\nand not\n  {story:?}", self.story());
    }

    /// Waits until a session event of this name is recorded.
    pub fn records(&self, name: &str) {
        self.records_within(PATIENCE, name);
    }

    /// Waits no longer than `limit` for a session event of this name.
    pub fn records_within(&self, limit: Duration, name: &str) {
        let is_there = || self.story().iter().any(|known| known == name).then_some(());
        let recorded = within(limit, is_there);
        assert!(recorded.is_some(), "{name} is not recorded, only {:?}", self.story());
    }

    /// Waits until an end is followed by what the agent removed and by this many signed heads.
    pub fn signs_off(&self, heads: usize) {
        let mut tail = vec!["AgentRemoved"];
        tail.resize(1 + heads, "HeadSigned");
        let signed = || {
            signed_last(self.story())
                .ends_with(&tail.clone().into_iter().map(str::to_owned).collect::<Vec<_>>())
                .then_some(())
        };
        assert!(within(PATIENCE, signed).is_some(), "no {tail:?} after {:?}", self.story());
    }

    /// How often an event of this name is recorded, in any stream.
    pub fn count(&self, name: &str) -> usize {
        self.events().iter().filter(|recorded| recorded.metadata().kind == name).count()
    }

    /// One line an event: stream, version, time, name and fields, as an auditor would list them.
    pub fn lines(&self) -> Vec<String> {
        let recorded = self.events();
        let line = |(recorded, stored): (&RecordedEvent, &StoredEvent)| {
            let metadata = recorded.metadata();
            let (stream, version, kind) = (&metadata.stream, metadata.version, &metadata.kind);
            format!(
                "{stream} {version} {} {kind} {}",
                metadata.at,
                String::from_utf8_lossy(&stored.data)
            )
        };
        recorded.iter().zip(&self.stored()).map(line).collect()
    }
}

/// A story in which those who remove themselves and sign after an end stand in the order of the
/// alphabet.
#[must_use]
pub fn signed_last(mut story: Vec<String>) -> Vec<String> {
    let after_end = |name: &String| name == "AgentRemoved" || name == "HeadSigned";
    story.chunk_by_mut(|one, other| after_end(one) && after_end(other)).for_each(<[_]>::sort);
    story
}

/// A story with `OperatorConnected` before every `ActionStarted` that it stands next to.
#[must_use]
pub fn connected_first(mut story: Vec<String>) -> Vec<String> {
    for at in 1..story.len() {
        let mut to = at;
        while story[to] == "OperatorConnected" && to > 0 && story[to - 1] == "ActionStarted" {
            story.swap(to, to - 1);
            to -= 1;
        }
    }
    story
}

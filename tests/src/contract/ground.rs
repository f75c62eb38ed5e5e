//! A store to hold a law against, and short words for what is asked of it.

use std::path::PathBuf;

use beckon_events::EventId;
use beckon_server::config::{Config, Esdb, Store};
use beckon_server::face::peer::{Foreign, Peer, PeerLog};
use beckon_server::store::esdb::EsdbStore;
use beckon_server::store::memory::MemoryStore;
use beckon_server::store::sqlite::SqliteStore;
use beckon_server::store::{
    Append, AppendError, Appended, EventReader, EventStore, Expected, NewEvent, StoredEvent,
    StreamName,
};
use bytes::Bytes;
use uuid::Uuid;

/// An empty store.
pub struct Ground {
    pub store: Box<dyn EventStore>,
    pub folder: tempfile::TempDir,
    /// What the store speaks to, where it is not one by itself.
    _peer: Option<Peer>,
}

impl Ground {
    pub fn memory() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { store: Box::new(MemoryStore::new()), folder, _peer: None }
    }

    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Box::new(SqliteStore::open(&folder.path().join("log.db")).unwrap());
        Self { store, folder, _peer: None }
    }

    /// A peer of its own for each law, with somebody else's events in it.
    pub fn esdb() -> Self {
        let log = PeerLog::over(Box::new(MemoryStore::new())).unwrap();
        let peer = Peer::start(log.clone(), None).unwrap();
        log.foreign(Foreign {
            stream: "$stats-1".to_owned(),
            kind: "$statsCollected".to_owned(),
            metadata: "{}".into(),
            data: "{}".into(),
        })
        .unwrap();
        let store = Box::new(EsdbStore::open(&cluster(&peer.uri())).unwrap());
        Self { store, folder: tempfile::tempdir().unwrap(), _peer: Some(peer) }
    }

    pub fn log_db(&self) -> PathBuf {
        self.folder.path().join("log.db")
    }

    pub fn append(&mut self, append: Append) -> Result<Appended, AppendError> {
        self.store.append(&[append]).answers.remove(0)
    }

    pub fn reader(&self) -> Box<dyn EventReader> {
        self.store.readers().reader().unwrap()
    }

    pub fn log(&self) -> Vec<StoredEvent> {
        self.reader().read_all(None, 100_000).unwrap()
    }
}

/// What a configuration with this connection string says.
pub fn cluster(uri: &str) -> Esdb {
    let config = Config::parse(&format!("store = {uri:?}"), []).unwrap();
    match config.store {
        Store::Esdb(cluster) => *cluster,
        other => panic!("{other:?}"),
    }
}

pub fn stream(name: &str) -> StreamName {
    name.parse().unwrap()
}

/// An event told from others by its label.
pub fn event(label: &str) -> NewEvent {
    NewEvent {
        id: EventId(Uuid::new_v5(&Uuid::NAMESPACE_OID, label.as_bytes())),
        metadata: Bytes::from(format!("{{\"of\":\"{label}\"}}")),
        data: Bytes::from(format!("{{\"is\":\"{label}\"}}")),
    }
}

/// An append of one event for each label.
pub fn append(name: &str, expected: Expected, labels: &[&str]) -> Append {
    Append {
        stream: stream(name),
        expected,
        events: labels.iter().map(|label| event(label)).collect(),
    }
}

/// The labels of events made by [`event`].
pub fn labels(events: &[StoredEvent]) -> Vec<String> {
    let label = |e: &StoredEvent| {
        let text = String::from_utf8(e.data.to_vec()).unwrap();
        text.trim_start_matches("{\"is\":\"").trim_end_matches("\"}").to_owned()
    };
    events.iter().map(label).collect()
}

//! What a log says of itself when all of it is read.

use std::collections::BTreeMap;
use std::path::Path;

use beckon_events::envelope::{self, Head};
use beckon_events::node::{self, Node};
use beckon_events::{Decider, Digest, LogId, NoKeys, Timestamp};
use beckon_protocol::evidence::Frontier;

use super::BackupError;
use super::manifest::Described;
use crate::run::NODE;
use crate::store::sqlite::SqliteReaders;
use crate::store::{ReadError, Readers, StreamName};

/// How many events are read at once.
const PAGE: usize = 1_000;

/// A whole log.
#[derive(Debug)]
pub(super) struct WholeLog {
    /// Its id.
    pub log: LogId,
    /// How many events it has.
    pub size: u64,
    /// The time of the last one.
    pub last_at: Timestamp,
    /// The state of the server's stream.
    pub node: Node,
    /// The stream itself.
    pub stream: StreamName,
    /// Its head.
    pub head: Head,
    /// The root of the tree at each of the sizes that were asked for.
    pub roots: BTreeMap<u64, Digest>,
}

impl WholeLog {
    /// Reads the log file at `path`, which nobody writes, and takes the roots at these sizes.
    pub(super) fn read(path: &Path, sizes: &[u64]) -> Result<Self, BackupError> {
        let reader = SqliteReaders::open(path)?.reader()?;
        let stream =
            StreamName::node(NODE).map_err(|error| ReadError::Damaged(error.to_string()))?;
        let mut tree = Frontier::default();
        let (mut node, mut head) = (Node::default(), Head::default());
        let (mut last_at, mut roots, mut after) = (Timestamp::default(), BTreeMap::new(), None);
        loop {
            let page = reader.read_all(after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some(last.position);
            let damaged = |error: envelope::EnvelopeError| ReadError::Damaged(error.to_string());
            last_at = envelope::metadata(&last.metadata).map_err(damaged)?.at;
            for stored in &page {
                let leaf = stored.leaf();
                tree.push(leaf);
                if sizes.contains(&tree.size()) {
                    roots.insert(tree.size(), tree.root());
                }
                if stored.stream == stream {
                    let (metadata, data) = (&stored.metadata, &stored.data);
                    let position = stored.position.to_bits();
                    let read = envelope::read_as::<node::Event>(metadata, data, position, &NoKeys);
                    node = node.evolve(&read.map_err(damaged)?.event);
                    head = Head { next: stored.version + 1, leaf };
                }
            }
        }
        let log = node.log().ok_or_else(|| BackupError::NoEvents(path.to_owned()))?;
        Ok(Self { log, size: tree.size(), last_at, node, stream, head, roots })
    }

    /// For the manifest.
    pub(super) fn described(&self, checkpoint: Option<String>) -> Described {
        Described { log: self.log, era: self.node.era(), events: self.size, checkpoint }
    }
}

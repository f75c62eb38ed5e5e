//! A cluster of one or two nodes over one log in a file.

use std::net::{SocketAddr, TcpListener};

use beckon_server::face::peer::{Faults, Peer, PeerLog};
use beckon_server::store::StoredEvent;
use beckon_server::store::esdb::EsdbStore;
use beckon_server::store::sqlite::SqliteStore;

use crate::contract::ground::cluster;

/// Nodes that share a log, each killed and started at will.
pub struct Cluster {
    nodes: Vec<(SocketAddr, Option<Peer>)>,
    log: PeerLog,
    _folder: tempfile::TempDir,
}

impl Cluster {
    /// So many nodes, all up, each of which takes itself for the leader.
    pub fn of(nodes: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("log.db")).unwrap();
        let log = PeerLog::over(Box::new(store)).unwrap();
        let node = |_| {
            let peer = Peer::start(log.clone(), None).unwrap();
            (peer.address(), Some(peer))
        };
        Self { nodes: (0..nodes).map(node).collect(), log: log.clone(), _folder: folder }
    }

    /// Where node `number` is.
    pub fn address(&self, number: usize) -> SocketAddr {
        self.nodes[number].0
    }

    /// The connection string that names all nodes.
    pub fn uri(&self) -> String {
        let hosts: Vec<_> = self.nodes.iter().map(|(address, _)| address.to_string()).collect();
        format!("esdb://{}?tls=false", hosts.join(","))
    }

    /// The store of a server that uses all nodes.
    pub fn store(&self) -> EsdbStore {
        EsdbStore::open(&cluster(&self.uri())).unwrap()
    }

    /// How node `number` misbehaves.
    pub fn faults(&self, number: usize) -> &Faults {
        self.node(number).faults()
    }

    /// Node `number`, which is up.
    pub fn node(&self, number: usize) -> &Peer {
        self.nodes[number].1.as_ref().expect("the node is down")
    }

    /// Kills node `number`.
    pub fn kill(&mut self, number: usize) {
        self.nodes[number].1.take().unwrap().kill();
    }

    /// Starts it again, on the same port.
    pub fn start(&mut self, number: usize) {
        let (address, peer) = &mut self.nodes[number];
        *peer =
            Some(Peer::on(TcpListener::bind(*address).unwrap(), self.log.clone(), None).unwrap());
    }

    /// What is stored, read past the nodes.
    pub fn stored(&self) -> Vec<StoredEvent> {
        self.log.readers().reader().unwrap().read_all(None, 1_000_000).unwrap()
    }

    /// The log beneath.
    pub fn log(&self) -> &PeerLog {
        &self.log
    }
}

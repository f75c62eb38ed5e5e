//! A peer for the `esdb` store in tests: the same service over any store, appends included,
//! which also fails in the ways that a cluster can.
//!
//! Everybody comes in. Positions have gaps, as in a cluster.

mod appending;
mod desk;
mod expectation;
mod faults;
mod strangers;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustls::ServerConfig;
use tokio::sync::watch;

use super::door::Door;
use super::introductions::{Alone, Features};
use super::listening::{Listening, Services};
use super::news::News;
use super::pages::Source;
use super::streams::LogStreams;
use crate::clock::Random;
use crate::metrics::Metrics;
use crate::store::writer::{self, WriterHandle};
use crate::store::{EventStore, Readers};
pub(super) use desk::Desk;
pub use faults::Faults;
pub use strangers::Foreign;
pub(super) use strangers::Strangers;

/// Between two events of the store there is room for so many positions.
const SPREAD: u64 = 100;
/// The largest request, in bytes.
const REQUEST_MAX: usize = 16 << 20;

/// A log that outlives the peers that serve it; clones share it.
#[derive(Clone)]
pub struct PeerLog {
    writer: WriterHandle,
    source: Source,
    readers: Arc<dyn Readers>,
}

/// A server of the protocol that also appends.
pub struct Peer {
    listening: Listening,
    faults: Faults,
    calls: Arc<AtomicU64>,
    tls: bool,
}

impl PeerLog {
    /// The log in `store`.
    pub fn over(store: Box<dyn EventStore>) -> io::Result<Self> {
        let readers = store.readers();
        let news = News::new();
        let bell = news.clone();
        let (writer, _) = writer::spawn(store, Box::new(move |_: &[_]| bell.ring()))?;
        let mut source = Source::new(Arc::clone(&readers), news);
        source.spread = SPREAD;
        Ok(Self { writer, source, readers })
    }

    /// Reads the store beneath.
    pub fn readers(&self) -> Arc<dyn Readers> {
        Arc::clone(&self.readers)
    }

    /// Adds an event of a stream that no store of Beckon takes, after what is there now. Only
    /// `$all` shows it.
    pub fn foreign(&self, event: Foreign) -> io::Result<()> {
        let reader = self.readers.reader().map_err(io::Error::other)?;
        let last = reader.last_position().map_err(io::Error::other)?;
        let after = last.map_or(0, |last| self.source.shown(last));
        self.source.strangers.add(after, event);
        self.source.news.ring();
        Ok(())
    }
}

impl Peer {
    /// Serves `log` on a free port of this machine.
    pub fn start(log: PeerLog, tls: Option<ServerConfig>) -> io::Result<Self> {
        Self::on(TcpListener::bind("127.0.0.1:0")?, log, tls)
    }

    /// Serves `log` on `listener`.
    pub fn on(listener: TcpListener, log: PeerLog, tls: Option<ServerConfig>) -> io::Result<Self> {
        let random = Random::new();
        let (stop, stopped) = watch::channel(false);
        let faults = Faults::default();
        let calls = Arc::new(AtomicU64::new(0));
        let desk = Desk {
            source: log.source.clone(),
            writer: log.writer,
            faults: faults.clone(),
            calls: Arc::clone(&calls),
        };
        let alone = Alone { instance: random.uuid(), faults: Some(faults.clone()) };
        let streams = LogStreams::new(log.source, Door::open(), random, stopped).with_peer(desk);
        let features = Features { streams: &["read", "append", "batchappend"] };
        let (request_max, metrics) = (REQUEST_MAX, Metrics::default());
        let services = Services { streams, features, alone, request_max, metrics };
        let with_tls = tls.is_some();
        let listening = Listening::start(listener, tls, services, stop)?;
        listening.seats.trust(true);
        faults.over(listening.seats.clone());
        Ok(Self { listening, faults, calls, tls: with_tls })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.listening.address()
    }

    /// How a client is told of it.
    pub fn uri(&self) -> String {
        format!("esdb://{}?tls={}", self.address(), self.tls)
    }

    /// How it misbehaves.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// How many appends it was asked for.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// How many connections are open.
    pub fn open_connections(&self) -> usize {
        self.listening.seats.taken()
    }

    /// Ends it as a power cut would: every connection is closed, nothing is answered any more.
    /// What was committed stays in the log.
    pub fn kill(self) {
        self.listening.seats.close(true);
        self.listening.seats.cut();
    }
}

//! An append over EventStoreDB's protocol, to our own server on this machine.

use beckon_server::clock::{Clock, SystemClock};
use beckon_server::config::{Config, Store};
use beckon_server::face::peer::{Peer, PeerLog};
use beckon_server::store::EventStore;
use beckon_server::store::esdb::EsdbStore;
use beckon_server::store::memory::MemoryStore;

use crate::bench::recording::{Recorder, Story};
use crate::bench::{Figure, Goal, median, micros, now};

/// How many appends are measured, one after the other.
const APPENDS: usize = 2_000;

/// The peer keeps its log in memory: what is measured is the way there and back, and the reading
/// back of what was stored.
pub fn run() -> Vec<Figure> {
    let log = PeerLog::over(Box::new(MemoryStore::new())).expect("a log");
    let peer = Peer::start(log, None).expect("a port");
    let config = Config::parse(&format!("store = {:?}", peer.uri()), []).expect("a configuration");
    let Store::Esdb(cluster) = config.store else { panic!("it is another store") };
    let mut store = EsdbStore::open(&cluster).expect("a store");
    let mut recorder = Recorder::new(&Story::of(100));
    let clock = SystemClock::new();
    let mut took = Vec::new();
    for _ in 0..APPENDS {
        let append = recorder.build(clock.now());
        let begun = now();
        let answer = store.append(&[append]).answers.remove(0);
        took.push(micros(begun.elapsed()));
        assert!(answer.is_ok(), "{answer:?}");
        recorder.stored();
    }
    vec![Figure {
        name: "esdb: append to our own server, loopback, median",
        value: median(took),
        unit: "us",
        peer: "1 ms",
        limit: 1_000.0,
        goal: Goal::AtMost(1.0),
    }]
}

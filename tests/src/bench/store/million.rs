//! A log of a million events: opened, sessions of it read back, all of it folded.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use beckon_audit::fabricate::{Recipe, make};
use beckon_events::LogId;
use beckon_events::session::Session;
use beckon_server::actors::{Aggregate, Journal};
use beckon_server::clock::{Clock, Random, SystemClock};
use beckon_server::data_folder::DataFolder;
use beckon_server::keyring::Keyring;
use beckon_server::store::sqlite::{SqliteReaders, SqliteStore};
use beckon_server::store::{EventReader, Readers, StreamName, writer};
use beckon_server::vault::Vault;
use tokio::runtime::Runtime;
use uuid::Uuid;

use super::{ROUNDS, models};
use crate::bench::evidence::Log;
use crate::bench::recording::{Recorder, Story};
use crate::bench::{Figure, Goal, folder, median, micros, millis, now};

const SESSIONS: u32 = 10_000;
/// About how many events a session has.
const ABOUT: u32 = 100;
/// How many sessions are read back.
const READ: usize = 1_000;

/// Runs all measurements over one log.
pub fn run() -> Vec<Figure> {
    let folder = folder();
    let mut log = Log::open(folder.path());
    let made = make(&Recipe::large(SESSIONS, ABOUT), &mut log);
    log.store();
    drop(log);
    assert!(made.size >= 1_000_000, "{} events", made.size);
    let runtime = Runtime::new().expect("a runtime");
    let path = folder.path().join("log.db");
    vec![
        models::run(folder.path(), &path),
        opening(&runtime, &path),
        rebuilding(&runtime, folder.path(), &path),
    ]
}

/// From nothing to the first answer.
fn opening(runtime: &Runtime, path: &Path) -> Figure {
    let shortest = Story::of(14);
    let mut took = Vec::new();
    for _ in 0..ROUNDS {
        let append = Recorder::new(&shortest).build(SystemClock::new().now());
        let begun = now();
        let store = SqliteStore::open(path).expect("a store");
        let (writer, ended) = writer::spawn(Box::new(store), Box::new(|_| {})).expect("a thread");
        let answer = runtime.block_on(writer.append(append)).expect("an answer");
        took.push(millis(begun.elapsed()));
        assert!(answer.is_ok(), "{answer:?}");
        drop(writer);
        runtime.block_on(ended).expect("it ended");
    }
    Figure {
        name: "open 1 M events to the first accepted append",
        value: median(took),
        unit: "ms",
        peer: "50 ms",
        limit: 50.0,
        goal: Goal::AtMost(1.0),
    }
}

/// A session as its actor loads it, beside the same events only read.
fn rebuilding(runtime: &Runtime, folder: &Path, path: &Path) -> Figure {
    let readers: Arc<dyn Readers> = Arc::new(SqliteReaders::open(path).expect("a log"));
    let reader = readers.reader().expect("a reader");
    let journal = journal(folder, &readers);
    let events = Story::of(ABOUT).len();
    let streams = sessions(&*reader, events as u64);
    let (mut raw, mut rebuilt) = (Vec::new(), Vec::new());
    for (at, stream) in streams.iter().enumerate() {
        let mut read = || {
            let begun = now();
            let session = reader.read_stream(stream, 0, 1_000).expect("a session");
            raw.push(begun.elapsed());
            assert_eq!(session.len(), events, "{stream}");
        };
        let mut load = || {
            let mut session = Aggregate::<Session>::new(stream.clone(), journal.clone());
            let begun = now();
            let loaded = runtime.block_on(session.load());
            rebuilt.push(begun.elapsed());
            assert!(loaded.is_ok() && session.state().closed().is_some());
        };
        // Whoever is first warms what the other reads.
        if at % 2 == 0 {
            read();
            load();
        } else {
            load();
            read();
        }
    }
    let median = |took: Vec<Duration>| micros(median(took));
    Figure {
        name: "a session of 101 events rebuilt",
        value: median(rebuilt),
        unit: "us",
        peer: "only reading it",
        limit: median(raw),
        goal: Goal::AtMost(6.0),
    }
}

/// Whole sessions, far from each other.
fn sessions(reader: &dyn EventReader, events: u64) -> Vec<StreamName> {
    let all = reader.streams("session", None, SESSIONS as usize).expect("sessions");
    let whole = |stream: &&StreamName| {
        let head = reader.head(stream).expect("a head").expect("an event");
        // Those of the measurement before have just begun.
        head.version + 1 == events
    };
    let far: Vec<_> = all.iter().filter(whole).step_by(all.len() / READ).cloned().collect();
    assert!(far.len() >= READ, "{} sessions", far.len());
    far
}

fn journal(folder: &Path, readers: &Arc<dyn Readers>) -> Journal {
    let random = Random::new();
    let data = DataFolder::open(&folder.join("data"), &random).expect("a folder");
    let vault = Vault::open(&data.vault_db(), data.pepper(), &random).expect("a vault");
    let keys = Keyring::open(vault, data.keks().clone(), random.clone()).expect("keys");
    let store = SqliteStore::open(&folder.join("other.db")).expect("a store");
    let (writer, _) = writer::spawn(Box::new(store), Box::new(|_| {})).expect("a thread");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let (log, at) = (LogId(Uuid::from_u128(7)), clock.now());
    Journal::new(writer, Arc::clone(readers), clock, log, at, (keys, random))
}

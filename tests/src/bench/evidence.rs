//! What it costs to verify a million events, and to give every event its place in the tree.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use beckon_audit::fabricate::{Recipe, Sink, Ways, make, write_log};
use beckon_audit::{Options, Report, verify};
use beckon_events::envelope::{self, Sealed};
use beckon_events::{EventId, LogId, PublicKey};
use beckon_protocol::evidence::{Checkpoint, SignedCheckpoint, Tile, verify_inclusion};
use beckon_server::config::EvidenceRules;
use beckon_server::evidence::{Bell, Evidence, LogOf, LogSigner};
use beckon_server::store::sqlite::SqliteStore;
use beckon_server::store::{Append, EventStore, Expected, NewEvent, Position, StreamName};
use bytes::Bytes;
use ring::signature::{Ed25519KeyPair, KeyPair};
use uuid::Uuid;

use super::{Figure, Goal, folder, now};
use crate::programs::Programs;

const MILLION: u64 = 1_000_000;
/// How many events are stored before the sequencer is asked for them.
const PRELOADED: u64 = 200_000;
/// How many inclusion proofs are measured.
const PROOFS: u64 = 2_000;

/// Runs all measurements, each in a folder below `target/tmp` that is removed with it.
pub fn run() -> Vec<Figure> {
    // Before anything large is made.
    Programs::built();
    let mut figures = verification();
    figures.push(memory());
    figures.push(sequencing());
    figures.extend(proving());
    figures
}

/// V0 to V6 over a million events, in one thread and in two, and V7.
fn verification() -> Vec<Figure> {
    let folder = folder();
    let made = write_log(&Recipe::large(20_000, 50), folder.path()).expect("an export");
    let of_million = |millis: u64| millis as f64 / 1_000.0 * MILLION as f64 / made.size as f64;
    let alone = verified(folder.path(), 1);
    let together = verified(folder.path(), 2);
    let (one, two) = (of_million(alone.times.log), of_million(together.times.log));
    let signature = 1_000_000.0 / alone.times.signatures_per_second as f64;
    vec![
        figure("V0-V6 of 1 M events, one job", one, "s", "12 s", 12.0),
        figure("V0-V6 of 1 M events, two jobs", two, "s", "one job", one),
        figure("V7, a signature, one job", signature, "us", "10,000 a second", 100.0),
    ]
}

fn verified(export: &Path, jobs: usize) -> Report {
    let report = verify(export, &Options { jobs, ..Options::default() }).expect("an export");
    assert_eq!(report.exit_code(), 3, "it is consistent: {report}");
    report
}

/// The most memory that the real program holds while it verifies a million sessions.
fn memory() -> Figure {
    let folder = folder();
    let recipe = Recipe { ways: Ways::Short, ..Recipe::large(1_000_000, 14) };
    write_log(&recipe, folder.path()).expect("an export");
    let mut child = Command::new(Programs::built().path("beckon-audit"))
        .arg("verify")
        .arg(folder.path())
        .stdout(Stdio::null())
        .spawn()
        .expect("beckon-audit starts");
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut most = 0.0_f64;
    let ended = loop {
        // The peak so far, as the kernel keeps it; the last look may miss a few milliseconds.
        let peak = std::fs::read_to_string(&status).ok().and_then(|status| peak(&status));
        most = most.max(peak.unwrap_or(0.0));
        if let Some(ended) = child.try_wait().expect("a child") {
            break ended;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    assert_eq!(ended.code(), Some(3), "the log is consistent");
    figure("verify 1 M sessions, peak memory", most / 1_024.0, "MiB", "256 MiB", 256.0)
}

/// `VmHWM` in KiB.
fn peak(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// Events that are stored already, until a checkpoint is signed over the last of them.
fn sequencing() -> Figure {
    let folder = folder();
    let sessions = u32::try_from(PRELOADED / 50).expect("few sessions");
    let mut log = Log::open(folder.path());
    let (evidence, bell) = log.follow(folder.path());
    let made = make(&Recipe { checkpoint_every: MILLION, ..Recipe::large(sessions, 50) }, &mut log);
    log.store();
    assert!(evidence.latest().is_none_or(|signed| signed.size == 0), "nobody has rung");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (last, begun) = (log.last.expect("an event"), now());
    bell.ring();
    let signed = runtime.block_on(evidence.covering(last)).expect("a checkpoint");
    let took = begun.elapsed();
    assert_eq!(signed.size, made.size, "the whole log is in the tree");
    runtime.block_on(evidence.finish());
    let each = took.as_secs_f64() * 1_000_000.0 / made.size as f64;
    figure("the sequencer, an event", each, "us", "20,000 a second", 50.0)
}

/// Proofs from the files of the server, at a million leaves.
fn proving() -> Vec<Figure> {
    let folder = folder();
    let mut log = Log::open(folder.path());
    log.fill(MILLION);
    let (evidence, _bell) = log.follow(folder.path());
    let signed = evidence.latest().expect("a checkpoint");
    assert_eq!(signed.size, MILLION);
    let mut took = Vec::new();
    for number in 0..PROOFS {
        // Far from each other, so that no proof uses what the one before has read.
        let index = number * 611_953 % MILLION;
        let begun = now();
        let proof = evidence.inclusion(index, MILLION).expect("a proof");
        took.push(begun.elapsed());
        let leaf = envelope::leaf(&small(index));
        assert!(verify_inclusion(&leaf, index, MILLION, &proof, &signed.root), "it proves");
    }
    tokio::runtime::Runtime::new().expect("a runtime").block_on(evidence.finish());
    took.sort_unstable();
    let micros = |part: usize| took[took.len() * part / 100].as_secs_f64() * 1_000_000.0;
    vec![
        figure("inclusion proof at 1 M leaves, median", micros(50), "us", "1 ms", 1_000.0),
        figure("inclusion proof at 1 M leaves, p99", micros(99), "us", "1 ms", 1_000.0),
    ]
}

/// A log in a real store.
pub(super) struct Log {
    pub(super) store: SqliteStore,
    waiting: Vec<Append>,
    last: Option<Position>,
}

impl Log {
    pub(super) fn open(folder: &Path) -> Self {
        let store = SqliteStore::open(&folder.join("log.db")).expect("a store");
        Self { store, waiting: Vec::new(), last: None }
    }

    /// The real sequencer over it.
    fn follow(&self, folder: &Path) -> (Evidence, Bell) {
        let (bell, asks) = Evidence::bell();
        let of = LogOf {
            log: LogId(Uuid::from_u128(7)),
            era: 0,
            restored: None,
            signed: false,
            host: "help.example.org".to_owned(),
        };
        let rules = EvidenceRules {
            every: Duration::from_secs(1),
            publish_folder: None,
            publish_command: Vec::new(),
        };
        let started = (bell.clone(), asks);
        let readers = self.store.readers();
        let evidence =
            Evidence::start(Some(folder), of, &readers, Arc::new(Key::new()), &rules, started);
        (evidence.expect("the sequencer starts"), bell)
    }

    /// So many small events in one stream.
    fn fill(&mut self, count: u64) {
        let stream = StreamName::node("0").expect("a stream");
        for first in (0..count).step_by(100) {
            let event = |index: u64| NewEvent {
                id: EventId(Uuid::from_u128(u128::from(index))),
                metadata: small(index),
                data: Bytes::from_static(b"{}"),
            };
            let expected = first.checked_sub(1).map_or(Expected::NoStream, Expected::Exact);
            let events = (first..count.min(first + 100)).map(event).collect();
            self.waiting.push(Append { stream: stream.clone(), expected, events });
            if self.waiting.len() == 100 {
                self.store();
            }
        }
        self.store();
    }

    pub(super) fn store(&mut self) {
        let appends = std::mem::take(&mut self.waiting);
        for answer in self.store.append(&appends).answers {
            self.last = Some(answer.expect("it is stored").position);
        }
    }
}

impl Sink for Log {
    fn event(&mut self, event: &Sealed) {
        let metadata = envelope::metadata(&event.metadata).expect("metadata");
        let new = NewEvent {
            id: event.id,
            metadata: Bytes::copy_from_slice(&event.metadata),
            data: Bytes::copy_from_slice(&event.data),
        };
        let before = metadata.version.checked_sub(1);
        self.waiting.push(Append {
            stream: metadata.stream.parse().expect("a stream"),
            expected: before.map_or(Expected::NoStream, Expected::Exact),
            events: vec![new],
        });
        if self.waiting.len() == 1_000 {
            self.store();
        }
    }

    fn tile(&mut self, _: &Tile) {}

    fn checkpoint(&mut self, _: u32, _: &str) {}
}

/// The key of the log.
struct Key(Ed25519KeyPair);

impl Key {
    fn new() -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a seed"))
    }
}

impl LogSigner for Key {
    fn public_key(&self) -> PublicKey {
        PublicKey(self.0.public_key().as_ref().try_into().expect("32 bytes"))
    }

    fn sign(&self, checkpoint: &Checkpoint) -> SignedCheckpoint {
        checkpoint.sign(&self.0)
    }
}

/// The metadata of a small event.
fn small(index: u64) -> Bytes {
    Bytes::from(format!("{{\"event\":{index}}}"))
}

fn figure(
    name: &'static str,
    value: f64,
    unit: &'static str,
    peer: &'static str,
    limit: f64,
) -> Figure {
    Figure { name, value, unit, peer, limit, goal: Goal::AtMost(1.0) }
}

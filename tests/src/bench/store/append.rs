//! Many writers at once: how much becomes durable in a second, and how long one waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use beckon_server::clock::{Clock, SystemClock};
use beckon_server::store::EventStore;
use beckon_server::store::sqlite::SqliteStore;
use beckon_server::store::writer::{self, Ended, WriterHandle};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use super::ROUNDS;
use super::bare_file::BareFile;
use crate::bench::recording::{Recorder, Story};
use crate::bench::{Figure, Goal, folder, median, micros, now};

/// A round is so many turns of each: whatever else the machine does meets both alike.
const TURNS: usize = 8;
/// How long one turn takes.
const TURN: Duration = Duration::from_millis(400);
/// How many events a session has.
const EVENTS: u32 = 50;

/// Writers on one store, each in a session of its own.
struct Side {
    to: WriterHandle,
    ended: oneshot::Receiver<Ended>,
    recorders: Vec<Recorder>,
    /// Of the round that is under way.
    waits: Vec<Duration>,
    took: Duration,
    rounds: Vec<Round>,
}

/// What one round gave.
struct Round {
    per_second: f64,
    median: Duration,
    p99: Duration,
}

/// 16 and 256 writers, the log and the bare file in turns on the same disk.
pub fn run() -> Vec<Figure> {
    let runtime = Runtime::new().expect("a runtime");
    let story = Story::of(EVENTS);
    let mut figures = Vec::new();
    for (writers, names, throughput, wait) in [
        (
            16,
            ["16 writers, events", "16 writers, p99 of an append", "16 writers, median of it"],
            0.55,
            Goal::AtMost(3.0),
        ),
        (
            256,
            ["256 writers, events", "256 writers, p99 of an append", "256 writers, median of it"],
            0.35,
            Goal::Any,
        ),
    ] {
        let folder = folder();
        let log = SqliteStore::open(&folder.path().join("log.db")).expect("a store");
        let mut ours = Side::new(Box::new(log), writers, &story);
        let mut bare =
            Side::new(Box::new(BareFile::make(&folder.path().join("bare"))), writers, &story);
        for _ in 0..ROUNDS {
            for _ in 0..TURNS {
                runtime.block_on(bare.turn());
                runtime.block_on(ours.turn());
            }
            bare.round();
            ours.round();
        }
        let held = |name, unit, of: fn(&Round) -> f64, peer, goal| {
            let [value, limit] =
                [&ours, &bare].map(|side| median(side.rounds.iter().map(of).collect()));
            Figure { name, value, unit, peer, limit, goal }
        };
        let peer = "a preallocated file with fdatasync";
        figures.push(held(names[0], "/s", |r| r.per_second, peer, Goal::AtLeast(throughput)));
        figures.push(held(names[1], "us", |r| micros(r.p99), "the file's p99", wait));
        figures.push(held(names[2], "us", |r| micros(r.median), "the file's", Goal::Any));
        runtime.block_on(ours.end());
        runtime.block_on(bare.end());
    }
    figures
}

impl Side {
    fn new(behind: Box<dyn EventStore>, writers: usize, story: &Story) -> Self {
        let (to, ended) = writer::spawn(behind, Box::new(|_| {})).expect("a thread");
        Self {
            to,
            ended,
            recorders: (0..writers).map(|_| Recorder::new(story)).collect(),
            waits: Vec::new(),
            took: Duration::ZERO,
            rounds: Vec::new(),
        }
    }

    /// Each writer builds an event on its last one, hands it over, and goes on when it is durable.
    async fn turn(&mut self) {
        let stop = Arc::new(AtomicBool::new(false));
        let begun = now();
        let work = |recorder| tokio::spawn(write(self.to.clone(), recorder, Arc::clone(&stop)));
        let working: Vec<_> = self.recorders.drain(..).map(work).collect();
        tokio::time::sleep(TURN).await;
        stop.store(true, Ordering::Relaxed);
        for writer in working {
            let (recorder, waits) = writer.await.expect("a writer");
            self.recorders.push(recorder);
            self.waits.extend(waits);
        }
        self.took += begun.elapsed();
    }

    fn round(&mut self) {
        let (mut waits, took) = (std::mem::take(&mut self.waits), std::mem::take(&mut self.took));
        let per_second = waits.len() as f64 / took.as_secs_f64();
        waits.sort_unstable();
        let part = |percent: usize| waits[(waits.len() - 1) * percent / 100];
        self.rounds.push(Round { per_second, median: part(50), p99: part(99) });
    }

    async fn end(self) {
        drop(self.to);
        assert_eq!(self.ended.await, Ok(Ended::Stopped));
    }
}

async fn write(
    to: WriterHandle,
    mut recorder: Recorder,
    stop: Arc<AtomicBool>,
) -> (Recorder, Vec<Duration>) {
    let clock = SystemClock::new();
    let mut waits = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let append = recorder.build(clock.now());
        let asked = now();
        to.append(append).await.expect("an answer").expect("it is stored");
        waits.push(asked.elapsed());
        recorder.stored();
    }
    (recorder, waits)
}

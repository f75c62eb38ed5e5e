//! A writer killed at random moments, again and again: what was acknowledged is there, once.
//!
//! ```text
//! parent ── starts ──► writer: the real store and its thread, 16 at once ── a line an answer ──► pipe
//!    │  kill -9                                                                                   │
//!    └── opens the log, checks what is new ◄──────── every line that stood in the pipe ◄──────────┘
//! ```

mod ledger;
mod writer;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use beckon_server::clock::Random;
use beckon_server::store::EventStore as _;
use beckon_server::store::sqlite::SqliteStore;
pub use ledger::{Ledger, Tally};
pub use writer::write;

use super::{Figure, Goal, folder, median, millis, now};

/// How many write at once.
const WRITERS: usize = 16;
/// How often the writer is killed at least.
const ROUNDS: usize = 200;
/// How many answers there are at least, in all.
const ANSWERS: u64 = 1_000_000;
/// How many answers there are in a round before it ends.
const PER_ROUND: std::ops::Range<u64> = 3_000..8_500;
/// How much later than the last counted answer the writer is killed, in microseconds.
const LATER: std::ops::Range<u64> = 0..8_000;

/// Kills as often as it takes for both numbers.
pub fn run() -> Vec<Figure> {
    let folder = folder();
    let program = std::env::current_exe().expect("this program");
    let mut rounds = Rounds::new(&program, folder.path(), PER_ROUND);
    while rounds.count < ROUNDS || rounds.ledger.answered() < ANSWERS {
        rounds.one_more();
    }
    let (count, opened) = (rounds.count, rounds.opened.clone());
    let tally = rounds.finish();
    let figure = |name, value: u64, unit, peer, limit: f64, goal| Figure {
        name,
        value: value as f64,
        unit,
        peer,
        limit,
        goal,
    };
    let none = |name, value: u64| figure(name, value, "", "none allowed", 1.0, Goal::AtMost(0.0));
    vec![
        figure("kill -9 of a writer", count as u64, "", "200", 200.0, Goal::AtLeast(1.0)),
        figure("acknowledged events", tally.answered, "", "1 M", 1e6, Goal::AtLeast(1.0)),
        figure("events in the log", tally.stored, "", "1 M", 1e6, Goal::Any),
        none("acknowledged and lost", tally.lost),
        none("stored twice", tally.doubled),
        none("gaps and broken chains", tally.broken),
        Figure {
            name: "opening the log after a kill, median",
            value: millis(median(opened)),
            unit: "ms",
            peer: "50 ms",
            limit: 50.0,
            goal: Goal::Any,
        },
    ]
}

/// Rounds of writing and killing on one log.
pub struct Rounds<'a> {
    program: &'a Path,
    folder: &'a Path,
    per_round: std::ops::Range<u64>,
    random: Random,
    /// What was acknowledged, and what was found.
    pub ledger: Ledger,
    /// How often the writer was killed.
    pub count: usize,
    /// How long the log took to open after each kill.
    pub opened: Vec<Duration>,
}

impl<'a> Rounds<'a> {
    /// None yet. `program` is `beckon-bench`; the log is made in `folder`.
    pub fn new(program: &'a Path, folder: &'a Path, per_round: std::ops::Range<u64>) -> Self {
        Self {
            program,
            folder,
            per_round,
            random: Random::new(),
            ledger: Ledger::default(),
            count: 0,
            opened: Vec::new(),
        }
    }

    /// Writes, kills, and checks what is new in the log.
    pub fn one_more(&mut self) {
        let wanted = self.between(self.per_round.clone());
        let later = Duration::from_micros(self.between(LATER));
        let path = self.folder.join("log.db");
        let mut child = Command::new(self.program)
            .arg("writer")
            .arg(&path)
            .args(self.ledger.unfinished(WRITERS))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the writer starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        let mut counted = 0;
        loop {
            line.clear();
            // The pipe outlives the writer: what it wrote before it died is still read.
            if lines.read_line(&mut line).expect("a pipe") == 0 {
                break;
            }
            // A line that the kill cut off was not written.
            if !line.ends_with('\n') {
                break;
            }
            self.ledger.answer(line.trim_end());
            counted += 1;
            if counted == wanted {
                std::thread::sleep(later);
                child.kill().expect("it runs until it is killed");
            }
        }
        let ended = child.wait().expect("a child");
        let killed = std::os::unix::process::ExitStatusExt::signal(&ended) == Some(9);
        assert!(killed && counted >= wanted, "the writer ended by itself: {ended}");
        self.count += 1;
        let begun = now();
        let store = SqliteStore::open(&path).expect("the log opens after a kill");
        self.opened.push(begun.elapsed());
        self.ledger.check_tail(&*store.readers().reader().expect("a reader"));
    }

    /// Checks the whole log.
    pub fn finish(self) -> Tally {
        let path = self.folder.join("log.db");
        let store = SqliteStore::open(&path).expect("the log opens");
        let tally = self.ledger.check_whole(&*store.readers().reader().expect("a reader"));
        drop(store);
        let database = rusqlite::Connection::open(&path).expect("the log opens");
        let sound = database.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
        assert_eq!(sound.expect("it is checked"), "ok");
        tally
    }

    fn between(&self, range: std::ops::Range<u64>) -> u64 {
        range.start + u64::from_be_bytes(self.random.bytes()) % (range.end - range.start)
    }
}

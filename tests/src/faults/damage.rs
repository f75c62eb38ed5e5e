//! A log that was cut off or changed on the disk: refused with the reason, or all of it is as it
//! was written.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use beckon_server::clock::SystemClock;
use beckon_server::config::Config;
use beckon_server::store::sqlite::SqliteReaders;
use beckon_server::store::{EventReader, Readers as _, StoredEvent, StreamName};
use beckon_tests::inside::ground::Ground;
use tempfile::TempDir;

/// How often each file is damaged.
const TRIALS: u64 = 100;
/// How many people and sessions the log tells of.
const TOLD: usize = 40;

/// A data folder, and every event of its log.
struct Truth {
    folder: TempDir,
    events: Vec<StoredEvent>,
}

/// What was done to a file.
#[derive(Debug)]
enum Damage {
    Flipped { at: usize, bit: u8 },
    Zeroed { at: usize, length: usize },
    CutOff { at: usize },
}

/// Numbers that look as if they were drawn, the same ones each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

impl Truth {
    /// A server with some hundred events, everything signed: `killed` leaves them in the WAL.
    fn told(killed: bool) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let ground = runtime.block_on(async {
            let ground = Ground::new().await;
            for number in 0..TOLD {
                let operator = ground.operator(&format!("Ana {number}")).await;
                for _ in 0..4 {
                    ground.invitation(operator).await;
                }
            }
            let last = ground.hub.journal.readers().reader().unwrap().last_position().unwrap();
            ground.hub.evidence.covering(last.unwrap()).await.unwrap();
            ground
        });
        let folder = if killed {
            let copied = tempfile::tempdir().unwrap();
            copy(ground.hub.folder.path(), &copied.path().join("data"));
            copied
        } else {
            ground.into_folder()
        };
        let events = whole(&folder.path().join("data"));
        assert!(events.len() > 200, "{}", events.len());
        Self { folder, events }
    }

    /// Damages a copy of one file again and again; what was done, and how the start went.
    fn trials(&self, file: &str, seed: u64) {
        let whole = fs::read(self.folder.path().join("data").join(file)).unwrap();
        let (mut dice, mut refused) = (Dice(seed), 0);
        for trial in 0..TRIALS {
            let damage = match trial % 4 {
                0 => Damage::CutOff { at: dice.below(whole.len()) },
                1 => Damage::Zeroed { at: dice.below(whole.len()), length: 1 + dice.below(4_096) },
                _ => Damage::Flipped { at: dice.below(whole.len()), bit: 1 << dice.below(8) },
            };
            let left = tempfile::tempdir().unwrap();
            let data = left.path().join("data");
            copy(&self.folder.path().join("data"), &data);
            fs::write(data.join(file), damage.done_to(&whole)).unwrap();
            if let Err(said) = self.starts(&data, &damage) {
                refused += 1;
                let says = ["log.db", "event log", "log that was signed", "signed", "tiles"];
                assert!(says.iter().any(|word| said.contains(word)), "{damage:?}: {said}");
            }
        }
        assert!(refused > 0, "no damage was found: the trials find nothing");
        assert!(refused < TRIALS, "what hits nothing is no damage");
    }

    /// Starts a server on it, which may refuse; if it does not, everything is as it was written.
    fn starts(&self, data: &Path, damage: &Damage) -> Result<(), String> {
        let environment = [("BECKON_DATA".to_owned(), data.display().to_string())];
        let config = Config::parse("", environment).unwrap();
        let url = config.public_url_for("127.0.0.1:9".parse().unwrap());
        beckon_server::system(async {
            let clock = Arc::new(SystemClock::new());
            let opened = beckon_server::open(config, url, clock).await;
            let opened = opened.map_err(|error| error.to_string())?;
            let hub = opened.hub.clone();
            let reader = hub.journal.readers().reader().unwrap();
            let served = all(&*reader).unwrap();
            let count = self.events.len();
            assert!(served.len() >= count, "{damage:?}: {} of {count} events", served.len());
            assert!(served[..count] == self.events, "{damage:?}: an event was altered");
            for (stream, events) in &self.streams() {
                let read = reader.read_stream(stream, 0, 1_000).unwrap();
                let found: Vec<_> = read.iter().take(events.len()).collect();
                assert!(found == *events, "{damage:?}: {stream} is another one");
            }
            beckon_server::close(&hub).await.map_err(|error| error.to_string())
        })
    }

    fn streams(&self) -> BTreeMap<&StreamName, Vec<&StoredEvent>> {
        let mut streams: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for event in &self.events {
            streams.entry(&event.stream).or_default().push(event);
        }
        streams
    }
}

impl Damage {
    fn done_to(&self, whole: &[u8]) -> Vec<u8> {
        let mut bytes = whole.to_vec();
        match *self {
            Self::Flipped { at, bit } => bytes[at] ^= bit,
            Self::Zeroed { at, length } => {
                let end = bytes.len().min(at + length);
                bytes[at..end].fill(0);
            }
            Self::CutOff { at } => bytes.truncate(at),
        }
        bytes
    }
}

fn whole(data: &Path) -> Vec<StoredEvent> {
    let readers = SqliteReaders::open(&data.join("log.db")).unwrap();
    all(&*readers.reader().unwrap()).unwrap()
}

fn all(reader: &dyn EventReader) -> Result<Vec<StoredEvent>, String> {
    reader.read_all(None, 100_000).map_err(|error| error.to_string())
}

/// Copies the files of a data folder, its sockets and what readers share left out.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (kind, target) = (entry.file_type().unwrap(), to.join(entry.file_name()));
        if kind.is_dir() {
            copy(&entry.path(), &target);
        } else if kind.is_file() && !entry.file_name().to_string_lossy().ends_with("-shm") {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_log_that_was_changed_on_the_disk_is_refused_or_whole() {
    Truth::told(false).trials("log.db", 1);
}

#[test]
fn what_a_killed_server_left_and_was_changed_is_refused_or_whole() {
    Truth::told(true).trials("log.db-wal", 2);
}

//! What was acknowledged, held against what is in the log.

use std::collections::{BTreeMap, HashMap, HashSet};

use beckon_events::{Digest, EventId, envelope};
use beckon_server::store::{EventReader, Position, StoredEvent, StreamName};
use data_encoding::HEXLOWER;
use uuid::Uuid;

use crate::bench::recording::stream;

const PAGE: usize = 1_000;
/// A session with more events is not gone on with.
const UNFINISHED: u64 = 50;

/// An answer that the writer had.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Answer {
    session: Uuid,
    version: u64,
    position: u64,
    leaf: Digest,
}

/// What was found, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Answers that the writer had before it was killed.
    pub answered: u64,
    /// Events in the log.
    pub stored: u64,
    /// Answers without their event, or with another one there.
    pub lost: u64,
    /// Events with an id that another one has.
    pub doubled: u64,
    /// Positions and versions left out, events that do not stand on the one before them, and
    /// data that are not those of their envelope.
    pub broken: u64,
}

/// All answers, and how far the log was checked.
#[derive(Debug, Default)]
pub struct Ledger {
    answers: Vec<Answer>,
    /// How many of them were checked with the tail of the log.
    checked: usize,
    chains: Chains,
}

/// The last event of every stream, and of the log.
#[derive(Debug, Default)]
struct Chains {
    heads: BTreeMap<StreamName, (u64, Digest)>,
    last: Option<Position>,
    broken: u64,
}

impl Ledger {
    /// Takes a line of the writer.
    pub fn answer(&mut self, line: &str) {
        let words: Vec<_> = line.split(' ').collect();
        let [session, version, position, leaf] = words[..] else { panic!("{line}") };
        self.answers.push(Answer {
            session: session.parse().expect("a session"),
            version: version.parse().expect("a version"),
            position: position.parse().expect("a position"),
            leaf: Digest(
                HEXLOWER.decode(leaf.as_bytes()).expect("hex")[..].try_into().expect("a leaf"),
            ),
        });
    }

    /// How many answers there were.
    pub fn answered(&self) -> u64 {
        self.answers.len() as u64
    }

    /// At most so many sessions that are not told to their end.
    pub fn unfinished(&self, most: usize) -> Vec<String> {
        let open = self.chains.heads.iter().filter(|(_, (version, _))| *version < UNFINISHED);
        let id = |stream: &StreamName| {
            stream.as_str().split_once('-').expect("a kind and an id").1.to_owned()
        };
        open.map(|(stream, _)| id(stream)).take(most).collect()
    }

    /// Checks what came into the log since the last time, and this round's answers.
    pub fn check_tail(&mut self, reader: &dyn EventReader) {
        let mut found = HashMap::new();
        each(reader, self.chains.last, |event| {
            self.chains.add(event);
            found.insert((event.stream.clone(), event.version), (event.position, event.leaf()));
        });
        for answer in &self.answers[self.checked..] {
            let there = found.get(&(stream(answer.session), answer.version));
            let (position, leaf) = there.unwrap_or_else(|| panic!("{answer:?} is lost"));
            assert!((position.to_bits(), leaf) == (answer.position, &answer.leaf), "{answer:?}");
        }
        assert_eq!(self.chains.broken, 0, "the tail is whole");
        self.checked = self.answers.len();
    }

    /// Checks the log from its first event to its last.
    pub fn check_whole(&self, reader: &dyn EventReader) -> Tally {
        let mut tally = Tally { answered: self.answered(), ..Tally::default() };
        let mut chains = Chains::default();
        let mut leaves: Vec<Digest> = Vec::new();
        let mut ids: HashSet<EventId> = HashSet::new();
        let mut streams = Vec::new();
        each(reader, None, |event| {
            chains.add(event);
            tally.stored += 1;
            tally.doubled += u64::from(!ids.insert(event.id));
            leaves.push(event.leaf());
            streams.push((event.stream.uuid(), event.version));
        });
        tally.broken = chains.broken;
        for answer in &self.answers {
            let at = usize::try_from(answer.position).expect("few events").checked_sub(1);
            let is_there = at.is_some_and(|at| {
                leaves.get(at) == Some(&answer.leaf)
                    && streams.get(at) == Some(&(Some(answer.session), answer.version))
            });
            tally.lost += u64::from(!is_there);
        }
        tally
    }
}

impl Chains {
    fn add(&mut self, event: &StoredEvent) {
        let metadata = envelope::metadata(&event.metadata).expect("metadata");
        let (next, prev) = self.heads.get(&event.stream).copied().unwrap_or_default();
        let follows = self.last.map_or(0, Position::to_bits) + 1 == event.position.to_bits();
        let whole = follows
            && event.version == next
            && metadata.version == next
            && metadata.prev == prev
            && metadata.stream == event.stream.as_str()
            && metadata.id == event.id
            && metadata.body == Digest::of(&event.data);
        self.broken += u64::from(!whole);
        self.last = Some(event.position);
        self.heads.insert(event.stream.clone(), (event.version + 1, event.leaf()));
    }
}

/// Every event after `after`, in log order.
fn each(reader: &dyn EventReader, after: Option<Position>, mut f: impl FnMut(&StoredEvent)) {
    let mut after = after;
    loop {
        let page = reader.read_all(after, PAGE).expect("the log is read");
        let Some(last) = page.last() else { return };
        after = Some(last.position);
        page.iter().for_each(&mut f);
    }
}

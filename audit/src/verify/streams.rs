//! V1, V7, V8 and V9 across events: what each stream and each subject looked like before.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use beckon_events::{Digest, PublicKey, Subject, Timestamp};
use uuid::Uuid;

use super::happened::Happened;
use super::prepared::{Event, Story, Stream, Turn};
use super::session::{Over, Session};
use crate::export::Subjects;
use crate::text;
use crate::verdict::{Check, Place, Stop, Wrong};

/// How many streams are stored together.
const CHUNK: usize = 4096;
/// An append that a cluster took late may stand behind one that happened so much later.
const STEP_BACK_MAX: Duration = Duration::from_mins(1);

/// Every stream, as far as it has passed.
#[derive(Default)]
pub struct Streams {
    /// Where a session stands in `chunks`.
    sessions: HashMap<Uuid, u32>,
    chunks: Vec<Vec<Entry>>,
    others: HashMap<String, Entry>,
    /// Of the sessions that receipts are about: the keys of those who took part.
    parties: HashMap<Uuid, Vec<PublicKey>>,
    /// The events that closed sessions which are left out.
    closed: HashMap<Uuid, (u64, Digest)>,
    /// The latest time in the log so far.
    at: Option<Timestamp>,
    /// The first `HeadSigned` that names another event than the one that closed its session.
    head: Option<Wrong>,
    erased: HashSet<Subject>,
    /// Whose fields no key opens, with the first such event.
    shut: BTreeMap<Subject, u64>,
    /// Whether everybody's names should be there.
    all_names: bool,
    /// Whether a `SubjectErased` came without its body.
    unknown_erasure: bool,
    /// Sealed fields, and how many of them were opened.
    pub sealed: (u64, u64),
    /// Sessions of which a body is withheld.
    pub left_out: u64,
    /// Bodies that are withheld.
    pub withheld: u64,
}

/// One stream.
struct Entry {
    leaf: Digest,
    next: u64,
    /// When its last event happened.
    at: Timestamp,
    story: Progress,
}

/// How far a session has come.
enum Progress {
    /// It is no session.
    None,
    Open(Box<Session>),
    Over(Box<Over>),
    /// A body of it is withheld.
    LeftOut,
}

impl Entry {
    fn new(story: Progress) -> Self {
        Self { leaf: Digest::ZERO, next: 0, at: Timestamp::from_micros(i64::MIN), story }
    }
}

impl Streams {
    /// None yet; `receipts` are the sessions that the caller has receipts of.
    pub fn new(all_names: bool, receipts: impl Iterator<Item = Uuid>) -> Self {
        let parties = receipts.map(|session| (session, Vec::new())).collect();
        Self { parties, all_names, ..Self::default() }
    }

    /// Whether `key` is of somebody who took part in the session, as far as its events tell.
    pub fn may_be_of(&self, session: Uuid, key: &PublicKey) -> bool {
        let keys = self.parties.get(&session);
        keys.is_none_or(|keys| keys.is_empty() || keys.contains(key))
    }

    /// V1: the event is the next one in its stream, not before the one before it there, and hardly
    /// before any that stands before it in the log.
    pub fn follow(&mut self, event: &Event, leaf: Digest) -> Result<(), &'static str> {
        if self.at.is_some_and(|latest| latest.since(event.at) > STEP_BACK_MAX) {
            return Err(text::chain::EARLIER);
        }
        self.at = self.at.max(Some(event.at));
        let entry = self.entry(&event.stream);
        if event.at < entry.at {
            return Err(text::chain::EARLIER);
        }
        entry.at = event.at;
        if event.version != entry.next {
            return Err(text::chain::GAP);
        }
        if event.prev != entry.leaf {
            return Err(text::chain::PREV);
        }
        entry.next += 1;
        entry.leaf = leaf;
        Ok(())
    }

    /// V9: nothing is sealed for somebody who was erased; the log of one session does not tell.
    pub fn sealed(
        &mut self,
        index: u64,
        event: &Event,
        keys: &Subjects,
        whole: bool,
    ) -> Result<(), String> {
        let (subjects, opened) = event.sealed.as_ref().map_err(Clone::clone)?;
        for subject in subjects {
            if self.erased.contains(subject) {
                return Err(text::sealed::after_erasure(*subject));
            }
            if self.all_names && keys.of(*subject).is_none() {
                self.shut.entry(*subject).or_insert(index);
            }
        }
        self.sealed.0 += u64::try_from(subjects.len()).unwrap_or(0);
        self.sealed.1 += u64::try_from(*opened).unwrap_or(0);
        if let Turn::Erased(subject) = &event.turn
            && whole
        {
            match subject {
                Some(subject) => drop(self.erased.insert(*subject)),
                None if event.withheld => self.unknown_erasure = true,
                None => return Err(text::sealed::NO_SUBJECT.to_owned()),
            }
        }
        Ok(())
    }

    /// V7 and V8 of a session's event; V6 of a `HeadSigned` is kept for later.
    pub fn story(&mut self, index: u64, event: &Event, leaf: Digest) -> Result<(), Stop> {
        let Stream::Session(id) = &event.stream else {
            self.withheld += u64::from(event.withheld);
            return Ok(());
        };
        let Some(story) = &event.session else {
            self.withheld += 1;
            self.leave_out(*id, event, leaf);
            return Ok(());
        };
        if let Some(keys) = self.parties.get_mut(id)
            && let Ok(
                Happened::Joined { agent: key } | Happened::ApprovalRequested { control: key, .. },
            ) = &story.happened
        {
            keys.push(*key);
        }
        let entry = self.entry(&event.stream);
        let closed = match &mut entry.story {
            Progress::Open(session) => {
                open(session, index, event.at, story)?;
                if let Some(over) = session.over(event.version, leaf) {
                    entry.story = Progress::Over(Box::new(over));
                }
                None
            }
            Progress::Over(over) => {
                after(over, index, story)?;
                Some((over.version, over.leaf))
            }
            Progress::LeftOut | Progress::None => {
                if event.closes {
                    self.closed.insert(*id, (event.version, leaf));
                }
                self.closed.get(id).copied()
            }
        };
        if let Ok(Happened::HeadSigned { version, leaf, .. }) = &story.happened
            && closed != Some((*version, *leaf))
        {
            let (check, place) = (Check::V6, Place::Event(index));
            let what = text::receipts::OTHER_HEAD.to_owned();
            self.head.get_or_insert(Wrong { check, place, what });
        }
        Ok(())
    }

    /// V9 at the end, where everybody's names were asked for.
    pub fn names(&self, keys: &Subjects) -> Result<(), String> {
        if self.unknown_erasure {
            return Ok(());
        }
        if let Some((subject, index)) =
            self.shut.iter().find(|(subject, _)| !self.erased.contains(subject))
        {
            return Err(text::sealed::no_key(*subject, *index));
        }
        match self.erased.iter().find(|subject| keys.of(**subject).is_some()) {
            Some(subject) => Err(text::sealed::erased_with_key(*subject)),
            None => Ok(()),
        }
    }

    /// V6 of every `HeadSigned`.
    pub fn heads(&self) -> Result<(), Stop> {
        self.head.clone().map_or(Ok(()), |wrong| Err(Stop::Wrong(wrong)))
    }

    /// How many streams there are, and how many of them are sessions.
    pub fn count(&self) -> (u64, u64) {
        let sessions = u64::try_from(self.sessions.len()).unwrap_or(u64::MAX);
        (sessions + u64::try_from(self.others.len()).unwrap_or(0), sessions)
    }

    /// How many subjects were erased.
    pub fn erased(&self) -> u64 {
        u64::try_from(self.erased.len()).unwrap_or(u64::MAX)
    }

    fn leave_out(&mut self, id: Uuid, event: &Event, leaf: Digest) {
        let entry = self.entry(&event.stream);
        let before = std::mem::replace(&mut entry.story, Progress::LeftOut);
        let was_in = !matches!(before, Progress::LeftOut);
        self.parties.remove(&id);
        if let Progress::Over(over) = before {
            self.closed.insert(id, (over.version, over.leaf));
        }
        if event.closes {
            self.closed.insert(id, (event.version, leaf));
        }
        self.left_out += u64::from(was_in);
    }

    fn entry(&mut self, stream: &Stream) -> &mut Entry {
        match stream {
            Stream::Other(name) => {
                self.others.entry(name.clone()).or_insert_with(|| Entry::new(Progress::None))
            }
            Stream::Session(id) => {
                let next = self.sessions.len();
                let at =
                    *self.sessions.entry(*id).or_insert(u32::try_from(next).unwrap_or(u32::MAX));
                let at = usize::try_from(at).unwrap_or(usize::MAX);
                if at / CHUNK >= self.chunks.len() {
                    self.chunks.push(Vec::with_capacity(CHUNK));
                }
                let chunk = &mut self.chunks[at / CHUNK];
                if at % CHUNK >= chunk.len() {
                    chunk.push(Entry::new(Progress::Open(Box::default())));
                }
                &mut chunk[at % CHUNK]
            }
        }
    }
}

fn open(session: &mut Session, index: u64, at: Timestamp, story: &Story) -> Result<(), Stop> {
    let wrong = |check, what: &str| Stop::wrong(check, Place::Event(index), what);
    let said = story.said.map_err(|what| wrong(Check::V7, what))?;
    let read = story.happened.as_ref().ok();
    session.signed(read, said.as_ref()).map_err(|what| wrong(Check::V7, what))?;
    let happened = story.happened.as_ref().map_err(|what| wrong(Check::V8, what))?;
    session.take(happened, at).map_err(|what| wrong(Check::V8, what))
}

fn after(over: &mut Over, index: u64, story: &Story) -> Result<(), Stop> {
    let wrong = |check, what: &str| Stop::wrong(check, Place::Event(index), what);
    let said = story.said.map_err(|what| wrong(Check::V7, what))?;
    let read = story.happened.as_ref().ok();
    over.signed(read, said.as_ref()).map_err(|what| wrong(Check::V7, what))?;
    let happened = story.happened.as_ref().map_err(|what| wrong(Check::V8, what))?;
    over.take(happened).map_err(|what| wrong(Check::V8, what))
}

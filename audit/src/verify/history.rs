//! V3, V4 and V5: the checkpoints, as soon as their last event has passed.

use std::collections::{BTreeMap, BTreeSet};

use beckon_events::Digest;
use beckon_protocol::evidence::{Fingerprint, SignedCheckpoint};

use super::point::{self, Points};
use super::prepared::Restored;
use super::report::Break;
use crate::export::{Container, ExportKeys};
use crate::text::history as text;
use crate::verdict::{Check, Place, Stop};

/// What the checkpoints of an export are, before any event is looked at.
#[derive(Debug)]
pub struct Last {
    /// The last one of the last era.
    pub point: SignedCheckpoint,
    /// Its number in its file, from 1.
    pub number: u64,
    /// Its file.
    pub path: String,
}

/// The checkpoints that have been checked, and the next.
pub struct History<'a> {
    container: &'a Container,
    keys: &'a ExportKeys,
    key: Option<Fingerprint>,
    last: &'a Last,
    era: u32,
    points: Option<Points>,
    next: Option<SignedCheckpoint>,
    /// The size of the one before, or of what was restored.
    grown: Option<u64>,
    /// Of each era that ended, how many events were restored after it.
    restored: BTreeMap<u32, u64>,
    /// The eras so far.
    eras: BTreeSet<u32>,
    /// Whether the last one was reached.
    proven: bool,
    /// How many were checked.
    pub checked: u64,
    /// What lies in breaks.
    pub breaks: Vec<Break>,
}

impl<'a> History<'a> {
    /// Begins with the first era.
    pub fn new(
        container: &'a Container,
        keys: &'a ExportKeys,
        key: Option<Fingerprint>,
        last: &'a Last,
    ) -> Result<Self, Stop> {
        let mut history = Self {
            container,
            keys,
            key,
            last,
            era: 0,
            points: None,
            next: None,
            grown: None,
            restored: BTreeMap::new(),
            eras: BTreeSet::from([0]),
            proven: false,
            checked: 0,
            breaks: Vec::new(),
        };
        history.open()?;
        Ok(history)
    }

    /// Checks every checkpoint over the first `size` events, whose root is `root`.
    pub fn passed(&mut self, size: u64, root: &dyn Fn() -> Digest) -> Result<(), Stop> {
        while let Some(point) = self.next.take_if(|next| next.checkpoint.size <= size) {
            self.grows(&point)?;
            let file = || Place::file(point::path(self.era));
            let right = point.checkpoint.size == size && point.checkpoint.root == root();
            if self.is_last() {
                if !right {
                    return Err(Stop::wrong(Check::V3, file(), text::root(point.checkpoint.size)));
                }
                self.proven = true;
            }
            self.signed(&point, point::path(self.era), self.is_last())?;
            if !right {
                return Err(Stop::wrong(Check::V5, file(), text::root(point.checkpoint.size)));
            }
            self.checked += 1;
            self.advance()?;
        }
        Ok(())
    }

    /// Goes on to the next era: `restored` stands at `index`.
    pub fn restore(&mut self, index: u64, restored: Option<Restored>) -> Result<(), Stop> {
        let wrong = || Stop::wrong(Check::V5, Place::Event(index), text::RESTORED);
        let Restored { era, size } = restored.ok_or_else(wrong)?;
        // A log that was restored twice from the same backup has lost an era altogether.
        if era <= self.era || size != index {
            return Err(wrong());
        }
        let mut lost = Break { era: self.era, size: index, checkpoints: 0, largest: index };
        while let Some(point) = self.next.take() {
            self.grows(&point)?;
            self.signed(&point, point::path(self.era), self.is_last())?;
            lost.checkpoints += 1;
            lost.largest = point.checkpoint.size;
            self.advance()?;
        }
        self.breaks.push(lost);
        self.restored.insert(self.era, index);
        self.eras.insert(era);
        self.era = era;
        self.grown = Some(index);
        self.open()
    }

    /// What is left when all events have passed; `size` is that of the manifest.
    pub fn finish(&mut self, size: u64) -> Result<(), Stop> {
        if let Some(one) = self.keys.log.iter().find(|one| !self.eras.contains(&one.era)) {
            let place = Place::file(point::path(one.era));
            return Err(Stop::wrong(Check::V5, place, text::NOT_RESTORED));
        }
        self.sized(size, self.proven)
    }

    /// The one checkpoint of the export of a session, whose events have passed.
    pub fn only(&mut self, size: u64) -> Result<(), Stop> {
        self.signed(&self.last.point, self.last.path.clone(), true)?;
        self.checked += 1;
        self.sized(size, true)
    }

    /// Whether a checkpoint of `era` and `size` lies in a break.
    pub fn is_lost(&self, era: u32, size: u64) -> bool {
        self.restored.get(&era).is_some_and(|restored| size > *restored)
    }

    fn sized(&self, size: u64, proven: bool) -> Result<(), Stop> {
        if proven && self.last.point.checkpoint.size == size {
            return Ok(());
        }
        Err(Stop::wrong(Check::V3, Place::file(&self.last.path), text::SIZE))
    }

    fn open(&mut self) -> Result<(), Stop> {
        let there = self.keys.of(self.era).is_some();
        self.points = there.then(|| Points::open(self.container, self.era)).transpose()?;
        self.advance()
    }

    fn advance(&mut self) -> Result<(), Stop> {
        self.next = match &mut self.points {
            Some(points) => points.next()?,
            None => None,
        };
        Ok(())
    }

    /// Whether the one that was read last is the last one of the export.
    fn is_last(&self) -> bool {
        let count = self.points.as_ref().map(|points| points.count);
        self.keys.last().is_some_and(|last| last.era == self.era) && count == Some(self.last.number)
    }

    fn grows(&mut self, point: &SignedCheckpoint) -> Result<(), Stop> {
        let size = point.checkpoint.size;
        if self.grown.is_some_and(|grown| size <= grown) {
            let place = Place::file(point::path(self.era));
            return Err(Stop::wrong(Check::V5, place, text::SHRINKS));
        }
        self.grown = Some(size);
        Ok(())
    }

    /// `file` is the one that it stands in, `last` whether it is the last one of the export.
    fn signed(&self, point: &SignedCheckpoint, file: String, last: bool) -> Result<(), Stop> {
        let key = point::era_of(&file).and_then(|era| self.keys.of(era));
        if !key.is_some_and(|key| is_signed(point, key)) {
            return Err(Stop::wrong(Check::V4, Place::file(file), text::SIGNATURE));
        }
        match (last, self.key, self.keys.last()) {
            (true, Some(named), Some(key)) if !named.is_of(&key.key) => {
                let own = Fingerprint::of(&key.key);
                let place = Place::file(ExportKeys::PATH);
                Err(Stop::wrong(Check::V4, place, text::other_key(own)))
            }
            _ => Ok(()),
        }
    }
}

/// Whether a checkpoint is signed by a key, in the name of its log and era.
pub fn is_signed(point: &SignedCheckpoint, key: &crate::export::LogEraKey) -> bool {
    point.checkpoint.origin.to_string() == key.origin && point.verify(&key.key)
}

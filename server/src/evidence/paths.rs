//! The ways of many events into the tree, under one checkpoint.

use std::cell::RefCell;
use std::collections::HashMap;

use beckon_events::Digest;
use beckon_protocol::evidence::{TileAt, inclusion, verify_inclusion};

use tokio::sync::oneshot;

use super::sequencer::Ask;
use super::{Evidence, EvidenceError, Signed};
use crate::store::{Position, StoredEvent};

/// Where an event stands in the tree, and how it is proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Its index, from 0.
    pub index: u64,
    /// The inclusion proof; empty, too, where there is none.
    pub path: Vec<Digest>,
    /// Whether that leads to the root. Where it does not, the stored bytes are not those that
    /// were signed.
    pub holds: bool,
}

impl Evidence {
    /// The ways of `events`, which stand in the order of the log, into the tree of `signed`. A
    /// proof that does not hold is given as it is: whoever gets it shall see that. Waits for the
    /// disk: not for an async thread.
    pub fn ways(&self, events: &[StoredEvent], signed: &Signed) -> Result<Vec<Way>, EvidenceError> {
        let indexes = self.indexes(events)?;
        let ways = self.ways_of(events, &indexes, signed)?;
        if ways.iter().all(|way| way.holds) || !self.repaired() {
            return Ok(ways);
        }
        self.ways_of(events, &indexes, signed)
    }

    fn ways_of(
        &self,
        events: &[StoredEvent],
        indexes: &[u64],
        signed: &Signed,
    ) -> Result<Vec<Way>, EvidenceError> {
        let published = self.at_least(signed.size)?;
        let read = RefCell::new(HashMap::<_, Option<Vec<u8>>>::new());
        // Neighbours share all tiles but one.
        let tiles = |at: TileAt| {
            let known = || self.shared.tile(&published, at);
            let key = (at.level, at.index, at.width);
            read.borrow_mut().entry(key).or_insert_with(known).clone()
        };
        let way = |(event, index): (&StoredEvent, &u64)| {
            let path = inclusion(*index, signed.size, &tiles).unwrap_or_default();
            let holds = verify_inclusion(&event.leaf(), *index, signed.size, &path, &signed.root);
            Way { index: *index, path, holds }
        };
        Ok(events.iter().zip(indexes).map(way).collect())
    }

    /// The places of `events` in the tree: each bundle of the log is read once.
    fn indexes(&self, events: &[StoredEvent]) -> Result<Vec<u64>, EvidenceError> {
        let mut bundle: Option<(u64, Vec<Position>)> = None;
        let mut indexes = Vec::with_capacity(events.len());
        for event in events {
            let known = bundle.as_ref().and_then(|(first, positions)| {
                let within = positions.binary_search(&event.position).ok()?;
                Some(first + within as u64)
            });
            let index = if let Some(index) = known {
                index
            } else {
                let (first, positions) = self.shared.around(event.position)?;
                let within = positions.binary_search(&event.position);
                let index = first + within.map_err(|_| EvidenceError::Missing)? as u64;
                bundle = Some((first, positions));
                index
            };
            indexes.push(index);
        }
        Ok(indexes)
    }

    /// Whether the tiles were made again.
    fn repaired(&self) -> bool {
        let (answer, repaired) = oneshot::channel();
        self.bell.asks.send(Ask::Repair(answer)).is_ok() && repaired.blocking_recv().is_ok()
    }
}

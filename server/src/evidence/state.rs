//! How far the tree has come: what a start goes on from.

use std::collections::BTreeMap;

use beckon_events::{Digest, LogId};
use beckon_protocol::Base64;
use beckon_protocol::evidence::{Tile, TileAt, Tiler};
use serde::{Deserialize, Serialize};

use super::positions::Positions;

/// The file with the state.
pub(super) const STATE: &str = "tiles/state";

/// The right edge of a tree whose full tiles and positions are durable. Nothing depends on it: it
/// can be made again from the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    v: u8,
    /// Of which log.
    pub(super) log: LogId,
    /// How many leaves.
    pub(super) size: u64,
    /// The position of the last leaf's event.
    pub(super) position: u64,
    /// The last leaf.
    pub(super) leaf: Digest,
    root: Digest,
    /// The tiles that are not full, by their paths.
    edge: BTreeMap<String, Base64>,
    /// The positions behind the last full bundle.
    tail: Vec<u64>,
}

impl State {
    /// The state of a tree whose last leaf is `leaf`, of the event at `position`.
    pub(super) fn of(
        log: LogId,
        tiler: &Tiler,
        (position, leaf): (u64, Digest),
        positions: &Positions,
    ) -> Self {
        let edge =
            tiler.partials().into_iter().map(|Tile { at, bytes }| (at.path(), Base64(bytes)));
        Self {
            v: 1,
            log,
            size: tiler.size(),
            position,
            leaf,
            root: tiler.root(),
            edge: edge.collect(),
            tail: positions.tail().to_vec(),
        }
    }

    /// Reads a state of this log.
    pub(super) fn read(bytes: &[u8], log: LogId) -> Option<Self> {
        let state: Self = serde_json::from_slice(bytes).ok()?;
        (state.v == 1 && state.log == log).then_some(state)
    }

    /// Its bytes.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The tree; none where the state contradicts itself.
    pub(super) fn tiler(&self) -> Option<Tiler> {
        let edge = |at: TileAt| self.edge.get(&at.path()).map(|tile| tile.0.clone());
        Tiler::restore(self.size, &edge).filter(|tiler| tiler.root() == self.root)
    }

    /// The positions, with those of the file.
    pub(super) fn positions(&self, file: &[u8]) -> Option<Positions> {
        let last = self.tail.last().is_none_or(|last| *last == self.position);
        Positions::restore(self.size, file, self.tail.clone()).filter(|_| last)
    }
}

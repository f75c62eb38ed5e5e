//! Leaves in, tiles out.

use beckon_events::Digest;

use super::tile::{self, HASH, LEVELS, Tile, TileAt, WIDTH, at_level};
use super::{Frontier, Tiles};

/// Builds the tiles of a growing tree and holds its right edge only: at most 64 KiB.
#[derive(Clone, Debug, Default)]
pub struct Tiler {
    size: u64,
    levels: Vec<Edge>,
}

/// The last tile of a level, while it is not full.
#[derive(Clone, Debug, Default)]
struct Edge {
    bytes: Vec<u8>,
    within: Frontier,
}

impl Tiler {
    /// Goes on where a tree of `size` leaves ended, from the tiles at its right edge. None where
    /// one of them is missing or too short. Compare [`Tiler::root`] with the signed root.
    pub fn restore(size: u64, tiles: &dyn Tiles) -> Option<Self> {
        let mut levels = Vec::new();
        for level in 0..LEVELS {
            let hashes = at_level(size, level);
            if hashes == 0 {
                break;
            }
            let mut edge = Edge::default();
            if !hashes.is_multiple_of(256) {
                let at = TileAt::within(size, level, hashes / 256)?;
                let bytes = tiles.tile(at)?;
                tile::hashes(bytes.get(..at.bytes())?).for_each(|hash| edge.push(hash));
            }
            levels.push(edge);
        }
        Some(Self { size, levels })
    }

    /// Appends a leaf hash; gives back the tiles that it made full, the lowest level first.
    pub fn push(&mut self, leaf: Digest) -> Vec<Tile> {
        let mut full = Vec::new();
        self.size += 1;
        let mut hash = leaf;
        for level in 0..LEVELS {
            if self.levels.len() <= usize::from(level) {
                self.levels.push(Edge::default());
            }
            let Some(edge) = self.levels.get_mut(usize::from(level)) else { break };
            edge.push(hash);
            if edge.within.size() < u64::from(WIDTH) {
                break;
            }
            let Edge { bytes, within } = std::mem::take(edge);
            hash = within.root();
            let index = at_level(self.size, level) / 256 - 1;
            full.push(Tile { at: TileAt { level, index, width: WIDTH }, bytes });
        }
        full
    }

    /// The tiles at the right edge that are not full, the lowest level first.
    pub fn partials(&self) -> Vec<Tile> {
        let tile = |(level, edge): (u8, &Edge)| {
            let hashes = at_level(self.size, level);
            let at = TileAt::within(self.size, level, hashes / 256)?;
            Some(Tile { at, bytes: edge.bytes.clone() })
        };
        (0..LEVELS).zip(&self.levels).filter_map(tile).collect()
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree.
    pub fn root(&self) -> Digest {
        self.frontier().root()
    }

    /// The same tree without its tiles.
    pub fn frontier(&self) -> Frontier {
        let edges = self.levels.iter().rev();
        let hashes = edges.flat_map(|edge| edge.within.hashes().iter().copied()).collect();
        Frontier::restore(self.size, hashes).unwrap_or_default()
    }
}

impl Edge {
    fn push(&mut self, hash: Digest) {
        if self.bytes.is_empty() {
            self.bytes.reserve_exact(usize::from(WIDTH) * HASH);
        }
        self.bytes.extend_from_slice(&hash.0);
        self.within.push(hash);
    }
}

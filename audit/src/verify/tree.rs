//! V2: every event stands in the tiles, and the tiles above hold the nodes over those below.

use beckon_events::Digest;
use beckon_protocol::evidence::{Frontier, HASH, TileAt, WIDTH, verify_inclusion};

use crate::export::Container;
use crate::text::tree as text;
use crate::verdict::{Check, Place, Stop};

/// The tree over the events so far, and the tiles that are being compared with it.
#[derive(Debug)]
pub struct Tree {
    size: u64,
    /// Of each level, what stands in its last tile while that is not full.
    levels: Vec<Level>,
    /// How many leaves the tiles are of.
    of: u64,
}

#[derive(Debug, Default)]
struct Level {
    edge: Frontier,
    tile: Option<(TileAt, Vec<u8>)>,
}

impl Tree {
    /// Nothing yet of a tree of `of` leaves.
    pub fn new(of: u64) -> Self {
        Self { size: 0, levels: Vec::new(), of }
    }

    /// Appends the leaf of the next event and compares it, and the nodes that it completes.
    pub fn push(&mut self, leaf: Digest, tiles: &Container) -> Result<(), Stop> {
        let index = self.size;
        self.size += 1;
        let (mut hash, mut number, mut level) = (leaf, index, 0_u8);
        loop {
            if self.levels.len() <= usize::from(level) {
                self.levels.push(Level::default());
            }
            let Some(own) = self.levels.get_mut(usize::from(level)) else { return Ok(()) };
            own.compare(hash, (level, number), self.of, index, tiles)?;
            own.edge.push(hash);
            if own.edge.size() < u64::from(WIDTH) {
                return Ok(());
            }
            hash = std::mem::take(&mut own.edge).root();
            number /= u64::from(WIDTH);
            level += 1;
        }
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root over all of them.
    pub fn root(&self) -> Digest {
        let edges = self.levels.iter().rev();
        let hashes = edges.flat_map(|level| level.edge.hashes().iter().copied()).collect();
        Frontier::restore(self.size, hashes).unwrap_or_default().root()
    }
}

impl Level {
    fn compare(
        &mut self,
        hash: Digest,
        (level, number): (u8, u64),
        of: u64,
        event: u64,
        tiles: &Container,
    ) -> Result<(), Stop> {
        let tile = number / u64::from(WIDTH);
        if self.tile.as_ref().is_none_or(|(at, _)| at.index != tile) {
            // More events than the tree has are found by their number.
            let Some(at) = TileAt::within(of, level, tile) else { return Ok(()) };
            self.tile = Some((at, tiles.load(&path(at))?));
        }
        let Some((at, bytes)) = &self.tile else { return Ok(()) };
        let from = usize::try_from(number % u64::from(WIDTH)).unwrap_or(0) * HASH;
        if bytes.get(from..from + HASH) == Some(&hash.0) {
            return Ok(());
        }
        Err(if level == 0 {
            Stop::wrong(Check::V2, Place::Event(event), text::LEAF)
        } else {
            Stop::wrong(Check::V2, Place::file(path(*at)), text::NODE)
        })
    }
}

/// Where a tile stands in an export.
pub fn path(at: TileAt) -> String {
    format!("tiles/{}", at.path())
}

/// Whether an event of a session stands in the tree of the export's checkpoint.
pub fn included(
    leaf: &Digest,
    index: u64,
    proof: &[Digest],
    size: u64,
    root: &Digest,
) -> Result<(), Stop> {
    if verify_inclusion(leaf, index, size, proof, root) {
        Ok(())
    } else {
        Err(Stop::wrong(Check::V2, Place::Event(index), text::PROOF))
    }
}

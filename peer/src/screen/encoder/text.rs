//! Tiles through the zstd stream, as many as fit.

use std::io;

use super::packer::Packer;
use crate::screen::filter::filter;
use crate::screen::tiles::{Run, Tiles};
use crate::screen::{Picture, Rect};

/// Bytes that zstd collects before it gives any, in tiles.
const BLOCK: usize = 8;
/// A tile of text before anything is known.
const FIRST_RATE: usize = 1_200;

/// Packs tiles and learns what they cost.
pub(super) struct Text {
    packer: Packer,
    /// Bytes of a tile, the last ones counting most.
    rate: usize,
    /// Scratch space for a tile.
    tile: Vec<u8>,
}

/// How the pixels of a tile are given to zstd.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum As {
    /// As they are.
    Text,
    /// As differences of neighbours.
    Smooth,
}

/// What a tile cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cost {
    /// A 32nd of a byte a pixel at most: no photo of it is smaller.
    #[default]
    Low,
    /// An eighth of a byte a pixel at most: about as much as a photo, which is quicker.
    Middle,
    /// A byte a pixel at most: more than a photo, less than its loss is worth.
    High,
    /// More.
    Excessive,
}

impl Cost {
    fn of(bytes: usize, area: u64) -> Self {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let above = |parts: u64| bytes.saturating_mul(parts) > area;
        match (above(1), above(8), above(32)) {
            (true, ..) => Self::Excessive,
            (_, true, _) => Self::High,
            (.., true) => Self::Middle,
            _ => Self::Low,
        }
    }
}

/// What was packed.
#[derive(Default)]
pub(super) struct Packed {
    pub(super) runs: Vec<Run>,
    /// The tiles, and what each cost.
    pub(super) tiles: Vec<(u16, Cost)>,
    pub(super) bytes: Vec<u8>,
}

impl Text {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { packer: Packer::new()?, rate: FIRST_RATE, tile: Vec::new() })
    }

    /// What so many tiles will cost.
    pub(super) fn estimate(&self, tiles: usize) -> usize {
        self.rate.saturating_mul(tiles)
    }

    /// Packs tiles in their order until about `budget` bytes are reached, one at least.
    pub(super) fn pack(
        &mut self,
        picture: &Picture,
        tiles: Tiles,
        chosen: impl Iterator<Item = u16>,
        how: As,
        budget: usize,
    ) -> io::Result<Packed> {
        let mut packed = Packed::default();
        let mut paid = 0;
        for number in chosen {
            let waiting = packed.tiles.len() - paid;
            let room = budget.saturating_sub(packed.bytes.len());
            let is_full = room <= self.estimate(waiting) || packed.runs.len() > MOST_RUNS;
            if is_full && !packed.tiles.is_empty() {
                break;
            }
            let before = packed.bytes.len();
            self.gather(picture, tiles.rect(number), how);
            self.packer.pack(&self.tile, &mut packed.bytes)?;
            Run::push(&mut packed.runs, number);
            packed.tiles.push((number, Cost::default()));
            // Where room is short, it is asked what the last tiles cost.
            if packed.bytes.len() == before && waiting + 1 < BLOCK {
                if room > 2 * self.estimate(waiting + 1) {
                    continue;
                }
                self.packer.flush(&mut packed.bytes)?;
            }
            self.pay(&mut packed, &mut paid, before, tiles);
        }
        if !packed.tiles.is_empty() {
            let before = packed.bytes.len();
            self.packer.flush(&mut packed.bytes)?;
            self.pay(&mut packed, &mut paid, before, tiles);
        }
        Ok(packed)
    }

    /// The bytes since `before` are those of the tiles since `paid`.
    fn pay(&mut self, packed: &mut Packed, paid: &mut usize, before: usize, tiles: Tiles) {
        let cost = packed.bytes.len() - before;
        let costing = packed.tiles.get_mut(*paid..).unwrap_or_default();
        let area: u64 = costing.iter().map(|(tile, _)| tiles.rect(*tile).area()).sum();
        for (_, each) in costing.iter_mut() {
            *each = Cost::of(cost, area);
        }
        if let Some(each) = cost.checked_div(costing.len()) {
            self.rate = (3 * self.rate + each) / 4;
        }
        *paid = packed.tiles.len();
    }

    fn gather(&mut self, picture: &Picture, rect: Rect, how: As) {
        self.tile.clear();
        match how {
            As::Text => picture.part(rect).for_each(|row| self.tile.extend_from_slice(row)),
            As::Smooth => filter(picture.part(rect), &mut self.tile),
        }
    }
}

/// Runs of which two lists fit into an update.
const MOST_RUNS: usize = 60_000;

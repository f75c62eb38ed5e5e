//! Where content moved within the picture.
//!
//! ```text
//! guesses, the last shift ─┐ most anchors       every row compared,
//! strips found in old rows ┴─────► shift ──────► largest rectangles ─► moves, none of which
//! (only where no guess holds)                    that the shift explains     spoils a later one
//! ```

mod anchors;
mod growth;
mod strips;
#[cfg(test)]
mod tests;

use anchors::Anchors;
use growth::Growth;
use strips::Strips;

use super::compare::COLOURS;
use super::{Move, PIXEL, Part, Picture, Rect, Shift};

/// Pixels that are compared at once.
const SEGMENT: u32 = 16;
const SEGMENT_BYTES: usize = 16 * PIXEL;
/// More shifts than these explain nothing that is worth the time.
const MOST_SHIFTS: usize = 3;
/// Rectangles of one shift: a window with something before it.
const MOST_OF_SHIFT: usize = 4;
/// Parts that are searched, the largest.
const MOST_PARTS: usize = 4;
/// A part needs so many pixels, and so many to be searched before it is compared.
const LEAST_AREA: u64 = 64 * 64;
const EARLY_AREA: u64 = 256 * 256;
/// Searches in vain until the next ones are left out, and how many are at most.
const PATIENCE: u32 = 3;
const LONGEST_REST: u32 = 16;

/// Finds moves in one picture after the other.
#[derive(Default)]
pub(super) struct Moves {
    /// What moved last often moves on.
    last: Option<Shift>,
    /// Searches in vain, and how many of the next are left out.
    failures: u32,
    rest: u32,
    growth: Growth,
    strips: Strips,
}

impl Moves {
    /// The copies within `old`, applied in this order, that make it show what the parts do at
    /// the places where they write; each of these is within one part. `stale` says where Control
    /// does not have what `old` has: nothing is copied from there. The fourth byte of a pixel
    /// does not count.
    pub(super) fn find(
        &mut self,
        old: &Picture,
        stale: &dyn Fn(Rect) -> bool,
        parts: &[Part<'_>],
        shifts: &[Shift],
    ) -> Vec<Move> {
        let old = Part { rect: old.bounds(), stride: old.stride(), pixels: old.pixels() };
        let anchored = largest(parts, LEAST_AREA).map(|new| (*new, Anchors::of(new, &old)));
        let anchored = anchored.collect();
        self.find_at(anchored, &old, stale, shifts)
    }

    /// As [`Self::find`], before it is known what has changed: only where much has; `None` where
    /// that is not so.
    pub(super) fn find_early(
        &mut self,
        old: &Picture,
        stale: &dyn Fn(Rect) -> bool,
        parts: &[Part<'_>],
        shifts: &[Shift],
    ) -> Option<Vec<Move>> {
        let old = Part { rect: old.bounds(), stride: old.stride(), pixels: old.pixels() };
        let anchored = largest(parts, EARLY_AREA).map(|new| (*new, Anchors::of(new, &old)));
        let anchored: Vec<_> = anchored.filter(|(_, anchors)| anchors.are_many()).collect();
        (!anchored.is_empty()).then(|| self.find_at(anchored, &old, stale, shifts))
    }

    fn find_at(
        &mut self,
        anchored: Vec<(Part<'_>, Anchors)>,
        old: &Part<'_>,
        stale: &dyn Fn(Rect) -> bool,
        shifts: &[Shift],
    ) -> Vec<Move> {
        let Some(around) = anchored.iter().map(|(part, _)| part.rect).reduce(Rect::around) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        let mut searched = false;
        for (new, mut anchors) in anchored {
            for _ in 0..MOST_SHIFTS {
                let last = self.last;
                let guesses = || shifts.iter().copied().chain(last);
                let mut best = anchors.best(guesses(), &new, old);
                // What explains little may be chance: each shift is compared at length.
                let explains = best.is_some_and(|(count, _)| count * 2 >= anchors.places().len());
                if !explains && !searched && anchors.suffice() && self.may_search() {
                    let seen = self.strips.search(anchors.places(), &new, old, around);
                    best = anchors.best(guesses().chain(seen), &new, old);
                    searched = best.is_none();
                    self.searched(best.is_some());
                }
                let Some((_, shift)) = best else { break };
                let before = found.len();
                self.growth.grow(shift, &new, old, stale, MOST_OF_SHIFT, &mut found);
                let grown = found.get(before..).unwrap_or_default();
                anchors.leave(shift, grown);
                if !grown.is_empty() {
                    self.last = Some(shift);
                }
            }
        }
        in_order(found)
    }

    fn may_search(&mut self) -> bool {
        let may = self.rest == 0;
        self.rest = self.rest.saturating_sub(1);
        may
    }

    fn searched(&mut self, found: bool) {
        self.failures = if found { 0 } else { self.failures.saturating_add(1) };
        if self.failures >= PATIENCE {
            let exponent = (self.failures - PATIENCE).min(LONGEST_REST.ilog2());
            self.rest = 1 << exponent;
        }
    }
}

/// The largest parts of at least this area.
fn largest<'p, 'a>(parts: &'p [Part<'a>], area: u64) -> impl Iterator<Item = &'p Part<'a>> {
    let mut parts: Vec<_> = parts.iter().filter(|part| part.rect.area() >= area).collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.rect.area()));
    parts.into_iter().take(MOST_PARTS)
}

/// The moves in an order in which none writes over what a later one copies; what has no place in
/// it is left out, the smallest first.
fn in_order(mut moves: Vec<Move>) -> Vec<Move> {
    let mut ordered = Vec::with_capacity(moves.len());
    while !moves.is_empty() {
        let spoils = |one: &Move| {
            let sources = moves.iter().filter(|other| *other != one).map(|other| other.from);
            sources.map(|from| from.within(one.target()).area()).sum::<u64>() > 0
        };
        if let Some(next) = moves.iter().position(|change| !spoils(change)) {
            ordered.push(moves.remove(next));
        } else if let Some(smallest) =
            moves.iter().enumerate().min_by_key(|(_, change)| change.from.area()).map(|(at, _)| at)
        {
            moves.remove(smallest);
        }
    }
    ordered
}

/// What comes to `target` by a shift lies here; `None` where that is not within the picture.
fn source(target: Rect, shift: Shift, bounds: Rect) -> Option<Rect> {
    let x = target.x.checked_add_signed(shift.dx.checked_neg()?)?;
    let y = target.y.checked_add_signed(shift.dy.checked_neg()?)?;
    let from = Rect { x, y, ..target };
    (from.within(bounds) == from).then_some(from)
}

/// The pixels from a place to the right, which must be in the part.
fn pixels<'a>(part: &Part<'a>, x: u32, y: u32, width: u32) -> &'a [u8] {
    let inside = Rect { x, y, width, height: 1 };
    if inside.within(part.rect) != inside {
        return &[];
    }
    let from = index(y - part.rect.y) * part.stride + index(x - part.rect.x) * PIXEL;
    part.pixels.get(from..from + index(width) * PIXEL).unwrap_or_default()
}

/// Whether all pixels of a row have one colour.
fn is_plain(row: &[u8]) -> bool {
    let pixels = row.as_chunks::<PIXEL>().0;
    let first = pixels.first().copied().map_or(0, u32::from_le_bytes);
    let differences = |all, pixel: &[u8; PIXEL]| all | (u32::from_le_bytes(*pixel) ^ first);
    pixels.iter().fold(0, differences) & COLOURS == 0
}

/// Whether two rows of pixels show different colours.
fn differ(new: &[u8], old: &[u8]) -> bool {
    super::compare::differ(new, old) || new.len() != old.len()
}

fn index(length: u32) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

//! The search for content that may have moved anywhere.

use super::{PIXEL, Part, Rect, SEGMENT, Shift, differ, is_plain, pixels};
use crate::screen::compare::COLOURS;

/// Strips of the new picture, twice as many rows high as the rows of the old one are apart that
/// are looked at: wherever a strip was, two of its rows are found.
#[derive(Default)]
pub(super) struct Strips {
    rows: Vec<Row>,
    /// For each hash one more than the number of its row; 0 for none.
    table: Vec<u16>,
    line: Vec<u32>,
}

struct Row {
    x: u32,
    y: u32,
    /// How often it was found: what is everywhere says nothing.
    found: u32,
}

impl Strips {
    const MOST: usize = 16;
    const HEIGHT: u32 = 64;
    const APART: usize = 32;
    const HASH_BITS: u32 = 12;
    const MOST_FOUND: u32 = 6;
    /// Shifts that are worth a closer look.
    const BEST: usize = 4;
    /// How far beyond what changed content may come from.
    const MARGIN: u32 = 64;

    /// Shifts that bring something of `old` to some of the places; the most frequent first.
    pub(super) fn search(
        &mut self,
        places: &[(u32, u32)],
        new: &Part<'_>,
        old: &Part<'_>,
        around: Rect,
    ) -> Vec<Shift> {
        self.fill(places, new);
        let area = Rect {
            x: around.x.saturating_sub(Self::MARGIN),
            y: around.y.saturating_sub(Self::MARGIN),
            width: around.width.saturating_add(2 * Self::MARGIN),
            height: around.height.saturating_add(2 * Self::MARGIN),
        }
        .within(old.rect);
        // At most a few for each row of a strip.
        let mut votes = Vec::new();
        let Self { rows, table, line } = self;
        for y in (area.y..area.bottom()).step_by(Self::APART) {
            line.clear();
            let row = pixels(old, area.x, y, area.width).as_chunks::<PIXEL>().0;
            line.extend(row.iter().map(|pixel| u32::from_le_bytes(*pixel) & COLOURS));
            let Some((first, _)) = line.split_at_checked(super::index(SEGMENT)) else { continue };
            let mut rolling = Rolling::of(first.iter().copied());
            let next = line.iter().skip(super::index(SEGMENT)).map(Some).chain([None]);
            for (x, (left, right)) in (area.x..).zip(line.iter().zip(next)) {
                let number = table.get(rolling.slot()).copied().unwrap_or(0);
                if let Some(right) = right {
                    rolling.pass(*left, *right);
                }
                let Some(row) = usize::from(number).checked_sub(1).and_then(|at| rows.get_mut(at))
                else {
                    continue;
                };
                let same = || {
                    let new = pixels(new, row.x, row.y, SEGMENT);
                    !differ(new, pixels(old, x, y, SEGMENT))
                };
                if row.found >= Self::MOST_FOUND || !same() {
                    continue;
                }
                row.found += 1;
                let (Some(dx), Some(dy)) =
                    (row.x.checked_signed_diff(x), row.y.checked_signed_diff(y))
                else {
                    continue;
                };
                votes.push((dx, dy));
            }
        }
        votes.retain(|vote| *vote != (0, 0));
        votes.sort_unstable();
        let mut counts: Vec<(usize, Shift)> = votes
            .chunk_by(|one, other| one == other)
            .filter_map(|same| {
                same.first().map(|(dx, dy)| (same.len(), Shift { dx: *dx, dy: *dy }))
            })
            .collect();
        counts.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        counts.into_iter().take(Self::BEST).map(|(_, shift)| shift).collect()
    }

    fn fill(&mut self, places: &[(u32, u32)], new: &Part<'_>) {
        self.rows.clear();
        self.table.clear();
        self.table.resize(1 << Self::HASH_BITS, 0);
        let step = places.len().div_ceil(Self::MOST).max(1);
        for (x, top) in places.iter().skip(step / 2).step_by(step) {
            for y in (*top..new.rect.bottom()).take(super::index(Self::HEIGHT)) {
                let row = pixels(new, *x, y, SEGMENT);
                if is_plain(row) {
                    continue;
                }
                let row = row.as_chunks().0.iter();
                let hash = Rolling::of(row.map(|pixel| u32::from_le_bytes(*pixel) & COLOURS));
                if let Some(slot @ 0) = self.table.get_mut(hash.slot()) {
                    self.rows.push(Row { x: *x, y, found: 0 });
                    *slot = u16::try_from(self.rows.len()).unwrap_or(0);
                }
            }
        }
    }
}

/// A hash of the last [`SEGMENT`] pixels of a row.
#[derive(Clone, Copy)]
struct Rolling(u64);

impl Rolling {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    /// The factor of the pixel that leaves.
    const LEAVING: u64 = Self::FACTOR.wrapping_pow(SEGMENT);

    fn of(pixels: impl Iterator<Item = u32>) -> Self {
        let next =
            |hash: u64, pixel| hash.wrapping_mul(Self::FACTOR).wrapping_add(u64::from(pixel));
        Self(pixels.fold(0, next))
    }

    fn pass(&mut self, left: u32, right: u32) {
        let left = u64::from(left).wrapping_mul(Self::LEAVING);
        let all = self.0.wrapping_mul(Self::FACTOR).wrapping_add(u64::from(right));
        self.0 = all.wrapping_sub(left);
    }

    /// Its place in the table.
    fn slot(self) -> usize {
        let mixed = (self.0 ^ self.0 >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93);
        usize::try_from(mixed >> (64 - Strips::HASH_BITS)).unwrap_or(0)
    }
}

//! The largest rectangles that a shift explains.

use super::{
    Move, PIXEL, Part, Rect, SEGMENT, SEGMENT_BYTES, Shift, differ, index, is_plain, pixels, source,
};

/// Compares every pixel under a shift and finds rectangles in what is equal.
#[derive(Default)]
pub(super) struct Growth {
    /// For each segment of each row whether the shift explains it.
    equal: Vec<bool>,
    /// Sums of the worth of all segments above and to the left, for each [`SAMPLED`]th row.
    sums: Vec<Worth>,
    /// How many rows above and with this one are equal, for each column.
    heights: Vec<u32>,
    /// Columns and heights that rise.
    stack: Vec<(u32, u32)>,
}

/// Segments of sampled rows that have changed: in the upper half those that are not plain.
type Worth = u64;

/// The rows that are looked at for what a rectangle is worth.
const SAMPLED: u32 = 4;
/// A move is worth its while from so many segments that are not plain: about 64 × 64 pixels of
/// text.
const LEAST_WORTH: Worth = 24 << 32;
const LEAST_HEIGHT: u32 = 8;
/// The tiles of which `stale` is asked.
const TILE: u32 = 64;

/// What is compared.
struct Pair<'a> {
    new: &'a Part<'a>,
    old: &'a Part<'a>,
    /// Where the shift brings something of the old picture.
    area: Rect,
    /// Where that comes from.
    from: Rect,
}

/// A rectangle of segments: columns from and to, rows from and to.
#[derive(Clone, Copy)]
struct Block {
    left: u32,
    right: u32,
    top: u32,
    bottom: u32,
}

impl Growth {
    /// Adds the rectangles in which `new` shows what `old` does a shift away, the best first.
    pub(super) fn grow(
        &mut self,
        shift: Shift,
        new: &Part<'_>,
        old: &Part<'_>,
        stale: &dyn Fn(Rect) -> bool,
        most: usize,
        found: &mut Vec<Move>,
    ) {
        let Some(area) = reached(new.rect, shift, old.rect) else { return };
        let Some(from) = source(area, shift, old.rect) else { return };
        let pair = Pair { new, old, area, from };
        self.compare(&pair, stale);
        let before = found.len();
        let mut left = self.sums.last().copied().unwrap_or(0);
        for _ in 0..most {
            if left < LEAST_WORTH {
                return;
            }
            let Some((block, worth)) = self.best(&pair) else { return };
            left = left.saturating_sub(worth);
            // It is not found again.
            self.clear(&pair, block);
            let target = pair.fit(block);
            for target in [pair.widen(target), target] {
                let others = found.get(before..).unwrap_or_default().iter();
                let target = others.fold(target, |target, other| beside(target, other.target()));
                if let Some(from) = source(target, shift, old.rect)
                    && target.width >= SEGMENT
                    && !stale(from)
                {
                    found.push(Move { from, x: target.x, y: target.y });
                    break;
                }
            }
        }
    }

    fn compare(&mut self, pair: &Pair<'_>, stale: &dyn Fn(Rect) -> bool) {
        let columns = index(pair.columns());
        self.equal.clear();
        self.sums.clear();
        self.sums.resize(columns + 1, 0);
        for row in 0..pair.area.height {
            let (new, from) = pair.row(row, 0, pair.area.width);
            let first = self.equal.len();
            let ((segments, end), (from, from_end)) =
                (new.as_chunks::<SEGMENT_BYTES>(), from.as_chunks::<SEGMENT_BYTES>());
            self.equal.extend(segments.iter().zip(from).map(|(new, from)| !differ(new, from)));
            if !end.is_empty() {
                self.equal.push(!differ(end, from_end));
            }
            if !row.is_multiple_of(SAMPLED) {
                continue;
            }
            let before = pixels(pair.old, pair.area.x, pair.area.y + row, pair.area.width);
            let (before, before_end) = before.as_chunks::<SEGMENT_BYTES>();
            let equal = self.equal.get(first..).unwrap_or_default().iter();
            let above = self.sums.len() - columns;
            self.sums.push(0);
            let worths = segments.iter().zip(before).map(|(new, before)| worth(new, before));
            let last = (!end.is_empty()).then(|| worth(end, before_end));
            let mut sum = 0;
            for (column, (worth, equal)) in (above..).zip(worths.chain(last).zip(equal)) {
                sum += if *equal { worth } else { 0 };
                let over = self.sums.get(column).copied().unwrap_or(0);
                self.sums.push(over + sum);
            }
        }
        self.leave_stale(pair, stale);
    }

    /// Nothing comes from where Control has something else.
    fn leave_stale(&mut self, pair: &Pair<'_>, stale: &dyn Fn(Rect) -> bool) {
        if !stale(pair.from) {
            return;
        }
        let tiles = |from: u32, to: u32| (from / TILE..to.div_ceil(TILE)).map(|tile| tile * TILE);
        for y in tiles(pair.from.y, pair.from.bottom()) {
            for x in tiles(pair.from.x, pair.from.right()) {
                let tile = Rect { x, y, width: TILE, height: TILE }.within(pair.from);
                if stale(tile) {
                    let left = tile.x - pair.from.x;
                    self.clear(
                        pair,
                        Block {
                            left: left / SEGMENT,
                            right: (left + tile.width).div_ceil(SEGMENT),
                            top: tile.y - pair.from.y,
                            bottom: tile.bottom() - pair.from.y,
                        },
                    );
                }
            }
        }
    }

    fn clear(&mut self, pair: &Pair<'_>, block: Block) {
        let columns = index(pair.columns());
        let rows = self.equal.chunks_mut(columns.max(1)).skip(index(block.top));
        for row in rows.take(index(block.bottom - block.top)) {
            if let Some(row) = row.get_mut(index(block.left)..index(block.right)) {
                row.fill(false);
            }
        }
    }

    /// The block of equal segments that is worth most, the larger where two are worth the same,
    /// and its worth.
    fn best(&mut self, pair: &Pair<'_>) -> Option<(Block, Worth)> {
        let columns = index(pair.columns());
        self.heights.clear();
        self.heights.resize(columns, 0);
        let mut best = Best { worth: LEAST_WORTH - 1, area: 0, block: None };
        for (row, equal) in (0..).zip(self.equal.chunks_exact(columns.max(1))) {
            // A rectangle ends where a column does.
            let ends = |(height, equal): (&u32, &bool)| *height >= LEAST_HEIGHT && !equal;
            if self.heights.iter().zip(equal).any(ends) {
                blocks(&self.heights, &mut self.stack, row, |block| {
                    best.offer(&self.sums, columns, block);
                });
            }
            for (height, equal) in self.heights.iter_mut().zip(equal) {
                *height = if *equal { *height + 1 } else { 0 };
            }
        }
        let end = pair.area.height;
        blocks(&self.heights, &mut self.stack, end, |block| best.offer(&self.sums, columns, block));
        best.block.map(|block| (block, best.worth))
    }
}

struct Best {
    worth: Worth,
    area: u64,
    block: Option<Block>,
}

impl Best {
    fn offer(&mut self, sums: &[Worth], columns: usize, block: Block) {
        let at = |column: u32, row: u32| {
            let row = index(row.div_ceil(SAMPLED));
            sums.get(row * (columns + 1) + index(column)).copied().unwrap_or(0)
        };
        let Block { left, right, top, bottom } = block;
        let worth =
            (at(right, bottom) + at(left, top)).saturating_sub(at(left, bottom) + at(right, top));
        let area = u64::from(right - left) * u64::from(bottom - top);
        if (worth, area) > (self.worth, self.area) {
            *self = Self { worth, area, block: Some(block) };
        }
    }
}

/// What it is worth that a segment which the shift explains is not sent.
#[inline]
fn worth(new: &[u8], before: &[u8]) -> Worth {
    match (differ(new, before), is_plain(new)) {
        (false, _) => 0,
        (true, true) => 1,
        (true, false) => 1 << 32,
    }
}

/// All largest rectangles that end above `bottom`: those that cannot grow to a side or upwards.
fn blocks(heights: &[u32], stack: &mut Vec<(u32, u32)>, bottom: u32, mut offer: impl FnMut(Block)) {
    stack.clear();
    for (column, height) in (0..).zip(heights.iter().copied().chain([0])) {
        let mut left = column;
        while let Some((begin, high)) = stack.pop_if(|(_, high)| *high >= height) {
            if high > height && high >= LEAST_HEIGHT {
                offer(Block { left: begin, right: column, top: bottom - high, bottom });
            }
            left = begin;
        }
        if height > 0 {
            stack.push((left, height));
        }
    }
}

impl Pair<'_> {
    fn columns(&self) -> u32 {
        self.area.width.div_ceil(SEGMENT)
    }

    /// Pixels of a row of the area from a place to the right, and what the shift brings there.
    fn row(&self, row: u32, left: u32, width: u32) -> (&[u8], &[u8]) {
        let new = pixels(self.new, self.area.x + left, self.area.y + row, width);
        (new, pixels(self.old, self.from.x + left, self.from.y + row, width))
    }

    fn fit(&self, block: Block) -> Rect {
        Rect {
            x: self.area.x + block.left * SEGMENT,
            y: self.area.y + block.top,
            width: (block.right - block.left) * SEGMENT,
            height: block.bottom - block.top,
        }
        .within(self.area)
    }

    /// As many columns more on both sides as are equal in all rows.
    fn widen(&self, target: Rect) -> Rect {
        let (left, top) = (target.x - self.area.x, target.y - self.area.y);
        let right = left + target.width;
        let mut before = left.min(SEGMENT - 1);
        let mut after = (self.area.width - right).min(SEGMENT - 1);
        for row in top..top + target.height {
            if before > 0 {
                let (new, from) = self.row(row, left - before, before);
                before =
                    equal_pixels(new.as_chunks().0.iter().rev(), from.as_chunks().0.iter().rev());
            }
            if after > 0 {
                let (new, from) = self.row(row, right, after);
                after = equal_pixels(new.as_chunks().0.iter(), from.as_chunks().0.iter());
            }
        }
        Rect { x: target.x - before, width: target.width + before + after, ..target }
    }
}

/// How many of the first pixels show the same colour.
fn equal_pixels<'a>(
    new: impl Iterator<Item = &'a [u8; PIXEL]>,
    from: impl Iterator<Item = &'a [u8; PIXEL]>,
) -> u32 {
    let equal = new.zip(from).take_while(|(new, from)| !differ(*new, *from)).count();
    u32::try_from(equal).unwrap_or(u32::MAX)
}

/// What of `target` is to the left or to the right of another rectangle: those of one shift have
/// an order in which they do not spoil each other only where none is over another.
fn beside(target: Rect, other: Rect) -> Rect {
    let over = target.within(other);
    if over.area() == 0 {
        return target;
    }
    let (left, right) = (over.x - target.x, target.right() - over.right());
    let x = if left >= right { target.x } else { over.right() };
    Rect { x, width: left.max(right), ..target }
}

/// What of `target` the shift brings something to that is within `bounds`.
fn reached(target: Rect, shift: Shift, bounds: Rect) -> Option<Rect> {
    let side = |at: u32, length: u32, by: i32, end: u32| {
        let first = i64::from(at).max(i64::from(by));
        let last = i64::from(at + length).min(i64::from(end) + i64::from(by));
        let length = u32::try_from(last - first).ok().filter(|length| *length > 0)?;
        Some((u32::try_from(first).ok()?, length))
    };
    let (x, width) = side(target.x, target.width, shift.dx, bounds.right())?;
    let (y, height) = side(target.y, target.height, shift.dy, bounds.bottom())?;
    Some(Rect { x, y, width, height })
}

//! Work on a desk as people do it, with real applications: what a screen benchmark looks at.

mod browser;
mod drag;
mod letters;
mod patch;
mod scroll;
mod typing;
pub mod video;
pub mod words;

use std::time::Duration;

use beckon_peer::screen::Rect;

use crate::bed::Bed;

/// Where a watcher looks, and how it tells one state from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watch {
    /// The part of the desk.
    pub rect: Rect,
    /// Width and height of the cells whose mean brightness is a state; they survive JPEG.
    pub cell: (u32, u32),
    /// By how much a cell may differ from the truth, of 255.
    pub tolerance: u8,
}

/// The mean brightness of every cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark(pub Vec<u8>);

impl Watch {
    /// The mark of the pixels of the watched part, four bytes each, rows without padding.
    pub fn mark(&self, pixels: &[u8]) -> Mark {
        let [wide, high] = [self.cell.0, self.cell.1].map(|side| side as usize);
        let columns = self.rect.width as usize / wide;
        let mut cells = Vec::new();
        for rows in pixels.chunks_exact(self.rect.width as usize * 4 * high) {
            let mut sums = vec![0_u32; columns];
            for row in rows.chunks_exact(self.rect.width as usize * 4) {
                for (sum, cell) in sums.iter_mut().zip(row.chunks_exact(wide * 4)) {
                    *sum += cell
                        .as_chunks::<4>()
                        .0
                        .iter()
                        .map(|[a, b, c, _]| u32::from(*a) + 2 * u32::from(*b) + u32::from(*c))
                        .sum::<u32>();
                }
            }
            let whole = 4 * self.cell.0 * self.cell.1;
            cells.extend(sums.iter().map(|sum| u8::try_from(sum / whole).unwrap_or(u8::MAX)));
        }
        Mark(cells)
    }
}

impl Mark {
    /// By how much the cell that differs most does.
    pub fn distance(&self, other: &Self) -> u8 {
        let cells = self.0.iter().zip(&other.0);
        cells.map(|(mine, theirs)| mine.abs_diff(*theirs)).max().unwrap_or(u8::MAX)
    }

    /// The number whose bits the first `bits` cells show, the lowest first: white is one.
    pub fn number(&self, bits: usize) -> u32 {
        let lit = self.0.iter().take(bits).enumerate().filter(|(_, cell)| **cell > 127);
        lit.map(|(bit, _)| 1 << bit).sum()
    }
}

/// Work that goes on while somebody looks.
pub trait Workload {
    /// Where to look.
    fn watch(&self) -> Watch;

    /// Gets ready, before anybody looks.
    fn ready(&mut self) {}

    /// Works for that long.
    fn work(&mut self, duration: Duration);

    /// Lets the desk rest again.
    fn rest(&mut self) {}

    /// A larger part of the desk that contains the watched one, to be compared pixel by pixel,
    /// where pictures are expected to be lossy.
    fn still(&self) -> Option<Rect> {
        None
    }
}

/// How a workload begins on a desk.
pub type Begin = for<'b> fn(&'b Bed) -> Box<dyn Workload + 'b>;

/// All of them, by name.
pub const WORKLOADS: [(&str, Begin); 6] = [
    ("idle", |bed| Box::new(patch::Patch::begin(bed))),
    ("letters", |bed| Box::new(letters::Letters::begin(bed))),
    ("typing", |bed| Box::new(typing::Typing::begin(bed))),
    ("scroll", |bed| Box::new(scroll::Scroll::begin(bed))),
    ("drag", |bed| Box::new(drag::Drag::begin(bed))),
    ("video", |bed| Box::new(video::Video::begin(bed))),
];

/// Calls `step` with 0, 1, 2 … every `every` until `duration` has passed, without drifting.
fn paced(duration: Duration, every: Duration, mut step: impl FnMut(u32)) {
    let begun = crate::clock::Deadline::after(duration);
    for number in 0.. {
        let due = every * number;
        if due >= duration {
            break;
        }
        std::thread::sleep(due.saturating_sub(begun.elapsed()));
        step(number);
    }
    std::thread::sleep(duration.saturating_sub(begun.elapsed()));
}

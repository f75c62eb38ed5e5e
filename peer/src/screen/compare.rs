//! Which tiles of a picture have changed.

use super::tiles::Tiles;
use super::{PIXEL, Picture, TILE};

/// The numbers of the tiles in which two pictures of the same size differ, rising.
///
/// Whole rows are compared first: most of a screen rests most of the time, and one `memcmp`
/// over a row is faster than hashing it.
pub(super) fn changed(new: &Picture, old: &Picture) -> Vec<u16> {
    let tiles = Tiles::of(new.size());
    let segment = usize::from(TILE) * PIXEL;
    let mut changed = Vec::new();
    let mut rows = new.rows().zip(old.rows());
    let mut first_of_band = 0_u16;
    loop {
        let mut band = rows.by_ref().take(usize::from(TILE)).peekable();
        if band.peek().is_none() {
            return changed;
        }
        let mut marks = vec![false; usize::from(tiles.columns())];
        for (new, old) in band {
            if new == old {
                continue;
            }
            let segments = new.chunks(segment).zip(old.chunks(segment));
            for (mark, (new, old)) in marks.iter_mut().zip(segments) {
                *mark = *mark || new != old;
            }
        }
        changed
            .extend((first_of_band..).zip(marks).filter_map(|(tile, mark)| mark.then_some(tile)));
        first_of_band = first_of_band.wrapping_add(tiles.columns());
    }
}

//! In which tiles captured pixels differ from the known ones.

use super::tiles::Tiles;
use super::{PIXEL, Part, Picture, Rect, TILE};

/// Marks the tiles in which `part`, which lies within the picture, shows something else.
pub(super) fn mark(picture: &Picture, part: &Part<'_>, tiles: Tiles, marks: &mut [bool]) {
    let side = u32::from(TILE);
    let mut top = part.rect.y;
    // The pixels of the first tile that the part touches, when it begins within one.
    let begun = usize::try_from(side - part.rect.x % side).unwrap_or(0) * PIXEL;
    while top < part.rect.bottom() {
        let bottom = (top - top % side + side).min(part.rect.bottom());
        let band = part.within(Rect { y: top, height: bottom - top, ..part.rect });
        let first = tiles.around(band.rect).next().map_or(0, usize::from);
        let marks = marks.get_mut(first..).unwrap_or_default();
        for (new, old) in band.rows().zip(picture.part(band.rect)) {
            let (new_head, new) = new.split_at(begun.min(new.len()));
            let (old_head, old) = old.split_at(begun.min(old.len()));
            let segments =
                new.chunks(usize::from(TILE) * PIXEL).zip(old.chunks(usize::from(TILE) * PIXEL));
            let segments = std::iter::once((new_head, old_head)).chain(segments);
            for (mark, (new, old)) in marks.iter_mut().zip(segments) {
                *mark = *mark || differ(new, old);
            }
        }
        top = bottom;
    }
}

/// Whether two rows of pixels show different colours. Most are equal, so all are looked at
/// without a branch, many at a time.
pub(super) fn differ(new: &[u8], old: &[u8]) -> bool {
    let (new, old) = (new.as_chunks::<PIXEL>().0, old.as_chunks::<PIXEL>().0);
    let differences = new.iter().zip(old).fold(0, |differences, (new, old)| {
        differences | (u32::from_le_bytes(*new) ^ u32::from_le_bytes(*old))
    });
    differences & COLOURS != 0
}

/// The bytes of a pixel that are colours, in the number that they are as little endian.
pub(super) const COLOURS: u32 = 0x00ff_ffff;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::{PixelOrder, Size};

    #[test]
    fn a_difference_marks_its_tile_and_the_fourth_byte_none() {
        let size = Size::new(200, 150).unwrap();
        let tiles = Tiles::of(size);
        let picture = Picture::zero(size, PixelOrder::Bgrx);
        let rect = Rect { x: 50, y: 60, width: 140, height: 80 };
        for (x, y, tile) in [(50, 60, 0), (63, 63, 0), (64, 63, 1), (189, 64, 6), (128, 139, 10)] {
            let mut pixels = vec![0; 140 * 80 * 4];
            let at = ((y - 60) * 140 + x - 50) * 4;
            pixels[at + 3] = 255;
            let mut marks = vec![false; tiles.count()];
            mark(&picture, &Part { rect, stride: 560, pixels: &pixels }, tiles, &mut marks);
            assert!(!marks.contains(&true), "the fourth byte is no colour");
            pixels[at + 2] = 1;
            mark(&picture, &Part { rect, stride: 560, pixels: &pixels }, tiles, &mut marks);
            let marked: Vec<usize> = (0..marks.len()).filter(|tile| marks[*tile]).collect();
            assert_eq!(marked, [tile], "({x}, {y})");
        }
    }
}

//! In which tiles captured pixels differ from the known ones, and what of them is taken over.

use super::tiles::Tiles;
use super::{PIXEL, Part, Picture, Rect, TILE};

/// Marks the tiles in which `part`, which lies within the picture, shows something else.
pub(super) fn mark(picture: &Picture, part: &Part<'_>, tiles: Tiles, marks: &mut [bool]) {
    for (band, first) in bands(part, tiles) {
        let marks = marks.get_mut(first..).unwrap_or_default();
        for (new, old) in band.rows().zip(picture.part(band.rect)) {
            let (new_head, new) = new.split_at(begun(&band).min(new.len()));
            let (old_head, old) = old.split_at(begun(&band).min(old.len()));
            let segments = new.chunks(row()).zip(old.chunks(row()));
            let segments = std::iter::once((new_head, old_head)).chain(segments);
            for (mark, (new, old)) in marks.iter_mut().zip(segments) {
                *mark = *mark || differ(new, old);
            }
        }
    }
}

/// As [`mark`], and takes over what differs.
pub(super) fn take(picture: &mut Picture, part: &Part<'_>, tiles: Tiles, marks: &mut [bool]) {
    each_segment(picture, part, tiles, marks, |mark, old, new| {
        if differ(new, old) {
            *mark = true;
            copy(old, new);
        }
    });
}

/// Takes over the marked tiles.
pub(super) fn take_marked(
    picture: &mut Picture,
    part: &Part<'_>,
    tiles: Tiles,
    marks: &mut [bool],
) {
    each_segment(picture, part, tiles, marks, |mark, old, new| {
        if *mark {
            copy(old, new);
        }
    });
}

/// Goes over the rows from left to right, as memory is read best: the mark of a tile, its pixels
/// in this row and the captured ones.
fn each_segment(
    picture: &mut Picture,
    part: &Part<'_>,
    tiles: Tiles,
    marks: &mut [bool],
    mut each: impl FnMut(&mut bool, &mut [u8], &[u8]),
) {
    for (band, first) in bands(part, tiles) {
        let marks = marks.get_mut(first..).unwrap_or_default();
        for (new, old) in band.rows().zip(picture.part_mut(band.rect)) {
            let (new_head, new) = new.split_at(begun(&band).min(new.len()));
            let (old_head, old) = old.split_at_mut(begun(&band).min(old.len()));
            let segments = new.chunks(row()).zip(old.chunks_mut(row()));
            let segments = std::iter::once((new_head, old_head)).chain(segments);
            for (mark, (new, old)) in marks.iter_mut().zip(segments) {
                each(mark, old, new);
            }
        }
    }
}

/// Copies colours; what changed is exact until it is sent.
pub(super) fn copy(old: &mut [u8], new: &[u8]) {
    let ((old, old_rest), (new, new_rest)) = (old.as_chunks_mut(), new.as_chunks());
    for (old, new) in old.iter_mut().zip(new) {
        *old = (u128::from_le_bytes(*new) & FOUR_COLOURS).to_le_bytes();
    }
    let (old, new) = (old_rest.as_chunks_mut::<PIXEL>().0, new_rest.as_chunks::<PIXEL>().0);
    for (old, new) in old.iter_mut().zip(new) {
        *old = (u32::from_le_bytes(*new) & COLOURS).to_le_bytes();
    }
}

/// What of `rect` is in none of the others.
pub(super) fn outside(rect: Rect, others: &[Rect]) -> Vec<Rect> {
    let mut left = vec![rect];
    for other in others {
        left = left.into_iter().flat_map(|rect| without(rect, *other)).collect();
    }
    left
}

/// What of `rect` is above, to the left, to the right and below of another.
fn without(rect: Rect, other: Rect) -> impl Iterator<Item = Rect> {
    let over = rect.within(other);
    let pieces = if over.area() == 0 {
        [Some(rect), None, None, None]
    } else {
        let beside = |x: u32, right: u32| Rect { x, width: right - x, ..over };
        [
            Some(Rect { height: over.y - rect.y, ..rect }),
            Some(beside(rect.x, over.x)),
            Some(beside(over.right(), rect.right())),
            Some(Rect { y: over.bottom(), height: rect.bottom() - over.bottom(), ..rect }),
        ]
    };
    pieces.into_iter().flatten().filter(|piece| piece.area() > 0)
}

/// A part cut into rows of tiles, and the first tile of each.
fn bands<'a>(part: &Part<'a>, tiles: Tiles) -> impl Iterator<Item = (Part<'a>, usize)> {
    let (part, side) = (*part, u32::from(TILE));
    let mut top = part.rect.y;
    std::iter::from_fn(move || {
        let bottom = (top - top % side + side).min(part.rect.bottom());
        let rect = Rect { y: top, height: bottom.checked_sub(top)?, ..part.rect };
        top = bottom;
        let first = tiles.around(rect).next()?;
        Some((part.within(rect), usize::from(first)))
    })
}

/// Bytes of a row of the first tile that the part touches, when it begins within one.
fn begun(part: &Part<'_>) -> usize {
    let side = u32::from(TILE);
    usize::try_from(side - part.rect.x % side).unwrap_or(0) * PIXEL
}

/// Bytes of a row of a tile.
fn row() -> usize {
    usize::from(TILE) * PIXEL
}

/// Whether two rows of pixels show different colours. Most are equal, so all are looked at
/// without a branch.
pub(super) fn differ(new: &[u8], old: &[u8]) -> bool {
    let ((new, new_rest), (old, old_rest)) = (new.as_chunks(), old.as_chunks());
    let differences = new.iter().zip(old).fold(0, |differences, (new, old)| {
        differences | (u128::from_le_bytes(*new) ^ u128::from_le_bytes(*old))
    });
    let rest = new_rest.as_chunks::<PIXEL>().0.iter().zip(old_rest.as_chunks::<PIXEL>().0);
    let rest = rest.fold(0, |differences, (new, old)| {
        differences | (u32::from_le_bytes(*new) ^ u32::from_le_bytes(*old))
    });
    differences & FOUR_COLOURS != 0 || rest & COLOURS != 0
}

/// The bytes of a pixel that are colours, in the number that they are as little endian.
pub(super) const COLOURS: u32 = 0x00ff_ffff;
/// Those of four pixels. A program that is compiled to be small has no loops over vectors: this
/// is four times as fast there.
pub(super) const FOUR_COLOURS: u128 = 0x00ff_ffff_00ff_ffff_00ff_ffff_00ff_ffff;

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

    #[test]
    fn what_differs_is_taken_over_and_nothing_beside_it() {
        let size = Size::new(200, 150).unwrap();
        let tiles = Tiles::of(size);
        let mut picture = Picture::zero(size, PixelOrder::Bgrx);
        picture.part_mut(Rect { x: 0, y: 0, width: 200, height: 150 }).for_each(|row| {
            row.as_chunks_mut::<PIXEL>().0.fill([0, 0, 0, 1]);
        });
        let rect = Rect { x: 50, y: 60, width: 140, height: 80 };
        let mut pixels = vec![0; 140 * 80 * 4];
        let at = ((100 - 60) * 140 + 130 - 50) * 4;
        pixels[at..at + 4].copy_from_slice(&[1, 2, 3, 255]);
        let mut marks = vec![false; tiles.count()];
        take(&mut picture, &Part { rect, stride: 560, pixels: &pixels }, tiles, &mut marks);
        assert_eq!((0..marks.len()).filter(|tile| marks[*tile]).collect::<Vec<_>>(), [6]);
        let row = picture.row(100).unwrap().as_chunks::<PIXEL>().0;
        assert_eq!((row[127], row[130], row[190]), ([0, 0, 0, 1], [1, 2, 3, 0], [0, 0, 0, 1]));
        assert_eq!(picture.row(99).unwrap().as_chunks::<PIXEL>().0[130], [0, 0, 0, 1]);
    }

    #[test]
    fn what_is_outside_is_there_once() {
        let rect = |x, y, width, height| Rect { x, y, width, height };
        let whole = rect(3, 4, 20, 15);
        let others = [rect(0, 0, 9, 9), rect(8, 8, 5, 20), rect(22, 18, 9, 9), rect(50, 50, 1, 1)];
        let pieces = outside(whole, &others);
        for (x, y) in (0..30).flat_map(|x| (0..30).map(move |y| (x, y))) {
            let pixel = rect(x, y, 1, 1);
            let is_in = |rect: &Rect| rect.within(pixel) == pixel;
            let expected = is_in(&whole) && !others.iter().any(is_in);
            let count = pieces.iter().filter(|piece| is_in(piece)).count();
            assert_eq!(count, usize::from(expected), "({x}, {y})");
        }
        assert!(outside(whole, &[rect(0, 0, 90, 90)]).is_empty());
    }
}

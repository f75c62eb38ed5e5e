//! Changed tiles as few rectangles.

use super::Rect;
use super::tiles::{Run, Tiles};

/// The most rectangles that an update is reported as.
const MOST: usize = 8;

/// Rectangles around the tiles of `runs`: at most 8, and a single one where they would cover
/// more than 60 per cent of the picture.
pub(super) fn rects(tiles: Tiles, runs: &[Run]) -> Vec<Rect> {
    let mut rects: Vec<Rect> = Vec::new();
    for row in runs.iter().flat_map(|run| by_rows(tiles, *run)) {
        let below =
            |rect: &&mut Rect| rect.x == row.x && rect.width == row.width && rect.bottom() == row.y;
        if let Some(rect) = rects.iter_mut().find(below) {
            *rect = rect.around(row);
        } else if rects.len() < 4 * MOST {
            rects.push(row);
        } else {
            // Too many to stay apart anyway.
            return vec![bounding(tiles, runs)];
        }
    }
    let covered: u64 = rects.iter().map(|rect| rect.area()).sum();
    if rects.len() > MOST || covered * 10 > tiles.bounds().area() * 6 {
        return vec![bounding(tiles, runs)];
    }
    rects
}

/// A run cut at the edge of the picture: a rectangle for each row of tiles in it.
fn by_rows(tiles: Tiles, run: Run) -> impl Iterator<Item = Rect> {
    let mut next = Some(run.first);
    std::iter::from_fn(move || {
        let first = next?;
        let end_of_row = first - first % tiles.columns() + (tiles.columns() - 1);
        let last = end_of_row.min(run.last);
        next = last.checked_add(1).filter(|tile| *tile <= run.last);
        Some(tiles.rect(first).around(tiles.rect(last)))
    })
}

fn bounding(tiles: Tiles, runs: &[Run]) -> Rect {
    runs.iter()
        .flat_map(|run| by_rows(tiles, *run))
        .reduce(Rect::around)
        .unwrap_or_else(|| tiles.rect(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::Size;

    fn run(first: u16, last: u16) -> Run {
        Run { first, last }
    }

    /// 10 × 10 tiles.
    fn of(runs: &[Run]) -> Vec<Rect> {
        let tiles = Tiles::of(Size::new(640, 640).unwrap());
        rects(tiles, runs)
    }

    #[test]
    fn a_block_of_tiles_is_one_rectangle() {
        let block = [run(11, 12), run(21, 22), run(31, 32)];
        assert_eq!(of(&block), [Rect { x: 64, y: 64, width: 128, height: 192 }]);
    }

    #[test]
    fn a_run_over_the_edge_is_cut_there() {
        let rects = of(&[run(8, 11)]);
        let expected = [
            Rect { x: 512, y: 0, width: 128, height: 64 },
            Rect { x: 0, y: 64, width: 128, height: 64 },
        ];
        assert_eq!(rects, expected);
    }

    #[test]
    fn many_places_or_much_area_become_one_rectangle() {
        let scattered: Vec<Run> = (0..9).map(|i| run(i * 11, i * 11)).collect();
        assert_eq!(of(&scattered), [Rect { x: 0, y: 0, width: 576, height: 576 }]);
        let most = [run(0, 29), run(50, 89)];
        assert_eq!(of(&most), [Rect { x: 0, y: 0, width: 640, height: 576 }]);
        let checkered = (0..100).filter(|tile| (tile / 10 + tile % 10) % 2 == 0);
        let checkered: Vec<Run> = checkered.map(|tile| run(tile, tile)).collect();
        assert_eq!(of(&checkered), [Rect { x: 0, y: 0, width: 640, height: 640 }]);
    }
}

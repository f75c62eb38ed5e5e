//! The tiles of a picture.

use super::{Rect, Size, TILE};

/// How a picture is cut into tiles: 64×64 pixels, less at the right and lower edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tiles {
    width: u16,
    height: u16,
    columns: u16,
}

/// Neighbouring tiles by their numbers, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) first: u16,
    pub(super) last: u16,
}

impl Tiles {
    pub(super) fn of(size: Size) -> Self {
        let (width, height) = size.sides();
        Self { width, height, columns: width.div_ceil(TILE) }
    }

    pub(super) fn columns(self) -> u16 {
        self.columns
    }

    pub(super) fn rows(self) -> u16 {
        self.height.div_ceil(TILE)
    }

    /// How many there are: 256 × 256 at most, whose numbers are all those of a u16.
    pub(super) fn count(self) -> usize {
        usize::from(self.columns) * usize::from(self.rows())
    }

    /// The whole picture.
    pub(super) fn bounds(self) -> Rect {
        Rect { x: 0, y: 0, width: u32::from(self.width), height: u32::from(self.height) }
    }

    /// The tiles that `rect` touches, rising.
    pub(super) fn around(self, rect: Rect) -> impl Iterator<Item = u16> {
        let rect = rect.within(self.bounds());
        let side = u32::from(TILE);
        let tile = |pixel: u32| u16::try_from(pixel / side).unwrap_or(u16::MAX);
        let end = |pixel: u32| u16::try_from(pixel.div_ceil(side)).unwrap_or(u16::MAX);
        let is_empty = rect.area() == 0;
        let rows = if is_empty { 0..0 } else { tile(rect.y)..end(rect.bottom()) };
        let columns = tile(rect.x)..end(rect.right());
        rows.flat_map(move |row| {
            let first = row.saturating_mul(self.columns);
            columns.clone().map(move |column| first.saturating_add(column))
        })
    }

    /// The tile with this number, which must be one of the picture.
    pub(super) fn rect(self, tile: u16) -> Rect {
        let x = u32::from(tile % self.columns) * u32::from(TILE);
        let y = u32::from(tile / self.columns) * u32::from(TILE);
        let tile = Rect { x, y, width: u32::from(TILE), height: u32::from(TILE) };
        tile.within(self.bounds())
    }
}

impl Run {
    /// The marked tiles, rising.
    pub(super) fn of(marks: &[bool]) -> Vec<Self> {
        let mut runs = Vec::new();
        for (tile, _) in (0..=u16::MAX).zip(marks).filter(|(_, mark)| **mark) {
            Self::push(&mut runs, tile);
        }
        runs
    }

    /// Adds a tile to runs in rising order.
    pub(super) fn push(runs: &mut Vec<Self>, tile: u16) {
        match runs.last_mut() {
            Some(run) if run.last.checked_add(1) == Some(tile) => run.last = tile,
            _ => runs.push(Self { first: tile, last: tile }),
        }
    }

    pub(super) fn tiles(self) -> impl Iterator<Item = u16> {
        self.first..=self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_a_picture_once_and_the_largest_has_65_536() {
        let tiles = Tiles::of(Size::new(130, 65).unwrap());
        let area: u64 = (0..6).map(|tile| tiles.rect(tile).area()).sum();
        assert_eq!((tiles.columns(), tiles.rows(), area), (3, 2, 130 * 65));
        assert_eq!(tiles.rect(5), Rect { x: 128, y: 64, width: 2, height: 1 });
        let widest = Tiles { width: 16_384, height: 16_384, columns: 256 };
        assert_eq!(widest.count(), 65_536);
        let lowest = Rect { x: 16_383, y: 16_383, width: 9, height: 9 };
        assert_eq!(widest.around(lowest).collect::<Vec<_>>(), [u16::MAX]);
    }

    #[test]
    fn a_rectangle_touches_its_tiles() {
        let tiles = Tiles::of(Size::new(200, 200).unwrap());
        let around =
            |x, y, width, height| tiles.around(Rect { x, y, width, height }).collect::<Vec<_>>();
        assert_eq!(around(63, 64, 2, 64), [4, 5]);
        assert_eq!(around(0, 0, 64, 65), [0, 4]);
        assert_eq!(around(190, 190, 99, 99), [10, 11, 14, 15]);
        assert!(around(5, 5, 0, 9).is_empty());
        assert!(around(200, 5, 1, 9).is_empty());
    }

    #[test]
    fn neighbours_become_runs() {
        let mut runs = Vec::new();
        for tile in [0, 1, 2, 5, u16::MAX] {
            Run::push(&mut runs, tile);
        }
        let run = |first, last| Run { first, last };
        assert_eq!(runs, [run(0, 2), run(5, 5), run(u16::MAX, u16::MAX)]);
    }
}

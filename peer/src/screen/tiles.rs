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

    /// The number of the last tile: 256 × 256 of them have the numbers of a u16.
    pub(super) fn last(self) -> u16 {
        let rows = u32::from(self.height.div_ceil(TILE));
        u16::try_from(u32::from(self.columns) * rows - 1).unwrap_or(u16::MAX)
    }

    /// The tile with this number, which must not be beyond [`Tiles::last`].
    pub(super) fn rect(self, tile: u16) -> Rect {
        let x = u32::from(tile % self.columns) * u32::from(TILE);
        let y = u32::from(tile / self.columns) * u32::from(TILE);
        let tile = Rect { x, y, width: u32::from(TILE), height: u32::from(TILE) };
        tile.within(Rect {
            x: 0,
            y: 0,
            width: u32::from(self.width),
            height: u32::from(self.height),
        })
    }
}

impl Run {
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
        let area: u64 = (0..=tiles.last()).map(|tile| tiles.rect(tile).area()).sum();
        assert_eq!((tiles.columns(), tiles.last(), area), (3, 5, 130 * 65));
        assert_eq!(tiles.rect(5), Rect { x: 128, y: 64, width: 2, height: 1 });
        let widest = Tiles { width: 16_384, height: 16_384, columns: 256 };
        assert_eq!(widest.last(), u16::MAX);
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

//! How an output is turned.

use beckon_peer::screen::{Rect, Shift};

/// Windows draws on a surface as the monitor was built; what a person sees on one that was turned
/// is that surface turned clockwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// As it was built.
    None,
    /// By 90°.
    Quarter,
    /// By 180°.
    Half,
    /// By 270°.
    ThreeQuarters,
}

impl Rotation {
    /// That of a `DXGI_MODE_ROTATION`.
    pub fn of(code: i32) -> Self {
        match code {
            2 => Self::Quarter,
            3 => Self::Half,
            4 => Self::ThreeQuarters,
            _ => Self::None,
        }
    }

    /// The size of the surface as it is seen.
    pub fn size(self, (width, height): (u32, u32)) -> (u32, u32) {
        match self {
            Self::None | Self::Half => (width, height),
            Self::Quarter | Self::ThreeQuarters => (height, width),
        }
    }

    /// Where a rectangle within a surface of that size is seen.
    pub fn rect(self, rect: Rect, (width, height): (u32, u32)) -> Rect {
        let right = width.saturating_sub(rect.x.saturating_add(rect.width));
        let bottom = height.saturating_sub(rect.y.saturating_add(rect.height));
        let (x, y) = match self {
            Self::None => (rect.x, rect.y),
            Self::Quarter => (bottom, rect.x),
            Self::Half => (right, bottom),
            Self::ThreeQuarters => (rect.y, right),
        };
        let (width, height) = self.size((rect.width, rect.height));
        Rect { x, y, width, height }
    }

    /// How a movement on the surface is seen.
    pub fn shift(self, Shift { dx, dy }: Shift) -> Shift {
        let (dx, dy) = match self {
            Self::None => (dx, dy),
            Self::Quarter => (dy.saturating_neg(), dx),
            Self::Half => (dx.saturating_neg(), dy.saturating_neg()),
            Self::ThreeQuarters => (dy, dx.saturating_neg()),
        };
        Shift { dx, dy }
    }

    /// Adds the pixels of a rectangle, as it is seen, without padding. `pixels` begins with its
    /// upper left corner on the surface; nothing is added where pixels are missing.
    pub fn turn(self, pixels: &[u8], stride: usize, (width, height): (u32, u32), to: &mut Vec<u8>) {
        let index = |length: u32| usize::try_from(length).unwrap_or(usize::MAX);
        let (width, height) = (index(width), index(height));
        let row = width.saturating_mul(4);
        let rows: Vec<&[[u8; 4]]> = pixels
            .chunks(stride.max(1))
            .take(height)
            .filter_map(|bytes| Some(bytes.get(..row)?.as_chunks().0))
            .collect();
        if rows.len() < height {
            return;
        }
        match self {
            Self::None => rows.iter().for_each(|row| to.extend(row.as_flattened())),
            Self::Half => {
                to.extend(rows.iter().rev().flat_map(|row| row.iter().rev()).flatten());
            }
            Self::Quarter => (0..width)
                .for_each(|x| to.extend(rows.iter().rev().filter_map(|row| row.get(x)).flatten())),
            Self::ThreeQuarters => (0..width)
                .rev()
                .for_each(|x| to.extend(rows.iter().filter_map(|row| row.get(x)).flatten())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Rotation; 4] =
        [Rotation::None, Rotation::Quarter, Rotation::Half, Rotation::ThreeQuarters];
    const SURFACE: (u32, u32) = (7, 5);

    /// Each pixel says where on the surface it is.
    fn surface(stride: usize) -> Vec<u8> {
        let mut pixels = vec![0xEE; stride * 5];
        for (y, row) in (0..).zip(pixels.chunks_mut(stride)) {
            for (x, pixel) in (0..7).zip(row.chunks_exact_mut(4)) {
                pixel.copy_from_slice(&[x, y, 0, 0]);
            }
        }
        pixels
    }

    fn turned(rotation: Rotation, rect: Rect) -> Vec<(u8, u8)> {
        let stride = 40;
        let from = usize::try_from(rect.y).unwrap() * stride + usize::try_from(rect.x).unwrap() * 4;
        let mut pixels = Vec::new();
        let size = (rect.width, rect.height);
        rotation.turn(&surface(stride)[from..], stride, size, &mut pixels);
        pixels.chunks_exact(4).map(|pixel| (pixel[0], pixel[1])).collect()
    }

    #[test]
    fn codes_are_those_of_dxgi() {
        let codes = [0, 1, 2, 3, 4, 9].map(Rotation::of);
        let [none, quarter, half, three] = ALL;
        assert_eq!(codes, [none, none, quarter, half, three, none]);
    }

    #[test]
    fn a_monitor_that_stands_shows_the_left_edge_of_its_surface_above_or_below() {
        let whole = Rect { x: 0, y: 0, width: 7, height: 5 };
        let quarter = turned(Rotation::Quarter, whole);
        assert_eq!(quarter[..5], [(0, 4), (0, 3), (0, 2), (0, 1), (0, 0)], "the first row seen");
        let three = turned(Rotation::ThreeQuarters, whole);
        assert_eq!(three[..5], [(6, 0), (6, 1), (6, 2), (6, 3), (6, 4)]);
        let half = turned(Rotation::Half, whole);
        assert_eq!((half[0], half[34]), ((6, 4), (0, 0)));
    }

    #[test]
    fn the_pixels_of_every_rectangle_are_where_the_whole_has_them() {
        let whole = Rect { x: 0, y: 0, width: 7, height: 5 };
        for rotation in ALL {
            let seen = turned(rotation, whole);
            let across = usize::try_from(rotation.size(SURFACE).0).unwrap();
            for rect in [
                Rect { x: 1, y: 2, width: 3, height: 2 },
                Rect { x: 6, y: 4, width: 1, height: 1 },
                Rect { x: 0, y: 1, width: 7, height: 1 },
            ] {
                let at = rotation.rect(rect, SURFACE);
                let [x, y, width, height] =
                    [at.x, at.y, at.width, at.height].map(|side| usize::try_from(side).unwrap());
                let rows = (y..y + height).flat_map(|y| &seen[y * across + x..][..width]);
                let expected: Vec<_> = rows.copied().collect();
                assert_eq!(turned(rotation, rect), expected, "{rotation:?} {rect:?} at {at:?}");
            }
        }
    }

    #[test]
    fn what_moves_on_the_surface_moves_as_its_rectangle_does() {
        let before = Rect { x: 1, y: 1, width: 2, height: 1 };
        let after = Rect { x: 4, y: 3, ..before };
        for rotation in ALL {
            let [from, to] = [before, after].map(|rect| rotation.rect(rect, SURFACE));
            let shift = rotation.shift(Shift { dx: 3, dy: 2 });
            let seen = (from.x.checked_add_signed(shift.dx), from.y.checked_add_signed(shift.dy));
            assert_eq!(seen, (Some(to.x), Some(to.y)), "{rotation:?}");
        }
    }

    #[test]
    fn pixels_that_are_missing_are_not_made_up() {
        let mut pixels = Vec::new();
        for rotation in ALL {
            rotation.turn(&[0; 4 * 7], 16, (4, 2), &mut pixels);
            rotation.turn(&[0; 64], 8, (4, 2), &mut pixels);
        }
        assert!(pixels.is_empty());
    }
}

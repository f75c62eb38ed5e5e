//! The bitmaps of which Windows makes a pointer.

use crate::capture::pointer_image::PointerImage;

/// The longest side that is looked at.
const LONGEST_SIDE: u32 = 1_024;

const BLACK: [u8; 4] = [0, 0, 0, 255];
const WHITE: [u8; 4] = [255; 4];

/// What the bytes mean: a `DXGI_OUTDUPL_POINTER_SHAPE_TYPE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One bit a pixel, twice as high as the pointer: what of the screen is kept, then what of it
    /// is turned over.
    Monochrome,
    /// Blue, green, red and opacity, not premultiplied.
    Color,
    /// Blue, green, red, and 0 where they are drawn or 255 where they turn the screen over.
    Masked,
}

/// A pointer: a `DXGI_OUTDUPL_POINTER_SHAPE_INFO` and its bytes.
#[derive(Clone, Copy, Debug)]
pub struct PointerBitmap<'a> {
    /// What the bytes mean.
    pub kind: Kind,
    /// Pixels in a row.
    pub width: u32,
    /// Rows, of both halves where there are two.
    pub height: u32,
    /// Bytes from one row to the next.
    pub pitch: u32,
    /// The pixel that points.
    pub hot: (i32, i32),
    /// All rows.
    pub bytes: &'a [u8],
}

/// What a pixel does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dot {
    /// The screen stays as it is.
    Clear,
    /// The screen is turned over.
    Inverts,
    /// Red, green, blue, opacity.
    Is([u8; 4]),
}

impl Kind {
    /// That of a code of DXGI.
    pub fn of(code: u32) -> Option<Self> {
        [(1, Self::Monochrome), (2, Self::Color), (4, Self::Masked)]
            .into_iter()
            .find_map(|(known, kind)| (known == code).then_some(kind))
    }
}

impl PointerBitmap<'_> {
    /// What it looks like; `None` where it is empty or not whole. A pixel that turns the screen
    /// over is black and has white ones around it, so that it is seen on anything.
    pub fn image(&self) -> Option<PointerImage> {
        let rows = if self.kind == Kind::Monochrome { self.height / 2 } else { self.height };
        let size = (self.width, rows);
        if size.0 == 0 || size.1 == 0 || size.0.max(size.1) > LONGEST_SIDE {
            return None;
        }
        let dots: Option<Vec<Dot>> = (0..size.1)
            .flat_map(|y| (0..size.0).map(move |x| (x, y)))
            .map(|at| self.dot(at))
            .collect();
        let dots = dots?;
        let at = |x: Option<u32>, y: Option<u32>| {
            let (x, y) = (x.filter(|x| *x < size.0)?, y.filter(|y| *y < size.1)?);
            dots.get(usize::try_from(y * size.0 + x).ok()?)
        };
        let places = (0..size.1).flat_map(|y| (0..size.0).map(move |x| (x, y)));
        let color = |((x, y), dot): ((u32, u32), &Dot)| match dot {
            Dot::Is(color) => *color,
            Dot::Inverts => BLACK,
            Dot::Clear => {
                let beside = [
                    at(x.checked_sub(1), Some(y)),
                    at(x.checked_add(1), Some(y)),
                    at(Some(x), y.checked_sub(1)),
                    at(Some(x), y.checked_add(1)),
                ];
                if beside.contains(&Some(&Dot::Inverts)) { WHITE } else { [0; 4] }
            }
        };
        let rgba = places.zip(&dots).flat_map(color).collect();
        let hot = |at: i32, side: u32| at.max(0).unsigned_abs().min(side - 1);
        Some(PointerImage { size, hot: (hot(self.hot.0, size.0), hot(self.hot.1, size.1)), rgba })
    }

    fn dot(&self, (x, y): (u32, u32)) -> Option<Dot> {
        if self.kind == Kind::Monochrome {
            let below = y.checked_add(self.height / 2)?;
            return Some(match (self.bit(x, y)?, self.bit(x, below)?) {
                (false, false) => Dot::Is(BLACK),
                (false, true) => Dot::Is(WHITE),
                (true, false) => Dot::Clear,
                (true, true) => Dot::Inverts,
            });
        }
        let from = self.row(y)?.checked_add(usize::try_from(x).ok()? * 4)?;
        let &[blue, green, red, last] = self.bytes.get(from..)?.first_chunk()?;
        Some(match (self.kind, last) {
            (Kind::Masked, 0) => Dot::Is([red, green, blue, 255]),
            (Kind::Masked, _) if [red, green, blue] == [0; 3] => Dot::Clear,
            (Kind::Masked, _) => Dot::Inverts,
            (_, 0) => Dot::Clear,
            (_, opacity) => Dot::Is([red, green, blue, opacity]),
        })
    }

    fn bit(&self, x: u32, y: u32) -> Option<bool> {
        let byte = self.bytes.get(self.row(y)?.checked_add(usize::try_from(x / 8).ok()?)?)?;
        Some(byte & (0x80 >> (x % 8)) != 0)
    }

    fn row(&self, y: u32) -> Option<usize> {
        usize::try_from(u64::from(y) * u64::from(self.pitch)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bitmap(
        kind: Kind,
        (width, height): (u32, u32),
        pitch: u32,
        bytes: &[u8],
    ) -> PointerBitmap<'_> {
        PointerBitmap { kind, width, height, pitch, hot: (1, 2), bytes }
    }

    fn dots(bitmap: &PointerBitmap<'_>) -> String {
        let rgba = bitmap.image().unwrap().rgba;
        let letter = |dot: &[u8]| match dot {
            [0, 0, 0, 0] => '.',
            [0, 0, 0, 255] => '#',
            [255, 255, 255, 255] => 'o',
            _ => '?',
        };
        rgba.chunks_exact(4).map(letter).collect()
    }

    #[test]
    fn kinds_are_those_of_dxgi() {
        let kinds = [Some(Kind::Monochrome), Some(Kind::Color), Some(Kind::Masked), None, None];
        assert_eq!([1, 2, 4, 3, 0].map(Kind::of), kinds);
    }

    #[test]
    fn a_monochrome_pointer_keeps_draws_or_turns_over() {
        // Ten pixels wide, so a row is two bytes; three rows high, so there are six.
        let kept = [0b0011_1111, 0b1100_0000, 0b0000_0000, 0b0000_0000, 0xFF, 0xC0];
        let over = [0b0100_0000, 0b0000_0000, 0b1111_1111, 0b1100_0000, 0b0000_1000, 0];
        let bytes: Vec<u8> = kept.into_iter().chain(over).collect();
        let pointer = bitmap(Kind::Monochrome, (10, 6), 2, &bytes);
        let image = pointer.image().unwrap();
        assert_eq!((image.size, image.hot), ((10, 3), (1, 2)));
        assert_eq!(dots(&pointer), "#o........oooooooooo...o#o....");
    }

    #[test]
    fn the_beam_over_text_turns_over_and_is_seen_on_black_and_on_white() {
        // One column in the middle, and nothing else: what every editor shows.
        let bytes: Vec<u8> = [0xFF; 5].into_iter().chain([0b0010_0000; 5]).collect();
        let pointer = bitmap(Kind::Monochrome, (5, 10), 1, &bytes);
        assert_eq!(dots(&pointer), ".o#o.".repeat(5));
    }

    #[test]
    fn a_coloured_one_is_as_opaque_as_it_says() {
        // Two pixels a row, and four bytes behind them.
        let bytes = [1, 2, 3, 255, 4, 5, 6, 128, 9, 9, 9, 9, 7, 8, 9, 0, 0, 0, 0, 1, 9, 9, 9, 9];
        let image = bitmap(Kind::Color, (2, 2), 12, &bytes).image().unwrap();
        assert_eq!(image.rgba, [3, 2, 1, 255, 6, 5, 4, 128, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(image.hot, (1, 1), "within it");
    }

    #[test]
    fn a_masked_one_draws_where_the_mask_is_zero_and_turns_over_elsewhere() {
        let bytes =
            [[10, 20, 30, 0], [0, 0, 0, 255], [0, 0, 0, 255], [255, 255, 255, 255]].concat();
        let image = bitmap(Kind::Masked, (4, 1), 16, &bytes).image().unwrap();
        let expected = [[30, 20, 10, 255], [0; 4], WHITE, BLACK].concat();
        assert_eq!(image.rgba, expected);
    }

    #[test]
    fn one_that_is_empty_not_whole_or_too_large_is_none() {
        for (size, pitch, length) in [
            ((0, 2), 4, 64),
            ((2, 0), 8, 64),
            ((2, 2), 8, 15),
            ((2, 2), u32::MAX, 64),
            ((u32::MAX, u32::MAX), 4, 64),
            ((2_000, 1), 8_000, 8_000),
        ] {
            let bytes = vec![0; length];
            assert_eq!(bitmap(Kind::Color, size, pitch, &bytes).image(), None, "{size:?}");
        }
        assert_eq!(bitmap(Kind::Monochrome, (8, 1), 1, &[0; 9]).image(), None, "half a row");
    }
}

//! What the window system gave.

#[cfg(feature = "encoder")]
use super::PIXEL;
use super::{PixelOrder, Rect, Size};

/// Pixels of one rectangle of a monitor.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    /// Where they are on the monitor.
    pub rect: Rect,
    /// Bytes from one row to the next: row y begins at y × stride.
    pub stride: usize,
    /// Four bytes a pixel, of which the fourth is no colour and does not count.
    pub pixels: &'a [u8],
}

/// What was captured of a monitor.
#[derive(Clone, Copy, Debug)]
pub struct Captured<'a> {
    /// The size of the whole monitor.
    pub size: Size,
    /// In which order a pixel's bytes stand.
    pub order: PixelOrder,
    /// All pixels that may have changed since the last time. With another size, order or monitor
    /// than the last time everything is black that is not in a part.
    pub parts: &'a [Part<'a>],
    /// Guesses how content moved, best first; they may be wrong.
    pub shifts: &'a [Shift],
}

/// How far something moved, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shift {
    /// To the right.
    pub dx: i32,
    /// Downwards.
    pub dy: i32,
}

/// A copy within the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Move {
    /// What is copied.
    pub from: Rect,
    /// The left edge of where it goes; the two may overlap.
    pub x: u32,
    /// The upper edge of where it goes.
    pub y: u32,
}

#[cfg(feature = "encoder")]
impl<'a> Part<'a> {
    /// The rows from the top, each without padding; as many as there are pixels for.
    pub(super) fn rows(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let width = index(self.rect.width).saturating_mul(PIXEL);
        self.pixels
            .chunks(self.stride.max(1))
            .take(index(self.rect.height))
            .filter_map(move |row| row.get(..width))
    }

    /// What of it lies in `rect`.
    pub(super) fn within(&self, rect: Rect) -> Self {
        let rect = self.rect.within(rect);
        let down = index(rect.y.saturating_sub(self.rect.y)).saturating_mul(self.stride);
        let right = index(rect.x.saturating_sub(self.rect.x)) * PIXEL;
        let pixels = self.pixels.get(down.saturating_add(right)..).unwrap_or_default();
        Self { rect, stride: self.stride, pixels }
    }

    /// Whether it lies within a picture of this size and has all its pixels.
    pub(super) fn is_sound(&self, size: Size) -> bool {
        let Rect { x, y, width, height } = self.rect;
        let fits =
            |at: u32, length: u32, side: u32| at.checked_add(length).is_some_and(|end| end <= side);
        let row = index(width) * PIXEL;
        let length = index(height).saturating_sub(1).checked_mul(self.stride);
        fits(x, width, size.width())
            && fits(y, height, size.height())
            && row <= self.stride
            && length
                .and_then(|length| length.checked_add(row))
                .is_some_and(|length| length <= self.pixels.len())
    }
}

impl std::fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Part").field("rect", &self.rect).finish_non_exhaustive()
    }
}

impl Move {
    /// What is written.
    pub fn target(self) -> Rect {
        Rect { x: self.x, y: self.y, ..self.from }
    }
}

#[cfg(feature = "encoder")]
fn index(length: u32) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

#[cfg(feature = "encoder")]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_sound_when_it_is_on_the_monitor_and_has_its_pixels() {
        let size = Size::new(10, 10).unwrap();
        let pixels = [0; 2 * 20 + 12];
        let part = |x, y, width, height, stride| Part {
            rect: Rect { x, y, width, height },
            stride,
            pixels: &pixels,
        };
        assert!(part(7, 7, 3, 3, 20).is_sound(size));
        assert!(!part(8, 7, 3, 3, 20).is_sound(size), "beyond the right edge");
        assert!(!part(7, 8, 3, 3, 20).is_sound(size), "beyond the lower edge");
        assert!(!part(7, 7, 3, 3, 21).is_sound(size), "too few pixels");
        assert!(!part(7, 7, 3, 3, 11).is_sound(size), "rows over each other");
        assert!(!part(u32::MAX, 7, 3, 3, 20).is_sound(size));
        assert!(!part(0, 0, 3, 3, usize::MAX).is_sound(size));
    }

    #[test]
    fn a_part_of_a_part_begins_at_its_own_pixels() {
        let pixels: Vec<u8> = (0..4 * 4 * 3).collect();
        let whole =
            Part { rect: Rect { x: 2, y: 1, width: 4, height: 3 }, stride: 16, pixels: &pixels };
        let cut = whole.within(Rect { x: 4, y: 2, width: 9, height: 1 });
        assert_eq!(cut.rect, Rect { x: 4, y: 2, width: 2, height: 1 });
        assert_eq!(cut.rows().collect::<Vec<_>>(), [&pixels[24..32]]);
        assert_eq!(whole.rows().count(), 3);
    }
}

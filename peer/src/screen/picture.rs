//! One full image.

use std::fmt;

use super::{Move, PIXEL, Rect, Size};

/// In which order a pixel's four bytes stand; the last is no colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PixelOrder {
    /// Blue, green, red: what X11 and Windows give.
    Bgrx,
    /// Red, green, blue: what xcap gives.
    Rgbx,
}

/// One full image, four bytes a pixel. Its pixels are never printed.
#[derive(Clone)]
pub struct Picture {
    size: Size,
    order: PixelOrder,
    /// INVARIANT: at least the bytes of a row.
    stride: usize,
    /// INVARIANT: stride × height bytes.
    pixels: Vec<u8>,
}

/// Why bytes are not a picture of that size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// The rows are shorter than the picture is wide.
    #[error("rows of {stride} bytes are too short for the picture")]
    Stride {
        /// Bytes from one row to the next.
        stride: usize,
    },
    /// The bytes are not stride × height.
    #[error("a picture of {expected} bytes was expected, these are {got}")]
    Length {
        /// stride × height.
        expected: usize,
        /// Bytes given.
        got: usize,
    },
}

impl Picture {
    /// The image in `pixels`, whose rows begin `stride` bytes after each other.
    pub fn new(
        size: Size,
        stride: usize,
        order: PixelOrder,
        pixels: Vec<u8>,
    ) -> Result<Self, PictureError> {
        if stride < size.row_bytes() {
            return Err(PictureError::Stride { stride });
        }
        let rows = usize::from(size.sides().1);
        let expected = stride.checked_mul(rows).ok_or(PictureError::Stride { stride })?;
        if pixels.len() != expected {
            return Err(PictureError::Length { expected, got: pixels.len() });
        }
        Ok(Self { size, order, stride, pixels })
    }

    /// A picture that is zero everywhere.
    pub(super) fn zero(size: Size, order: PixelOrder) -> Self {
        Self { size, order, stride: size.row_bytes(), pixels: vec![0; size.bytes()] }
    }

    /// A black picture in red, green, blue and 255.
    pub(super) fn black(size: Size) -> Self {
        let mut black = Self::zero(size, PixelOrder::Rgbx);
        let (pixels, _) = black.pixels.as_chunks_mut::<PIXEL>();
        pixels.fill([0, 0, 0, 255]);
        black
    }

    /// Writes the rows of `rect`, which lies within the picture, as `from` has them in another
    /// order; the picture's own is red, green, blue and 255.
    pub(super) fn write(&mut self, rect: Rect, order: PixelOrder, from: &[u8]) {
        let rows = from.chunks_exact((pixels(rect.width) * PIXEL).max(1));
        for (row, from) in self.part_mut(rect).zip(rows) {
            let ((row, _), (from, _)) = (row.as_chunks_mut::<PIXEL>(), from.as_chunks::<PIXEL>());
            let pixels = row.iter_mut().zip(from);
            match order {
                PixelOrder::Rgbx => pixels.for_each(|(to, [r, g, b, _])| *to = [*r, *g, *b, 255]),
                PixelOrder::Bgrx => pixels.for_each(|(to, [b, g, r, _])| *to = [*r, *g, *b, 255]),
            }
        }
    }

    /// Its width and height.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The order of a pixel's bytes.
    pub fn order(&self) -> PixelOrder {
        self.order
    }

    /// Bytes from one row to the next.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// All bytes, padding included.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The bytes, to be used again.
    pub fn into_pixels(self) -> Vec<u8> {
        self.pixels
    }

    /// The row `y` from the top, without padding.
    pub fn row(&self, y: u32) -> Option<&[u8]> {
        self.rows().nth(usize::try_from(y).ok()?)
    }

    /// The rows from the top, without padding.
    pub fn rows(&self) -> impl Iterator<Item = &[u8]> {
        let width = self.size.row_bytes();
        self.pixels.chunks_exact(self.stride).filter_map(move |row| row.get(..width))
    }

    /// The pixels of `rect`, as far as it lies within the picture, row by row as red, green,
    /// blue and 255.
    pub fn rgba(&self, rect: Rect) -> Vec<u8> {
        let rect = rect.within(self.bounds());
        let mut out = Vec::with_capacity(pixels(rect.width) * pixels(rect.height) * PIXEL);
        for row in self.part(rect) {
            let (quads, _) = row.as_chunks::<PIXEL>();
            match self.order {
                PixelOrder::Bgrx => {
                    out.extend(quads.iter().flat_map(|[b, g, r, _]| [*r, *g, *b, 255]));
                }
                PixelOrder::Rgbx => {
                    out.extend(quads.iter().flat_map(|[r, g, b, _]| [*r, *g, *b, 255]));
                }
            }
        }
        out
    }

    /// The whole picture as a rectangle.
    pub fn bounds(&self) -> Rect {
        Rect { x: 0, y: 0, width: self.size.width(), height: self.size.height() }
    }

    /// The rows of a part that lies within the picture.
    pub(super) fn part(&self, rect: Rect) -> impl Iterator<Item = &[u8]> + Clone {
        let (from, to) = (pixels(rect.x) * PIXEL, pixels(rect.right()) * PIXEL);
        self.pixels
            .chunks_exact(self.stride)
            .skip(pixels(rect.y))
            .take(pixels(rect.height))
            .filter_map(move |row| row.get(from..to))
    }

    /// Copies a rectangle; both places lie within the picture.
    pub(super) fn shift(&mut self, change: Move) {
        let bytes = pixels(change.from.width) * PIXEL;
        let place = |x: u32, y: u32| pixels(y) * self.stride + pixels(x) * PIXEL;
        let rows = change.from.height;
        for row in 0..rows {
            // Never over a row that is still to be copied.
            let row = if change.y > change.from.y { rows - 1 - row } else { row };
            let from = place(change.from.x, change.from.y + row);
            let to = place(change.x, change.y + row);
            if from.max(to) + bytes <= self.pixels.len() {
                self.pixels.copy_within(from..from + bytes, to);
            }
        }
    }

    /// The rows of a part that lies within the picture, to be written.
    pub(super) fn part_mut(&mut self, rect: Rect) -> impl Iterator<Item = &mut [u8]> {
        let (from, to) = (pixels(rect.x) * PIXEL, pixels(rect.right()) * PIXEL);
        self.pixels
            .chunks_exact_mut(self.stride)
            .skip(pixels(rect.y))
            .take(pixels(rect.height))
            .filter_map(move |row| row.get_mut(from..to))
    }
}

impl PartialEq for Picture {
    /// Whether both show the same colours; their order, the fourth byte and padding do not count.
    fn eq(&self, other: &Self) -> bool {
        let rgb = |order, [one, green, three, _]: &[u8; PIXEL]| match order {
            PixelOrder::Rgbx => [*one, *green, *three],
            PixelOrder::Bgrx => [*three, *green, *one],
        };
        let same = |(one, two): (&[u8], &[u8])| {
            let (one, two) = (one.as_chunks::<PIXEL>().0, two.as_chunks::<PIXEL>().0);
            one.iter().zip(two).all(|(one, two)| rgb(self.order, one) == rgb(other.order, two))
        };
        self.size == other.size && self.rows().zip(other.rows()).all(same)
    }
}

impl Eq for Picture {}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Picture")
            .field("size", &self.size)
            .field("order", &self.order)
            .finish_non_exhaustive()
    }
}

/// A side or place of a picture, as an index.
fn pixels(length: u32) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(order: PixelOrder) -> Picture {
        let pixels = vec![1, 2, 3, 0, 4, 5, 6, 0, 99, 7, 8, 9, 0, 10, 11, 12, 0, 99];
        Picture::new(Size::new(2, 2).unwrap(), 9, order, pixels).unwrap()
    }

    #[test]
    fn rows_end_before_their_padding() {
        let picture = picture(PixelOrder::Rgbx);
        assert_eq!(picture.row(1), Some(&[7, 8, 9, 0, 10, 11, 12, 0][..]));
        assert_eq!(picture.row(2), None);
    }

    #[test]
    fn a_window_gets_red_green_blue_and_full_opacity() {
        let right = Rect { x: 1, y: 0, width: 9, height: 9 };
        let shown = picture(PixelOrder::Rgbx).rgba(right);
        assert_eq!(shown, [4, 5, 6, 255, 10, 11, 12, 255]);
        let shown = picture(PixelOrder::Bgrx).rgba(right);
        assert_eq!(shown, [6, 5, 4, 255, 12, 11, 10, 255]);
        let outside = Rect { x: 2, y: 0, width: 1, height: 1 };
        assert!(picture(PixelOrder::Rgbx).rgba(outside).is_empty());
    }

    #[test]
    fn bytes_that_do_not_fit_the_size_are_refused() {
        let size = Size::new(2, 2).unwrap();
        let new = |stride, length| Picture::new(size, stride, PixelOrder::Bgrx, vec![0; length]);
        assert_eq!(new(7, 14).unwrap_err(), PictureError::Stride { stride: 7 });
        assert_eq!(new(8, 15).unwrap_err(), PictureError::Length { expected: 16, got: 15 });
        assert!(new(usize::MAX, 0).is_err());
        assert!(new(8, 16).is_ok());
    }
}

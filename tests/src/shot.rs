//! A shot: what was on the screen at one moment, pixel by pixel.

use std::path::PathBuf;

use crate::scratch::shots;

/// An axis-aligned rectangle in pixels of the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Distance of its left edge from the left of the desk.
    pub x: i32,
    /// Distance of its upper edge from the top of the desk.
    pub y: i32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl Place {
    /// Its middle.
    pub fn middle(self) -> (i32, i32) {
        let half = |length: u32| i32::try_from(length / 2).unwrap_or(0);
        (self.x + half(self.width), self.y + half(self.height))
    }

    /// Pixels in it.
    pub fn area(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Whether the point lies in it.
    pub fn contains(self, (x, y): (i32, i32)) -> bool {
        let inside = |at: i32, from: i32, length: u32| {
            u32::try_from(at - from).is_ok_and(|offset| offset < length)
        };
        inside(x, self.x, self.width) && inside(y, self.y, self.height)
    }
}

/// One pixel: red, green, blue.
pub type Colour = [u8; 3];

/// A picture without loss, rows from top to bottom.
#[derive(Clone, PartialEq, Eq)]
pub struct Shot {
    width: u32,
    height: u32,
    /// INVARIANT: `width × height` pixels.
    pixels: Vec<Colour>,
}

impl std::fmt::Debug for Shot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shot({}×{})", self.width, self.height)
    }
}

impl Shot {
    /// From four bytes a pixel: blue, green, red and one that does not count.
    pub fn from_bgrx(width: u32, height: u32, bytes: &[u8]) -> Self {
        let pixels: Vec<_> = bytes.chunks_exact(4).map(|at| [at[2], at[1], at[0]]).collect();
        assert_eq!(pixels.len() as u64, u64::from(width) * u64::from(height), "a whole picture");
        Self { width, height, pixels }
    }

    /// A picture drawn by `colour(x, y)`.
    pub fn drawn(width: u32, height: u32, colour: impl Fn(u32, u32) -> Colour) -> Self {
        let row = |y| (0..width).map(move |x| (x, y));
        let pixels = (0..height).flat_map(row).map(|(x, y)| colour(x, y)).collect();
        Self { width, height, pixels }
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The pixel at a place inside the picture.
    pub fn colour(&self, x: u32, y: u32) -> Colour {
        self.row(y)[x as usize]
    }

    /// The same as four bytes a pixel: blue, green, red, 0.
    pub fn to_bgrx(&self) -> Vec<u8> {
        self.pixels.iter().flat_map(|[red, green, blue]| [*blue, *green, *red, 0]).collect()
    }

    /// The part inside `place`, counted from the upper left corner of this picture.
    #[must_use]
    pub fn part(&self, place: Place) -> Self {
        let (left, top) = (place.x.unsigned_abs(), place.y.unsigned_abs());
        assert!(left + place.width <= self.width && top + place.height <= self.height, "{place:?}");
        Self::drawn(place.width, place.height, |x, y| self.colour(left + x, top + y))
    }

    /// Where `other` stands in this picture bit for bit, if it does.
    pub fn find(&self, other: &Self) -> Option<(u32, u32)> {
        let (right, bottom) =
            (self.width.checked_sub(other.width)?, self.height.checked_sub(other.height)?);
        let stands_at = |x: u32, y: u32| {
            let columns = x as usize..(x + other.width) as usize;
            (0..other.height).all(|row| self.row(y + row)[columns.clone()] == *other.row(row))
        };
        (0..=bottom).flat_map(|y| (0..=right).map(move |x| (x, y))).find(|(x, y)| stands_at(*x, *y))
    }

    /// How many pixels of a picture of the same size have another colour.
    pub fn differing(&self, other: &Self) -> usize {
        assert_eq!((self.width, self.height), (other.width, other.height), "the same size");
        self.pixels.iter().zip(&other.pixels).filter(|(mine, theirs)| mine != theirs).count()
    }

    /// How many pixels have exactly this colour.
    pub fn count(&self, colour: Colour) -> usize {
        self.pixels.iter().filter(|pixel| **pixel == colour).count()
    }

    /// Keeps it as `target/shots/<name>.png` and says where.
    pub fn keep(&self, name: &str) -> PathBuf {
        let path = shots().join(format!("{name}.png"));
        let bytes = self.pixels.concat();
        image::save_buffer(&path, &bytes, self.width, self.height, image::ColorType::Rgb8)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        path
    }

    fn row(&self, y: u32) -> &[Colour] {
        let start = y as usize * self.width as usize;
        &self.pixels[start..start + self.width as usize]
    }
}

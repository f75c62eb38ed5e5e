//! The picture that a VNC server has sent so far.

use std::io;

/// Bytes of a pixel.
pub const PIXEL: usize = 4;

/// A picture of blue, green, red and a byte that does not count; rows without padding.
#[derive(Debug, Clone, Default)]
pub struct Canvas {
    width: usize,
    height: usize,
    /// INVARIANT: width × height pixels.
    pixels: Vec<u8>,
}

/// A rectangle of it, which lies within.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// Its left edge.
    pub x: usize,
    /// Its upper edge.
    pub y: usize,
    /// Its width.
    pub width: usize,
    /// Its height.
    pub height: usize,
}

impl Canvas {
    /// A black one.
    pub fn new(width: usize, height: usize) -> Self {
        Self { width, height, pixels: vec![0; width * height * PIXEL] }
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// All pixels.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The pixels of a rectangle as red, green, blue and 255; black where it reaches beyond.
    pub fn rgba(&self, x: usize, y: usize, width: usize, height: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(width * height * PIXEL);
        for row in y..y + height {
            for column in x..x + width {
                let at = (row * self.width + column) * PIXEL;
                match self.pixels.get(at..at + PIXEL) {
                    Some(&[blue, green, red, _]) => out.extend([red, green, blue, 255]),
                    _ => out.extend([0, 0, 0, 255]),
                }
            }
        }
        out
    }

    /// The rectangle, if it lies within the picture.
    pub fn area(&self, x: u16, y: u16, width: u16, height: u16) -> io::Result<Area> {
        let [x, y, width, height] = [x, y, width, height].map(usize::from);
        if x + width > self.width || y + height > self.height {
            return Err(io::Error::other("a rectangle outside the picture"));
        }
        Ok(Area { x, y, width, height })
    }

    /// Fills a rectangle with one colour.
    pub fn fill(&mut self, area: Area, pixel: [u8; PIXEL]) {
        for row in 0..area.height {
            for at in self.row(area, row).as_chunks_mut::<PIXEL>().0 {
                *at = pixel;
            }
        }
    }

    /// Copies from elsewhere in the picture; both may overlap.
    pub fn copy(&mut self, from: Area, to: Area) {
        let bytes = to.width * PIXEL;
        let at = |area: Area, row: usize| ((area.y + row) * self.width + area.x) * PIXEL;
        let rows: Vec<_> = (0..to.height).map(|row| (at(from, row), at(to, row))).collect();
        let mut copy = |(from, to): (usize, usize)| self.pixels.copy_within(from..from + bytes, to);
        if from.y < to.y {
            rows.into_iter().rev().for_each(&mut copy);
        } else {
            rows.into_iter().for_each(&mut copy);
        }
    }

    /// The bytes of a row of a rectangle.
    pub fn row(&mut self, area: Area, row: usize) -> &mut [u8] {
        let at = ((area.y + row) * self.width + area.x) * PIXEL;
        &mut self.pixels[at..at + area.width * PIXEL]
    }

    /// Everything from the first pixel of a rectangle on, and the bytes from row to row.
    pub fn from(&mut self, area: Area) -> (&mut [u8], usize) {
        let pitch = self.width * PIXEL;
        let at = (area.y * self.width + area.x) * PIXEL;
        (&mut self.pixels[at..], pitch)
    }
}

//! The Tight encoding: zlib streams with palettes and gradients, one colour, JPEG.

use std::io::{self, Read};

use flate2::{Decompress, FlushDecompress};

use super::canvas::{Area, Canvas, PIXEL};
use super::wire::Wire;

/// Below this many bytes nothing is compressed.
const SMALLEST: usize = 12;
/// Bytes of a pixel in Tight: red, green, blue.
const COLOUR: usize = 3;

/// What is kept from rectangle to rectangle.
pub struct Tight {
    streams: [Decompress; 4],
    jpeg: turbojpeg::Decompressor,
    compressed: Vec<u8>,
    plain: Vec<u8>,
}

impl Tight {
    /// Nothing yet.
    pub fn new() -> io::Result<Self> {
        let jpeg = turbojpeg::Decompressor::new().map_err(io::Error::other)?;
        let streams = std::array::from_fn(|_| Decompress::new(true));
        Ok(Self { streams, jpeg, compressed: Vec::new(), plain: Vec::new() })
    }

    /// Reads a rectangle and draws it.
    pub fn draw<R: Read>(
        &mut self,
        wire: &mut Wire<R>,
        canvas: &mut Canvas,
        area: Area,
    ) -> io::Result<()> {
        let control = wire.u8()?;
        for (index, stream) in self.streams.iter_mut().enumerate() {
            if control >> index & 1 == 1 {
                stream.reset(true);
            }
        }
        match control >> 4 {
            8 => {
                let [red, green, blue] = wire.array()?;
                canvas.fill(area, [blue, green, red, 0]);
                Ok(())
            }
            9 => self.photo(wire, canvas, area),
            kind @ 0..8 => self.basic(wire, canvas, area, kind),
            kind => Err(io::Error::other(format!("{kind} is no kind of Tight"))),
        }
    }

    fn photo<R: Read>(
        &mut self,
        wire: &mut Wire<R>,
        canvas: &mut Canvas,
        area: Area,
    ) -> io::Result<()> {
        let length = wire.compact()?;
        self.compressed.resize(length, 0);
        wire.fill(&mut self.compressed)?;
        let header = self.jpeg.read_header(&self.compressed).map_err(io::Error::other)?;
        if (header.width, header.height) != (area.width, area.height) {
            return Err(io::Error::other("a JPEG of another size than its rectangle"));
        }
        let (pixels, pitch) = canvas.from(area);
        let format = turbojpeg::PixelFormat::BGRX;
        let image =
            turbojpeg::Image { pixels, width: area.width, pitch, height: area.height, format };
        self.jpeg.decompress(&self.compressed, image).map_err(io::Error::other)
    }

    fn basic<R: Read>(
        &mut self,
        wire: &mut Wire<R>,
        canvas: &mut Canvas,
        area: Area,
        kind: u8,
    ) -> io::Result<()> {
        let stream = usize::from(kind & 3);
        let filter = if kind & 4 == 0 { 0 } else { wire.u8()? };
        match filter {
            0 => {
                self.data(wire, stream, area.width * area.height * COLOUR)?;
                let rows = self.plain.chunks_exact(area.width * COLOUR);
                for (at, row) in rows.enumerate() {
                    paint(canvas.row(area, at), row);
                }
            }
            1 => {
                let count = usize::from(wire.u8()?) + 1;
                let palette = wire.bytes(count * COLOUR)?;
                let two = count == 2;
                let row_bytes = if two { area.width.div_ceil(8) } else { area.width };
                self.data(wire, stream, row_bytes * area.height)?;
                let colours: Vec<[u8; PIXEL]> =
                    palette.as_chunks::<COLOUR>().0.iter().map(|at| pixel(*at)).collect();
                for (at, row) in self.plain.chunks_exact(row_bytes).enumerate() {
                    let quads = canvas.row(area, at).as_chunks_mut::<PIXEL>().0;
                    for (column, quad) in quads.iter_mut().enumerate() {
                        let index = if two {
                            usize::from(row[column / 8] >> (7 - column % 8) & 1)
                        } else {
                            usize::from(row[column])
                        };
                        let colour = colours.get(index);
                        *quad = *colour.ok_or_else(|| io::Error::other("no such colour"))?;
                    }
                }
            }
            2 => {
                self.data(wire, stream, area.width * area.height * COLOUR)?;
                ungrade(&mut self.plain, area.width * COLOUR);
                for (at, row) in self.plain.chunks_exact(area.width * COLOUR).enumerate() {
                    paint(canvas.row(area, at), row);
                }
            }
            other => return Err(io::Error::other(format!("{other} is no filter of Tight"))),
        }
        Ok(())
    }

    /// Reads `length` bytes that a stream has compressed, or that were too few for it.
    fn data<R: Read>(
        &mut self,
        wire: &mut Wire<R>,
        stream: usize,
        length: usize,
    ) -> io::Result<()> {
        self.plain.resize(length, 0);
        if length < SMALLEST {
            return wire.fill(&mut self.plain);
        }
        let arriving = wire.compact()?;
        self.compressed.resize(arriving, 0);
        wire.fill(&mut self.compressed)?;
        let stream = &mut self.streams[stream];
        let (mut read, mut written) = (0, 0);
        while written < length {
            let before = (stream.total_in(), stream.total_out());
            let (from, to) = (&self.compressed[read..], &mut self.plain[written..]);
            stream.decompress(from, to, FlushDecompress::Sync).map_err(io::Error::other)?;
            let moved = (stream.total_in() - before.0, stream.total_out() - before.1);
            if moved == (0, 0) {
                return Err(io::Error::other("a rectangle ends too early"));
            }
            read += usize::try_from(moved.0).map_err(io::Error::other)?;
            written += usize::try_from(moved.1).map_err(io::Error::other)?;
        }
        // The mark at the end of a flush may still be there.
        if read < arriving {
            let (from, mut none) = (&self.compressed[read..], [0; 16]);
            stream.decompress(from, &mut none, FlushDecompress::Sync).map_err(io::Error::other)?;
        }
        Ok(())
    }
}

fn pixel([red, green, blue]: [u8; COLOUR]) -> [u8; PIXEL] {
    [blue, green, red, 0]
}

fn paint(to: &mut [u8], row: &[u8]) {
    let quads = to.as_chunks_mut::<PIXEL>().0.iter_mut();
    for (quad, colour) in quads.zip(row.as_chunks::<COLOUR>().0) {
        *quad = pixel(*colour);
    }
}

/// Undoes the gradient filter: each value was foretold as left + above - above left.
fn ungrade(plain: &mut [u8], row_bytes: usize) {
    for at in 0..plain.len() {
        let column = at % row_bytes;
        let left = if column < COLOUR { 0 } else { i16::from(plain[at - COLOUR]) };
        let above = if at < row_bytes { 0 } else { i16::from(plain[at - row_bytes]) };
        let corner = if at < row_bytes || column < COLOUR {
            0
        } else {
            i16::from(plain[at - row_bytes - COLOUR])
        };
        let foretold = u8::try_from((left + above - corner).clamp(0, 255)).unwrap_or_default();
        plain[at] = plain[at].wrapping_add(foretold);
    }
}

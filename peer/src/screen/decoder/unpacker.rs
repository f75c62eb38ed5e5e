//! The receiving end of the long-lived zstd stream.

use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

use crate::screen::{DecodeError, PIXEL, WINDOW_LOG};

/// Bytes of a whole tile.
const TILE_BYTES: usize = 64 * 64 * PIXEL;
/// What zstd asks for between two blocks: the header of the next one. Within a block or a header
/// it asks for another number of bytes.
const BETWEEN_BLOCKS: usize = 3;

/// Unpacks tiles, each into the same scratch space.
pub(super) struct Unpacker {
    zstd: Decoder<'static>,
    tile: Box<[u8]>,
}

impl Unpacker {
    pub(super) fn new() -> Result<Self, DecodeError> {
        let mut zstd = Decoder::new().map_err(|_| DecodeError::Compression)?;
        zstd.set_parameter(DParameter::WindowLogMax(WINDOW_LOG))
            .map_err(|_| DecodeError::Compression)?;
        Ok(Self { zstd, tile: vec![0; TILE_BYTES].into() })
    }

    /// The next `length` bytes, at most those of a tile.
    pub(super) fn next(
        &mut self,
        input: &mut InBuffer<'_>,
        length: usize,
    ) -> Result<&[u8], DecodeError> {
        let tile = self.tile.get_mut(..length).ok_or(DecodeError::Tiles)?;
        let mut output = OutBuffer::around(tile);
        while output.pos() < length {
            let before = (input.pos(), output.pos());
            let hint = self.zstd.run(input, &mut output).map_err(|_| DecodeError::Compression)?;
            // The stream is never ended; a second frame could come with another window.
            if hint == 0 {
                return Err(DecodeError::Compression);
            }
            if (input.pos(), output.pos()) == before {
                return Err(DecodeError::Truncated);
            }
        }
        self.tile.get(..length).ok_or(DecodeError::Tiles)
    }

    /// Checks that the `length` bytes of the input hold nothing beyond what was unpacked.
    pub(super) fn end(
        &mut self,
        input: &mut InBuffer<'_>,
        length: usize,
    ) -> Result<(), DecodeError> {
        loop {
            let before = input.pos();
            let mut probe = [0; 1];
            let mut output = OutBuffer::around(&mut probe[..]);
            let hint = self.zstd.run(input, &mut output).map_err(|_| DecodeError::Compression)?;
            if output.pos() > 0 {
                return Err(DecodeError::Trailing);
            }
            if hint == 0 {
                return Err(DecodeError::Compression);
            }
            if input.pos() == length && hint == BETWEEN_BLOCKS {
                return Ok(());
            }
            if input.pos() == before {
                return Err(DecodeError::Trailing);
            }
        }
    }
}

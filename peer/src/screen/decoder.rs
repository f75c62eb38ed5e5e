//! From updates to the picture.

use std::fmt;

use zstd::stream::raw::{DParameter, InBuffer, Operation, OutBuffer};

use super::header::{Header, Reset, read_runs};
use super::tiles::Tiles;
use super::{Picture, Rect, SizeError, TILE, WINDOW_LOG, dirty};
use crate::Stream;
use crate::reader::Reader;

const TILE_BYTES: usize = 64 * 64 * super::PIXEL;
const _: () = assert!(TILE == 64, "the scratch tile has room for one tile");

/// What zstd asks for between two blocks: the header of the next one. Within a block or a header
/// it asks for another number of bytes.
const BETWEEN_BLOCKS: usize = 3;

/// Keeps the picture that the updates describe. Updates come from the helped machine and are
/// hostile until they are decoded; after a refused one only a RESET is accepted.
#[derive(Default)]
pub struct Decoder {
    shown: Option<Shown>,
}

/// What an update changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// Its number, to be acknowledged.
    pub number: u32,
    /// The monitor that is shown.
    pub monitor: u32,
    /// Whether the picture's size or order of bytes is another one now.
    pub resized: bool,
    /// Where the picture may have changed: at most 8 rectangles.
    pub dirty: Vec<Rect>,
}

/// Why an update was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// It is longer than a screen message may be.
    #[error("the update is too long")]
    TooLong,
    /// It ends too early.
    #[error("the update ends too early")]
    Truncated,
    /// It is of another version.
    #[error("the picture is sent in version {theirs}, which this program does not know; update it")]
    OtherVersion {
        /// Its version.
        theirs: u8,
    },
    /// A field has a value that this version does not know.
    #[error("the update cannot be read")]
    Malformed,
    /// The picture would be too large.
    #[error(transparent)]
    Size(#[from] SizeError),
    /// There is no picture that it could change; ask for a full one.
    #[error("there is no picture that the update could change; ask for a full one")]
    NoPicture,
    /// It is not the next one.
    #[error("update {got} came where {expected} was due")]
    OutOfOrder {
        /// The number that was due.
        expected: u32,
        /// Its number.
        got: u32,
    },
    /// Its tiles are not rising, or not within the picture.
    #[error("the update names tiles that are not there")]
    Tiles,
    /// Its stream is not zstd, or needs more memory than is allowed.
    #[error("the update cannot be decompressed")]
    Compression,
    /// Its stream holds more than its tiles.
    #[error("the update holds more than its tiles")]
    Trailing,
}

struct Shown {
    monitor: u32,
    number: u32,
    picture: Picture,
    zstd: zstd::stream::raw::Decoder<'static>,
    tile: Box<[u8]>,
}

impl Decoder {
    /// Nothing is shown yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Applies one screen message to the picture.
    pub fn decode(&mut self, update: &[u8]) -> Result<Update, DecodeError> {
        if update.len() > Stream::Screen.longest() {
            self.shown = None;
            return Err(DecodeError::TooLong);
        }
        let decoded = self.try_decode(Reader::new(update));
        if decoded.is_err() {
            self.shown = None;
        }
        decoded
    }

    /// The picture; `None` before the first update and after a refused one.
    pub fn picture(&self) -> Option<&Picture> {
        self.shown.as_ref().map(|shown| &shown.picture)
    }

    fn try_decode(&mut self, mut reader: Reader<'_>) -> Result<Update, DecodeError> {
        let Header { number, reset } = Header::read(&mut reader)?;
        let mut resized = false;
        if let Some(reset) = reset {
            let before = self.picture().map(|picture| (picture.size(), picture.order()));
            resized = before != Some((reset.size, reset.order));
            // The old picture goes before the new one comes, so that the memory cap holds.
            self.shown = None;
            self.shown = Some(Shown::new(number, reset)?);
        }
        let shown = self.shown.as_mut().ok_or(DecodeError::NoPicture)?;
        let expected = shown.number.wrapping_add(1);
        if reset.is_none() && number != expected {
            return Err(DecodeError::OutOfOrder { expected, got: number });
        }
        shown.number = number;
        let tiles = Tiles::of(shown.picture.size());
        let runs = read_runs(&mut reader, tiles)?;
        let bounds = shown.picture.bounds();
        let compressed = reader.rest();
        let mut input = InBuffer::around(compressed);
        for tile in runs.iter().flat_map(|run| run.tiles()) {
            shown.fill(&mut input, tiles.rect(tile))?;
        }
        match (runs.is_empty(), reset) {
            (false, _) => shown.end(&mut input, compressed.len())?,
            (true, Some(_)) if compressed.is_empty() => {}
            (true, _) => return Err(DecodeError::Malformed),
        }
        let dirty = match reset {
            Some(_) => vec![bounds],
            None => dirty::rects(tiles, bounds, &runs),
        };
        Ok(Update { number, monitor: shown.monitor, resized, dirty })
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder").field("picture", &self.picture()).finish_non_exhaustive()
    }
}

impl Shown {
    fn new(number: u32, reset: Reset) -> Result<Self, DecodeError> {
        let mut zstd = zstd::stream::raw::Decoder::new().map_err(|_| DecodeError::Compression)?;
        zstd.set_parameter(DParameter::WindowLogMax(WINDOW_LOG))
            .map_err(|_| DecodeError::Compression)?;
        Ok(Self {
            monitor: reset.monitor,
            number,
            picture: Picture::zero(reset.size, reset.order),
            zstd,
            tile: vec![0; TILE_BYTES].into(),
        })
    }

    /// Decompresses one tile into the picture.
    fn fill(&mut self, input: &mut InBuffer<'_>, rect: Rect) -> Result<(), DecodeError> {
        let length = usize::try_from(rect.area()).unwrap_or(TILE_BYTES) * super::PIXEL;
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
        let width = length / usize::try_from(rect.height).unwrap_or(1).max(1);
        let rows = self.tile.chunks_exact(width.max(1));
        for (row, from) in self.picture.part_mut(rect).zip(rows) {
            row.copy_from_slice(from);
        }
        Ok(())
    }

    /// Checks that the stream holds nothing beyond the tiles.
    fn end(&mut self, input: &mut InBuffer<'_>, length: usize) -> Result<(), DecodeError> {
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

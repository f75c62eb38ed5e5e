//! From updates to the picture.

use std::fmt;

mod photos;
mod unpacker;

use photos::Job;
use unpacker::Unpacker;
use zstd::stream::raw::InBuffer;

use super::contents::Contents;
use super::filter::{FILTERED, restore};
use super::header::{Header, NUMBER_AT, Reset};
use super::tiles::{Run, Tiles};
use super::{PIXEL, Picture, PixelOrder, Rect, SizeError, dirty};
use crate::Stream;
use crate::reader::Reader;

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
    /// Whether the picture began anew.
    pub anew: Anew,
    /// Where the picture may have changed: at most 8 rectangles.
    pub dirty: Vec<Rect>,
    /// When the agent captured it, by its own clock, in milliseconds; wraps.
    pub captured_ms: u32,
    /// Whether more of what was captured follows.
    pub behind: bool,
    /// Whether something is shown that was compressed with loss; it becomes exact once the
    /// picture rests.
    pub rough: bool,
}

/// Whether the picture began anew with an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anew {
    /// It changed the picture that was there.
    No,
    /// It did, and is as large as before.
    SameSize,
    /// It did, and has another size or is the first.
    OtherSize,
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
    /// It moves something from or to beyond the picture, or too much.
    #[error("the update moves what is not there")]
    Moves,
    /// Its tiles are not within the picture, or come twice.
    #[error("the update names tiles that are not there")]
    Tiles,
    /// A photo is not one of the expected size and kind.
    #[error("a photo of the update cannot be read")]
    Photo,
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
    /// The agent's order; the picture's own is always red, green, blue and 255.
    order: PixelOrder,
    picture: Picture,
    unpacker: Unpacker,
    /// Scratch space for a tile.
    pixels: Vec<u8>,
}

impl Decoder {
    /// Nothing is shown yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Applies one screen message to the picture.
    // Inlined into a caller that is compiled for size, its loops would be too.
    #[inline(never)]
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

    /// The number of an update, also of one that is refused for its size or for want of a
    /// picture: it came, and the agent counts it.
    pub fn number(update: &[u8]) -> Option<u32> {
        let number = update.get(NUMBER_AT..)?.first_chunk()?;
        Some(u32::from_be_bytes(*number))
    }

    /// The picture; `None` before the first update and after a refused one.
    pub fn picture(&self) -> Option<&Picture> {
        self.shown.as_ref().map(|shown| &shown.picture)
    }

    fn try_decode(&mut self, mut reader: Reader<'_>) -> Result<Update, DecodeError> {
        let Header { number, captured_ms, behind, rough, reset } = Header::read(&mut reader)?;
        let mut anew = Anew::No;
        if let Some(reset) = reset {
            let before = self.picture().map(Picture::size);
            anew = if before == Some(reset.size) { Anew::SameSize } else { Anew::OtherSize };
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
        let (contents, changed) = Contents::read(&mut reader, tiles)?;
        if contents.is_empty() && reset.is_none() {
            return Err(DecodeError::Malformed);
        }
        shown.apply(&contents, tiles, &mut reader)?;
        let dirty = match reset {
            Some(_) => vec![tiles.bounds()],
            None => dirty::rects(tiles, &Run::of(&changed)),
        };
        let monitor = shown.monitor;
        Ok(Update { number, monitor, anew, dirty, captured_ms, behind, rough })
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder").field("picture", &self.picture()).finish_non_exhaustive()
    }
}

impl Shown {
    fn new(number: u32, reset: Reset) -> Result<Self, DecodeError> {
        Ok(Self {
            monitor: reset.monitor,
            number,
            order: reset.order,
            picture: Picture::black(reset.size),
            unpacker: Unpacker::new()?,
            pixels: Vec::new(),
        })
    }

    fn apply(
        &mut self,
        contents: &Contents,
        tiles: Tiles,
        reader: &mut Reader<'_>,
    ) -> Result<(), DecodeError> {
        let length = |length: u32| usize::try_from(length).map_err(|_| DecodeError::Truncated);
        let packed = length(reader.u32()?)?;
        let packed = reader.bytes(packed)?;
        let mut jobs = Vec::with_capacity(contents.photos.len());
        for photo in &contents.photos {
            let jpeg = reader.bytes(length(photo.length)?)?;
            jobs.push(Job { rect: photo.rect(tiles), jpeg });
        }
        if !reader.is_empty() {
            return Err(DecodeError::Trailing);
        }
        let Self { order, picture, unpacker, pixels, .. } = self;
        for change in &contents.moves {
            picture.shift(*change);
        }
        let mut input = InBuffer::around(packed);
        photos::decode(picture, &jobs, |picture| {
            for tile in contents.text.iter().flat_map(|run| run.tiles()) {
                let rect = tiles.rect(tile);
                let from = unpacker.next(&mut input, bytes(rect, PIXEL))?;
                picture.write(rect, *order, from);
            }
            for tile in contents.smooth.iter().flat_map(|run| run.tiles()) {
                let rect = tiles.rect(tile);
                let from = unpacker.next(&mut input, bytes(rect, FILTERED))?;
                pixels.resize(bytes(rect, PIXEL), 0);
                restore(from, bytes(Rect { height: 1, ..rect }, 1), pixels);
                picture.write(rect, *order, pixels);
            }
            match (contents.text.is_empty() && contents.smooth.is_empty(), packed.is_empty()) {
                (true, true) => Ok(()),
                (true, false) => Err(DecodeError::Trailing),
                (false, _) => unpacker.end(&mut input, packed.len()),
            }
        })
    }
}

/// Bytes of a tile.
fn bytes(rect: Rect, pixel: usize) -> usize {
    usize::try_from(rect.area()).unwrap_or(usize::MAX).saturating_mul(pixel)
}

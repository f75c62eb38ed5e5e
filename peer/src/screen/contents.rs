//! What an update says it holds.

use super::tiles::{Run, Tiles};
use super::{DecodeError, Move, Rect};
use crate::reader::Reader;

/// The most moves of an update.
pub(super) const MOST_MOVES: usize = 64;
/// The moves of an update write at most so many times the picture.
pub(super) const MOST_MOVED: u64 = 2;
/// The most tiles of a photo: half a megapixel, so that decoding one needs little memory.
pub(super) const MOST_PHOTO_TILES: u32 = 128;

/// The lists between the header and the compressed pixels, applied in this order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Contents {
    pub(super) moves: Vec<Move>,
    /// Tiles as they are, through zstd.
    pub(super) text: Vec<Run>,
    /// Tiles as differences of neighbours, after them through the same stream.
    pub(super) smooth: Vec<Run>,
    pub(super) photos: Vec<Photo>,
}

/// A rectangle of tiles as one JPEG.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Photo {
    /// The tile at its upper left.
    pub(super) first: u16,
    /// Tiles from left to right.
    pub(super) columns: u8,
    /// Tiles from top to bottom.
    pub(super) rows: u8,
    /// Bytes of its JPEG.
    pub(super) length: u32,
}

impl Contents {
    #[cfg(feature = "encoder")]
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        // The encoder stays far below 65,536 of each.
        let count = |length: usize| u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
        let side = |side: u32| u16::try_from(side).unwrap_or(u16::MAX).to_be_bytes();
        out.extend(count(self.moves.len()));
        for Move { from, x, y } in &self.moves {
            for length in [from.x, from.y, from.width, from.height, *x, *y] {
                out.extend(side(length));
            }
        }
        for runs in [&self.text, &self.smooth] {
            out.extend(count(runs.len()));
            for Run { first, last } in runs {
                out.extend(first.to_be_bytes());
                out.extend(last.to_be_bytes());
            }
        }
        out.extend(count(self.photos.len()));
        for Photo { first, columns, rows, length } in &self.photos {
            out.extend(first.to_be_bytes());
            out.extend([*columns, *rows]);
            out.extend(length.to_be_bytes());
        }
    }

    /// Reads and checks the lists: everything is within the picture, and no tile comes twice.
    /// Also says which tiles change.
    pub(super) fn read(
        reader: &mut Reader<'_>,
        tiles: Tiles,
    ) -> Result<(Self, Vec<bool>), DecodeError> {
        let moves = read_moves(reader, tiles.bounds())?;
        let mut named = vec![false; tiles.count()];
        let text = read_runs(reader, &mut named)?;
        let smooth = read_runs(reader, &mut named)?;
        let photos = read_photos(reader, tiles, &mut named)?;
        for tile in moves.iter().flat_map(|change| tiles.around(change.target())) {
            if let Some(named) = named.get_mut(usize::from(tile)) {
                *named = true;
            }
        }
        Ok((Self { moves, text, smooth, photos }, named))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.moves.is_empty()
            && self.text.is_empty()
            && self.smooth.is_empty()
            && self.photos.is_empty()
    }
}

impl Photo {
    /// The numbers of its tiles.
    pub(super) fn tiles(self, tiles: Tiles) -> impl Iterator<Item = u16> {
        let rows = 0..u16::from(self.rows);
        rows.flat_map(move |row| {
            let first = self.first.saturating_add(row.saturating_mul(tiles.columns()));
            (0..u16::from(self.columns)).map(move |column| first.saturating_add(column))
        })
    }

    /// Its pixels, cut at the edge of the picture.
    pub(super) fn rect(self, tiles: Tiles) -> Rect {
        let last = u16::from(self.rows)
            .saturating_sub(1)
            .saturating_mul(tiles.columns())
            .saturating_add(u16::from(self.columns).saturating_sub(1))
            .saturating_add(self.first);
        tiles.rect(self.first).around(tiles.rect(last))
    }
}

fn read_moves(reader: &mut Reader<'_>, bounds: Rect) -> Result<Vec<Move>, DecodeError> {
    let count = usize::from(reader.u16()?);
    if count > MOST_MOVES {
        return Err(DecodeError::Moves);
    }
    let mut moves = Vec::with_capacity(count);
    let mut area = 0;
    for _ in 0..count {
        let mut next = || reader.u16().map(u32::from);
        let from = Rect { x: next()?, y: next()?, width: next()?, height: next()? };
        let change = Move { from, x: next()?, y: next()? };
        let is_within = |rect: Rect| rect.area() > 0 && rect.within(bounds) == rect;
        area += from.area();
        let fits = is_within(from) && is_within(change.target());
        if !fits || area > MOST_MOVED * bounds.area() {
            return Err(DecodeError::Moves);
        }
        moves.push(change);
    }
    Ok(moves)
}

/// Marks a tile; it must be there, and not be marked yet.
fn name(named: &mut [bool], tile: u16) -> Result<(), DecodeError> {
    match named.get_mut(usize::from(tile)) {
        Some(named @ false) => {
            *named = true;
            Ok(())
        }
        _ => Err(DecodeError::Tiles),
    }
}

fn read_runs(reader: &mut Reader<'_>, named: &mut [bool]) -> Result<Vec<Run>, DecodeError> {
    let count = usize::from(reader.u16()?);
    let mut listed = Reader::new(reader.bytes(count * 4)?);
    let mut runs = Vec::with_capacity(count);
    while !listed.is_empty() {
        let run = Run { first: listed.u16()?, last: listed.u16()? };
        if run.last < run.first {
            return Err(DecodeError::Tiles);
        }
        for tile in run.tiles() {
            name(named, tile)?;
        }
        runs.push(run);
    }
    Ok(runs)
}

fn read_photos(
    reader: &mut Reader<'_>,
    tiles: Tiles,
    named: &mut [bool],
) -> Result<Vec<Photo>, DecodeError> {
    let count = usize::from(reader.u16()?);
    let mut listed = Reader::new(reader.bytes(count * 8)?);
    let mut photos = Vec::with_capacity(count);
    while !listed.is_empty() {
        let first = listed.u16()?;
        let (columns, rows) = (listed.u8()?, listed.u8()?);
        let photo = Photo { first, columns, rows, length: listed.u32()? };
        let wide = u32::from(first % tiles.columns()) + u32::from(columns);
        let high = u32::from(first / tiles.columns()) + u32::from(rows);
        let area = u32::from(columns) * u32::from(rows);
        let fits = wide <= u32::from(tiles.columns()) && high <= u32::from(tiles.rows());
        if !fits || area == 0 || area > MOST_PHOTO_TILES {
            return Err(DecodeError::Tiles);
        }
        for tile in photo.tiles(tiles) {
            name(named, tile)?;
        }
        photos.push(photo);
    }
    Ok(photos)
}

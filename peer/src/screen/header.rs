//! The beginning of an update.

use super::tiles::{Run, Tiles};
use super::{DecodeError, PixelOrder, Size};
use crate::reader::{Reader, Truncated};

const VERSION: u8 = 1;
const RESET: u8 = 1;

/// What stands before the tiles of an update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) number: u32,
    pub(super) reset: Option<Reset>,
}

/// With what a stream begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reset {
    pub(super) monitor: u32,
    pub(super) size: Size,
    pub(super) order: PixelOrder,
}

impl From<Truncated> for DecodeError {
    fn from(Truncated: Truncated) -> Self {
        Self::Truncated
    }
}

impl Header {
    pub(super) fn to_bytes(&self, runs: &[Run]) -> Vec<u8> {
        let mut out = vec![VERSION, self.reset.map_or(0, |_| RESET)];
        out.extend(self.number.to_be_bytes());
        if let Some(Reset { monitor, size, order }) = self.reset {
            let (width, height) = size.sides();
            out.extend(monitor.to_be_bytes());
            out.extend(width.to_be_bytes());
            out.extend(height.to_be_bytes());
            out.push(order_code(order));
        }
        // At most every second of 65,536 tiles begins a run.
        out.extend(u16::try_from(runs.len()).unwrap_or(u16::MAX).to_be_bytes());
        for Run { first, last } in runs {
            out.extend(first.to_be_bytes());
            out.extend(last.to_be_bytes());
        }
        out
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let version = reader.u8()?;
        if version != VERSION {
            return Err(DecodeError::OtherVersion { theirs: version });
        }
        let flags = reader.u8()?;
        let number = reader.u32()?;
        let reset = match flags {
            0 => None,
            RESET => Some(Reset::read(reader)?),
            _ => return Err(DecodeError::Malformed),
        };
        Ok(Self { number, reset })
    }
}

impl Reset {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let monitor = reader.u32()?;
        let (width, height) = (u32::from(reader.u16()?), u32::from(reader.u16()?));
        let size = Size::new(width, height)?;
        let order = match reader.u8()? {
            0 => PixelOrder::Bgrx,
            1 => PixelOrder::Rgbx,
            _ => return Err(DecodeError::Malformed),
        };
        Ok(Self { monitor, size, order })
    }
}

/// Reads the runs: rising, apart, and within the picture, so that no tile comes twice.
pub(super) fn read_runs(reader: &mut Reader<'_>, tiles: Tiles) -> Result<Vec<Run>, DecodeError> {
    let count = usize::from(reader.u16()?);
    let mut listed = Reader::new(reader.bytes(count * 4)?);
    let mut runs: Vec<Run> = Vec::with_capacity(count);
    while !listed.is_empty() {
        let run = Run { first: listed.u16()?, last: listed.u16()? };
        let apart = runs.last().is_none_or(|before| run.first > before.last.saturating_add(1));
        if !apart || run.last < run.first || run.last > tiles.last() {
            return Err(DecodeError::Tiles);
        }
        runs.push(run);
    }
    Ok(runs)
}

fn order_code(order: PixelOrder) -> u8 {
    match order {
        PixelOrder::Bgrx => 0,
        PixelOrder::Rgbx => 1,
    }
}

//! The beginning of an update.

use super::{DecodeError, PixelOrder, Size};
use crate::reader::{Reader, Truncated};

const VERSION: u8 = 2;
const RESET: u8 = 1;
const BEHIND: u8 = 2;
const ROUGH: u8 = 4;
/// Where the number stands in every update.
pub(super) const NUMBER_AT: usize = 2;

/// What stands before the contents of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) number: u32,
    pub(super) captured_ms: u32,
    pub(super) behind: bool,
    pub(super) rough: bool,
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
    #[cfg(feature = "encoder")]
    pub(super) fn to_bytes(self) -> Vec<u8> {
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        let flags =
            flag(self.reset.is_some(), RESET) | flag(self.behind, BEHIND) | flag(self.rough, ROUGH);
        let mut out = vec![VERSION, flags];
        out.extend(self.number.to_be_bytes());
        out.extend(self.captured_ms.to_be_bytes());
        if let Some(Reset { monitor, size, order }) = self.reset {
            let (width, height) = size.sides();
            out.extend(monitor.to_be_bytes());
            out.extend(width.to_be_bytes());
            out.extend(height.to_be_bytes());
            out.push(match order {
                PixelOrder::Bgrx => 0,
                PixelOrder::Rgbx => 1,
            });
        }
        out
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let version = reader.u8()?;
        if version != VERSION {
            return Err(DecodeError::OtherVersion { theirs: version });
        }
        let flags = reader.u8()?;
        if flags & !(RESET | BEHIND | ROUGH) != 0 {
            return Err(DecodeError::Malformed);
        }
        let number = reader.u32()?;
        let captured_ms = reader.u32()?;
        let reset = (flags & RESET != 0).then(|| Reset::read(reader)).transpose()?;
        let (behind, rough) = (flags & BEHIND != 0, flags & ROUGH != 0);
        Ok(Self { number, captured_ms, behind, rough, reset })
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

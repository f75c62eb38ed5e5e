//! How large a picture may be.

use super::{PIXEL, WINDOW_LOG};

/// Width and height of a picture in pixels, within what a decoder accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Size {
    /// INVARIANT: checked by [`Size::new`], as is the height.
    width: u16,
    height: u16,
}

/// Why a size is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SizeError {
    /// A side is zero or too long.
    #[error("a picture has 1 to 16,384 pixels a side, not {width} × {height}")]
    Side {
        /// The width asked for.
        width: u32,
        /// The height asked for.
        height: u32,
    },
    /// Too many pixels, or more than the decoder's memory holds.
    #[error("a picture of {width} × {height} pixels is too large; choose one monitor")]
    Area {
        /// The width asked for.
        width: u32,
        /// The height asked for.
        height: u32,
    },
}

impl Size {
    /// The longest side, in pixels.
    pub const LONGEST_SIDE: u16 = 16_384;
    /// The most pixels.
    pub const MOST_PIXELS: usize = 64_000_000;
    /// What a decoder may use for the picture, the window of its stream and its buffers, in
    /// bytes.
    pub const DECODER_MEMORY: usize = 256 * 1024 * 1024;

    /// A size, if a picture may have it.
    pub fn new(width: u32, height: u32) -> Result<Self, SizeError> {
        let within = |length: u32| {
            u16::try_from(length).ok().filter(|length| (1..=Self::LONGEST_SIDE).contains(length))
        };
        let (Some(wide), Some(high)) = (within(width), within(height)) else {
            return Err(SizeError::Side { width, height });
        };
        let size = Self { width: wide, height: high };
        // The window once, a MiB for the context, a tile and the update's lists, and eight for
        // the photos that are in memory at a time, each of half a megapixel.
        let beside = (1 << WINDOW_LOG) + (1 << 20) + (8 << 20);
        if size.pixels() > Self::MOST_PIXELS || size.bytes() + beside > Self::DECODER_MEMORY {
            return Err(SizeError::Area { width, height });
        }
        Ok(size)
    }

    /// Pixels from left to right.
    pub fn width(self) -> u32 {
        u32::from(self.width)
    }

    /// Pixels from top to bottom.
    pub fn height(self) -> u32 {
        u32::from(self.height)
    }

    /// Pixels in all.
    pub fn pixels(self) -> usize {
        usize::from(self.width) * usize::from(self.height)
    }

    /// Bytes in all, without padding.
    pub(super) fn bytes(self) -> usize {
        self.pixels() * PIXEL
    }

    /// Bytes of a row, without padding.
    pub(super) fn row_bytes(self) -> usize {
        usize::from(self.width) * PIXEL
    }

    pub(super) fn sides(self) -> (u16, u16) {
        (self.width, self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_is_refused_by_its_numbers() {
        for (width, height) in [(1, 1), (16_384, 1), (7_680, 4_320), (7_700, 7_864)] {
            assert!(Size::new(width, height).is_ok(), "{width} × {height}");
        }
        for (width, height) in [(0, 1), (1, 0), (16_385, 1), (1, 16_385), (65_537, 1)] {
            let refused = Size::new(width, height);
            assert_eq!(refused, Err(SizeError::Side { width, height }));
        }
        for (width, height) in [(16_384, 16_384), (8_000, 8_000)] {
            let refused = Size::new(width, height);
            assert_eq!(refused, Err(SizeError::Area { width, height }));
        }
    }
}

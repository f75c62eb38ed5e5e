//! What a pointer looks like.

use std::fmt;

use super::{MessageError, claim, claimed};
use crate::reader::Reader;

/// The shape of the pointer on the end user's machine. Its pixels are never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct PointerShape {
    /// What the window system calls it, claimed by the agent: at most 64 characters, possibly
    /// none.
    pub name: String,
    /// The pixel of it that points, from its upper left corner; within `size`.
    pub hot: (u16, u16),
    /// Width and height in pixels, each 1 to [`PointerShape::LONGEST_SIDE`].
    pub size: (u16, u16),
    /// Red, green, blue and opacity a pixel, not premultiplied, row by row.
    pub rgba: Vec<u8>,
}

impl PointerShape {
    /// The longest side, in pixels.
    pub const LONGEST_SIDE: u16 = 96;
    const LONGEST_NAME: usize = 64;

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        claim(&self.name, Self::LONGEST_NAME, out);
        for value in [self.hot.0, self.hot.1, self.size.0, self.size.1] {
            out.extend(value.to_be_bytes());
        }
        out.extend_from_slice(&self.rgba);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, MessageError> {
        let out_of_bounds = MessageError::OutOfBounds { what: "shape of the pointer" };
        let name = claimed(reader, Self::LONGEST_NAME, "name of the pointer")?;
        let hot = (reader.u16()?, reader.u16()?);
        let size = (reader.u16()?, reader.u16()?);
        let allowed = 1..=Self::LONGEST_SIDE;
        if !allowed.contains(&size.0) || !allowed.contains(&size.1) {
            return Err(out_of_bounds);
        }
        if hot.0 >= size.0 || hot.1 >= size.1 {
            return Err(out_of_bounds);
        }
        let bytes = usize::from(size.0) * usize::from(size.1) * 4;
        Ok(Self { name, hot, size, rgba: reader.bytes(bytes)?.to_vec() })
    }
}

impl fmt::Debug for PointerShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PointerShape")
            .field("name", &self.name)
            .field("hot", &self.hot)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

//! What the agent says of a monitor.

use super::{MessageError, claim, claimed, flag};
use crate::reader::Reader;

/// One monitor of the end user's machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Monitor {
    /// What the agent calls it.
    pub id: u32,
    /// A label, claimed by the agent: at most 64 characters.
    pub name: String,
    /// Its left edge on the desktop, in physical pixels, within ±1,048,576.
    pub x: i32,
    /// Its top edge on the desktop, in physical pixels, within ±1,048,576.
    pub y: i32,
    /// Its width in physical pixels, 1 to 65,535.
    pub width: u32,
    /// Its height in physical pixels, 1 to 65,535.
    pub height: u32,
    /// Its scale factor in per cent, 25 to 1,000.
    pub scale_percent: u16,
    /// Whether it is the main one; possibly none says so.
    pub primary: bool,
}

impl Monitor {
    const LONGEST_NAME: usize = 64;
    const FARTHEST: i32 = 1 << 20;
    const LARGEST: u32 = 65_535;

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.id.to_be_bytes());
        out.extend(self.x.to_be_bytes());
        out.extend(self.y.to_be_bytes());
        out.extend(self.width.to_be_bytes());
        out.extend(self.height.to_be_bytes());
        out.extend(self.scale_percent.to_be_bytes());
        out.push(u8::from(self.primary));
        claim(&self.name, Self::LONGEST_NAME, out);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, MessageError> {
        let out_of_bounds = |what| MessageError::OutOfBounds { what };
        let id = reader.u32()?;
        let (x, y) = (reader.i32()?, reader.i32()?);
        let (width, height) = (reader.u32()?, reader.u32()?);
        let scale_percent = reader.u16()?;
        let primary = flag(reader, "monitor")?;
        let name = claimed(reader, Self::LONGEST_NAME, "name of a monitor")?;
        let near = -Self::FARTHEST..=Self::FARTHEST;
        let side = 1..=Self::LARGEST;
        if !near.contains(&x) || !near.contains(&y) {
            return Err(out_of_bounds("place of a monitor"));
        }
        if !side.contains(&width) || !side.contains(&height) {
            return Err(out_of_bounds("size of a monitor"));
        }
        if !(25..=1_000).contains(&scale_percent) {
            return Err(out_of_bounds("scale of a monitor"));
        }
        Ok(Self { id, name, x, y, width, height, scale_percent, primary })
    }
}

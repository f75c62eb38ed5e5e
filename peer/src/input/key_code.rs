//! Keys by their place.

use crate::MessageError;
use crate::reader::Reader;

/// A key by its place on the keyboard: the number that Linux gives it (evdev, `KEY_*`), 1 to 767.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyCode(u16);

impl KeyCode {
    /// The greatest number.
    pub const GREATEST: u16 = 767;

    /// The key with this number, where there can be one.
    pub const fn new(number: u16) -> Option<Self> {
        if number == 0 || number > Self::GREATEST { None } else { Some(Self(number)) }
    }

    /// The number.
    pub const fn number(self) -> u16 {
        self.0
    }

    pub(super) fn write(self, out: &mut Vec<u8>) {
        out.extend(self.0.to_be_bytes());
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, MessageError> {
        Self::new(reader.u16()?).ok_or(MessageError::OutOfBounds { what: "key code" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_code_has_bounds() {
        assert_eq!(KeyCode::new(0), None);
        assert_eq!(KeyCode::new(1).map(KeyCode::number), Some(1));
        assert_eq!(KeyCode::new(767).map(KeyCode::number), Some(767));
        assert_eq!(KeyCode::new(768), None);
    }
}

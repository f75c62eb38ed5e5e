//! Typed text.

use std::fmt;

use crate::MessageError;
use crate::reader::Reader;

/// Typed text: 1 to 1,024 bytes of UTF-8 without control characters (those are keys).
///
/// It may be a password, so it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Text(String);

/// Why something is not a [`Text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// It is empty or longer than 1,024 bytes.
    #[error("a text has 1 to 1,024 bytes; send a longer one in pieces")]
    Length,
    /// It contains a control character.
    #[error("a text has no control characters; send them as keys")]
    ControlCharacter,
}

impl Text {
    /// The longest text, in bytes.
    pub const LONGEST: usize = 1_024;

    /// A text, if it is one.
    pub fn new(text: &str) -> Result<Self, TextError> {
        if text.is_empty() || text.len() > Self::LONGEST {
            return Err(TextError::Length);
        }
        if text.chars().any(char::is_control) {
            return Err(TextError::ControlCharacter);
        }
        Ok(Self(text.to_owned()))
    }

    /// Any text cut into pieces, its control characters left out.
    pub fn pieces(text: &str) -> Vec<Self> {
        let mut pieces = Vec::new();
        let mut piece = String::new();
        for symbol in text.chars().filter(|symbol| !symbol.is_control()) {
            if piece.len() + symbol.len_utf8() > Self::LONGEST {
                pieces.push(Self(std::mem::take(&mut piece)));
            }
            piece.push(symbol);
        }
        if !piece.is_empty() {
            pieces.push(Self(piece));
        }
        pieces
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend(u16::try_from(self.0.len()).unwrap_or_default().to_be_bytes());
        out.extend(self.0.bytes());
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, MessageError> {
        let out_of_bounds = MessageError::OutOfBounds { what: "text" };
        let length = usize::from(reader.u16()?);
        let text = std::str::from_utf8(reader.bytes(length)?).map_err(|_| out_of_bounds)?;
        Self::new(text).map_err(|_| out_of_bounds)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_bounds() {
        assert!(Text::new(&"a".repeat(1_024)).is_ok());
        assert_eq!(Text::new(&"a".repeat(1_025)), Err(TextError::Length));
        assert_eq!(Text::new(""), Err(TextError::Length));
        assert_eq!(Text::new("a\nb"), Err(TextError::ControlCharacter));
    }

    #[test]
    fn a_long_text_is_cut_between_characters_and_nothing_is_lost() {
        let long = "Grüße ß é 漢 € 🙂\n".repeat(200);
        let pieces = Text::pieces(&long);
        assert!(pieces.iter().all(|piece| Text::new(piece.as_str()).is_ok()));
        let joined: String = pieces.iter().map(Text::as_str).collect();
        assert_eq!(joined, long.replace('\n', ""));
        assert!(Text::pieces("\r\n").is_empty());
    }

    #[test]
    fn a_text_is_never_printed() {
        assert_eq!(format!("{:?}", Text::new("secret").unwrap()), "Text(6 bytes)");
    }
}

//! What was copied on one side, for the other: `kind u8 | bytes`.

use std::fmt;

/// One content of a clipboard. It may be a password, so it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub enum Clip {
    /// Text of at most [`Clip::LONGEST_TEXT`] bytes.
    Text(String),
    /// A picture as PNG, of at most [`Clip::LONGEST_PNG`] bytes, a side of at most
    /// [`Clip::LONGEST_SIDE`] and at most [`Clip::MOST_PIXELS`]; its header was checked, its
    /// pixels were not.
    Png(Vec<u8>),
}

/// Why something cannot be shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClipError {
    /// It is empty.
    #[error("there is nothing in it")]
    Empty,
    /// It is too long.
    #[error("it is too large; texts of 1 MiB and pictures of 8 MiB can be shared")]
    TooLong,
    /// It is no UTF-8, or no PNG.
    #[error("it cannot be read")]
    Malformed,
    /// Its kind is not known in this version.
    #[error("its kind is not known; update both programs")]
    Unknown,
    /// The picture has too many pixels.
    #[error("the picture is larger than 8,192 pixels a side or 33 megapixels")]
    TooLarge,
}

/// How every PNG begins: signature, length and type of its header.
/// Source: PNG specification, third edition, sections 5.2 and 11.2.1.
const PNG: [u8; 16] = *b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR";

impl Clip {
    /// The longest text, in bytes.
    pub const LONGEST_TEXT: usize = 1024 * 1024;
    /// The longest picture, in bytes.
    pub const LONGEST_PNG: usize = 8 * 1024 * 1024;
    /// The longest side of a picture, in pixels.
    pub const LONGEST_SIDE: u32 = 8_192;
    /// The most pixels of a picture: a screen of 8K fits, and 128 MiB hold them.
    pub const MOST_PIXELS: u32 = 32 * 1024 * 1024;

    /// A text, if it can be shared.
    pub fn text(text: String) -> Result<Self, ClipError> {
        match text.len() {
            0 => Err(ClipError::Empty),
            length if length > Self::LONGEST_TEXT => Err(ClipError::TooLong),
            _ => Ok(Self::Text(text)),
        }
    }

    /// A picture, if it can be shared.
    pub fn png(png: Vec<u8>) -> Result<Self, ClipError> {
        if png.is_empty() {
            return Err(ClipError::Empty);
        }
        if png.len() > Self::LONGEST_PNG {
            return Err(ClipError::TooLong);
        }
        let (begin, rest) = png.split_first_chunk().ok_or(ClipError::Malformed)?;
        let (width, rest) = rest.split_first_chunk().ok_or(ClipError::Malformed)?;
        let (height, _) = rest.split_first_chunk().ok_or(ClipError::Malformed)?;
        if *begin != PNG {
            return Err(ClipError::Malformed);
        }
        let sides = [u32::from_be_bytes(*width), u32::from_be_bytes(*height)];
        if sides.contains(&0) {
            return Err(ClipError::Malformed);
        }
        let [width, height] = sides;
        let pixels = u64::from(width) * u64::from(height);
        if width.max(height) > Self::LONGEST_SIDE || pixels > u64::from(Self::MOST_PIXELS) {
            return Err(ClipError::TooLarge);
        }
        Ok(Self::Png(png))
    }

    /// Bytes of its content.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Png(png) => png.len(),
        }
    }

    /// Whether it has no content; never, where it was made by [`Clip::text`] or [`Clip::png`].
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of a message on the clipboard stream.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (kind, content) = match self {
            Self::Text(text) => (1, text.as_bytes()),
            Self::Png(png) => (2, png.as_slice()),
        };
        let mut out = Vec::with_capacity(1 + content.len());
        out.push(kind);
        out.extend_from_slice(content);
        out
    }

    /// Reads a whole message of the clipboard stream.
    pub fn from_bytes(message: Vec<u8>) -> Result<Self, ClipError> {
        let (kind, content) = message.split_first().ok_or(ClipError::Empty)?;
        match kind {
            1 => {
                let text = std::str::from_utf8(content).map_err(|_| ClipError::Malformed)?;
                Self::text(text.to_owned())
            }
            2 => Self::png(content.to_vec()),
            _ => Err(ClipError::Unknown),
        }
    }
}

impl fmt::Debug for Clip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::Text(_) => "Text",
            Self::Png(_) => "Png",
        };
        write!(f, "{kind}({} bytes)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        [&PNG[..], &width.to_be_bytes(), &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat()
    }

    #[test]
    fn what_can_be_shared_reads_back() {
        let text = Clip::text("Grüße 漢 🙂".into()).unwrap();
        let [wide, full] = [(8_192, 1), (7_680, 4_320)].map(|(x, y)| Clip::png(png(x, y)).unwrap());
        for clip in [text, wide, full] {
            assert_eq!(Clip::from_bytes(clip.to_bytes()), Ok(clip.clone()));
            assert!(clip.to_bytes().len() <= crate::Stream::Clipboard.longest());
        }
        let longest = Clip::text("a".repeat(Clip::LONGEST_TEXT)).unwrap();
        assert_eq!(Clip::from_bytes(longest.to_bytes()), Ok(longest));
    }

    #[test]
    fn what_cannot_is_refused_by_its_reason() {
        let long = "a".repeat(Clip::LONGEST_TEXT + 1);
        let mut many = png(1, 1);
        many.resize(Clip::LONGEST_PNG + 1, 0);
        for (message, why) in [
            (vec![], ClipError::Empty),
            (vec![1], ClipError::Empty),
            (vec![2], ClipError::Empty),
            (vec![3, 1], ClipError::Unknown),
            (vec![1, 0xff], ClipError::Malformed),
            ([&[1], long.as_bytes()].concat(), ClipError::TooLong),
            ([&[2], &many[..]].concat(), ClipError::TooLong),
            ([&[2], &png(8_193, 1)[..]].concat(), ClipError::TooLarge),
            ([&[2], &png(8_192, 4_097)[..]].concat(), ClipError::TooLarge),
            ([&[2], &png(1, 0)[..]].concat(), ClipError::Malformed),
            ([&[2], &png(1, 1)[..20]].concat(), ClipError::Malformed),
            ([&[2], &b"GIF89a, and something more"[..]].concat(), ClipError::Malformed),
        ] {
            assert_eq!(Clip::from_bytes(message), Err(why));
        }
    }

    #[test]
    fn it_is_never_printed() {
        let secret = Clip::text("secret".into()).unwrap();
        assert_eq!(format!("{secret:?}"), "Text(6 bytes)");
    }
}

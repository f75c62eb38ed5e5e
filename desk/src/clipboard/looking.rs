//! What is in the clipboard, read through `arboard`.

use arboard::Error;
use beckon_peer::{Clip, ClipError};

use super::picture::Pixels;
use super::source::{Content, SourceError};
use super::{Kept, lines};

/// What is in the clipboard, which is opened where it was not yet.
pub fn look(board: &mut Option<arboard::Clipboard>) -> Result<Content, SourceError> {
    let board = match board {
        Some(board) => board,
        none => none.insert(arboard::Clipboard::new().map_err(|error| failed(&error))?),
    };
    match board.get_text() {
        Ok(text) => {
            return Ok(match Clip::text(lines::of_beckon(text)) {
                Ok(Clip::Text(text)) => Content::Text(text),
                Err(ClipError::TooLong) => Content::Kept(Kept::TooLarge),
                Ok(Clip::Png(_)) | Err(_) => Content::Nothing,
            });
        }
        Err(Error::ContentNotAvailable | Error::ConversionFailure) => {}
        Err(error) => return Err(failed(&error)),
    }
    match board.get_image() {
        Ok(image) => Ok(match (u32::try_from(image.width), u32::try_from(image.height)) {
            (Ok(width), Ok(height)) if width.max(height) <= Clip::LONGEST_SIDE => {
                Content::Picture(Pixels { width, height, rgba: image.bytes.into_owned() })
            }
            _ => Content::Kept(Kept::TooLarge),
        }),
        Err(Error::ContentNotAvailable | Error::ConversionFailure) => Ok(Content::Nothing),
        Err(error) => Err(failed(&error)),
    }
}

fn failed(error: &Error) -> SourceError {
    SourceError(format!("the clipboard of this computer cannot be read: {error}"))
}

//! A clipboard that does not say when something is copied: it is looked at once a second.

use std::time::Duration;

use arboard::Error;
use beckon_peer::{Clip, ClipError};

use super::Kept;
use super::guard::Mark;
use super::picture::Pixels;
use super::source::{Content, Source, SourceError};
use super::waker::Sleep;

/// How often it is looked at.
const EVERY: Duration = Duration::from_secs(1);

/// What was there when it was looked at last.
#[derive(Default)]
pub struct Polling {
    board: Option<arboard::Clipboard>,
    seen: Option<Mark>,
    /// What was found and is not read yet.
    found: Option<Content>,
}

impl Polling {
    fn look(&mut self) -> Result<Content, SourceError> {
        let board = match &mut self.board {
            Some(board) => board,
            none => none.insert(arboard::Clipboard::new().map_err(|error| failed(&error))?),
        };
        match board.get_text() {
            Ok(text) => {
                return Ok(match Clip::text(text) {
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
}

impl Source for Polling {
    fn watch(&mut self) -> Result<(), SourceError> {
        let content = self.look()?;
        self.seen = mark(&content);
        self.found = None;
        Ok(())
    }

    fn ignore(&mut self) {
        self.found = None;
    }

    fn wait(&mut self, sleep: &Sleep) -> Result<bool, SourceError> {
        #[cfg(target_os = "linux")]
        let slept = sleep.until(None, Some(EVERY));
        #[cfg(not(target_os = "linux"))]
        let slept = sleep.until(Some(EVERY));
        slept.map_err(|error| SourceError(error.to_string()))?;
        let content = self.look()?;
        let mark = mark(&content);
        if mark == self.seen {
            return Ok(false);
        }
        self.seen = mark;
        self.found = Some(content);
        Ok(true)
    }

    fn read(&mut self, _goes_on: &dyn Fn() -> bool) -> Result<Content, SourceError> {
        match self.found.take() {
            Some(content) => Ok(content),
            None => self.look(),
        }
    }
}

fn mark(content: &Content) -> Option<Mark> {
    match content {
        Content::Text(text) => Some(Mark::of_text(text)),
        Content::Picture(pixels) => Some(Mark::of_pixels(pixels)),
        Content::Kept(_) | Content::Nothing => None,
    }
}

fn failed(error: &Error) -> SourceError {
    SourceError(format!("the clipboard of this computer cannot be read: {error}"))
}

//! A clipboard that does not say when something is copied: it is looked at once a second.

use std::time::Duration;

use super::guard::Mark;
use super::looking;
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
        looking::look(&mut self.board)
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

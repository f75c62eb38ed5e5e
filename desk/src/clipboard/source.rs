//! Where what is copied here is noticed and read.

use super::Kept;
use super::picture::Pixels;
use super::waker::Sleep;

/// What is in the clipboard, as far as it can be shared.
#[derive(PartialEq, Eq)]
pub enum Content {
    /// A text of at most [`Clip::LONGEST_TEXT`](beckon_peer::Clip::LONGEST_TEXT) bytes.
    Text(String),
    /// A picture.
    Picture(Pixels),
    /// Something that stays here.
    Kept(Kept),
    /// Nothing, or nothing that can be shared.
    Nothing,
}

/// The clipboard cannot be read: why.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SourceError(pub String);

/// Notices and reads.
pub trait Source: Send {
    /// Begins to notice what is copied from now on.
    fn watch(&mut self) -> Result<(), SourceError>;

    /// Notices nothing any more.
    fn ignore(&mut self);

    /// Sleeps until woken or something is noticed; says whether.
    fn wait(&mut self, sleep: &Sleep) -> Result<bool, SourceError>;

    /// Reads the clipboard, while `goes_on` holds.
    fn read(&mut self, goes_on: &dyn Fn() -> bool) -> Result<Content, SourceError>;
}

/// The best one that there is on this computer.
#[cfg(target_os = "windows")]
pub fn of_this_system() -> Box<dyn Source> {
    Box::new(super::win32::Counted::default())
}

/// The best one that there is on this computer.
#[cfg(not(target_os = "windows"))]
pub fn of_this_system() -> Box<dyn Source> {
    #[cfg(target_os = "linux")]
    match super::x11::Selection::open() {
        Ok(selection) => return Box::new(selection),
        Err(error) => tracing::info!(%error, "no X server: the clipboard is looked at each second"),
    }
    Box::new(super::polling::Polling::default())
}

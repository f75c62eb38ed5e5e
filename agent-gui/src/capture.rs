//! Pictures of the screen.

#[cfg(any(target_os = "linux", target_os = "windows"))]
mod drag;
#[cfg(any(target_os = "linux", target_os = "windows"))]
mod pointer_image;
#[cfg(any(feature = "portable", not(target_os = "linux")))]
mod portable;
#[cfg(any(target_os = "linux", target_os = "windows"))]
mod region;
#[cfg(test)]
pub mod synthetic;
#[cfg(any(target_os = "windows", all(target_os = "linux", test)))]
mod win32;
#[cfg(target_os = "linux")]
pub mod x11;

use std::time::Duration;

use beckon_peer::screen::{Part, PixelOrder, Shift, Size};
use beckon_peer::{LostWhy, Monitor, PointerShape};

use crate::bell::Bell;

/// Where pictures come from. Everything but `wait` and `news` may hang as long as the window
/// system does.
pub trait Capture {
    /// The monitors there are now.
    fn monitors(&mut self) -> Result<Vec<Monitor>, CaptureError>;
    /// Sleeps until something new happened, the bell rings, or for `longest`.
    fn wait(&mut self, bell: &Bell, longest: Duration) -> Result<(), CaptureError>;
    /// What has happened since it was last asked for.
    fn news(&self) -> News;
    /// The pixels of a monitor that may have changed since the last time.
    fn next(&mut self, monitor: &Monitor, extent: Extent) -> Result<Shot<'_>, CaptureError>;
    /// Where the pointer is on the desktop, in physical pixels, where that is known.
    fn place(&mut self) -> Result<Option<(i32, i32)>, CaptureError>;
    /// What the pointer looks like, where that is known.
    fn shape(&mut self) -> Result<Option<PointerShape>, CaptureError>;
    /// Hears whether the window system still answers.
    fn ping(&mut self) -> Result<(), CaptureError>;
}

/// Opens a new connection to what gives the pictures.
pub type Open = Box<dyn FnMut() -> Result<Box<dyn Capture>, CaptureError> + Send>;

/// What has happened. Asking for a thing takes it off the list.
#[expect(clippy::struct_excessive_bools, reason = "each says that one thing has happened")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct News {
    /// Pixels may have changed.
    pub damage: bool,
    /// There may be other monitors, or they have moved.
    pub monitors: bool,
    /// The pointer has moved.
    pub place: bool,
    /// The pointer looks different.
    pub shape: bool,
}

/// How much of a monitor is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// What may have changed.
    Changed,
    /// Everything.
    Whole,
}

/// What was captured of a monitor.
#[derive(Clone, Debug)]
pub struct Shot<'a> {
    /// The size of the whole monitor.
    pub size: Size,
    /// In which order a pixel's bytes stand.
    pub order: PixelOrder,
    /// All pixels that may have changed.
    pub parts: Vec<Part<'a>>,
    /// Where content may have moved.
    pub shifts: Vec<Shift>,
}

/// Why there is no picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaptureError {
    /// The window system is gone, or refuses; a new connection may help.
    #[error("the system gives no picture ({0})")]
    System(String),
    /// There is no such monitor, or none at all.
    #[error("no monitor was found")]
    NoMonitor,
    /// The picture is too large to be sent.
    #[error("the monitor is too large")]
    TooLarge,
    /// The monitor is no longer what it was: list them again.
    #[error("the monitor has changed")]
    Changed,
    /// The computer is locked: its user sees something that no program may see.
    #[cfg_attr(
        not(any(target_os = "windows", test)),
        expect(dead_code, reason = "only Windows hides something")
    )]
    #[error("the computer is locked")]
    Locked,
    /// The system asks its user something that no program may see.
    #[cfg_attr(
        not(any(target_os = "windows", test)),
        expect(dead_code, reason = "only Windows hides something")
    )]
    #[error("the system shows a security prompt")]
    SecurityPrompt,
}

impl CaptureError {
    /// What Control is told.
    pub fn why(&self) -> LostWhy {
        match self {
            Self::NoMonitor => LostWhy::NoMonitor,
            Self::Locked => LostWhy::Locked,
            Self::SecurityPrompt => LostWhy::SecurityPrompt,
            Self::System(_) | Self::TooLarge | Self::Changed => LostWhy::Failed,
        }
    }
}

/// What gives pictures on this system.
#[cfg_attr(
    not(target_os = "linux"),
    expect(clippy::unnecessary_wraps, reason = "an X server may be missing")
)]
pub fn of_this_system() -> Result<Box<dyn Capture>, CaptureError> {
    #[cfg(target_os = "linux")]
    {
        let x11 = x11::X11Capture::connect(None);
        #[cfg(feature = "portable")]
        if x11.is_err() {
            return Ok(Box::new(portable::Portable::new()));
        }
        Ok(Box::new(x11?))
    }
    #[cfg(target_os = "windows")]
    return Ok(Box::new(win32::Win32Capture::new()));
    #[cfg(not(any(target_os = "linux", target_os = "windows")))]
    Ok(Box::new(portable::Portable::new()))
}

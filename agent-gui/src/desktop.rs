//! The few things that are asked of the window system directly.

#[cfg(not(any(target_os = "linux", target_os = "windows")))]
mod elsewhere;
#[cfg(target_os = "windows")]
mod win32;
#[cfg(target_os = "linux")]
mod x11;

#[cfg(not(any(target_os = "linux", target_os = "windows")))]
pub use elsewhere::Desktop;
#[cfg(target_os = "windows")]
pub use win32::Desktop;
#[cfg(target_os = "linux")]
pub use x11::Desktop;

/// Who has the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// This window.
    Window(u32),
    /// A window of this program, or nobody for a moment.
    #[cfg(target_os = "windows")]
    Own,
    /// Whatever is under the pointer.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only on X11"))]
    UnderPointer,
}

//! Pictures on Windows: what the graphics card says has changed, else stills.
//!
//! ```text
//! course ── which way? ──┬─► duplication ─ frame ─► changed rectangles, movements ─┐
//!    ▲                   └─► stills (`Portable`): everything, a few times a second ┴─► Shot
//!    └── refusals, and what the system shows its user alone (`desktop`, `hidden`)
//! ```

mod course;
#[cfg(target_os = "windows")]
mod desktop;
#[cfg(target_os = "windows")]
mod duplication;
#[cfg(target_os = "windows")]
#[cfg(test)]
mod duplication_tests;
mod frame;
mod hidden;
#[cfg(target_os = "windows")]
mod pointer;
mod pointer_bitmap;
mod rotation;
#[cfg(target_os = "windows")]
#[cfg(test)]
mod scripted;
#[cfg(target_os = "windows")]
#[cfg(test)]
mod stage;
#[cfg(target_os = "windows")]
#[cfg(test)]
mod tests;
mod wide;
#[cfg(target_os = "windows")]
mod win32_capture;

#[cfg(target_os = "windows")]
pub use win32_capture::Win32Capture;

//! The picture of the other screen, on its way from the decoder to the window.

mod canvas;
mod freshness;
mod patches;

pub use canvas::Canvas;
pub use freshness::{Age, Answer, Freshness};
pub use patches::{Patch, Patches};

/// The longest side of a texture, in pixels: every graphics card takes it.
pub const TILE: u32 = 2_048;

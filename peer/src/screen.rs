//! The picture of a screen, sent as what changed in it.
//!
//! ```text
//! agent    Picture ─► compare with the last sent copy ─► changed 64×64 tiles ─► zstd ─► update
//! Control  update ─► zstd ─► tiles within a Picture ─► changed rectangles
//!
//! update = version u8 | flags u8 | number u32
//!          | if RESET: monitor u32, width u16, height u16, order u8
//!          | runs u16 | runs × (first tile u16, last tile u16) | zstd
//! ```
//!
//! Tiles are numbered by rows from the upper left. All tiles go through one long-lived zstd
//! stream (level 2, window 2^24), flushed after each update and never ended. A RESET begins a
//! new stream and a picture that is zero everywhere.

mod compare;
mod decoder;
mod dirty;
mod encoder;
mod header;
mod pace;
mod picture;
mod rect;
mod size;
#[cfg(test)]
mod tests;
mod tiles;

pub use decoder::{DecodeError, Decoder, Update};
pub use encoder::{EncodeError, Encoder};
pub use pace::{Pace, PaceError};
pub use picture::{Picture, PictureError, PixelOrder};
pub use rect::Rect;
pub use size::{Size, SizeError};

/// Bytes of a pixel.
const PIXEL: usize = 4;
/// Pixels of the side of a tile.
const TILE: u16 = 64;
/// Binary logarithm of the window of the zstd stream.
const WINDOW_LOG: u32 = 24;

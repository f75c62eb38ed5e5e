//! The picture of a screen, sent as what changed in it.
//!
//! ```text
//! agent    Part ─► compare with what was seen last ─► what moved ─► changed 64×64 tiles
//!               ─► text: zstd · photos: JPEG, at rest zstd ─► update
//! Control  update ─► moves, zstd, JPEG within a Picture ─► changed rectangles
//!
//! update = version u8 | flags u8 | number u32 | captured_ms u32
//!          | if RESET: monitor u32, width u16, height u16, order u8
//!          | moves | runs of text tiles | runs of smooth tiles | photos
//!          | zstd length u32 | zstd | JPEGs
//! ```
//!
//! Tiles are numbered by rows from the upper left. Text and smooth tiles go through one
//! long-lived zstd stream (window 2^24), flushed after each update and never ended. A
//! RESET begins a new stream and a picture that is black everywhere.

mod captured;
#[cfg(feature = "encoder")]
mod compare;
mod contents;
mod decoder;
mod dirty;
#[cfg(feature = "encoder")]
mod encoder;
mod filter;
mod header;
#[cfg(feature = "encoder")]
mod moves;
mod pace;
mod picture;
mod rect;
mod size;
#[cfg(feature = "encoder")]
#[cfg(test)]
mod tests;
mod tiles;

pub use captured::{Captured, Move, Part, Shift};
pub use decoder::{Anew, DecodeError, Decoder, Update};
#[cfg(feature = "encoder")]
pub use encoder::{EncodeError, Encoder, Limits, Seen};
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

//! What only agent and Control speak, sealed, through the server.
//!
//! **Invariant.** Sealed before it leaves, checked before it is parsed. A key has one purpose
//! and is never printed. `decode(encode(a→b), a) = b`.
//!
//! ```text
//! agent                                 server                     Control
//! AgentHandshake  ◄────── three messages of Noise XX ──────► ControlHandshake
//!    Channel                                                    Channel
//! Encoder ─► Sealer ───── records that it cannot read ─────► Opener ─► Decoder
//! Gate ◄── Opener ◄────────────────────────────────────────── Sealer ◄─ ControlMessage
//! ```
//!
//! ```
//! use beckon_peer::screen::{Captured, Decoder, Encoder, Limits, Part, Picture, PixelOrder, Size};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let size = Size::new(2, 1)?;
//! let picture = Picture::new(size, 8, PixelOrder::Bgrx, vec![1, 2, 3, 0, 4, 5, 6, 0])?;
//! let part = Part { rect: picture.bounds(), stride: 8, pixels: picture.pixels() };
//! let captured = Captured { size, order: PixelOrder::Bgrx, parts: &[part], shifts: &[] };
//! let limits = Limits { bytes: 100_000, quality: 85, at_rest: false, captured_ms: 7 };
//! let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
//! encoder.look(&captured)?;
//! let update = encoder.next_update(&limits)?.ok_or("the first update is a full picture")?;
//! assert_eq!(decoder.decode(&update)?.number, 1);
//! assert_eq!(decoder.picture(), Some(&picture));
//! encoder.look(&captured)?;
//! assert_eq!(encoder.next_update(&limits)?, None, "nothing has changed");
//! # Ok(())
//! # }
//! ```

#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::as_conversions))]

mod channel;
mod clip;
mod frame;
mod gate;
mod handshake;
mod identity;
mod input;
mod mandate;
mod message;
mod opener;
mod reader;
mod record;
mod role;
mod schedule;
pub mod screen;
mod sealer;
mod stream;

pub use channel::Channel;
pub use clip::{Clip, ClipError};
pub use frame::{Frame, UnknownFrame};
pub use gate::{Gate, Stale};
pub use handshake::{
    AgentHandshake, AgentTerms, ControlHandshake, ControlTerms, HandshakeError,
    LONGEST_CERTIFICATE, PeerKeys, VERSION,
};
pub use identity::{Identity, IdentityError};
pub use input::{
    Button, InputEvent, Key, KeyCode, LogicalKey, Modifiers, Point, Press, Text, TextError,
};
pub use mandate::{Mandate, MandateError, verify_grant};
pub use message::{
    AgentMessage, ControlMessage, LostWhy, MessageError, Monitor, PointerShape, ScreenState, Why,
};
pub use opener::{OpenError, Opener};
pub use role::Role;
pub use sealer::{SealError, Sealer};
pub use stream::Stream;

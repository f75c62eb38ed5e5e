//! What both windows of Beckon stand on: the connection to the server, the look, the clock.
//!
//! **Invariant.** One protected way to the server: the certificate is checked or nothing is
//! sent; what comes in is bounded before it is read. A line that broke comes back by itself, and
//! what was not sent before is never sent later.
//!
//! ```text
//! Line  ── /ws/agent, /ws/control ──┐
//!                                   ├── Socket ── (proxy) ── TLS ── server
//! relay ── /ws/relay ───────────────┘
//! ```
//!
//! ```
//! use std::time::Duration;
//!
//! let before = beckon_desk::clock::uptime();
//! assert!(beckon_desk::clock::uptime() >= before, "this clock never goes back");
//! assert_eq!(beckon_desk::widgets::duration(Duration::from_secs(245)), "4:05");
//! ```

#[cfg(target_os = "linux")]
pub mod accessibility;
pub mod clipboard;
pub mod clock;
pub mod file_name;
pub mod glyphs;
mod line;
#[cfg(test)]
mod line_tests;
mod proxy;
pub mod relay;
mod socket;
pub mod terminal;
pub mod theme;
mod tls;
pub mod widgets;
pub mod window;

pub use line::{Greeted, Greeting, Line, LineEvent};
pub use relay::{RelayClosed, RelayReceiver, RelaySender};
pub use socket::{Frame, Socket, SocketError, SocketReceiver, SocketSender};

//! A VNC viewer without a window (RFB 3.8): the peer of measurements, as fast as a viewer can be.
//!
//! **Invariant.** It asks for what `TigerVNC`'s viewer asks for on a fast network: Tight with JPEG,
//! copied rectangles, continuous updates and fences where the server has them; otherwise the next
//! update is asked for as soon as one begins to arrive.

mod canvas;
mod tight;
mod viewer;
mod wire;

pub use canvas::{Area, Canvas};
pub use tight::Tight;
pub use viewer::{Quality, Viewer, Watcher};
pub use wire::Wire;

//! What shows a desk to somebody elsewhere.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::diary::Diary;

/// A program that shows a desk, and a viewer that decodes.
pub trait Peer {
    /// How tables call it.
    fn name(&self) -> &'static str;

    /// Whether it is the X server itself, with a desk of its own.
    fn has_own_desk(&self) -> bool {
        false
    }

    /// How good JPEG should be from the next look on, where it can be chosen.
    fn prefer(&mut self, quality: u8);

    /// Looks, and has seen the whole desk when this returns. What is seen is written down.
    fn look(&mut self, diary: Arc<Diary>);

    /// Looks no more.
    fn look_away(&mut self);

    /// Bytes that the viewer has received.
    fn received(&self) -> u64;

    /// What all programs that show have taken from the processor.
    fn server_cpu(&self) -> Duration;

    /// What the threads of the viewer have taken.
    fn viewer_cpu(&self) -> Duration;

    /// How many pixels of the picture of now differ from `truth` (blue, green, red and a byte
    /// that does not count), and the moment of the newest update.
    fn differing(&self, truth: &[u8]) -> (usize, Instant);
}

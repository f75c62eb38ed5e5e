//! Until when input is carried out.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How often everything was released. Input belongs to the turn in which it was allowed: what
/// still waits when that is over is not carried out. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Turn(Arc<AtomicU64>);

impl Turn {
    /// Ends it, on the thread that decides so: nothing that is done before the release can delay
    /// it.
    pub fn end(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }

    /// Its number.
    pub fn number(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

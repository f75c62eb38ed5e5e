//! The stage: one scenario with real windows at a time.

use std::sync::{Mutex, MutexGuard, PoisonError};

static STAGE: Mutex<()> = Mutex::new(());

/// The right to use real windows, held for a whole scenario and given back when dropped.
#[must_use = "the stage is free again as soon as this is dropped"]
#[derive(Debug)]
pub struct Stage {
    _turn: MutexGuard<'static, ()>,
}

impl Stage {
    /// Waits for the scenario before this one to be over. One that failed does not spoil the next.
    pub fn take() -> Self {
        Self { _turn: STAGE.lock().unwrap_or_else(PoisonError::into_inner) }
    }
}

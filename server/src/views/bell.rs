//! What wakes the projector.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Weak};

/// Wakes the projector after a commit. It ends when the last one is dropped.
#[derive(Clone)]
pub struct Bell(Arc<SyncSender<()>>);

/// What a bell is heard with.
pub struct Ear {
    pub(super) rung: Receiver<()>,
    pub(super) bell: FaintBell,
}

/// A bell that keeps nobody awake.
#[derive(Clone)]
pub(super) struct FaintBell(Weak<SyncSender<()>>);

impl Bell {
    pub(super) fn new() -> (Self, Ear) {
        let (pull, rung) = sync_channel(1);
        let bell = Self(Arc::new(pull));
        let ear = Ear { rung, bell: FaintBell(Arc::downgrade(&bell.0)) };
        (bell, ear)
    }

    /// Wakes it; ringing twice is ringing once.
    pub fn ring(&self) {
        match self.0.try_send(()) {
            Ok(()) | Err(TrySendError::Full(()) | TrySendError::Disconnected(())) => {}
        }
    }
}

impl FaintBell {
    /// Wakes it, where somebody still holds a bell.
    pub(super) fn ring(&self) {
        if let Some(bell) = self.0.upgrade() {
            Bell(bell).ring();
        }
    }
}

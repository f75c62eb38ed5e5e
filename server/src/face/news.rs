//! The bell that rings when the log has grown.

use std::sync::Arc;

use tokio::sync::watch;

/// Rings for everybody who follows the log; cheap to clone.
#[derive(Clone, Debug)]
pub struct News(Arc<watch::Sender<()>>);

impl News {
    /// A bell that nobody hears yet.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(())))
    }

    /// Says that events were added. Never blocks.
    pub fn ring(&self) {
        self.0.send_replace(());
    }

    /// Hears it from now on.
    pub fn hear(&self) -> watch::Receiver<()> {
        self.0.subscribe()
    }
}

impl Default for News {
    fn default() -> Self {
        Self::new()
    }
}

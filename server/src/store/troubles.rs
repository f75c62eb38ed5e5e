//! What a store that is reached over a network had to recover from.

use prometheus_client::metrics::counter::Counter;

/// Two counters, shared by all clones.
#[derive(Clone, Debug, Default)]
pub struct Troubles {
    errors: Counter,
    reconnects: Counter,
}

impl Troubles {
    /// A request failed, whatever came of it later.
    pub fn error(&self) {
        self.errors.inc();
    }

    /// A new connection was made after the first one.
    pub fn reconnected(&self) {
        self.reconnects.inc();
    }

    /// The two, for whoever shows them: errors and reconnects.
    pub(crate) fn counters(&self) -> (Counter, Counter) {
        (self.errors.clone(), self.reconnects.clone())
    }
}

//! The aggregates that have no actor: operators, the account, the node.

use std::any::Any;
use std::collections::HashMap;

use beckon_events::{Decider, DomainEvent};

use crate::actors::{Aggregate, Journal};
use crate::store::StreamName;

/// So many are kept; beyond that, all are read from the log again.
const KEPT: usize = 256;

/// The aggregates that were asked for lately, so that a long stream is not read at each command.
#[derive(Default)]
pub(crate) struct Rare {
    // INVARIANT: the value is the `Aggregate` of the stream that is its key.
    kept: HashMap<StreamName, Box<dyn Any + Send>>,
}

impl Rare {
    /// The aggregate of `stream`.
    #[expect(clippy::expect_used, reason = "a stream belongs to one kind of aggregate")]
    pub(crate) fn aggregate<D>(
        &mut self,
        stream: &StreamName,
        journal: &Journal,
    ) -> &mut Aggregate<D>
    where
        D: Decider + Clone + Send + 'static,
        D::Command: Clone,
        D::Event: DomainEvent + Send + 'static,
        D::Rejection: std::fmt::Display,
    {
        if self.kept.len() >= KEPT && !self.kept.contains_key(stream) {
            self.kept.clear();
        }
        let new = || Box::new(Aggregate::<D>::new(stream.clone(), journal.clone())) as Box<_>;
        let kept = self.kept.entry(stream.clone()).or_insert_with(new);
        kept.downcast_mut().expect("the aggregate of this stream")
    }
}

//! What was copied from one computer to the other, for the log.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::time::Duration;

use beckon_desk::clipboard::Sort;
use beckon_events::session::{Copied, Direction};
use beckon_protocol::AgentSays;

use super::Now;

/// The server is told of it so often at most.
const SAY_EVERY: Duration = Duration::from_secs(1);

/// What is counted together.
type Kind = (Direction, Copied);

/// What went over and is not said yet. It outlives the clipboard's use, for what went over is to
/// be said in any case.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Copies {
    /// Bytes that the server has not been told of.
    unsaid: BTreeMap<Kind, u64>,
    /// What the server was told last, and when by the time since boot.
    said: Option<(Kind, Duration)>,
}

impl Copies {
    /// Something went over.
    pub fn count(&mut self, direction: Direction, sort: Sort) {
        let kind = match sort {
            Sort::Text { .. } => Copied::Text,
            Sort::Picture { .. } => Copied::Picture,
        };
        let unsaid = self.unsaid.entry((direction, kind)).or_default();
        *unsaid = unsaid.saturating_add(sort.bytes());
    }

    /// What is to be said now, where there is something and the last time was long enough ago.
    /// They take turns: whoever copies without end in one direction hides nothing in the other.
    pub fn next(&mut self, now: Now) -> Option<AgentSays> {
        if self.said.is_some_and(|(_, said)| now.up.saturating_sub(said) < SAY_EVERY) {
            return None;
        }
        let after = self.said.and_then(|(last, _)| {
            self.unsaid.range((Bound::Excluded(last), Bound::Unbounded)).next()
        });
        let kind = *after.or_else(|| self.unsaid.first_key_value())?.0;
        let bytes = self.unsaid.remove(&kind)?;
        self.said = Some((kind, now.up));
        Some(say((kind, bytes)))
    }

    /// All that is not said yet, four at most: the session is about to end.
    pub fn rest(&mut self) -> impl Iterator<Item = AgentSays> {
        std::mem::take(&mut self.unsaid).into_iter().map(say)
    }
}

fn say(((direction, kind), bytes): (Kind, u64)) -> AgentSays {
    AgentSays::ClipboardShared { direction, kind, bytes }
}

//! The clipboard, as far as it is shared with the operator.

use std::collections::BTreeMap;
use std::time::Duration;

use beckon_desk::clipboard::{Shares, Sort};
use beckon_events::session::{Copied, Direction};
use beckon_protocol::AgentSays;

use super::Now;

/// The server is told of it so often at most.
const SAY_EVERY: Duration = Duration::from_secs(1);

/// In which directions the operator wants it, and what went over and is not said yet.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct SharedClipboard {
    /// What the operator wants; it counts while the action is in use.
    pub wanted: Shares,
    /// Bytes that the server has not been told of.
    unsaid: BTreeMap<(Direction, Copied), u64>,
    /// When the server was told last, by the time since boot.
    said: Option<Duration>,
}

impl SharedClipboard {
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
    pub fn next(&mut self, now: Now) -> Option<AgentSays> {
        if self.said.is_some_and(|said| now.up.saturating_sub(said) < SAY_EVERY) {
            return None;
        }
        let first = self.unsaid.pop_first()?;
        self.said = Some(now.up);
        Some(say(first))
    }

    /// All that is not said yet: the clipboard is about to stop.
    pub fn rest(&mut self) -> Vec<AgentSays> {
        std::mem::take(&mut self.unsaid).into_iter().map(say).collect()
    }
}

fn say(((direction, kind), bytes): ((Direction, Copied), u64)) -> AgentSays {
    AgentSays::ClipboardShared { direction, kind, bytes }
}

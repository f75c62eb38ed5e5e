//! Somebody helps.

use std::time::Duration;

use beckon_desk::clipboard::Shares;
use beckon_events::{Action, ActionSet, Statement, Timestamp};

use super::{Now, Recording, Toggles, Who, request::ARMING};

/// A grant in force, and what is done under it.
#[derive(Clone, Debug)]
pub struct Active {
    /// Who helps.
    pub who: Who,
    /// P, verbatim: the channel is made anew over the same one.
    pub policy: Vec<u8>,
    /// Since when.
    pub since: Timestamp,
    /// What is in use. INVARIANT: empty while there is no channel.
    pub running: ActionSet,
    /// How often Control has stopped something itself.
    pub toggles: Toggles,
    /// In which directions the operator wants the clipboard; it counts while it is in use.
    pub clipboard: Shares,
    /// Whether the user has paused.
    pub paused: bool,
    /// Whether the user has ever paused: the server may have missed that it goes on.
    pub was_paused: bool,
    /// What the operator asks for besides.
    pub extension: Option<Extension>,
    /// A larger grant that is not recorded yet.
    pub growing: Option<Recording>,
    /// Since when the channel is away, by the time since boot.
    pub broken: Option<Duration>,
    /// The grant of nothing that took the place of the one in force because the channel was away
    /// for too long, and what that one allowed.
    pub lapsed: Option<(Statement, ActionSet)>,
}

/// A question for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension {
    /// What is asked for.
    pub actions: ActionSet,
    /// Since when it is seen.
    pub shown: Duration,
}

impl Extension {
    /// Whether it can be answered with yes.
    pub fn is_armed(&self, now: Now) -> bool {
        now.up.saturating_sub(self.shown) >= ARMING
    }
}

impl Active {
    /// The start under `grant`.
    pub fn new(who: Who, policy: Vec<u8>, now: Now) -> Self {
        Self {
            who,
            policy,
            since: now.at,
            running: ActionSet::EMPTY,
            toggles: Toggles::default(),
            clipboard: Shares::NOTHING,
            paused: false,
            was_paused: false,
            extension: None,
            growing: None,
            broken: None,
            lapsed: None,
        }
    }

    /// Whether `action` is in use at this moment.
    pub fn uses(&self, action: Action) -> bool {
        self.running.contains(action) && !self.paused && self.broken.is_none()
    }
}

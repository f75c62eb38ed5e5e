//! What the agent knows: one value that only [`update`](crate::update::update) changes.

mod active;
mod copies;
mod entry;
mod over;
mod request;
mod session;
mod toggles;

use std::sync::Arc;
use std::time::Duration;

use beckon_events::Timestamp;
use beckon_peer::Identity;
use beckon_protocol::ClaimedDevice;
use time::UtcOffset;

pub use active::{Active, Extension};
pub use copies::Copies;
pub use entry::{Entry, Joining, Ticket, WhyNot};
pub use over::{Awaits, Fate, How, Keepsake, Over, Removal, Saved, TELL_EVERY, TELL_FOR, Told};
pub use request::{Dialog, Request, Who};
pub use session::{Channel, Handshakes, Joined, Phase, Recording, Session, Suspended};
pub use toggles::Toggles;

use crate::outward::Outward;

/// The time at which something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Now {
    /// By the wall clock: for grants, certificates and what is shown.
    pub at: Timestamp,
    /// Since boot, sleep counts: for gaps and delays.
    pub up: Duration,
}

/// Everything the agent knows.
#[derive(Clone, Debug)]
pub struct Model {
    /// The keys of this run.
    pub identity: Arc<Identity>,
    /// What this computer says about itself.
    pub device: ClaimedDevice,
    /// The zone in which times are shown.
    pub zone: UtcOffset,
    /// Where the user is.
    pub stage: Stage,
    /// The number of the newest connection to a server; what older ones say is ignored.
    pub line: u64,
    /// The server's time, and when it was told, by the time since boot.
    pub server_time: Option<(Timestamp, Duration)>,
    /// What goes on outside, as last told to the worker.
    pub outward: Outward,
}

/// Where the user is, in the order in which it happens.
#[derive(Clone, Debug)]
pub enum Stage {
    /// Typing server and code.
    Entry(Box<Entry>),
    /// In a session.
    Session(Box<Session>),
    /// After it.
    Over(Box<Over>),
    /// The window may go.
    Gone,
}

impl Model {
    /// The first page.
    pub fn new(identity: Arc<Identity>, device: ClaimedDevice, zone: UtcOffset) -> Self {
        let stage = Stage::Entry(Box::default());
        let outward = Outward::default();
        Self { identity, device, zone, stage, line: 0, server_time: None, outward }
    }

    /// The time of a session: the server's, once it was told. A computer with a wrong clock can be
    /// helped all the same.
    pub fn by_server(&self, now: Now) -> Now {
        match &self.stage {
            Stage::Session(_) => Now { at: self.server_now(now), ..now },
            Stage::Entry(_) | Stage::Over(_) | Stage::Gone => now,
        }
    }

    /// The server's time, as far as it was told.
    pub fn server_now(&self, now: Now) -> Timestamp {
        self.server_time.map_or(now.at, |(at, told)| at.plus(now.up.saturating_sub(told)))
    }
}

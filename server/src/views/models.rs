//! The read models in memory, and their snapshots.

use beckon_events::{RecordedEvent, Timestamp};
use beckon_projections::{AccountSettings, Deadlines, Exports, Projection, Roster, SessionList};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What pages and rules look at all the time.
#[derive(Default)]
pub struct ReadModels {
    /// The on-demand list: what is live, and what ended last.
    pub sessions: SessionList,
    /// Who may do what.
    pub roster: Roster,
    /// The company and its settings.
    pub account: AccountSettings,
    /// What is due when.
    pub deadlines: Deadlines,
    /// What has left the server.
    pub exports: Exports,
    /// The time of the newest event.
    pub last_at: Timestamp,
}

/// One model as it can be kept.
pub(super) struct Snapshot {
    pub name: &'static str,
    pub version: u32,
    pub state: Vec<u8>,
}

/// The name and the version of every model in memory.
pub(super) const NAMES: [(&str, u32); 5] = [
    (SessionList::NAME, SessionList::VERSION),
    (Roster::NAME, Roster::VERSION),
    (AccountSettings::NAME, AccountSettings::VERSION),
    (Deadlines::NAME, Deadlines::VERSION),
    (Exports::NAME, Exports::VERSION),
];

impl ReadModels {
    pub(super) fn apply(&mut self, events: &[RecordedEvent]) {
        for event in events {
            self.sessions.apply(event);
            self.roster.apply(event);
            self.account.apply(event);
            self.deadlines.apply(event);
            self.exports.apply(event);
            self.last_at = self.last_at.max(event.metadata().at);
        }
    }

    /// Every model, to be kept.
    pub(super) fn snapshots(&self) -> Result<Vec<Snapshot>, serde_json::Error> {
        Ok(vec![
            snapshot(&self.sessions)?,
            snapshot(&self.roster)?,
            snapshot(&self.account)?,
            snapshot(&self.deadlines)?,
            snapshot(&self.exports)?,
        ])
    }

    /// Puts a model back that was kept.
    pub(super) fn restore(&mut self, name: &str, state: &[u8]) -> Result<(), serde_json::Error> {
        put(&mut self.sessions, name, state)?;
        put(&mut self.roster, name, state)?;
        put(&mut self.account, name, state)?;
        put(&mut self.deadlines, name, state)?;
        put(&mut self.exports, name, state)
    }

    /// Takes over the named models of `fresh`.
    pub(super) fn take(&mut self, fresh: Self, names: &[&str]) {
        let wanted = |name: &str| names.contains(&name);
        if wanted(SessionList::NAME) {
            self.sessions = fresh.sessions;
        }
        if wanted(Roster::NAME) {
            self.roster = fresh.roster;
        }
        if wanted(AccountSettings::NAME) {
            self.account = fresh.account;
        }
        if wanted(Deadlines::NAME) {
            self.deadlines = fresh.deadlines;
        }
        if wanted(Exports::NAME) {
            self.exports = fresh.exports;
        }
        self.last_at = self.last_at.max(fresh.last_at);
    }
}

fn snapshot<P: Projection + Serialize>(model: &P) -> Result<Snapshot, serde_json::Error> {
    let state = serde_json::to_vec(model)?;
    Ok(Snapshot { name: P::NAME, version: P::VERSION, state })
}

fn put<P: Projection + DeserializeOwned>(
    model: &mut P,
    name: &str,
    state: &[u8],
) -> Result<(), serde_json::Error> {
    if name == P::NAME {
        *model = serde_json::from_slice(state)?;
    }
    Ok(())
}

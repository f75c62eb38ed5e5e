//! What a verification found.

use std::time::Duration;

use serde::Serialize;

use super::history::Last;
use super::prepared::Spent;
use super::seen::Seen;
use crate::export::{ExportKeys, Kind, Manifest, NamesIn};
use crate::text::report as text;
use crate::verdict::Wrong;

/// Whether an export can be believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All holds, and ties it to what the caller knew before.
    Verified,
    /// All holds, but whoever wrote it could have written all of it anew.
    Consistent,
    /// One check failed.
    Wrong(Wrong),
}

/// All of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether it can be believed.
    pub verdict: Verdict,
    /// Of what it is.
    pub kind: Option<Kind>,
    /// The name of the log, once that could be read.
    pub origin: Option<String>,
    /// The fingerprint of the key of its last era.
    pub fingerprint: Option<String>,
    /// When it was made, as it says itself.
    pub created: Option<String>,
    /// What was looked at.
    pub counts: Counts,
    /// Where the log was put back from a backup.
    pub breaks: Vec<Break>,
    /// What was not checked, in sentences.
    pub not_checked: Vec<String>,
    /// How long it took.
    pub times: Times,
    /// The largest checkpoint that the caller has seen.
    #[serde(skip)]
    compared: Option<u64>,
}

/// How much was looked at; up to the first wrong thing, where there is one.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Events.
    pub events: u64,
    /// Streams.
    pub streams: u64,
    /// Sessions among them.
    pub sessions: u64,
    /// Checkpoints whose root and signature are right.
    pub checkpoints: u64,
    /// Statements of endpoints.
    pub statements: u64,
    /// Sealed fields.
    pub sealed: u64,
    /// Those of them that were opened.
    pub opened: u64,
    /// Subjects that were erased.
    pub erased: u64,
    /// Bodies that are withheld.
    pub withheld: u64,
    /// Sessions that were left out because of that.
    pub left_out: u64,
}

/// Where the log was put back from a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Break {
    /// The era that ended.
    pub era: u32,
    /// How many events were put back.
    pub size: u64,
    /// How many of its checkpoints speak of events that are gone.
    pub checkpoints: u64,
    /// The size of the largest of them, or of what was put back.
    pub largest: u64,
}

/// How long it took, in milliseconds. With several threads, the time of each stage is what the
/// threads took together, divided among them.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
pub struct Times {
    /// From beginning to end.
    pub total: u64,
    /// V0 to V6.
    pub log: u64,
    /// V7.
    pub endpoints: u64,
    /// V8.
    pub legality: u64,
    /// V9.
    pub sealed: u64,
    /// Statements of endpoints a second, in V7, over all threads.
    pub signatures_per_second: u64,
    /// Threads.
    pub jobs: usize,
}

impl Times {
    pub(super) fn new(total: Duration, spent: &Spent, jobs: usize) -> Self {
        let each = |part: Duration| part / u32::try_from(jobs).unwrap_or(1);
        let millis = |part: Duration| u64::try_from(part.as_millis()).unwrap_or(u64::MAX);
        let (said, legality, sealed) = (each(spent.said), each(spent.legality), each(spent.sealed));
        let micros = u64::try_from(said.as_micros()).unwrap_or(u64::MAX);
        let rate = spent.statements.saturating_mul(1_000_000).checked_div(micros);
        Self {
            total: millis(total),
            log: millis(total.saturating_sub(said + legality + sealed)),
            endpoints: millis(said),
            legality: millis(legality),
            sealed: millis(sealed),
            signatures_per_second: rate.unwrap_or(0),
            jobs,
        }
    }
}

impl Default for Report {
    fn default() -> Self {
        Self {
            verdict: Verdict::Consistent,
            kind: None,
            origin: None,
            fingerprint: None,
            created: None,
            counts: Counts::default(),
            breaks: Vec::new(),
            not_checked: Vec::new(),
            times: Times::default(),
            compared: None,
        }
    }
}

impl Report {
    /// What the program exits with: 0, 3 or 1.
    pub fn exit_code(&self) -> u8 {
        match self.verdict {
            Verdict::Verified => 0,
            Verdict::Consistent => 3,
            Verdict::Wrong(_) => 1,
        }
    }

    /// The first thing that is wrong.
    pub fn wrong(&self) -> Option<&Wrong> {
        match &self.verdict {
            Verdict::Wrong(wrong) => Some(wrong),
            Verdict::Verified | Verdict::Consistent => None,
        }
    }

    pub(super) fn about(&mut self, manifest: &Manifest, keys: &ExportKeys, last: &Last) {
        self.kind = Some(manifest.kind);
        self.origin = Some(last.point.checkpoint.origin.to_string());
        self.created = Some(manifest.created.to_string());
        let key = keys.last().map(|one| beckon_protocol::evidence::fingerprint(&one.key));
        self.fingerprint = key;
    }

    pub(super) fn compared(&mut self, size: u64) {
        self.compared = self.compared.max(Some(size));
    }

    pub(super) fn conclude(&mut self, anchored: bool) {
        self.verdict = if anchored { Verdict::Verified } else { Verdict::Consistent };
    }

    /// Says what nobody looked at.
    pub(super) fn left_open(&mut self, manifest: &Manifest, seen: &[Seen], keys: usize) {
        let open = &mut self.not_checked;
        if !manifest.is_whole() {
            open.push(text::REST_OF_LOG.to_owned());
        } else if seen.is_empty() {
            open.push(text::NOTHING_SEEN.to_owned());
        }
        let newer = self.compared.map_or(0, |size| manifest.size.saturating_sub(size));
        if newer > 0 {
            open.push(text::after_seen(newer));
        }
        for lost in self.breaks.iter().filter(|lost| lost.checkpoints > 0) {
            open.push(text::lost(lost));
        }
        if self.counts.withheld > 0 {
            open.push(text::withheld(self.counts.withheld, self.counts.left_out));
        }
        if manifest.names == NamesIn::None {
            open.push(text::NO_NAMES.to_owned());
        } else if self.counts.opened < self.counts.sealed {
            open.push(text::sealed(self.counts.sealed - self.counts.opened, keys));
        }
    }
}

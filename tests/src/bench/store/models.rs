//! All read models of a million events, made anew.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use beckon_audit::fabricate::{Recipe, Seed};
use beckon_events::envelope::Metadata;
use beckon_events::{Keys, KeysError, Subject, SubjectKey, account, node, operator, session};
use beckon_server::store::sqlite::SqliteReaders;
use beckon_server::store::{Readers, StoredEvent};
use beckon_server::views::{self, OpeningKeys};
use serde::Deserialize;

use super::ROUNDS;
use crate::bench::{Figure, Goal, median, now};

const PAGE: usize = 10_000;

/// The keys that the log was sealed with: what is personal is opened, as in a real rebuild.
struct Keyring {
    /// What all of them follow from.
    seed: u64,
}

/// `Views::rebuild` beside reading the JSON of the same events into their types.
pub fn run(folder: &Path, log: &Path) -> Figure {
    let readers: Arc<dyn Readers> = Arc::new(SqliteReaders::open(log).expect("a log"));
    let keys = Arc::new(Keyring { seed: Recipe::default().seed });
    let (views, _bell) = views::build(folder, &readers, keys).expect("read models");
    let (mut rebuilt, mut parsed) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (events, took) = parse(&*readers);
        parsed.push(events as f64 / took.as_secs_f64());
        let begun = now();
        let done = views.rebuild().expect("it is rebuilt");
        rebuilt.push(done.events as f64 / begun.elapsed().as_secs_f64());
        assert_eq!(done.events, events);
    }
    Figure {
        name: "all read models of 1 M events rebuilt",
        value: median(rebuilt),
        unit: "/s",
        peer: "only parsing their JSON",
        limit: median(parsed),
        goal: Goal::AtLeast(0.35),
    }
}

/// How many events there are, and how long the parsing alone took.
fn parse(readers: &dyn Readers) -> (u64, Duration) {
    let reader = readers.reader().expect("a reader");
    let (mut count, mut took, mut after) = (0, Duration::ZERO, None);
    let mut tagged = Vec::new();
    loop {
        let page = reader.read_all(after, PAGE).expect("events");
        let Some(last) = page.last() else { return (count, took) };
        after = Some(last.position);
        count += page.len() as u64;
        let begun = now();
        for event in &page {
            typed(event, &mut tagged);
        }
        took += begun.elapsed();
    }
}

/// Envelope and body in their types. The name of an event stands in the envelope, so the body is
/// put behind it, as its type reads it.
fn typed(event: &StoredEvent, tagged: &mut Vec<u8>) {
    let metadata: Metadata = serde_json::from_slice(&event.metadata).expect("an envelope");
    tagged.clear();
    tagged.extend_from_slice(b"{\"");
    tagged.extend_from_slice(metadata.kind.as_bytes());
    tagged.extend_from_slice(b"\":");
    tagged.extend_from_slice(&event.data);
    tagged.push(b'}');
    match event.stream.kind() {
        "session" => body::<session::Event>(tagged),
        "operator" => body::<operator::Event>(tagged),
        "account" => body::<account::Event>(tagged),
        _ => body::<node::Event>(tagged),
    }
    std::hint::black_box(metadata);
}

fn body<'a, T: Deserialize<'a>>(tagged: &'a [u8]) {
    // What is sealed reads as erased.
    std::hint::black_box(serde_json::from_slice::<T>(tagged).expect("a body"));
}

impl Keys for Keyring {
    fn key(&self, subject: Subject) -> Result<Option<SubjectKey>, KeysError> {
        Ok(Some(Seed::new(self.seed).subject_key(subject)))
    }
}

impl OpeningKeys for Keyring {
    fn epoch(&self) -> u64 {
        1
    }
}

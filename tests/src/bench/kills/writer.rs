//! Who is killed: 16 sessions that are written at once, and a line for each answer.

use std::io::Write as _;
use std::path::Path;

use beckon_events::envelope::Head;
use beckon_server::clock::{Clock, SystemClock};
use beckon_server::store::sqlite::SqliteStore;
use beckon_server::store::writer::{self, WriterHandle};
use beckon_server::store::{Append, EventReader, EventStore, Expected, NewEvent};
use uuid::Uuid;

use super::WRITERS;
use crate::bench::recording::{Recorder, Story, stream};

/// How many events a session has.
const EVENTS: u32 = 60;

/// Writes into the log at `path` until it is killed; the first of those who write go on with
/// `sessions`.
pub fn write(path: &Path, sessions: &[&str]) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let story = Story::of(EVENTS);
    let log = SqliteStore::open(path).expect("a store");
    let reader = log.readers().reader().expect("a reader");
    let (to, ended) = writer::spawn(Box::new(log), Box::new(|_| {})).expect("a thread");
    let unfinished: Vec<_> =
        sessions.iter().map(|id| Uuid::parse_str(id).expect("a session")).collect();
    for at in 0..WRITERS {
        let session = unfinished.get(at);
        let mut recorder = Recorder::new(&story);
        if let Some(&session) = session {
            let last = last(&*reader, session);
            // Whoever was not answered asks again, with the same bytes: it is stored once.
            let answer = runtime.block_on(to.append(last.clone())).expect("an answer");
            let answer = answer.expect("what is stored is stored already");
            let head = Head { next: answer.version + 1, leaf: answer.leaf };
            recorder = Recorder::at(&story, session, head);
        }
        runtime.spawn(go_on(to.clone(), recorder));
    }
    let ended = runtime.block_on(ended);
    unreachable!("the writer ended: {ended:?}");
}

/// The last event of a session, as it was handed over.
fn last(reader: &dyn EventReader, session: Uuid) -> Append {
    let stream = stream(session);
    let head = reader.head(&stream).expect("a head").expect("a session");
    let stored = reader.read_stream(&stream, head.version, 1).expect("an event").remove(0);
    let before = stored.version.checked_sub(1);
    Append {
        stream,
        expected: before.map_or(Expected::NoStream, Expected::Exact),
        events: vec![NewEvent { id: stored.id, metadata: stored.metadata, data: stored.data }],
    }
}

async fn go_on(to: WriterHandle, mut recorder: Recorder) {
    let clock = SystemClock::new();
    loop {
        let append = recorder.build(clock.now());
        let stored = to.append(append).await.expect("an answer").expect("it is stored");
        recorder.stored();
        let (session, version) = (recorder.session(), stored.version);
        let (position, leaf) = (stored.position.to_bits(), stored.leaf);
        let line = format!("{session} {version} {position} {leaf}\n");
        // One write of less than a page: the pipe has all of it or nothing.
        std::io::stdout().lock().write_all(line.as_bytes()).expect("the parent reads");
    }
}

//! What happened, in sentences.

use std::fmt::Write;

use beckon_events::{RecordedEvent, SessionId, envelope};
use beckon_projections::text::sentence;
use beckon_projections::{Projection, SessionList, SessionTimeline};

use crate::log_file::Stored;
use crate::text;

fn read(stored: &Stored) -> anyhow::Result<RecordedEvent> {
    Ok(envelope::read(&stored.metadata, &stored.data, stored.position)?)
}

/// One line a session: when, its id, its state.
pub fn sessions(log: &[Stored]) -> anyhow::Result<String> {
    let mut list = SessionList::default();
    let mut ids = Vec::new();
    for stored in log {
        let event = read(stored)?;
        if let RecordedEvent::Session(recorded) = &event
            && let beckon_events::session::Event::Created { session, .. } = &recorded.event
        {
            ids.push(*session);
        }
        list.apply(&event);
    }
    let mut lines = String::new();
    for row in ids.iter().filter_map(|id| list.get(*id)) {
        writeln!(lines, "{}  {}  {}", row.created, row.id, text::state(row.state))?;
    }
    Ok(lines.trim_end().to_owned())
}

/// The session's story, a sentence a line; `None` where the log does not know it.
pub fn sentences(log: &[Stored], session: SessionId) -> anyhow::Result<Option<String>> {
    let mut timeline = SessionTimeline::of(session);
    for stored in log {
        timeline.apply(&read(stored)?);
    }
    let mut lines = String::new();
    for entry in timeline.entries() {
        writeln!(lines, "{}  {}", entry.at, sentence(&entry.entry))?;
    }
    Ok((!lines.is_empty()).then(|| lines.trim_end().to_owned()))
}

/// The session's events as they are stored; `None` where the log does not know it.
pub fn events(log: &[Stored], session: SessionId) -> Option<String> {
    let stream = envelope::stream_name("session", session);
    let lines = log.iter().filter(|stored| stored.stream == stream).map(|stored| {
        let metadata = String::from_utf8_lossy(&stored.metadata);
        let data = String::from_utf8_lossy(&stored.data);
        format!("{metadata}\n  {data}")
    });
    let lines = lines.collect::<Vec<_>>();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

//! What happened in one session.

use std::path::Path;

use beckon_events::SessionId;
use beckon_projections::text::sentence;
use beckon_projections::{Projection, SessionTimeline};

use crate::reading::{AsOf, Reading, Told, Untold};
use crate::terminal::line;
use crate::text::told as text;
use crate::verdict::CannotLook;

/// Its story, a sentence a line.
pub fn sentences(
    export: &Path,
    session: SessionId,
    as_of: Option<AsOf>,
) -> Result<String, CannotLook> {
    let reading = Reading::open(export)?;
    let told = reading.session(session, as_of)?;
    let mut lines = vec![text::unverified(reading.manifest.names)];
    let timeline = timeline(session, &told);
    for entry in timeline.entries() {
        lines.push(format!(
            "{}  #{:<6} {}",
            entry.at,
            entry.position,
            line(&sentence(&entry.entry))
        ));
    }
    lines.extend(Untold::of(&told).lines());
    Ok(lines.join("\n"))
}

/// Its events as they are stored, with what could be opened below each.
pub fn events(
    export: &Path,
    session: SessionId,
    as_of: Option<AsOf>,
) -> Result<String, CannotLook> {
    let reading = Reading::open(export)?;
    let mut lines = Vec::new();
    for one in reading.session(session, as_of)? {
        lines.push(format!("#{} {}", one.index, stored(&one.line.metadata)));
        match &one.line.data {
            Some(data) => lines.push(format!("  {}", stored(data))),
            None => lines.push(format!("  {}", text::WITHHELD)),
        }
    }
    Ok(lines.join("\n"))
}

/// The id of a session, as it is typed; the error says what one looks like.
pub fn session_id(typed: &str) -> Result<SessionId, &'static str> {
    typed.parse().map_err(|_| text::SESSION_ID)
}

/// The timeline of these events.
pub fn timeline(session: SessionId, told: &[Told]) -> SessionTimeline {
    let mut timeline = SessionTimeline::of(session);
    told.iter().filter_map(|one| one.event.as_ref()).for_each(|event| timeline.apply(event));
    timeline
}

fn stored(bytes: &[u8]) -> String {
    line(&String::from_utf8_lossy(bytes))
}

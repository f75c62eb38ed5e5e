//! What happened in one session.

use std::path::Path;

use beckon_events::SessionId;
use beckon_projections::text::sentence;
use beckon_projections::{Projection, SessionTimeline};

use crate::reading::{AsOf, Reading, Told};
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
        lines.push(format!("{}  #{:<6} {}", entry.at, entry.position, sentence(&entry.entry)));
    }
    let withheld = told.iter().filter(|one| one.event.is_none()).count();
    if withheld > 0 {
        lines.push(text::withheld(withheld));
    }
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
        lines.push(format!("#{} {}", one.index, text::printable(&one.line.metadata)));
        match &one.line.data {
            Some(data) => lines.push(format!("  {}", text::printable(data))),
            None => lines.push(format!("  {}", text::WITHHELD)),
        }
    }
    Ok(lines.join("\n"))
}

/// The timeline of these events.
pub fn timeline(session: SessionId, told: &[Told]) -> SessionTimeline {
    let mut timeline = SessionTimeline::of(session);
    told.iter().filter_map(|one| one.event.as_ref()).for_each(|event| timeline.apply(event));
    timeline
}

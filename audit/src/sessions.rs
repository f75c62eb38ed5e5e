//! The sessions of an export.

use std::path::Path;

use beckon_events::session::Event;
use beckon_events::{OperatorId, Personal, RecordedEvent, SessionId};
use beckon_projections::text::label;
use beckon_projections::{Projection, Roster, SessionList, SessionRow};

use crate::reading::{Reading, Untold};
use crate::text::told as text;
use crate::verdict::CannotLook;

/// One line a session, in the order of their creation: those that hold `search`, or all; or that
/// there is none.
pub fn list(export: &Path, search: Option<&str>) -> Result<String, CannotLook> {
    let reading = Reading::open(export)?;
    let (mut list, mut roster) = (SessionList::default(), Roster::default());
    let mut ids: Vec<SessionId> = Vec::new();
    let mut untold = Untold::default();
    reading.lines(&mut |index, line| {
        match reading.event(index, &line)? {
            Some(event) => {
                if let RecordedEvent::Session(recorded) = &event
                    && let Event::Created { .. } = &recorded.event
                    && let Some(id) = recorded.metadata.stream.strip_prefix("session-")
                    && let Ok(id) = id.parse()
                    && list.get(id).is_none()
                {
                    ids.push(id);
                }
                list.apply(&event);
                roster.apply(&event);
            }
            None => untold.count(&line),
        }
        Ok(true)
    })?;
    let wanted = search.map(str::to_lowercase);
    let mut lines = Vec::new();
    for row in ids.iter().filter_map(|id| list.get(*id)) {
        let line = row_line(row, &roster);
        if wanted.as_ref().is_none_or(|wanted| line.to_lowercase().contains(wanted)) {
            lines.push(line);
        }
    }
    if lines.is_empty() {
        let none = if ids.is_empty() { text::EMPTY } else { text::NO_SESSIONS };
        lines.push(none.to_owned());
    }
    lines.extend(untold.lines());
    Ok(lines.join("\n"))
}

fn row_line(row: &SessionRow, roster: &Roster) -> String {
    let shown = |value: &Personal<String>| label(value.or(text::ERASED));
    let mut parts = vec![
        row.created.to_string(),
        row.id.to_string(),
        text::state(row.state).to_owned(),
        operator(row.operator, roster),
    ];
    parts.extend(row.name.as_ref().map(|name| format!("“{}”", shown(name))));
    parts.extend(row.note.as_ref().map(|note| text::note(&shown(note))));
    parts.extend(row.device.as_ref().map(|device| {
        text::device(&shown(&device.host), &shown(&device.user), &label(&device.system))
    }));
    parts.extend(row.closed_at.map(text::closed));
    parts.join("  ")
}

/// The name of an operator, where it can be read, and the id.
pub fn operator(id: OperatorId, roster: &Roster) -> String {
    let name = roster.get(id).map(|row| label(row.name.or(text::ERASED)));
    text::operator(name.as_deref(), id)
}

//! The sessions of an export.

use std::collections::BTreeMap;
use std::path::Path;

use beckon_events::{OperatorId, Personal};
use beckon_projections::text::label;
use beckon_projections::{Projection, Roster, Rows, SessionHistory, SessionRow};

use crate::reading::{Reading, Untold};
use crate::text::told as text;
use crate::verdict::CannotLook;

/// One line a session, in the order of their creation: those that hold `search`, or all; or that
/// there is none.
pub fn list(export: &Path, search: Option<&str>) -> Result<String, CannotLook> {
    let reading = Reading::open(export)?;
    let (mut history, mut roster) = (BTreeMap::new(), Roster::default());
    let mut untold = Untold::default();
    reading.lines(&mut |index, line| {
        match reading.event(index, &line)? {
            Some(event) => {
                SessionHistory::apply(&mut history, &event);
                roster.apply(&event);
            }
            None => untold.count(&line),
        }
        Ok(true)
    })?;
    let wanted = search.map(str::to_lowercase);
    let mut lines = Vec::new();
    let mut rows: Vec<&SessionRow> = history.values().collect();
    rows.sort_by_key(|row| row.position);
    for row in &rows {
        let line = row_line(row, &roster);
        if wanted.as_ref().is_none_or(|wanted| line.to_lowercase().contains(wanted)) {
            lines.push(line);
        }
    }
    if lines.is_empty() {
        let none = if rows.is_empty() { text::EMPTY } else { text::NO_SESSIONS };
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

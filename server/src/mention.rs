//! Where the log speaks of a subject: a sealed value, an erasure, an export.

use beckon_events::account::{self, Names};
use beckon_events::envelope::{self, Metadata};
use beckon_events::{NoKeys, SealedField, SessionId, Subject};
use serde_json::Value;
use uuid::Uuid;

use crate::store::{EventReader, Position, ReadError, StoredEvent};

/// How many events are read at once.
const PAGE: usize = 1_000;

/// One of those places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mention {
    /// A value of the subject stands there, sealed.
    Sealed(Subject),
    /// The key of the subject was destroyed.
    Erased(Subject),
    /// A copy left the server.
    Exported {
        /// Its id.
        export: Uuid,
        /// The session, where it was not the whole log.
        session: Option<SessionId>,
        /// Whose values can be read in it.
        names: Names,
    },
}

/// Reads the whole log and shows each mention with the event that makes it.
pub fn mentions(
    reader: &dyn EventReader,
    mut each: impl FnMut(Mention, &Metadata, Position),
) -> Result<(), ReadError> {
    let mut after = None;
    loop {
        let page = reader.read_all(after, PAGE)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.position);
        for stored in &page {
            let metadata = envelope::metadata(&stored.metadata).map_err(|e| damaged(stored, &e))?;
            for subject in sealed(stored, &metadata)? {
                each(Mention::Sealed(subject), &metadata, stored.position);
            }
            if let Some(mention) = of_account(stored, &metadata)? {
                each(mention, &metadata, stored.position);
            }
        }
    }
}

fn sealed(stored: &StoredEvent, metadata: &Metadata) -> Result<Vec<Subject>, ReadError> {
    if metadata.sealed.is_empty() {
        return Ok(Vec::new());
    }
    let data: Value = serde_json::from_slice(&stored.data).map_err(|e| damaged(stored, &e))?;
    let fields = metadata.sealed.iter().map(|pointer| {
        let field = data.pointer(pointer).and_then(SealedField::of);
        field
            .map(|field| field.subject)
            .ok_or_else(|| damaged(stored, &"a sealed field is missing"))
    });
    let mut subjects = fields.collect::<Result<Vec<_>, _>>()?;
    subjects.sort_unstable();
    subjects.dedup();
    Ok(subjects)
}

fn of_account(stored: &StoredEvent, metadata: &Metadata) -> Result<Option<Mention>, ReadError> {
    if !["Exported", "SubjectErased"].contains(&metadata.kind.as_str()) {
        return Ok(None);
    }
    let position = stored.position.to_bits();
    let read =
        envelope::read_as::<account::Event>(&stored.metadata, &stored.data, position, &NoKeys);
    Ok(match read.map_err(|e| damaged(stored, &e))?.event {
        account::Event::Exported { export, session, names } => {
            Some(Mention::Exported { export, session, names })
        }
        account::Event::SubjectErased { subject, .. } => Some(Mention::Erased(subject)),
        _ => None,
    })
}

fn damaged(stored: &StoredEvent, why: &dyn std::fmt::Display) -> ReadError {
    ReadError::Damaged(format!("{} {}: {why}", stored.stream.as_str(), stored.version))
}

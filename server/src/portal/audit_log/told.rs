//! Events of the audit log, put into words.

use std::collections::HashMap;

use actix_web::web;
use beckon_events::{OperatorId, Personal, SessionId, envelope};
use beckon_projections::text::{Names, audit_sentence};
use beckon_projections::{AuditRow, SessionRow};

use crate::hub::Hub;
use crate::keyring::Keyring;
use crate::portal::refusal::Refusal;
use crate::store::{EventReader, StreamName};
use crate::text;
use crate::views::{Tables, TablesError};

/// Who and what rows speak of.
#[derive(Clone, Debug, Default)]
pub struct Known {
    people: HashMap<OperatorId, Personal<String>>,
    sessions: HashMap<SessionId, SessionRow>,
}

impl Known {
    /// Everybody with a sign-in.
    pub fn people(hub: &Hub) -> Self {
        Self::default().with_people(hub)
    }

    /// Learns of everybody with a sign-in.
    pub fn with_people(self, hub: &Hub) -> Self {
        let people = hub.views.read(|models| {
            let named = |row: &beckon_projections::OperatorRow| (row.id, row.name.clone());
            models.roster.all().iter().map(named).collect()
        });
        Self { people, ..self }
    }

    /// Learns of the sessions that `rows` speak of.
    pub fn meet(&mut self, tables: &Tables<'_>, rows: &[AuditRow]) -> Result<(), TablesError> {
        rows.iter().filter_map(|row| row.session).try_for_each(|id| self.meet_one(tables, id))
    }

    /// Learns of one session.
    pub fn meet_one(&mut self, tables: &Tables<'_>, id: SessionId) -> Result<(), TablesError> {
        if !self.sessions.contains_key(&id)
            && let Some(row) = tables.session(id)?
        {
            self.sessions.insert(id, row);
        }
        Ok(())
    }

    /// What somebody is called.
    pub fn name(&self, id: OperatorId) -> String {
        let name = self.people.get(&id);
        name.map_or_else(|| text::OPERATOR.to_owned(), |name| name.or(text::ERASED).to_owned())
    }

    /// What a session is called.
    pub fn title(&self, id: SessionId) -> Option<String> {
        self.sessions.get(&id).map(|row| text::title(row.title(), row.created, None))
    }
}

impl Names for Known {
    fn operator(&self, id: OperatorId) -> Option<Personal<String>> {
        self.people.get(&id).cloned()
    }

    fn session(&self, id: SessionId) -> Option<String> {
        self.title(id)
    }

    fn holder(&self, id: SessionId) -> Option<OperatorId> {
        self.sessions.get(&id).map(|row| row.operator)
    }
}

/// One sentence for each row, from the events themselves.
pub async fn tell(
    hub: &Hub,
    known: Known,
    rows: Vec<AuditRow>,
) -> Result<(Known, Vec<(AuditRow, String)>), Refusal> {
    let (readers, keys) = (hub.journal.readers(), hub.keys.clone());
    let told = web::block(move || {
        let reader = readers.reader()?;
        let sentences = rows.into_iter().map(|row| {
            let words = sentence(&*reader, &keys, &known, &row)?;
            Ok((row, words))
        });
        let told = sentences.collect::<Result<Vec<_>, crate::store::ReadError>>()?;
        Ok::<_, crate::store::ReadError>((known, told))
    });
    told.await?.map_err(|error| {
        tracing::error!(%error, "the log cannot be read");
        Refusal::Busy
    })
}

fn sentence(
    reader: &dyn EventReader,
    keys: &Keyring,
    known: &Known,
    row: &AuditRow,
) -> Result<String, crate::store::ReadError> {
    let Ok(stream) = row.stream.parse::<StreamName>() else {
        return Ok(text::UNREADABLE.to_owned());
    };
    let stored = reader.read_stream(&stream, row.version, 1)?.into_iter().next();
    let event = stored.filter(|stored| stored.version == row.version).and_then(|stored| {
        let position = stored.position.to_bits();
        envelope::read(&stored.metadata, &stored.data, position, keys).ok()
    });
    Ok(event.map_or_else(|| text::UNREADABLE.to_owned(), |event| audit_sentence(&event, known)))
}

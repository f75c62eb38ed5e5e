//! The copies that left the server with a subject in them.

use std::collections::BTreeMap;

use beckon_events::account::Names;
use beckon_events::envelope::{Actor, Metadata, stream_name};
use beckon_events::{SessionId, Subject, Timestamp};
use uuid::Uuid;

use crate::mention::{Mention, mentions};
use crate::store::{EventReader, Position, ReadError};

/// An export that holds values of the subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// When it was made.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
    /// Its id.
    pub export: Uuid,
    /// The session, where it was not of the whole log.
    pub session: Option<SessionId>,
    /// Whether the values can be read in it.
    pub readable: bool,
}

/// What left the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copies {
    /// The exports that hold values of the subject, in the order of the log.
    pub exports: Vec<Copy>,
    /// When its first value was recorded: a list that was taken later may hold it.
    pub since: Option<Timestamp>,
}

/// What is known of the subject while the log is read.
struct Search {
    subject: Subject,
    /// The first of its values in each stream.
    first: BTreeMap<String, Position>,
    erased: bool,
    found: Copies,
}

/// What left the server with values of `subject` in it.
pub fn copies(reader: &dyn EventReader, subject: Subject) -> Result<Copies, ReadError> {
    let found = Copies::default();
    let mut search = Search { subject, first: BTreeMap::new(), erased: false, found };
    mentions(reader, |mention, metadata, position| search.note(mention, metadata, position))?;
    Ok(search.found)
}

impl Search {
    fn note(&mut self, mention: Mention, metadata: &Metadata, position: Position) {
        match mention {
            Mention::Sealed(subject) if subject == self.subject => {
                self.first.entry(metadata.stream.clone()).or_insert(position);
                self.found.since.get_or_insert(metadata.at);
            }
            Mention::Erased(subject) if subject == self.subject => self.erased = true,
            Mention::Sealed(_) | Mention::Erased(_) => {}
            Mention::Exported { export, session, names } => {
                let holds = match session {
                    Some(session) => self.first.contains_key(&stream_name("session", session)),
                    None => !self.first.is_empty(),
                };
                let named = match names {
                    Names::None => false,
                    Names::Some(subjects) => subjects.contains(&self.subject),
                    Names::All => true,
                };
                if holds {
                    let (at, by, readable) = (metadata.at, metadata.actor, named && !self.erased);
                    self.found.exports.push(Copy { at, by, export, session, readable });
                }
            }
        }
    }
}

//! What has left the server.

use beckon_events::account::{self, Names};
use beckon_events::envelope::Actor;
use beckon_events::{RecordedEvent, SessionId, Timestamp};
use uuid::Uuid;

use crate::Projection;
use crate::projection::Reached;

/// One export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportRow {
    /// Its id.
    pub export: Uuid,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// One session, or the whole log.
    pub session: Option<SessionId>,
    /// Whose personal values can be read in it.
    pub names: Names,
}

/// Every export, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Exports {
    reached: Reached,
    rows: Vec<ExportRow>,
}

impl Exports {
    /// Every export, oldest first.
    pub fn all(&self) -> &[ExportRow] {
        &self.rows
    }
}

impl Projection for Exports {
    const NAME: &'static str = "exports";

    fn apply(&mut self, event: &RecordedEvent) {
        if !self.reached.advance(event) {
            return;
        }
        match event {
            RecordedEvent::Account(recorded) => match &recorded.event {
                account::Event::Exported { export, session, names } => self.rows.push(ExportRow {
                    export: *export,
                    at: recorded.metadata.at,
                    actor: recorded.metadata.actor,
                    session: *session,
                    names: names.clone(),
                }),
                account::Event::Opened { .. }
                | account::Event::Renamed { .. }
                | account::Event::JoinThrottled { .. }
                | account::Event::JoinReleased { .. }
                | account::Event::SubjectErased { .. }
                | account::Event::TokenIssued { .. }
                | account::Event::TokenRevoked { .. }
                | account::Event::TokenUsed { .. } => {}
            },
            RecordedEvent::Session(_) | RecordedEvent::Operator(_) | RecordedEvent::Node(_) => {}
        }
    }

    fn position(&self) -> Option<u64> {
        self.reached.position()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{ACCOUNT, ANA, BEN, History, at, created, session};

    #[test]
    fn every_export_is_listed_with_who_took_what_and_when() {
        let exported = |n, session, names| account::Event::Exported {
            export: Uuid::from_u128(n),
            session,
            names,
        };
        let by = Actor::operator(BEN);
        let mut history = History::default();
        history
            .add(ACCOUNT.0, 0, Actor::SYSTEM, exported(1, None, Names::None))
            .session(1, 1, created(1, ANA, Some("Ida")))
            .add(ACCOUNT.0, 2, by, exported(2, Some(session(1)), Names::All));
        let exports: Exports = history.fold();
        let row = |n, second, actor, session, names| ExportRow {
            export: Uuid::from_u128(n),
            at: at(second),
            actor,
            session,
            names,
        };
        let first = row(1, 0, Actor::SYSTEM, None, Names::None);
        assert_eq!(exports.all(), [first, row(2, 2, by, Some(session(1)), Names::All)]);
    }
}

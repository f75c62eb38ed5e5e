//! What has left the server.

use beckon_events::account::{self, Names};
use beckon_events::envelope::Actor;
use beckon_events::operator::{self, List};
use beckon_events::{OperatorId, Recorded, RecordedEvent, SessionId, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Projection;
use crate::projection::{Reached, stream_id};

/// One export of the log, or of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// One list that was taken away, with the names in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListRow {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub operator: OperatorId,
    /// Which list.
    pub list: List,
    /// How many rows of it.
    pub rows: u64,
}

/// Every export and every list that was taken away, each oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Exports {
    reached: Reached,
    rows: Vec<ExportRow>,
    lists: Vec<ListRow>,
}

impl Exports {
    /// Every export, oldest first.
    pub fn all(&self) -> &[ExportRow] {
        &self.rows
    }

    /// Every list that was taken away, oldest first.
    pub fn lists(&self) -> &[ListRow] {
        &self.lists
    }

    fn fold(&mut self, recorded: &Recorded<operator::Event>) {
        match &recorded.event {
            operator::Event::ListExported { list, rows } => {
                let Some(operator) = stream_id(&recorded.metadata) else { return };
                let at = recorded.metadata.at;
                self.lists.push(ListRow { at, operator, list: *list, rows: *rows });
            }
            operator::Event::Invited { .. }
            | operator::Event::Registered { .. }
            | operator::Event::RoleChanged { .. }
            | operator::Event::PasswordChanged {}
            | operator::Event::SignedIn { .. }
            | operator::Event::SignInRefused { .. }
            | operator::Event::SignedOut {}
            | operator::Event::ControlEnrolled { .. }
            | operator::Event::ControlRevoked { .. }
            | operator::Event::Disabled {}
            | operator::Event::Enabled {}
            | operator::Event::AuditViewed { .. } => {}
        }
    }
}

impl Projection for Exports {
    const NAME: &'static str = "exports";
    const VERSION: u32 = 1;

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
            RecordedEvent::Operator(recorded) => self.fold(recorded),
            RecordedEvent::Session(_) | RecordedEvent::Node(_) => {}
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
            .add(ACCOUNT.0, 2, by, exported(2, Some(session(1)), Names::All))
            .add(BEN.0, 3, by, operator::Event::ListExported { list: List::WorkReport, rows: 7 });
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
        let list = ListRow { at: at(3), operator: BEN, list: List::WorkReport, rows: 7 };
        assert_eq!(exports.lists(), [list]);
    }
}

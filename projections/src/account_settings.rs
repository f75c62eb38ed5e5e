//! The company, and the log it is kept in.

use beckon_events::{AccountId, LogId, RecordedEvent, account, node};

use crate::Projection;
use crate::projection::Reached;

/// What holds for the whole account.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct AccountSettings {
    reached: Reached,
    account: Option<AccountId>,
    company: String,
    log: Option<LogId>,
}

impl AccountSettings {
    /// The account, once it is open.
    pub fn account(&self) -> Option<AccountId> {
        self.account
    }

    /// The company's name; empty before the account is open.
    pub fn company(&self) -> &str {
        &self.company
    }

    /// The id of the log, once a server has started on it.
    pub fn log(&self) -> Option<LogId> {
        self.log
    }
}

impl Projection for AccountSettings {
    const NAME: &'static str = "account_settings";

    fn apply(&mut self, event: &RecordedEvent) {
        if !self.reached.advance(event) {
            return;
        }
        match event {
            RecordedEvent::Account(recorded) => match &recorded.event {
                account::Event::Opened { account, company } => {
                    self.account = Some(*account);
                    self.company.clone_from(company);
                }
                account::Event::Renamed { company } => self.company.clone_from(company),
                account::Event::JoinThrottled { .. }
                | account::Event::JoinReleased { .. }
                | account::Event::Exported { .. }
                | account::Event::SubjectErased { .. }
                | account::Event::TokenIssued { .. }
                | account::Event::TokenRevoked { .. }
                | account::Event::TokenUsed { .. } => {}
            },
            RecordedEvent::Node(recorded) => match &recorded.event {
                node::Event::ServerStarted { log, .. } => self.log = Some(*log),
                node::Event::ServerStopped {} | node::Event::LogRestored { .. } => {}
            },
            RecordedEvent::Session(_) | RecordedEvent::Operator(_) => {}
        }
    }

    fn position(&self) -> Option<u64> {
        self.reached.position()
    }
}

#[cfg(test)]
mod tests {
    use beckon_events::envelope::Actor;

    use super::*;
    use crate::history::{ACCOUNT, ANA, History, LOG, at, created};

    #[test]
    fn the_settings_are_what_was_recorded_last() {
        let mut history = History::default();
        let started = node::Event::ServerStarted {
            log: LOG,
            build: "0.1.0".to_owned(),
            era: 0,
            log_key: None,
        };
        let throttled =
            account::Event::JoinThrottled { address: ANA.0, source: "::1".into(), until: at(9) };
        let released = account::Event::JoinReleased { address: ANA.0, source: "::1".into() };
        let opened = account::Event::Opened { account: ACCOUNT, company: "Acme".to_owned() };
        let renamed = account::Event::Renamed { company: "Acme & Co".to_owned() };
        history
            .add(ACCOUNT.0, 0, Actor::SYSTEM, started)
            .add(ACCOUNT.0, 1, Actor::SYSTEM, opened)
            .add(ACCOUNT.0, 2, Actor::SYSTEM, throttled)
            .add(ACCOUNT.0, 3, Actor::SYSTEM, renamed)
            .add(ACCOUNT.0, 4, Actor::SYSTEM, released)
            .session(1, 5, created(1, ANA, None))
            .add(ACCOUNT.0, 6, Actor::SYSTEM, node::Event::ServerStopped {});
        let settings: AccountSettings = history.fold();
        assert_eq!(settings.account(), Some(ACCOUNT));
        assert_eq!(settings.company(), "Acme & Co");
        assert_eq!(settings.log(), Some(LOG));
        let before = AccountSettings::as_of_time(history.log(), at(2));
        assert_eq!((before.company(), before.position()), ("Acme", Some(30)));
        assert_eq!(AccountSettings::as_of(history.log(), 9), AccountSettings::default());
    }
}

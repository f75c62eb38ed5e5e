//! The company, and the log it is kept in.

use beckon_events::account::Scope;
use beckon_events::{AccountId, LogId, RecordedEvent, Timestamp, account, node};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Projection;
use crate::projection::Reached;

/// A token with which a program reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRow {
    /// Its id.
    pub token: Uuid,
    /// What it is for, as typed.
    pub label: String,
    /// What it is good for.
    pub scope: Scope,
    /// Since when.
    pub issued: Timestamp,
    /// When it was first shown on the last day (UTC) on which it was shown.
    pub last_used: Option<Timestamp>,
    /// Since when it is good no longer.
    pub revoked: Option<Timestamp>,
}

/// What holds for the whole account.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AccountSettings {
    reached: Reached,
    account: Option<AccountId>,
    company: String,
    log: Option<LogId>,
    tokens: Vec<TokenRow>,
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

    /// Every token, revoked ones included, in the order of their issue.
    pub fn tokens(&self) -> &[TokenRow] {
        &self.tokens
    }

    fn token(&mut self, token: Uuid) -> Option<&mut TokenRow> {
        self.tokens.iter_mut().find(|row| row.token == token)
    }
}

impl Projection for AccountSettings {
    const NAME: &'static str = "account_settings";
    const VERSION: u32 = 1;

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
                account::Event::TokenIssued { token, label, scope } => {
                    self.tokens.push(TokenRow {
                        token: *token,
                        label: label.clone(),
                        scope: *scope,
                        issued: recorded.metadata.at,
                        last_used: None,
                        revoked: None,
                    });
                }
                account::Event::TokenRevoked { token } => {
                    if let Some(row) = self.token(*token) {
                        row.revoked = Some(recorded.metadata.at);
                    }
                }
                account::Event::TokenUsed { token } => {
                    if let Some(row) = self.token(*token) {
                        row.last_used = Some(recorded.metadata.at);
                    }
                }
                account::Event::JoinThrottled { .. }
                | account::Event::JoinReleased { .. }
                | account::Event::Exported { .. }
                | account::Event::SubjectErased { .. } => {}
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

    #[test]
    fn a_token_shows_since_when_it_is_good_when_it_was_used_and_until_when() {
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let issued = |token| account::Event::TokenIssued {
            token,
            label: "collector".to_owned(),
            scope: Scope::LogRead,
        };
        let mut history = History::default();
        history
            .add(ACCOUNT.0, 0, Actor::SYSTEM, issued(one))
            .add(ACCOUNT.0, 1, Actor::SYSTEM, issued(two))
            .add(ACCOUNT.0, 2, Actor::SYSTEM, account::Event::TokenUsed { token: two })
            .add(ACCOUNT.0, 3, Actor::SYSTEM, account::Event::TokenUsed { token: two })
            .add(ACCOUNT.0, 4, Actor::SYSTEM, account::Event::TokenRevoked { token: two });
        let row = |token, issued, last_used, revoked| TokenRow {
            token,
            label: "collector".to_owned(),
            scope: Scope::LogRead,
            issued: at(issued),
            last_used,
            revoked,
        };
        let expected = [row(one, 0, None, None), row(two, 1, Some(at(3)), Some(at(4)))];
        assert_eq!(history.fold::<AccountSettings>().tokens(), expected);
    }
}

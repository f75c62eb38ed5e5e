//! The company that runs this server.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    AccountId, Decider, DomainEvent, Personal, Recorded, RecordedEvent, SessionId, Subject,
    Timestamp,
};

/// The longest company name, in characters.
pub const COMPANY_MAX: usize = 80;
/// The longest reason of an erasure, in characters.
pub const REASON_MAX: usize = 200;
/// The longest label of a token, in characters.
pub const LABEL_MAX: usize = 80;
/// The most subjects that an export names one by one.
pub const NAMES_MAX: usize = 100;

/// The events of the stream `account-<uuid>`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "the fields are described in docs/events.md, which a test keeps complete"
)]
pub enum Event {
    /// The server was set up for a company.
    Opened { account: AccountId, company: String },
    /// The company has another name.
    Renamed { company: String },
    /// Somebody has to wait after too many wrong codes.
    JoinThrottled { address: Uuid, source: Personal<String>, until: Timestamp },
    /// Somebody need not wait any longer.
    JoinReleased { address: Uuid, source: Personal<String> },
    /// A copy of the log, or of one session, left the server: all events up to this one.
    Exported { export: Uuid, session: Option<SessionId>, names: Names },
    /// The key of a subject was destroyed.
    SubjectErased { subject: Subject, reason: String },
    /// A program may read from now on what `scope` says.
    TokenIssued { token: Uuid, label: String, scope: Scope },
    /// It may not any more.
    TokenRevoked { token: Uuid },
    /// A program has shown its token, for the first time on this day (UTC).
    TokenUsed { token: Uuid },
}

/// What an API token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// Reading and following the log as it is stored, personal values sealed.
    #[serde(rename = "log:read")]
    LogRead,
}

/// Whose personal values can be read in an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Names {
    /// Nobody's.
    None,
    /// Those of these subjects, at most [`NAMES_MAX`].
    Some(Vec<Subject>),
    /// Everybody's.
    All,
}

impl DomainEvent for Event {
    const CATEGORY: &'static str = "account";
    const NAMES: &'static [&'static str] = &[
        "Opened",
        "Renamed",
        "JoinThrottled",
        "JoinReleased",
        "Exported",
        "SubjectErased",
        "TokenIssued",
        "TokenRevoked",
        "TokenUsed",
    ];

    fn subject(&self, _: &str) -> Option<Subject> {
        match self {
            Self::JoinThrottled { address, .. } | Self::JoinReleased { address, .. } => {
                Some(Subject::address(*address))
            }
            Self::Opened { .. }
            | Self::Renamed { .. }
            | Self::Exported { .. }
            | Self::SubjectErased { .. }
            | Self::TokenIssued { .. }
            | Self::TokenRevoked { .. }
            | Self::TokenUsed { .. } => None,
        }
    }

    fn recorded(recorded: Recorded<Self>) -> RecordedEvent {
        RecordedEvent::Account(recorded)
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "Opened",
            Self::Renamed { .. } => "Renamed",
            Self::JoinThrottled { .. } => "JoinThrottled",
            Self::JoinReleased { .. } => "JoinReleased",
            Self::Exported { .. } => "Exported",
            Self::SubjectErased { .. } => "SubjectErased",
            Self::TokenIssued { .. } => "TokenIssued",
            Self::TokenRevoked { .. } => "TokenRevoked",
            Self::TokenUsed { .. } => "TokenUsed",
        }
    }
}

/// A request to the account.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each field becomes the field of the same name in the event")]
pub enum Command {
    /// Open it.
    Open { account: AccountId, company: String },
    /// Give it another name.
    Rename { company: String },
    /// Record that somebody has to wait.
    Throttle { address: Uuid, source: Personal<String>, until: Timestamp },
    /// Record that the wait is over.
    Release { address: Uuid, source: Personal<String> },
    /// Record that a copy leaves the server.
    Export { export: Uuid, session: Option<SessionId>, names: Names },
    /// Record that the key of a subject is destroyed.
    Erase { subject: Subject, reason: String },
    /// Let a program read; its secret is in the vault as a hash.
    IssueToken { token: Uuid, label: String, scope: Scope },
    /// Let it read no longer.
    RevokeToken { token: Uuid },
    /// Record that it shows its token.
    UseToken { token: Uuid },
}

/// The rule that forbids a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It is open already.
    #[error("this server is set up already")]
    Exists,
    /// It has not been opened.
    #[error("this server is not set up yet, run `beckon-server init --company NAME`")]
    Missing,
    /// The name does not fit.
    #[error("the company's name must have 1 to {COMPANY_MAX} characters")]
    Name,
    /// An erasure needs a reason.
    #[error("give a reason of 1 to {REASON_MAX} characters on one line; do not name the person")]
    Reason,
    /// More subjects are named than one event takes.
    #[error("name at most {NAMES_MAX} subjects, or all")]
    TooManyNames,
    /// The label does not fit.
    #[error("a token's label must have 1 to {LABEL_MAX} characters on one line")]
    Label,
    /// There is such a token already.
    #[error("this token exists already")]
    TokenExists,
    /// There is no such token, or it is revoked.
    #[error("there is no such token, see `beckon-server token list`")]
    NoToken,
}

/// The folded state of the account.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Account {
    id: Option<AccountId>,
    company: String,
    erased: BTreeSet<Subject>,
    tokens: BTreeSet<Uuid>,
}

impl Account {
    /// Its id, once it is open.
    pub fn id(&self) -> Option<AccountId> {
        self.id
    }

    /// The company's name.
    pub fn company(&self) -> &str {
        &self.company
    }

    /// The tokens that are good.
    pub fn tokens(&self) -> &BTreeSet<Uuid> {
        &self.tokens
    }

    fn require(&self) -> Result<(), Rejection> {
        self.id.map(drop).ok_or(Rejection::Missing)
    }

    fn require_token(&self, token: Uuid) -> Result<(), Rejection> {
        self.require()?;
        if self.tokens.contains(&token) { Ok(()) } else { Err(Rejection::NoToken) }
    }
}

/// The reason of an erasure as it is recorded, where it fits.
pub fn reason(typed: &str) -> Result<String, Rejection> {
    one_line(typed, REASON_MAX).ok_or(Rejection::Reason)
}

fn named(company: &str) -> Result<String, Rejection> {
    one_line(company, COMPANY_MAX).ok_or(Rejection::Name)
}

/// Without the white space around it, where it has 1 to `max` characters on one line.
fn one_line(typed: &str, max: usize) -> Option<String> {
    let typed = typed.trim();
    let fits = (1..=max).contains(&typed.chars().count());
    (fits && !typed.chars().any(char::is_control)).then(|| typed.to_owned())
}

impl Decider for Account {
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        Ok(vec![match command {
            Command::Open { account, company } => {
                if self.id.is_some() {
                    return Err(Rejection::Exists);
                }
                Event::Opened { account, company: named(&company)? }
            }
            Command::Rename { company } => {
                self.require()?;
                let company = named(&company)?;
                if company == self.company {
                    return Ok(Vec::new());
                }
                Event::Renamed { company }
            }
            Command::Throttle { address, source, until } => {
                self.require()?;
                Event::JoinThrottled { address, source, until }
            }
            Command::Release { address, source } => {
                self.require()?;
                Event::JoinReleased { address, source }
            }
            Command::Export { export, session, names } => {
                self.require()?;
                if matches!(&names, Names::Some(some) if some.len() > NAMES_MAX) {
                    return Err(Rejection::TooManyNames);
                }
                Event::Exported { export, session, names }
            }
            Command::Erase { subject, reason } => {
                self.require()?;
                let reason = self::reason(&reason)?;
                if self.erased.contains(&subject) {
                    return Ok(Vec::new());
                }
                Event::SubjectErased { subject, reason }
            }
            Command::IssueToken { token, label, scope } => {
                self.require()?;
                if self.tokens.contains(&token) {
                    return Err(Rejection::TokenExists);
                }
                let label = one_line(&label, LABEL_MAX).ok_or(Rejection::Label)?;
                Event::TokenIssued { token, label, scope }
            }
            Command::RevokeToken { token } => {
                self.require_token(token)?;
                Event::TokenRevoked { token }
            }
            Command::UseToken { token } => {
                self.require_token(token)?;
                Event::TokenUsed { token }
            }
        }])
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Opened { account, company } => {
                self.id = Some(*account);
                self.company.clone_from(company);
            }
            Event::Renamed { company } => self.company.clone_from(company),
            Event::SubjectErased { subject, .. } => {
                self.erased.insert(*subject);
            }
            Event::TokenIssued { token, .. } => {
                self.tokens.insert(*token);
            }
            Event::TokenRevoked { token } => {
                self.tokens.remove(token);
            }
            Event::JoinThrottled { .. }
            | Event::JoinReleased { .. }
            | Event::Exported { .. }
            | Event::TokenUsed { .. } => {}
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay;
    use uuid::Uuid;

    fn open(company: &str) -> Command {
        Command::Open { account: AccountId(Uuid::from_u128(1)), company: company.to_owned() }
    }

    #[test]
    fn an_account_opens_once_with_a_name_of_1_to_80_characters() {
        let none = Account::default();
        for bad in ["", "   ", "a\nb", &"x".repeat(81)] {
            assert_eq!(none.decide(open(bad)), Err(Rejection::Name), "{bad:?}");
        }
        let opened = none.decide(open(" Acme ")).unwrap();
        let account: Account = replay(&opened);
        assert_eq!(account.company(), "Acme");
        assert_eq!(account.decide(open("Other")), Err(Rejection::Exists));
    }

    #[test]
    fn a_token_is_good_from_its_issue_to_its_revocation() {
        let token = Uuid::from_u128(7);
        let issue = |label: &str| {
            let label = label.to_owned();
            Command::IssueToken { token, label, scope: Scope::LogRead }
        };
        let mut account: Account = replay(&Account::default().decide(open("A")).unwrap());
        assert_eq!(account.decide(Command::UseToken { token }), Err(Rejection::NoToken));
        assert_eq!(account.decide(issue(" ")), Err(Rejection::Label));
        for event in account.decide(issue(" SIEM ")).unwrap() {
            assert_eq!(
                event,
                Event::TokenIssued { token, label: "SIEM".to_owned(), scope: Scope::LogRead }
            );
            account = account.evolve(&event);
        }
        assert_eq!(account.decide(issue("SIEM")), Err(Rejection::TokenExists));
        assert_eq!(
            account.decide(Command::UseToken { token }),
            Ok(vec![Event::TokenUsed { token }])
        );
        for event in account.decide(Command::RevokeToken { token }).unwrap() {
            account = account.evolve(&event);
        }
        assert_eq!(account.decide(Command::UseToken { token }), Err(Rejection::NoToken));
        assert_eq!(account.decide(Command::RevokeToken { token }), Err(Rejection::NoToken));
    }

    #[test]
    fn nothing_is_recorded_before_it_is_open_nor_for_the_same_name() {
        let rename = |to: &str| Command::Rename { company: to.to_owned() };
        assert_eq!(Account::default().decide(rename("A")), Err(Rejection::Missing));
        let account: Account = replay(&Account::default().decide(open("A")).unwrap());
        assert_eq!(account.decide(rename("A")), Ok(vec![]));
        assert_eq!(account.decide(rename("B")), Ok(vec![Event::Renamed { company: "B".into() }]));
    }
}

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
    const NAMES: &'static [&'static str] =
        &["Opened", "Renamed", "JoinThrottled", "JoinReleased", "Exported", "SubjectErased"];

    fn subject(&self, _: &str) -> Option<Subject> {
        match self {
            Self::JoinThrottled { address, .. } | Self::JoinReleased { address, .. } => {
                Some(Subject::address(*address))
            }
            Self::Opened { .. }
            | Self::Renamed { .. }
            | Self::Exported { .. }
            | Self::SubjectErased { .. } => None,
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
}

/// The folded state of the account.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Account {
    id: Option<AccountId>,
    company: String,
    erased: BTreeSet<Subject>,
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

    fn require(&self) -> Result<(), Rejection> {
        self.id.map(drop).ok_or(Rejection::Missing)
    }
}

/// The reason of an erasure as it is recorded, where it fits.
pub fn reason(typed: &str) -> Result<String, Rejection> {
    let reason = typed.trim();
    let fits = (1..=REASON_MAX).contains(&reason.chars().count());
    if fits && !reason.chars().any(char::is_control) {
        Ok(reason.to_owned())
    } else {
        Err(Rejection::Reason)
    }
}

fn named(company: &str) -> Result<String, Rejection> {
    let company = company.trim();
    let fits = (1..=COMPANY_MAX).contains(&company.chars().count());
    if fits && !company.chars().any(char::is_control) {
        Ok(company.to_owned())
    } else {
        Err(Rejection::Name)
    }
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
            Event::JoinThrottled { .. } | Event::JoinReleased { .. } | Event::Exported { .. } => {}
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
    fn nothing_is_recorded_before_it_is_open_nor_for_the_same_name() {
        let rename = |to: &str| Command::Rename { company: to.to_owned() };
        assert_eq!(Account::default().decide(rename("A")), Err(Rejection::Missing));
        let account: Account = replay(&Account::default().decide(open("A")).unwrap());
        assert_eq!(account.decide(rename("A")), Ok(vec![]));
        assert_eq!(account.decide(rename("B")), Ok(vec![Event::Renamed { company: "B".into() }]));
    }
}

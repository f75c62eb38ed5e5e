//! The company that runs this server.

use serde::{Deserialize, Serialize};

use crate::{AccountId, Decider, DomainEvent, Personal, Timestamp};

/// The longest company name, in characters.
pub const COMPANY_MAX: usize = 80;

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
    JoinThrottled { source: Personal<String>, until: Timestamp },
    /// Somebody need not wait any longer.
    JoinReleased { source: Personal<String> },
}

impl DomainEvent for Event {
    const CATEGORY: &'static str = "account";
    const NAMES: &'static [&'static str] = &["Opened", "Renamed", "JoinThrottled", "JoinReleased"];

    fn name(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "Opened",
            Self::Renamed { .. } => "Renamed",
            Self::JoinThrottled { .. } => "JoinThrottled",
            Self::JoinReleased { .. } => "JoinReleased",
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
    Throttle { source: Personal<String>, until: Timestamp },
    /// Record that the wait is over.
    Release { source: Personal<String> },
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
}

/// The folded state of the account.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Account {
    id: Option<AccountId>,
    company: String,
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
            Command::Throttle { source, until } => {
                self.require()?;
                Event::JoinThrottled { source, until }
            }
            Command::Release { source } => {
                self.require()?;
                Event::JoinReleased { source }
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
            Event::JoinThrottled { .. } | Event::JoinReleased { .. } => {}
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

//! The first page: server and code.

use std::time::Duration;

use beckon_events::Timestamp;
use beckon_protocol::{CodeError, InvitationLink, JoinBy, JoinCode, ServerAddress};
use serde::{Deserialize, Serialize};

use super::Now;
use crate::text;

/// What is typed, and what the server said about it.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// The server, as typed.
    pub server: String,
    /// The code, as typed.
    pub code: String,
    /// The link that filled both; it counts while neither was changed.
    pub link: Option<InvitationLink>,
    /// What went wrong last, as a sentence.
    pub problem: Option<String>,
    /// What the server gave out with wrong codes.
    pub ticket: Option<Ticket>,
    /// What the server is being asked.
    pub joining: Option<Joining>,
    /// The code that the server refused last: it is not sent again.
    pub refused: Option<JoinCode>,
}

/// Where and with what the user joins.
#[derive(Clone, Debug, PartialEq)]
pub struct Joining {
    /// The server.
    pub server: ServerAddress,
    /// The code or the link.
    pub by: JoinBy,
}

/// What the server gave out with the first wrong code: kept in a file until the wait is over, so
/// that a restart shows the same countdown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    /// To be sent along with the next code, where the server gave one.
    pub ticket: Option<String>,
    /// Attempts before the wait.
    pub attempts_left: u32,
    /// When the wait is over, where it has begun.
    pub wait_until: Option<Timestamp>,
}

/// Why Start is not possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyNot {
    /// Something is still missing; nothing needs to be said.
    Incomplete,
    /// What is typed is wrong; a sentence.
    Wrong(String),
    /// Too many codes were wrong.
    Wait(Duration),
}

impl Entry {
    /// The server, where it is one.
    pub fn address(&self) -> Option<ServerAddress> {
        self.server.parse().ok()
    }

    /// With what and where to join, or why not.
    pub fn ready(&self, now: Now) -> Result<Joining, WhyNot> {
        if let Some(left) = self.wait(now) {
            return Err(WhyNot::Wait(left));
        }
        let code = match self.code.parse::<JoinCode>() {
            Ok(code) => code,
            Err(CodeError::TooShort) => {
                return Err(self.server_trouble().unwrap_or(WhyNot::Incomplete));
            }
            Err(error) => return Err(WhyNot::Wrong(text::sentence(&error.to_string()))),
        };
        if let Some(trouble) = self.server_trouble() {
            return Err(trouble);
        }
        let server = self.address().ok_or(WhyNot::Incomplete)?;
        let by = match &self.link {
            Some(link) => JoinBy::Token(link.token.as_str().to_owned()),
            None if self.is_refused() => return Err(WhyNot::Incomplete),
            None => JoinBy::Code(code.folded()),
        };
        Ok(Joining { server, by })
    }

    /// Whether the server has refused this code already.
    pub fn is_refused(&self) -> bool {
        self.refused.is_some() && self.code.parse().ok() == self.refused
    }

    /// How much longer to wait.
    pub fn wait(&self, now: Now) -> Option<Duration> {
        let until = self.ticket.as_ref()?.wait_until?;
        // A link is never throttled.
        (now.at < until && self.link.is_none()).then(|| until.since(now.at))
    }

    fn server_trouble(&self) -> Option<WhyNot> {
        let error = self.server.parse::<ServerAddress>().err()?;
        if self.server.trim().is_empty() {
            return Some(WhyNot::Incomplete);
        }
        Some(WhyNot::Wrong(text::sentence(&error.to_string())))
    }
}

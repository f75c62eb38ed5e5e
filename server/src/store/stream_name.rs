//! The names of streams.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use beckon_events::envelope::stream_name;
use beckon_events::{
    AccountId, DomainEvent, OperatorId, SessionId, account, node, operator, session,
};
use uuid::Uuid;

/// The name of a stream, `<kind>-<id>`; cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamName(Arc<str>);

/// Why a text is not the name of a stream.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not the name of a stream such as session-5f0c…, at most 100 characters")]
pub struct StreamNameError(String);

impl StreamName {
    /// The stream of a session.
    pub fn session(id: SessionId) -> Self {
        Self(stream_name(session::Event::CATEGORY, id).into())
    }

    /// The stream of an operator.
    pub fn operator(id: OperatorId) -> Self {
        Self(stream_name(operator::Event::CATEGORY, id).into())
    }

    /// The stream of the account.
    pub fn account(id: AccountId) -> Self {
        Self(stream_name(account::Event::CATEGORY, id).into())
    }

    /// The stream of a server, such as `0`.
    pub fn node(id: &str) -> Result<Self, StreamNameError> {
        stream_name(node::Event::CATEGORY, id).parse()
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the first hyphen.
    pub fn kind(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }

    /// The id after it, where that is a uuid.
    pub fn uuid(&self) -> Option<Uuid> {
        Uuid::parse_str(self.0.split_once('-')?.1).ok()
    }
}

impl FromStr for StreamName {
    type Err = StreamNameError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let good = name.len() <= 100
            && name.split_once('-').is_some_and(|(kind, id)| {
                !kind.is_empty()
                    && kind.bytes().all(|b| b.is_ascii_lowercase())
                    && !id.is_empty()
                    && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            });
        if good {
            Ok(Self(name.into()))
        } else {
            Err(StreamNameError(name.chars().take(100).collect()))
        }
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_a_kind_and_an_id() {
        let name: StreamName = "session-5f0c-1".parse().unwrap();
        assert_eq!((name.kind(), name.as_str()), ("session", "session-5f0c-1"));
        let long = format!("session-{}", "a".repeat(93));
        for bad in ["", "session", "session-", "-1", "Session-1", "node-a b", "node-%", &long] {
            assert!(bad.parse::<StreamName>().is_err(), "{bad}");
        }
    }
}

//! What an agent states besides its grants.

use serde::{Deserialize, Serialize};

use crate::{GrantError, PublicKey, SessionId, Statement};

/// A signed fact: `{"v":1,"session":uuid,"said":"ended"}` and the like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// The version of this document: 1.
    pub v: u8,
    /// The session it belongs to.
    pub session: SessionId,
    /// The fact.
    pub said: Fact,
}

/// What the end user's side did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// The end user ended the session.
    Ended,
    /// The agent removed itself: how many things, and how many it could not remove.
    Removed {
        /// Removed.
        removed: u32,
        /// Left behind.
        left: u32,
    },
}

impl Said {
    /// `fact` about `session`, in the version of this build.
    pub fn new(session: SessionId, said: Fact) -> Self {
        Self { v: 1, session, said }
    }

    /// Signs it with the agent's key.
    pub fn sign(&self, pair: &ring::signature::Ed25519KeyPair) -> Statement {
        Statement::sign(&serde_json::to_vec(self).unwrap_or_default(), pair)
    }

    /// Reads the fact in `statement`, signed by `agent` about `session`.
    pub fn open(
        statement: &Statement,
        agent: &PublicKey,
        session: SessionId,
    ) -> Result<Fact, GrantError> {
        let bytes = statement.open(agent)?;
        let said: Self = serde_json::from_slice(&bytes).map_err(|_| GrantError::Unreadable)?;
        if said.v != 1 {
            return Err(GrantError::Unreadable);
        }
        if said.session != session {
            return Err(GrantError::OtherSession);
        }
        Ok(said.said)
    }
}

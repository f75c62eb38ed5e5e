//! What an agent states besides its grants.

use serde::{Deserialize, Serialize};

use crate::{Committed, Digest, GrantError, Personal, PublicKey, SessionId, Statement};

/// A signed fact: `{"v":1,"session":uuid,"said":"ended"}` and the like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fact {
    /// The end user ended the session.
    Ended,
    /// The agent removed itself: commitments to what it removed, and to what it could not remove.
    Removed {
        /// Removed.
        removed: Vec<Digest>,
        /// Left behind.
        left: Vec<Digest>,
    },
}

/// What an endpoint signs of a session that is over:
/// `"beckon/head/v1" || stream || version (u64, big-endian) || leaf` of the event that closed it.
pub fn head_bytes(stream: &str, version: u64, leaf: &Digest) -> Vec<u8> {
    [b"beckon/head/v1".as_slice(), stream.as_bytes(), &version.to_be_bytes(), &leaf.0].concat()
}

impl Fact {
    /// What says that these things were removed, and those were left.
    pub fn removal(removed: &[Committed], left: &[Committed]) -> Self {
        let commitments = |things: &[Committed]| things.iter().map(Committed::commitment).collect();
        Self::Removed { removed: commitments(removed), left: commitments(left) }
    }

    /// Whether this says that these things were removed and those were left. What was erased
    /// since counts by its place alone.
    pub fn is_removal(&self, gone: &[Personal<Committed>], kept: &[Personal<Committed>]) -> bool {
        let fit = |said: &[Digest], things: &[Personal<Committed>]| {
            said.len() == things.len()
                && said.iter().zip(things).all(|(said, thing)| {
                    thing.known().is_none_or(|known| known.commitment() == *said)
                })
        };
        match self {
            Self::Ended => false,
            Self::Removed { removed, left } => fit(removed, gone) && fit(left, kept),
        }
    }
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
        let same = serde_json::to_vec(&said).is_ok_and(|written| written == bytes);
        if said.v != 1 || !same {
            return Err(GrantError::Unreadable);
        }
        if said.session != session {
            return Err(GrantError::OtherSession);
        }
        Ok(said.said)
    }
}

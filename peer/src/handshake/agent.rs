//! The handshake as the agent sees it.

use std::fmt;

use beckon_events::{PublicKey, SessionId, Timestamp};
use beckon_protocol::Certificate;
use ring::rand::SecureRandom;

use super::noise::{Ephemeral, Noise, ephemeral};
use super::proof::Proof;
use super::{HandshakeError, LONGEST_CERTIFICATE, PeerKeys, VERSION, check_keys, check_policy};
use crate::reader::Reader;
use crate::{Channel, Identity, Role};

/// What the agent knows before the handshake.
#[derive(Clone, Copy, Debug)]
pub struct AgentTerms<'a> {
    /// Its own keys.
    pub identity: &'a Identity,
    /// The session.
    pub session: SessionId,
    /// The policy P, byte for byte as the server gave it.
    pub policy: &'a [u8],
    /// The key that signs the certificates of the account, from the Joined answer.
    pub account_key: PublicKey,
    /// The time at which the certificate must be in force.
    pub now: Timestamp,
    /// On a resume: the keys that Control had before.
    pub pinned: Option<PeerKeys>,
}

/// A handshake that the agent has answered and Control must finish.
pub struct AgentHandshake {
    noise: Noise,
    session: SessionId,
    own: Proof,
    account_key: PublicKey,
    now: Timestamp,
    pinned: Option<PeerKeys>,
}

impl AgentHandshake {
    /// Reads Control's first message and gives the second.
    pub fn start(
        terms: &AgentTerms<'_>,
        first: &[u8],
        random: &dyn SecureRandom,
    ) -> Result<(Self, Vec<u8>), HandshakeError> {
        Self::start_with(terms, first, ephemeral(random)?)
    }

    pub(super) fn start_with(
        terms: &AgentTerms<'_>,
        first: &[u8],
        ephemeral: Ephemeral,
    ) -> Result<(Self, Vec<u8>), HandshakeError> {
        let AgentTerms { identity, session, policy, account_key, now, pinned } = *terms;
        let mut noise = Noise::new(identity, session, Role::Agent, ephemeral)?;
        if !noise.read(first)?.is_empty() {
            return Err(HandshakeError::Malformed);
        }
        let own = Proof::new(identity, session, Role::Agent, policy);
        let second = noise.write(&[&own.to_bytes()[..], &VERSION.to_be_bytes()].concat())?;
        Ok((Self { noise, session, own, account_key, now, pinned }, second))
    }

    /// Checks Control's last message and gives the channel and the certificate, which alone
    /// says who the operator is.
    pub fn finish(mut self, third: &[u8]) -> Result<(Channel, Certificate), HandshakeError> {
        let payload = self.noise.read(third)?;
        let mut reader = Reader::new(&payload);
        let said = Proof::read(&mut reader)?;
        let length = usize::from(reader.u16()?);
        if length > LONGEST_CERTIFICATE {
            return Err(HandshakeError::Malformed);
        }
        let certificate = reader.bytes(length)?;
        let signature: [u8; 64] = reader.array()?;
        if !reader.is_empty() {
            return Err(HandshakeError::Malformed);
        }
        let remote = said.keys(self.session, Role::Control, self.noise.remote()?)?;
        let certificate = Certificate::open(certificate, &signature, &self.account_key, self.now)?;
        check_keys(remote, Some(certificate.keys().into()))?;
        check_keys(remote, self.pinned)?;
        check_policy(self.own.policy, said.policy, || None)?;
        let channel = Channel::new(self.session, Role::Agent, &self.noise.agreed()?, remote)?;
        Ok((channel, certificate))
    }
}

impl fmt::Debug for AgentHandshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgentHandshake").field("session", &self.session).finish_non_exhaustive()
    }
}

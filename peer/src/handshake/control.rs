//! The handshake as Control sees it.

use std::fmt;

use beckon_events::SessionId;
use beckon_protocol::SignedCertificate;
use ring::rand::SecureRandom;

use super::noise::{Ephemeral, Noise, ephemeral};
use super::proof::Proof;
use super::{HandshakeError, LONGEST_CERTIFICATE, PeerKeys, VERSION, check_keys, check_policy};
use crate::reader::Reader;
use crate::{Channel, Identity, Role};

/// What Control knows before the handshake.
#[derive(Clone, Copy, Debug)]
pub struct ControlTerms<'a> {
    /// Its own keys.
    pub identity: &'a Identity,
    /// The session.
    pub session: SessionId,
    /// The policy P, byte for byte as the server gave it.
    pub policy: &'a [u8],
    /// Its own certificate, byte for byte.
    pub certificate: &'a SignedCertificate,
    /// The agent's keys, from Joined.
    pub agent: PeerKeys,
    /// On a resume: the keys that the agent had before.
    pub pinned: Option<PeerKeys>,
}

/// A handshake that Control has begun and the agent must answer.
pub struct ControlHandshake {
    noise: Noise,
    session: SessionId,
    own: Proof,
    certificate: Vec<u8>,
    agent: PeerKeys,
    pinned: Option<PeerKeys>,
}

impl ControlHandshake {
    /// Begins: gives the first message.
    pub fn start(
        terms: &ControlTerms<'_>,
        random: &dyn SecureRandom,
    ) -> Result<(Self, Vec<u8>), HandshakeError> {
        Self::start_with(terms, ephemeral(random)?)
    }

    pub(super) fn start_with(
        terms: &ControlTerms<'_>,
        ephemeral: Ephemeral,
    ) -> Result<(Self, Vec<u8>), HandshakeError> {
        let ControlTerms { identity, session, policy, agent, pinned, .. } = *terms;
        let mut noise = Noise::new(identity, session, Role::Control, ephemeral)?;
        let first = noise.write(&[])?;
        let own = Proof::new(identity, session, Role::Control, policy);
        let certificate = certificate(terms)?;
        Ok((Self { noise, session, own, certificate, agent, pinned }, first))
    }

    /// Checks the agent's answer and gives the channel and the last message.
    ///
    /// A [`HandshakeError::PolicyMismatch`] carries a message that is still to be sent.
    pub fn finish(mut self, second: &[u8]) -> Result<(Channel, Vec<u8>), HandshakeError> {
        let payload = self.noise.read(second)?;
        let mut reader = Reader::new(&payload);
        let said = Proof::read(&mut reader)?;
        let theirs = reader.u16()?;
        if theirs != VERSION {
            return Err(HandshakeError::OtherVersion { theirs });
        }
        if !reader.is_empty() {
            return Err(HandshakeError::Malformed);
        }
        let remote = said.keys(self.session, Role::Agent, self.noise.remote()?)?;
        check_keys(remote, Some(self.agent))?;
        check_keys(remote, self.pinned)?;
        let third = [self.own.to_bytes(), self.certificate].concat();
        let third = self.noise.write(&third)?;
        check_policy(self.own.policy, said.policy, || Some(third.clone()))?;
        let channel = Channel::new(self.session, Role::Control, &self.noise.agreed()?, remote)?;
        Ok((channel, third))
    }
}

impl fmt::Debug for ControlHandshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ControlHandshake").field("session", &self.session).finish_non_exhaustive()
    }
}

/// `length u16 | certificate | signature(64)`
fn certificate(terms: &ControlTerms<'_>) -> Result<Vec<u8>, HandshakeError> {
    let SignedCertificate { certificate, sig } = terms.certificate;
    let length = u16::try_from(certificate.0.len()).map_err(|_| HandshakeError::Malformed)?;
    if usize::from(length) > LONGEST_CERTIFICATE || sig.0.len() != 64 {
        return Err(HandshakeError::Malformed);
    }
    Ok([&length.to_be_bytes()[..], &certificate.0, &sig.0].concat())
}

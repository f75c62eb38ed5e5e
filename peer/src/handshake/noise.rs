//! The Noise pattern under the handshake.

use beckon_events::{PublicKey, SessionId};
use ring::rand::SecureRandom;
use snow::HandshakeState;
use snow::params::{CipherChoice, DHChoice, HashChoice};
use snow::resolvers::{CryptoResolver, DefaultResolver, FallbackResolver, RingResolver};
use snow::types::{Cipher, Dh, Hash, Random};
use zeroize::Zeroizing;

use super::HandshakeError;
use crate::channel::Agreed;
use crate::frame::HANDSHAKE;
use crate::{Identity, Role};

const PATTERN: &str = "Noise_XX_25519_AESGCM_SHA256";
const PROLOGUE: &[u8] = b"beckon/v1";
/// The longest handshake message in all, in bytes.
const LONGEST: usize = 8 * 1024;

/// The secret of one handshake.
pub(super) type Ephemeral = Zeroizing<[u8; 32]>;

/// A Noise handshake whose messages are numbered for the relay.
pub(super) struct Noise {
    state: HandshakeState,
    /// The number of the next message, from 1.
    next: u8,
}

pub(super) fn ephemeral(random: &dyn SecureRandom) -> Result<Ephemeral, HandshakeError> {
    let mut secret = Zeroizing::new([0; 32]);
    random.fill(&mut *secret).map_err(|_| HandshakeError::Randomness)?;
    Ok(secret)
}

impl Noise {
    pub(super) fn new(
        identity: &Identity,
        session: SessionId,
        role: Role,
        ephemeral: Ephemeral,
    ) -> Result<Self, HandshakeError> {
        let library = FallbackResolver::new(Box::new(RingResolver), Box::new(DefaultResolver));
        let resolver = FallbackResolver::new(Box::new(Given(ephemeral)), Box::new(library));
        let prologue = [PROLOGUE, session.0.as_bytes()].concat();
        let pattern = PATTERN.parse().map_err(|_| HandshakeError::Crypto)?;
        let builder = snow::Builder::with_resolver(pattern, Box::new(resolver));
        let state = builder
            .local_private_key(identity.x25519_secret())
            .and_then(|builder| builder.prologue(&prologue))
            .and_then(|builder| match role {
                Role::Control => builder.build_initiator(),
                Role::Agent => builder.build_responder(),
            });
        Ok(Self { state: state.map_err(|_| HandshakeError::Crypto)?, next: 1 })
    }

    /// The next message, with `payload` in it.
    pub(super) fn write(&mut self, payload: &[u8]) -> Result<Vec<u8>, HandshakeError> {
        let mut buffer = vec![0; LONGEST];
        let length = self.state.write_message(payload, &mut buffer);
        let length = length.map_err(|_| HandshakeError::Crypto)?;
        let message = buffer.get(..length).ok_or(HandshakeError::Crypto)?;
        let framed = [&[HANDSHAKE, self.next][..], message].concat();
        self.next += 1;
        Ok(framed)
    }

    /// The payload of the next message.
    pub(super) fn read(&mut self, framed: &[u8]) -> Result<Vec<u8>, HandshakeError> {
        let Some(([HANDSHAKE, number], message)) = framed.split_first_chunk::<2>() else {
            return Err(HandshakeError::Malformed);
        };
        if *number != self.next || message.len() > LONGEST {
            return Err(HandshakeError::Malformed);
        }
        let mut payload = vec![0; message.len()];
        let read = self.state.read_message(message, &mut payload);
        payload.truncate(read.map_err(|_| HandshakeError::Forged)?);
        self.next += 1;
        Ok(payload)
    }

    /// The other end's X25519 key, once it was sent.
    pub(super) fn remote(&self) -> Result<PublicKey, HandshakeError> {
        let key = self.state.get_remote_static().ok_or(HandshakeError::Malformed)?;
        key.try_into().map(PublicKey).map_err(|_| HandshakeError::Malformed)
    }

    /// What both ends know after the last message.
    pub(super) fn agreed(mut self) -> Result<Agreed, HandshakeError> {
        let hash = self.state.get_handshake_hash().try_into();
        let hash = hash.map_err(|_| HandshakeError::Crypto)?;
        if !self.state.is_handshake_finished() {
            return Err(HandshakeError::Malformed);
        }
        let (from_control, from_agent) = self.state.dangerously_get_raw_split();
        Ok(Agreed {
            hash,
            from_control: Zeroizing::new(from_control),
            from_agent: Zeroizing::new(from_agent),
        })
    }
}

/// Gives Noise the ephemeral secret that the caller drew: this crate has no randomness.
struct Given(Ephemeral);

/// Good for one secret; a second one is refused.
struct Once(Option<Ephemeral>);

impl CryptoResolver for Given {
    fn resolve_rng(&self) -> Option<Box<dyn Random>> {
        Some(Box::new(Once(Some(self.0.clone()))))
    }

    fn resolve_dh(&self, _: &DHChoice) -> Option<Box<dyn Dh>> {
        None
    }

    fn resolve_hash(&self, _: &HashChoice) -> Option<Box<dyn Hash>> {
        None
    }

    fn resolve_cipher(&self, _: &CipherChoice) -> Option<Box<dyn Cipher>> {
        None
    }
}

impl Random for Once {
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), snow::Error> {
        let secret = self.0.take().ok_or(snow::Error::Rng)?;
        if out.len() != secret.len() {
            return Err(snow::Error::Rng);
        }
        out.copy_from_slice(&*secret);
        Ok(())
    }
}

//! Ids, keys and nonces that follow from a number.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use beckon_events::session::{AgentKeys, ControlKeys};
use beckon_events::{
    Digest, Keys, KeysError, LogId, Nonces, OperatorId, PublicKey, Salt, SessionId, Subject,
    SubjectKey,
};
use ring::signature::{Ed25519KeyPair, KeyPair};
use uuid::Uuid;

/// The source of everything that is random elsewhere.
#[derive(Debug, Default)]
pub struct Seed {
    number: u64,
    nonces: Cell<u64>,
    /// Whose values were sealed so far.
    pub used: RefCell<BTreeSet<Subject>>,
}

impl Seed {
    /// What follows from `number`.
    pub fn new(number: u64) -> Self {
        Self { number, ..Self::default() }
    }

    /// 32 bytes for a purpose.
    pub fn bytes(&self, purpose: &str, number: u64) -> [u8; 32] {
        Digest::of(format!("{}/{purpose}/{number}", self.number).as_bytes()).0
    }

    /// An id for a purpose.
    pub fn uuid(&self, purpose: &str, number: u64) -> Uuid {
        let bytes = self.bytes(purpose, number);
        let half = bytes.first_chunk().copied().unwrap_or_default();
        uuid::Builder::from_random_bytes(half).into_uuid()
    }

    /// A pair for a purpose.
    pub fn pair(&self, purpose: &str, number: u64) -> Ed25519KeyPair {
        let seed = self.bytes(purpose, number);
        Ed25519KeyPair::from_seed_unchecked(&seed).expect("32 bytes are a seed")
    }

    /// The key that signs the checkpoints of an era.
    pub fn log_pair(&self, era: u32) -> Ed25519KeyPair {
        self.pair("log", u64::from(era))
    }

    /// The id of the log.
    pub fn log(&self) -> LogId {
        LogId(self.uuid("log", 0))
    }

    /// The id of session `number`.
    pub fn session(&self, number: u32) -> SessionId {
        SessionId(self.uuid("session", u64::from(number)))
    }

    /// The id of operator `number`.
    pub fn operator(&self, number: u32) -> OperatorId {
        OperatorId(self.uuid("operator", u64::from(number)))
    }

    /// The agent of session `number`.
    pub fn agent(&self, number: u32) -> Ed25519KeyPair {
        self.pair("agent", u64::from(number))
    }

    /// The Control of operator `number`.
    pub fn control(&self, number: u32) -> Ed25519KeyPair {
        self.pair("control", u64::from(number))
    }

    /// The keys of an agent.
    pub fn agent_keys(&self, number: u32) -> AgentKeys {
        let x25519 = PublicKey(self.bytes("agent x25519", u64::from(number)));
        AgentKeys { x25519, ed25519: public(&self.agent(number)) }
    }

    /// The keys of a Control.
    pub fn control_keys(&self, number: u32) -> ControlKeys {
        let x25519 = PublicKey(self.bytes("control x25519", u64::from(number)));
        ControlKeys { x25519, ed25519: public(&self.control(number)) }
    }

    /// Salt number `number`.
    pub fn salt(&self, number: u64) -> Salt {
        Salt(self.uuid("salt", number).into_bytes())
    }

    /// The key of a subject.
    pub fn subject_key(&self, subject: Subject) -> SubjectKey {
        SubjectKey::new(self.bytes(&subject.to_string(), 0))
    }
}

impl Keys for Seed {
    fn key(&self, subject: Subject) -> Result<Option<SubjectKey>, KeysError> {
        self.used.borrow_mut().insert(subject);
        Ok(Some(self.subject_key(subject)))
    }
}

impl Nonces for Seed {
    fn nonce(&self) -> [u8; 12] {
        let next = self.nonces.get() + 1;
        self.nonces.set(next);
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&next.to_be_bytes());
        nonce
    }
}

/// The public half of a pair.
pub fn public(pair: &Ed25519KeyPair) -> PublicKey {
    let mut key = [0; 32];
    key.copy_from_slice(pair.public_key().as_ref());
    PublicKey(key)
}

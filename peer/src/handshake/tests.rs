use std::time::Duration;

use beckon_events::{AccountId, OperatorId, SessionId, Timestamp};
use beckon_protocol::{Base64, Certificate, SignedCertificate};
use data_encoding::HEXLOWER;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::*;
use crate::identity::tests::fixed;
use crate::{Channel, Identity};

const SESSION: SessionId = SessionId(Uuid::from_u128(0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10));
const POLICY: &[u8] = br#"{"v":1}"#;

fn now() -> Timestamp {
    Timestamp::from_micros(1_795_334_400_000_000)
}

/// Two ends that have what they need to trust each other; each test spoils one thing.
pub(crate) struct Scene {
    control: Identity,
    agent: Identity,
    account: Identity,
    policies: [Vec<u8>; 2],
    sessions: [SessionId; 2],
    certificate: SignedCertificate,
    joined: PeerKeys,
    pinned: [Option<PeerKeys>; 2],
    now: Timestamp,
}

type Ends = (Channel, Channel, Certificate);

impl Scene {
    pub(crate) fn new() -> Self {
        let (control, agent, account) = (fixed(1), fixed(2), fixed(3));
        let certificate = signed(&account, certificate(&control));
        let joined = agent.public();
        Self {
            control,
            agent,
            account,
            policies: [POLICY.to_vec(), POLICY.to_vec()],
            sessions: [SESSION; 2],
            certificate,
            joined,
            pinned: [None; 2],
            now: now(),
        }
    }

    fn control_terms(&self) -> ControlTerms<'_> {
        ControlTerms {
            identity: &self.control,
            session: self.sessions[0],
            policy: &self.policies[0],
            certificate: &self.certificate,
            agent: self.joined,
            pinned: self.pinned[0],
        }
    }

    fn agent_terms(&self) -> AgentTerms<'_> {
        AgentTerms {
            identity: &self.agent,
            session: self.sessions[1],
            policy: &self.policies[1],
            account_key: self.account.ed25519_public(),
            now: self.now,
            pinned: self.pinned[1],
        }
    }

    fn begin(&self) -> (ControlHandshake, Vec<u8>) {
        ControlHandshake::start_with(&self.control_terms(), Zeroizing::new([0x11; 32])).unwrap()
    }

    fn answer(&self, first: &[u8]) -> Result<(AgentHandshake, Vec<u8>), HandshakeError> {
        AgentHandshake::start_with(&self.agent_terms(), first, Zeroizing::new([0x22; 32]))
    }

    /// Both ends' channels: first Control's, then the agent's.
    pub(crate) fn shake(&self) -> Result<Ends, HandshakeError> {
        let (control, first) = self.begin();
        let (agent, second) = self.answer(&first)?;
        let (at_control, third) = control.finish(&second)?;
        let (at_agent, certificate) = agent.finish(&third)?;
        Ok((at_control, at_agent, certificate))
    }

    fn refusal(&self) -> HandshakeError {
        self.shake().unwrap_err()
    }
}

fn certificate(control: &Identity) -> Certificate {
    Certificate {
        v: 1,
        account: AccountId(Uuid::from_u128(1)),
        company: "Acme".into(),
        operator: OperatorId(Uuid::from_u128(2)),
        name: "Ana Silva".into(),
        x25519: control.x25519_public(),
        ed25519: control.ed25519_public(),
        not_before: now(),
        not_after: now().plus(Duration::from_hours(1)),
    }
}

fn signed(account: &Identity, certificate: Certificate) -> SignedCertificate {
    let bytes = certificate.to_bytes();
    let sig = Base64(account.sign(&bytes).to_vec());
    SignedCertificate { certificate: Base64(bytes), sig }
}

#[test]
fn two_ends_that_know_each_other_get_a_channel() {
    let scene = Scene::new();
    let (control, agent, certificate) = scene.shake().unwrap();
    assert_eq!(control.remote, scene.agent.public());
    assert_eq!(agent.remote, scene.control.public());
    assert_eq!(certificate.name, "Ana Silva");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test has no clock.rs")]
fn two_handshakes_never_send_the_same() {
    let scene = Scene::new();
    let random = ring::rand::SystemRandom::new();
    let (_, one) = ControlHandshake::start(&scene.control_terms(), &random).unwrap();
    let (control, other) = ControlHandshake::start(&scene.control_terms(), &random).unwrap();
    assert_ne!(one, other);
    let (agent, second) = AgentHandshake::start(&scene.agent_terms(), &other, &random).unwrap();
    let (_, third) = control.finish(&second).unwrap();
    agent.finish(&third).unwrap();
}

#[test]
fn the_messages_are_frozen() {
    let scene = Scene::new();
    let (control, first) = scene.begin();
    let (agent, second) = scene.answer(&first).unwrap();
    let (_, third) = control.finish(&second).unwrap();
    agent.finish(&third).unwrap();
    let lines = [first, second, third].map(|message| HEXLOWER.encode(&message));
    assert_eq!(lines.join("\n"), include_str!("../../vectors/handshake.txt").trim_end());
}

#[test]
fn another_session_is_refused() {
    let mut scene = Scene::new();
    scene.sessions[1] = SessionId(Uuid::from_u128(9));
    assert_eq!(scene.refusal(), HandshakeError::Forged);
}

#[test]
fn an_agent_other_than_the_one_that_joined_is_refused() {
    let mut scene = Scene::new();
    scene.joined.ed25519 = fixed(9).ed25519_public();
    assert_eq!(scene.refusal(), HandshakeError::OtherKeys);
    let mut scene = Scene::new();
    scene.joined.x25519 = fixed(9).x25519_public();
    assert_eq!(scene.refusal(), HandshakeError::OtherKeys);
}

#[test]
fn a_certificate_of_another_account_or_time_is_refused() {
    let mut scene = Scene::new();
    scene.certificate = signed(&fixed(9), certificate(&scene.control));
    let refusal = HandshakeError::Certificate(CertificateError::WrongSignature);
    assert_eq!(scene.refusal(), refusal);
    let mut scene = Scene::new();
    scene.now = now().plus(Duration::from_hours(1));
    let refusal = HandshakeError::Certificate(CertificateError::OutOfTime);
    assert_eq!(scene.refusal(), refusal);
}

#[test]
fn a_certificate_for_other_keys_is_refused() {
    let mut scene = Scene::new();
    let other = fixed(9);
    let mixed = Certificate { x25519: other.x25519_public(), ..certificate(&scene.control) };
    scene.certificate = signed(&scene.account, mixed);
    assert_eq!(scene.refusal(), HandshakeError::OtherKeys);
    let mixed = Certificate { ed25519: other.ed25519_public(), ..certificate(&scene.control) };
    scene.certificate = signed(&scene.account, mixed);
    assert_eq!(scene.refusal(), HandshakeError::OtherKeys);
}

#[test]
fn a_certificate_without_its_key_helps_nobody() {
    let mut scene = Scene::new();
    scene.control = fixed(9); // holds the certificate of another Control
    assert_eq!(scene.refusal(), HandshakeError::OtherKeys);
}

#[test]
fn a_certificate_that_is_too_long_is_not_sent() {
    let mut scene = Scene::new();
    scene.certificate.certificate = Base64(vec![b' '; LONGEST_CERTIFICATE + 1]);
    let refused = ControlHandshake::start_with(&scene.control_terms(), Zeroizing::new([1; 32]));
    assert_eq!(refused.unwrap_err(), HandshakeError::Malformed);
}

#[test]
fn different_policies_are_said_by_both_sides_with_both_hashes() {
    let mut scene = Scene::new();
    scene.policies[1] = b"{}".to_vec();
    let (ours, theirs) = (Digest::of(POLICY), Digest::of(b"{}"));
    let (control, first) = scene.begin();
    let (agent, second) = scene.answer(&first).unwrap();
    let HandshakeError::PolicyMismatch { ours: here, theirs: there, tell: Some(third) } =
        control.finish(&second).unwrap_err()
    else {
        panic!("Control must say what differs and tell the agent");
    };
    assert_eq!((here, there), (ours, theirs));
    let said = agent.finish(&third).unwrap_err();
    let expected = HandshakeError::PolicyMismatch { ours: theirs, theirs: ours, tell: None };
    assert_eq!(said, expected);
}

#[test]
fn a_resume_finds_the_same_keys_again() {
    let mut scene = Scene::new();
    scene.pinned = [Some(scene.agent.public()), Some(scene.control.public())];
    scene.shake().unwrap();
}

#[test]
fn a_resume_with_other_keys_is_refused_on_both_sides() {
    let mut scene = Scene::new();
    scene.pinned[0] = Some(PeerKeys { x25519: fixed(9).x25519_public(), ..scene.joined });
    assert_eq!(scene.refusal(), HandshakeError::OtherKeys);
    let mut scene = Scene::new();
    scene.pinned[1] = Some(fixed(9).public());
    assert_eq!(scene.refusal(), HandshakeError::OtherKeys);
}

#[test]
fn every_changed_bit_is_found() {
    let scene = Scene::new();
    let (_, first) = scene.begin();
    let (_, second) = scene.answer(&first).unwrap();
    for at in 0..first.len() {
        let mut changed = first.clone();
        changed[at] ^= 1;
        let (control, _) = scene.begin();
        // A changed ephemeral key is seen one message later.
        let seen = scene.answer(&changed).and_then(|(_, second)| control.finish(&second));
        assert!(seen.is_err(), "byte {at} of the first message");
    }
    for at in 0..second.len() {
        let mut changed = second.clone();
        changed[at] ^= 1;
        let (control, _) = scene.begin();
        assert!(control.finish(&changed).is_err(), "byte {at} of the second message");
    }
    let (control, _) = scene.begin();
    let (_, third) = control.finish(&second).unwrap();
    for at in 0..third.len() {
        let mut changed = third.clone();
        changed[at] ^= 1;
        let (agent, _) = scene.answer(&first).unwrap();
        assert!(agent.finish(&changed).is_err(), "byte {at} of the third message");
    }
}

#[test]
fn a_message_that_is_cut_or_out_of_turn_is_refused_and_nothing_panics() {
    let scene = Scene::new();
    let (control, first) = scene.begin();
    let (agent, second) = scene.answer(&first).unwrap();
    let (_, third) = control.finish(&second).unwrap();
    for at in 0..first.len() {
        assert!(scene.answer(&first[..at]).is_err(), "first cut at {at}");
    }
    for at in 0..second.len() {
        assert!(scene.begin().0.finish(&second[..at]).is_err(), "second cut at {at}");
    }
    for at in 0..third.len() {
        let (agent, _) = scene.answer(&first).unwrap();
        assert!(agent.finish(&third[..at]).is_err(), "third cut at {at}");
    }
    assert_eq!(agent.finish(&first).unwrap_err(), HandshakeError::Malformed);
    assert_eq!(scene.begin().0.finish(&third).unwrap_err(), HandshakeError::Malformed);
    let long = [&first[..], &[0; 9_000]].concat();
    assert_eq!(scene.answer(&long).unwrap_err(), HandshakeError::Malformed);
}

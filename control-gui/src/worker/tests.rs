//! The worker against a listener that plays server and agent.

mod hostile;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::mpsc;
use std::time::Duration;

use beckon_events::session::head_bytes;
use beckon_events::{AccountId, Action, OperatorId, PublicKey, SessionId};
use beckon_peer::screen::{Captured, Encoder, Limits, Part, PixelOrder, Rect, Size};
use beckon_peer::{
    AgentHandshake, AgentMessage, AgentTerms, Channel, ControlMessage, Identity, Sealer, Stream,
};
use beckon_protocol::{Base64, Certificate, ControlSays, SignedCertificate, ToControl, encode};
use futures_util::{SinkExt, StreamExt};
use ring::signature::{Ed25519KeyPair, KeyPair};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};
use uuid::Uuid;

use super::*;
use crate::effect::{Evidence, TunnelTerms};
use crate::input::TunnelEvent;
use crate::log_memory::tests::LOG;

const SOON: Duration = Duration::from_secs(10);
const SESSION: SessionId = SessionId(Uuid::from_u128(1));
const POLICY: &[u8] = b"{}";

struct Desk {
    worker: Worker,
    patches: Patches,
    hearing: Hearing,
    woken: mpsc::Receiver<()>,
    heard: RefCell<VecDeque<Told>>,
    keys: beckon_peer::PeerKeys,
    within: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let within = tempfile::tempdir().unwrap();
        let folder = ConfigFolder::at(within.path().join("c")).unwrap();
        let identity = folder.identity().unwrap();
        let keys = identity.public();
        let (wake, woken) = mpsc::channel();
        let patches = Patches::default();
        let (tell, hearing) = Tell::new(move || {
            if wake.send(()).is_err() {
                tracing::debug!("the test is over");
            }
        });
        let tools = Tools { identity, folder, patches: patches.clone(), tell };
        Self {
            worker: Worker::start(tools).unwrap(),
            patches,
            hearing,
            woken,
            heard: RefCell::default(),
            keys,
            within,
        }
    }

    fn hears(&self) -> Told {
        loop {
            if let Some(told) = self.heard.borrow_mut().pop_front() {
                return told;
            }
            self.woken.recv_timeout(SOON).unwrap();
            self.heard.borrow_mut().extend(self.hearing.take());
        }
    }
}

type Caller = WebSocketStream<TcpStream>;

async fn caller(listener: &TcpListener) -> Caller {
    accept_async(listener.accept().await.unwrap().0).await.unwrap()
}

async fn text(caller: &mut Caller) -> String {
    loop {
        if let Message::Text(text) = caller.next().await.unwrap().unwrap() {
            return text.as_str().to_owned();
        }
    }
}

async fn bytes(caller: &mut Caller) -> Vec<u8> {
    loop {
        if let Message::Binary(bytes) = caller.next().await.unwrap().unwrap() {
            return bytes.into();
        }
    }
}

fn on_this_computer<T>(play: impl AsyncFnOnce(TcpListener, ServerAddress) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = listener.local_addr().unwrap().to_string().parse().unwrap();
        tokio::time::timeout(SOON * 2, play(listener, server)).await.unwrap()
    })
}

/// The certificate of `keys`, and the key that signs it.
fn certified(keys: beckon_peer::PeerKeys) -> (SignedCertificate, PublicKey) {
    let account = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
    let now = beckon_desk::clock::now();
    let certificate = Certificate {
        v: 1,
        account: AccountId(Uuid::from_u128(2)),
        company: "Acme".to_owned(),
        operator: OperatorId(Uuid::from_u128(3)),
        name: "Olga".to_owned(),
        x25519: keys.x25519,
        ed25519: keys.ed25519,
        not_before: now,
        not_after: now.plus(Duration::from_mins(1)),
    };
    let bytes = certificate.to_bytes();
    let sig = Base64(account.sign(&bytes).as_ref().to_vec());
    let key = PublicKey(account.public_key().as_ref().try_into().unwrap());
    (SignedCertificate { certificate: Base64(bytes), sig }, key)
}

/// Has the worker open a tunnel to the agent `expected`, and plays `agent` at the other end.
async fn tunnel(
    desk: &Desk,
    (listener, server): (&TcpListener, ServerAddress),
    expected: &Identity,
    agent: &Identity,
) -> (Caller, Option<Channel>) {
    let (certificate, account_key) = certified(desk.keys);
    desk.worker.carry_out(Effect::OpenLine(server));
    let line = caller(listener).await;
    desk.worker.carry_out(Effect::OpenTunnel(Box::new(TunnelTerms {
        number: 1,
        ticket: "ticket".to_owned(),
        session: SESSION,
        policy: Base64(POLICY.to_vec()),
        certificate,
        agent: expected.public(),
    })));
    let mut relay = caller(listener).await;
    drop(line);
    assert_eq!(text(&mut relay).await, r#"{"v":1,"ticket":"ticket"}"#);
    let terms = AgentTerms {
        identity: agent,
        session: SESSION,
        policy: POLICY,
        account_key,
        now: beckon_desk::clock::now(),
        pinned: None,
    };
    let first = bytes(&mut relay).await;
    let random = beckon_desk::clock::random();
    let (handshake, second) = AgentHandshake::start(&terms, &first, &random).unwrap();
    relay.send(Message::binary(second)).await.unwrap();
    if expected.public() != agent.public() {
        return (relay, None);
    }
    let third = bytes(&mut relay).await;
    let (channel, certificate) = handshake.finish(&third).unwrap();
    assert_eq!(certificate.name, "Olga");
    (relay, Some(channel))
}

/// Seals `message` and sends it; the relay may be closed by then.
async fn say(relay: &mut Caller, sealer: &mut Sealer, stream: Stream, message: &[u8]) -> bool {
    for record in sealer.seal(stream, message).unwrap() {
        if relay.send(Message::binary(record)).await.is_err() {
            return false;
        }
    }
    true
}

fn whole(size: Size) -> Rect {
    Rect { x: 0, y: 0, width: size.width(), height: size.height() }
}

fn identity() -> Identity {
    Identity::generate(&beckon_desk::clock::random()).unwrap()
}

#[test]
fn a_token_is_redeemed_in_the_hand_of_this_control() {
    on_this_computer(async |listener, server| {
        let desk = Desk::new();
        desk.worker.carry_out(Effect::OpenLine(server));
        let mut line = caller(&listener).await;
        assert!(text(&mut line).await.contains("hello"));
        let nonce = vec![5; 32];
        let welcome = ToControl::Welcome {
            v: 1,
            nonce: Base64(nonce.clone()),
            now: beckon_desk::clock::now(),
        };
        line.send(Message::text(encode(&welcome))).await.unwrap();
        assert_eq!(desk.hears(), Told::Input(Input::LineUp { nonce: nonce.clone() }));
        let token = "t".repeat(43);
        desk.worker.carry_out(Effect::Redeem { token: token.clone(), nonce: nonce.clone() });
        let said = beckon_protocol::decode(&text(&mut line).await, 4_096).unwrap();
        let ControlSays::Redeem { keys, signature, .. } = said else { panic!("{said:?}") };
        let key =
            ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, keys.ed25519.0);
        key.verify(&launch_bytes(&nonce, &token), &signature.0).unwrap();
        desk.worker.carry_out(Effect::Say(ControlSays::Leave {}));
        desk.worker.carry_out(Effect::Quit);
        assert_eq!(text(&mut line).await, r#"{"t":"leave"}"#, "said before the goodbye");
        while line.next().await.is_some_and(|message| message.is_ok()) {}
        assert_eq!(desk.hears(), Told::Finished);
    });
}

#[test]
fn an_end_is_signed_in_the_hand_of_this_control_and_its_receipt_kept() {
    on_this_computer(async |listener, server: ServerAddress| {
        let desk = Desk::new();
        desk.worker.carry_out(Effect::OpenLine(server.clone()));
        let mut line = caller(&listener).await;
        text(&mut line).await;
        let now = beckon_desk::clock::now();
        let welcome = ToControl::Welcome { v: 1, nonce: Base64(vec![5; 32]), now };
        line.send(Message::text(encode(&welcome))).await.unwrap();
        desk.hears();
        let proof = crate::update::tests::farewell::receipt(LOG);
        let checked = proof.check(SESSION, &LOG.key()).unwrap();
        let end = checked.metadata;
        let head = head_bytes(&end.stream, end.version, &checked.leaf);
        desk.worker.carry_out(Effect::KeepReceipt(Box::new(NewReceipt {
            session: SESSION,
            company: "Acme".to_owned(),
            operator: "Olga".to_owned(),
            actions: beckon_events::ActionSet::EMPTY.with(Action::View),
            started: now,
            ended: end.at,
            head: head.clone(),
            says: true,
            proof,
        })));
        let said = beckon_protocol::decode(&text(&mut line).await, 4_096).unwrap();
        let ControlSays::SignHead { statement } = said else { panic!("{said:?}") };
        assert_eq!(statement.open(&desk.keys.ed25519).unwrap(), head);
        let Told::Input(Input::ReceiptKept(Ok(path))) = desk.hears() else { panic!() };
        let kept = Receipt::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
        kept.check(&LOG.key()).unwrap();
        assert_eq!((kept.by, kept.signed), (KeptBy::Control, statement));

        desk.worker.carry_out(Effect::RememberLog(server.clone(), LOG.seen(3)));
        let files = vec![("about.txt", "why".to_owned())];
        let evidence = Evidence { server: server.to_string(), at: now, files };
        desk.worker.carry_out(Effect::KeepEvidence(Box::new(evidence)));
        let Told::Input(Input::EvidenceKept(Ok(folder))) = desk.hears() else { panic!() };
        let about = std::path::Path::new(&folder).join("about.txt");
        assert_eq!(std::fs::read_to_string(about).unwrap(), "why");
        let folder = ConfigFolder::at(desk.within.path().join("c")).unwrap();
        assert_eq!(folder.logs().unwrap()[&server.to_string()], LOG.seen(3));
    });
}

#[test]
fn a_picture_comes_through_the_tunnel_and_is_acknowledged() {
    on_this_computer(async |listener, server| {
        let (desk, agent) = (Desk::new(), identity());
        let (mut relay, channel) = tunnel(&desk, (&listener, server), &agent, &agent).await;
        let Channel { mut sealer, mut opener, .. } = channel.unwrap();
        let size = Size::new(70, 3).unwrap();
        let pixels: Vec<u8> = (0..=255).cycle().take(size.pixels() * 4).collect();
        let part = Part { rect: whole(size), stride: 70 * 4, pixels: &pixels };
        let captured = Captured { size, order: PixelOrder::Rgbx, parts: &[part], shifts: &[] };
        let mut encoder = Encoder::new(5);
        encoder.look(&captured).unwrap();
        let limits = Limits { bytes: usize::MAX, quality: 85, at_rest: true, captured_ms: 7 };
        desk.worker.carry_out(Effect::Send(ControlMessage::StartAction(Action::View)));
        let (mut sent, mut acknowledged) = (None, None);
        while sent.is_none() || acknowledged != sent {
            let record = bytes(&mut relay).await;
            let (stream, message) = opener.open(&record).unwrap().unwrap();
            assert_eq!(stream, Stream::Control);
            match ControlMessage::from_bytes(&message).unwrap() {
                ControlMessage::Ping { nonce } => {
                    let newest = sent.unwrap_or_default();
                    let pong = AgentMessage::Pong { nonce, clock_ms: 9, newest, behind: false };
                    say(&mut relay, &mut sealer, Stream::Control, &pong.to_bytes()).await;
                }
                ControlMessage::StartAction(Action::View) => {
                    while let Some(update) = encoder.next_update(&limits).unwrap() {
                        say(&mut relay, &mut sealer, Stream::Screen, &update).await;
                    }
                    sent = Some(encoder.update_number());
                }
                ControlMessage::Ack { update } => acknowledged = Some(update),
                other => panic!("{other:?}"),
            }
        }
        let mut heard = Vec::new();
        while !heard
            .iter()
            .any(|event| matches!(event, TunnelEvent::Fresh(f) if f.known_at.is_some()))
        {
            if let Told::Input(Input::Tunnel { number: 1, event }) = desk.hears() {
                heard.push(event);
            }
        }
        assert_eq!(heard.first(), Some(&TunnelEvent::Up));
        assert!(heard.contains(&TunnelEvent::Picture { monitor: 5 }), "{heard:?}");
        let taken = desk.patches.take();
        assert_eq!(taken.size, [70, 3]);
        let expected = pixels.chunks_exact(4).map(|p| egui::Color32::from_rgb(p[0], p[1], p[2]));
        let patch = taken.patches.first().unwrap();
        assert!(patch.image.pixels.iter().copied().eq(expected), "bit for bit");
    });
}

#[test]
fn another_agent_than_that_of_the_door_is_refused() {
    on_this_computer(async |listener, server| {
        let (desk, expected, other) = (Desk::new(), identity(), identity());
        let (_relay, _) = tunnel(&desk, (&listener, server), &expected, &other).await;
        let refused = loop {
            if let Told::Input(Input::Tunnel { event, .. }) = desk.hears() {
                break event;
            }
        };
        assert!(matches!(refused, TunnelEvent::Disturbed(_)), "{refused:?}");
    });
}

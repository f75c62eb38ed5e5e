//! A Control without a window: it asks, shakes hands and decodes, and so measures the whole path
//! but the drawing.

use beckon_events::session::ControlKeys;
use beckon_events::{Action, ActionSet};
use beckon_peer::screen::{Decoder, Update};
use beckon_peer::{Channel, ControlHandshake, ControlMessage, ControlTerms, Identity, Stream};
use beckon_protocol::{
    Base64, ControlSays, HelloFrame, Kind, SessionDoor, ToControl, launch_bytes,
};
use beckon_server::clock::Clock;
use tokio_tungstenite::tungstenite::Message;

use super::client::{Client, Heard, relay};
use super::ground::{Ground, Invited};

/// A Control at one session.
pub struct Probe {
    line: Client,
    identity: Identity,
    door: Box<SessionDoor>,
    decoder: Decoder,
    open: Option<(Client, Channel)>,
}

impl Probe {
    /// Redeems a launch link.
    pub async fn launched<C: Clock + Clone + 'static>(
        ground: &Ground<C>,
        invited: &Invited,
    ) -> Self {
        let identity = Identity::generate(ground.hub.random.secure()).unwrap();
        let token = ground.launch(invited);
        let mut line = Client::open(ground.address, "/ws/control").await;
        line.say(&HelloFrame::of(Kind::Control)).await;
        let ToControl::Welcome { nonce, .. } = line.hear().await else { panic!("no welcome") };
        let signature = Base64(identity.sign(&launch_bytes(&nonce.0, &token)).to_vec());
        let keys =
            ControlKeys { x25519: identity.x25519_public(), ed25519: identity.ed25519_public() };
        let device = "probe".to_owned();
        line.say(&ControlSays::Redeem { token, keys, device, signature }).await;
        let ToControl::Door { door } = line.hear().await else { panic!("no door") };
        Self { line, identity, door, decoder: Decoder::new(), open: None }
    }

    /// Asks the user, and shakes hands with the agent through the relay.
    pub async fn request<C: Clock + Clone + 'static>(
        &mut self,
        ground: &Ground<C>,
        actions: ActionSet,
    ) {
        self.line.say(&ControlSays::Request { actions }).await;
        let ticket = loop {
            if let ToControl::Relay { ticket } = self.line.hear().await {
                break ticket;
            }
        };
        let mut tunnel = relay(ground, &ticket).await;
        let terms = ControlTerms {
            identity: &self.identity,
            session: self.door.session,
            policy: &self.door.policy.0,
            certificate: &self.door.certificate,
            agent: self.door.agent.into(),
            pinned: None,
        };
        let (handshake, first) =
            ControlHandshake::start(&terms, ground.hub.random.secure()).unwrap();
        tunnel.binary(first).await;
        let (channel, third) = handshake.finish(&record(&mut tunnel).await).unwrap();
        tunnel.binary(third).await;
        self.open = Some((tunnel, channel));
    }

    /// Waits for the user's yes.
    pub async fn approved(&mut self) {
        loop {
            match self.line.hear().await {
                ToControl::Approved { .. } => return,
                ToControl::Asked { .. } | ToControl::Relay { .. } => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// Starts looking, and decodes one update.
    pub async fn first_picture(&mut self) -> Update {
        self.send(&ControlMessage::StartAction(Action::View)).await;
        self.next_picture().await
    }

    /// Decodes and acknowledges the next update.
    pub async fn next_picture(&mut self) -> Update {
        loop {
            let (tunnel, channel) = self.open.as_mut().expect("no tunnel");
            let sealed = record(tunnel).await;
            let opened = channel.opener.open(&sealed).unwrap();
            if let Some((Stream::Screen, message)) = opened {
                let update = self.decoder.decode(&message).unwrap();
                self.send(&ControlMessage::Ack { update: update.number }).await;
                return update;
            }
        }
    }

    /// The picture as decoded so far: width, height.
    pub fn size(&self) -> Option<(u32, u32)> {
        self.decoder.picture().map(|picture| (picture.size().width(), picture.size().height()))
    }

    async fn send(&mut self, message: &ControlMessage) {
        let (tunnel, channel) = self.open.as_mut().expect("no tunnel");
        for sealed in channel.sealer.seal(Stream::Control, &message.to_bytes()).unwrap() {
            tunnel.binary(sealed).await;
        }
    }
}

async fn record(tunnel: &mut Client) -> Vec<u8> {
    match tunnel.next().await {
        Heard::Message(Message::Binary(bytes)) => bytes.to_vec(),
        other => panic!("the relay said {other:?}"),
    }
}

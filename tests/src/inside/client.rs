//! A connected program that says just what the test tells it to.

use std::net::SocketAddr;
use std::time::Duration;

use beckon_events::session::{AgentKeys, ControlKeys, Fact, Said};
use beckon_events::{ActionSet, Grant, PublicKey, SessionId, Statement, Timestamp};
use beckon_protocol::{
    AgentSays, Base64, ClaimedDevice, ControlSays, HelloFrame, JoinBy, Kind, RelayHello,
    SessionDoor, ToAgent, ToControl, agent_resume_bytes, control_resume_bytes, encode,
    launch_bytes,
};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use beckon_server::clock::Clock;

use super::ground::{Ground, Invited};

const PATIENCE: Duration = Duration::from_secs(20);

/// A WebSocket.
pub struct Client {
    socket: Socket,
}

type Socket = WebSocketStream<TcpStream>;

/// How a connection ended, or what was heard instead.
#[derive(Debug, PartialEq)]
pub enum Heard<T> {
    /// A message.
    Message(T),
    /// A close frame: its code and its reason.
    Closed(u16, String),
    /// The end without a close frame.
    Gone,
}

impl Client {
    /// Opens the socket at `path`.
    pub async fn open(address: SocketAddr, path: &str) -> Self {
        let tcp = TcpStream::connect(address).await.unwrap();
        tcp.set_nodelay(true).unwrap();
        let url = format!("ws://{address}{path}");
        let (socket, _) = tokio_tungstenite::client_async(url, tcp).await.unwrap();
        Self { socket }
    }

    /// Sends a text.
    pub async fn text(&mut self, text: impl Into<String>) {
        self.socket.send(Message::text(text.into())).await.unwrap();
    }

    /// Sends a binary message.
    pub async fn binary(&mut self, bytes: Vec<u8>) {
        self.socket.send(Message::binary(bytes)).await.unwrap();
    }

    /// Sends any WebSocket message.
    pub async fn send(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    /// The next message that is not a ping.
    pub async fn next(&mut self) -> Heard<Message> {
        let next = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(Message::Close(Some(frame)))) => {
                        return Heard::Closed(frame.code.into(), frame.reason.to_string());
                    }
                    Some(Ok(Message::Close(None)) | Err(_)) | None => return Heard::Gone,
                    Some(Ok(message)) => return Heard::Message(message),
                }
            }
        };
        // Pings do not count: whoever waits for something else waits no longer than this.
        tokio::time::timeout(PATIENCE, next).await.expect("nothing was heard")
    }

    /// Sends a protocol message.
    pub async fn say(&mut self, message: &impl Serialize) {
        self.text(encode(message)).await;
    }

    /// The next protocol message.
    pub async fn hear<T: DeserializeOwned>(&mut self) -> T {
        match self.next().await {
            Heard::Message(Message::Text(text)) => {
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
            }
            other => panic!("heard {other:?}"),
        }
    }

    /// Waits until the other side closes.
    pub async fn closed(&mut self) -> Heard<Message> {
        loop {
            match self.next().await {
                Heard::Message(_) => {}
                end => return end,
            }
        }
    }

    /// Its two directions, for both at once.
    pub fn split(self) -> (SplitSink<Socket, Message>, SplitStream<Socket>) {
        self.socket.split()
    }

    /// Vanishes without a word.
    pub fn vanish(self) {
        drop(self);
    }
}

fn public(pair: &Ed25519KeyPair) -> PublicKey {
    PublicKey(pair.public_key().as_ref().try_into().unwrap())
}

/// An agent: its socket and its key.
pub struct Agent {
    /// Its socket.
    pub socket: Client,
    /// Its key.
    pub pair: Ed25519KeyPair,
    /// The nonce of this connection.
    pub nonce: Vec<u8>,
    /// The session, once it has joined.
    pub session: Option<SessionId>,
    granted: u32,
    /// The newest relay ticket that was heard in passing.
    ticket: Option<String>,
}

impl Agent {
    /// An agent that has said hello.
    pub async fn connect<C: Clock + Clone + 'static>(ground: &Ground<C>) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&ground.hub.random.bytes::<32>()).unwrap();
        Self::at(ground.address, pair).await
    }

    /// An agent with its own key at the server that listens there.
    pub async fn at(address: SocketAddr, pair: Ed25519KeyPair) -> Self {
        let mut socket = Client::open(address, "/ws/agent").await;
        socket.say(&HelloFrame::of(Kind::Agent)).await;
        let ToAgent::Welcome { v: 1, nonce, .. } = socket.hear().await else {
            panic!("no welcome")
        };
        Self { socket, pair, nonce: nonce.0, session: None, granted: 0, ticket: None }
    }

    /// Its public keys.
    pub fn keys(&self) -> AgentKeys {
        AgentKeys { x25519: PublicKey([7; 32]), ed25519: public(&self.pair) }
    }

    /// Tries a code.
    pub async fn try_code(&mut self, code: &str, ticket: Option<String>) -> ToAgent {
        let by = JoinBy::Code(code.to_owned());
        self.try_join(by, ticket).await
    }

    /// Tries a code or a link.
    pub async fn try_join(&mut self, by: JoinBy, ticket: Option<String>) -> ToAgent {
        let device = ClaimedDevice {
            host: "kitchen-pc".into(),
            user: "otto".into(),
            system: "Linux".into(),
            build: "test".into(),
        };
        let join = AgentSays::Join { by, ticket, keys: self.keys(), device };
        self.socket.say(&join).await;
        let answer: ToAgent = self.socket.hear().await;
        if let ToAgent::Joined { session, .. } = &answer {
            self.session = Some(*session);
        }
        answer
    }

    /// An agent that has joined with the code.
    pub async fn joined<C: Clock + Clone + 'static>(ground: &Ground<C>, invited: &Invited) -> Self {
        let mut agent = Self::connect(ground).await;
        let answer = agent.try_code(&invited.code.folded(), None).await;
        assert!(matches!(answer, ToAgent::Joined { .. }), "{answer:?}");
        agent
    }

    /// Goes away, and the server has noticed.
    pub async fn vanish<C: Clock + Clone + 'static>(&mut self, ground: &Ground<C>) {
        self.socket.send(Message::Close(None)).await;
        ground.recorded(self.session.unwrap(), "AgentLost").await;
    }

    /// Comes back with the same key.
    pub async fn resume<C: Clock + Clone + 'static>(self, ground: &Ground<C>) -> Self {
        let (session, granted) = (self.session.unwrap(), self.granted);
        drop(self.socket);
        let mut back = Self::at(ground.address, self.pair).await;
        let signature = back.pair.sign(&agent_resume_bytes(&back.nonce, session));
        let signature = Base64(signature.as_ref().to_vec());
        back.socket.say(&AgentSays::Resume { session, signature }).await;
        assert_eq!(back.socket.hear::<ToAgent>().await, ToAgent::Resumed {});
        (back.session, back.granted) = (Some(session), granted);
        back
    }

    /// The next message that is not a relay ticket.
    pub async fn hear(&mut self) -> ToAgent {
        loop {
            match self.socket.hear::<ToAgent>().await {
                ToAgent::Relay { ticket } => self.ticket = Some(ticket),
                other => return other,
            }
        }
    }

    /// The next question.
    pub async fn asked(&mut self) -> (u32, ActionSet) {
        match self.hear().await {
            ToAgent::Asked { request, actions, .. } => (request, actions),
            other => panic!("{other:?}"),
        }
    }

    /// The newest relay ticket, waiting for one where none was heard yet.
    pub async fn relay(&mut self) -> String {
        loop {
            if let Some(ticket) = self.ticket.take() {
                return ticket;
            }
            match self.socket.hear::<ToAgent>().await {
                ToAgent::Relay { ticket } => return ticket,
                ToAgent::Asked { .. } | ToAgent::Recorded { .. } => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// Signs its next grant.
    pub fn grant(&mut self, control: &Control, actions: ActionSet, now: Timestamp) -> Statement {
        self.granted += 1;
        Grant {
            v: 1,
            session: self.session.unwrap(),
            operator: control.operator,
            control: public(&control.pair),
            actions,
            until: now.plus(Duration::from_hours(1)),
            n: self.granted,
            limits: beckon_events::Limits {},
        }
        .sign(&self.pair)
    }

    /// Says yes to all that was asked for, and hears that it is recorded.
    pub async fn approve(&mut self, control: &Control, now: Timestamp) {
        let (request, actions) = self.asked().await;
        let statement = self.grant(control, actions, now);
        self.socket.say(&AgentSays::Approve { request, statement }).await;
        let answer = self.hear().await;
        assert!(matches!(answer, ToAgent::Recorded { .. }), "{answer:?}");
    }

    /// What it says at its user's end.
    pub fn ended(&self) -> AgentSays {
        let statement = Said::new(self.session.unwrap(), Fact::Ended).sign(&self.pair);
        AgentSays::End { statement }
    }
}

/// A Control: its socket and its key.
pub struct Control {
    /// Its socket.
    pub socket: Client,
    /// Its key.
    pub pair: Ed25519KeyPair,
    /// Whose it is.
    pub operator: beckon_events::OperatorId,
    /// What it was told of the session.
    pub door: Box<SessionDoor>,
    ticket: Option<String>,
}

impl Control {
    /// The public keys of a Control with this pair.
    pub fn keys_of(pair: &Ed25519KeyPair) -> ControlKeys {
        ControlKeys { x25519: PublicKey([8; 32]), ed25519: public(pair) }
    }

    /// A socket that has said hello, and its nonce.
    pub async fn greet<C: Clock + Clone + 'static>(ground: &Ground<C>) -> (Client, Vec<u8>) {
        let mut socket = Client::open(ground.address, "/ws/control").await;
        socket.say(&HelloFrame::of(Kind::Control)).await;
        let ToControl::Welcome { v: 1, nonce, .. } = socket.hear().await else {
            panic!("no welcome")
        };
        (socket, nonce.0)
    }

    /// Redeems a launch token.
    pub fn redeem(pair: &Ed25519KeyPair, nonce: &[u8], token: &str) -> ControlSays {
        let signature = Base64(pair.sign(&launch_bytes(nonce, token)).as_ref().to_vec());
        let (keys, device) = (Self::keys_of(pair), "office".to_owned());
        ControlSays::Redeem { token: token.to_owned(), keys, device, signature }
    }

    /// A Control that was let in with a launch token.
    pub async fn launched<C: Clock + Clone + 'static>(
        ground: &Ground<C>,
        invited: &Invited,
    ) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&ground.hub.random.bytes::<32>()).unwrap();
        let token = ground.launch(invited);
        let (mut socket, nonce) = Self::greet(ground).await;
        socket.say(&Self::redeem(&pair, &nonce, &token)).await;
        let ToControl::Door { door } = socket.hear().await else { panic!("no door") };
        Self { socket, pair, operator: invited.operator, door, ticket: None }
    }

    /// Comes back with the same key.
    pub async fn resume<C: Clock + Clone + 'static>(self, ground: &Ground<C>) -> Self {
        let (pair, session) = (self.pair, self.door.session);
        drop(self.socket);
        let (mut socket, nonce) = Self::greet(ground).await;
        let signature = pair.sign(&control_resume_bytes(&nonce, session));
        let signature = Base64(signature.as_ref().to_vec());
        let keys = Self::keys_of(&pair);
        socket.say(&ControlSays::Resume { session, keys, signature }).await;
        let ToControl::Door { door } = socket.hear().await else { panic!("no door") };
        Self { socket, pair, operator: self.operator, door, ticket: None }
    }

    /// Asks the user.
    pub async fn request(&mut self, actions: impl IntoIterator<Item = beckon_events::Action>) {
        let actions = actions.into_iter().collect();
        self.socket.say(&ControlSays::Request { actions }).await;
    }

    /// Skips everything until `wanted` says that this is it.
    pub async fn until(&mut self, wanted: impl Fn(&ToControl) -> bool) -> ToControl {
        loop {
            let heard: ToControl = self.socket.hear().await;
            if let ToControl::Relay { ticket } = &heard {
                self.ticket = Some(ticket.clone());
            }
            if wanted(&heard) {
                return heard;
            }
        }
    }

    /// The newest relay ticket, waiting for one where none was heard yet.
    pub async fn relay(&mut self) -> String {
        if self.ticket.is_none() {
            self.until(|heard| matches!(heard, ToControl::Relay { .. })).await;
        }
        self.ticket.take().unwrap()
    }
}

/// A relay socket with its ticket handed in.
pub async fn relay<C: Clock + Clone + 'static>(ground: &Ground<C>, ticket: &str) -> Client {
    let mut socket = Client::open(ground.address, "/ws/relay").await;
    socket.say(&RelayHello { v: 1, ticket: ticket.to_owned() }).await;
    socket
}

/// An agent that waits and a Control that has come and not asked yet.
pub async fn available<C: Clock + Clone + 'static>(
    ground: &Ground<C>,
    invited: &Invited,
) -> (Agent, Control) {
    let agent = Agent::joined(ground, invited).await;
    (agent, Control::launched(ground, invited).await)
}

/// An agent and a Control in an approved session.
pub async fn active<C: Clock + Clone + 'static>(
    ground: &Ground<C>,
    invited: &Invited,
) -> (Agent, Control) {
    let (mut agent, mut control) = available(ground, invited).await;
    control.request([beckon_events::Action::Control]).await;
    let now = ground.hub.journal.now();
    agent.approve(&control, now).await;
    control.until(|heard| matches!(heard, ToControl::Approved { .. })).await;
    (agent, control)
}

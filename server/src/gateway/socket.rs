//! The only file that knows actix-web-actors: WebSockets as actors.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use actix::{Actor, ActorContext, AsyncContext, Handler, Recipient, StreamHandler};
use actix_http::ws::{Codec, Item};
use actix_web::web::{Bytes, Data, Payload};
use actix_web::{HttpRequest, HttpResponse, http};
use actix_web_actors::ws::{
    CloseCode, CloseReason, Message, ProtocolError, WebsocketContext, WsResponseBuilder,
};
use beckon_protocol::limits::{AUTHENTICATE_WITHIN, DEAD_AFTER, FRAME_MAX, PING_EVERY};
use tokio::sync::mpsc;

use super::conversation::Conversation;
use super::pipe::{Gate, Gated, Half, Joint, PostError, Relayed, Side};
use crate::actors::{ConnectionId, Out, Outgoing};
use crate::client_address::client_address;
use crate::hub::Hub;

/// Messages of one program that wait to be handled; more is not a well-behaved program.
const INBOX: usize = 64;
/// Messages to one program that wait to be sent.
const OUTBOX: usize = 256;
/// Records to one side of a relay that wait to be sent.
const RELAY_MAILBOX: usize = 1_024;

static CONNECTIONS: AtomicU64 = AtomicU64::new(1);

/// A socket of `/ws/agent` or `/ws/control`: shuttles texts, keeps the heartbeat.
struct Socket {
    /// `None` once the conversation is over.
    inbox: Option<mpsc::Sender<String>>,
    heard: Duration,
    /// Set where a message could not be handed over: the other side has missed something.
    cut: Arc<AtomicBool>,
    hub: Data<Hub>,
}

/// Opens a text socket and holds `converse` over it.
pub fn open<F, R>(
    request: &HttpRequest,
    payload: Payload,
    hub: &Data<Hub>,
    converse: F,
) -> Result<HttpResponse, actix_web::Error>
where
    F: FnOnce(Conversation) -> R,
    R: Future<Output = ()> + 'static,
{
    if let Some(refused) = from_a_browser(request) {
        return Ok(refused);
    }
    let (inbox, texts) = mpsc::channel(INBOX);
    let heard = hub.clock.monotonic();
    let cut = Arc::new(AtomicBool::new(false));
    let socket = Socket { inbox: Some(inbox), heard, cut: Arc::clone(&cut), hub: hub.clone() };
    let (address, response) = WsResponseBuilder::new(socket, request, payload)
        .codec(Codec::new().max_size(FRAME_MAX))
        .start_with_addr()?;
    let connection = ConnectionId(CONNECTIONS.fetch_add(1, Ordering::Relaxed));
    let source = client_address(&hub.config.trusted_proxies, request);
    let out = Out::new(connection, address.recipient(), cut);
    let random = hub.random.bytes();
    let hub = hub.get_ref().clone();
    let conversation = Conversation::new(hub, out, texts, source, random);
    actix_web::rt::spawn(converse(conversation));
    Ok(response)
}

/// Native programs send neither; a page that tries is refused.
fn from_a_browser(request: &HttpRequest) -> Option<HttpResponse> {
    let headers = request.headers();
    let browser =
        headers.contains_key(http::header::ORIGIN) || headers.contains_key(http::header::COOKIE);
    browser.then(|| HttpResponse::Forbidden().body("this socket is for Beckon's programs"))
}

impl Actor for Socket {
    type Context = WebsocketContext<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(OUTBOX);
        ctx.run_interval(PING_EVERY, |socket, ctx| {
            let quiet = socket.hub.clock.monotonic().saturating_sub(socket.heard);
            if quiet > DEAD_AFTER || socket.cut.load(Ordering::Acquire) {
                ctx.stop();
            } else {
                ctx.ping(b"");
            }
        });
    }
}

fn close<A>(ctx: &mut WebsocketContext<A>, code: CloseCode, reason: &str)
where
    A: Actor<Context = WebsocketContext<A>>,
{
    ctx.close(Some(CloseReason { code, description: Some(reason.to_owned()) }));
    ctx.stop();
}

impl StreamHandler<Result<Message, ProtocolError>> for Socket {
    fn handle(&mut self, message: Result<Message, ProtocolError>, ctx: &mut Self::Context) {
        self.heard = self.hub.clock.monotonic();
        match message {
            Ok(Message::Text(text)) => {
                let Some(inbox) = &self.inbox else { return };
                if inbox.try_send(text.to_string()).is_err() {
                    close(ctx, CloseCode::Policy, "too many messages at once");
                }
            }
            Ok(Message::Ping(bytes)) => ctx.pong(&bytes),
            // A broken socket overtakes what the other side said last, which still comes; then the
            // stream is finished.
            Ok(Message::Pong(_) | Message::Nop) | Err(ProtocolError::Io(_)) => {}
            Ok(Message::Close(_)) => {
                ctx.close(None);
                ctx.stop();
            }
            Ok(Message::Binary(_)) => close(ctx, CloseCode::Unsupported, "texts only"),
            Ok(Message::Continuation(_)) => close(ctx, CloseCode::Unsupported, "no fragments"),
            Err(ProtocolError::Overflow) => close(ctx, CloseCode::Size, "longer than 64 KiB"),
            Err(_) => close(ctx, CloseCode::Protocol, "not a WebSocket message"),
        }
    }

    fn finished(&mut self, ctx: &mut Self::Context) {
        self.inbox = None;
        ctx.stop();
    }
}

impl Handler<Outgoing> for Socket {
    type Result = ();

    fn handle(&mut self, outgoing: Outgoing, ctx: &mut Self::Context) {
        match outgoing {
            Outgoing::Text(text) => ctx.text(text),
            Outgoing::Close(reason) => {
                self.inbox = None;
                close(ctx, CloseCode::Normal, reason);
            }
        }
    }
}

/// A socket of `/ws/relay`.
struct RelaySocket {
    hub: Data<Hub>,
    gate: Gate,
    seat: Option<Seat>,
}

struct Seat {
    side: Side,
    joint: Arc<Joint>,
    outgoing: Arc<Half>,
    incoming: Arc<Half>,
}

/// Opens a relay socket; its first message is a ticket.
pub fn open_relay(
    request: &HttpRequest,
    payload: Payload,
    hub: &Data<Hub>,
) -> Result<HttpResponse, actix_web::Error> {
    if let Some(refused) = from_a_browser(request) {
        return Ok(refused);
    }
    let gate = Gate::default();
    let socket = RelaySocket { hub: hub.clone(), gate: gate.clone(), seat: None };
    WsResponseBuilder::new(socket, request, Gated::new(payload, gate))
        .codec(Codec::new().max_size(FRAME_MAX))
        .start()
}

impl Actor for RelaySocket {
    type Context = WebsocketContext<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(RELAY_MAILBOX);
        ctx.run_later(AUTHENTICATE_WITHIN, |socket, ctx| {
            if socket.seat.is_none() {
                close(ctx, CloseCode::Policy, "no ticket");
            }
        });
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        if let Some(seat) = &self.seat {
            seat.joint.shut("the other side is gone");
        }
    }
}

impl RelaySocket {
    fn redeem(&mut self, text: &str, socket: Recipient<Relayed>) -> Option<()> {
        let (joint, side): (_, Side) = super::relay::redeem(&self.hub, text)?;
        let (outgoing, incoming) = joint.attach(side, socket)?;
        self.gate.set(Arc::clone(&outgoing)).ok()?;
        self.seat = Some(Seat { side, joint, outgoing, incoming });
        Some(())
    }

    fn record(&mut self, record: Bytes, ctx: &mut WebsocketContext<Self>) {
        let Some(seat) = &self.seat else {
            return close(ctx, CloseCode::Policy, "no ticket");
        };
        let length = record.len();
        match seat.outgoing.post(record) {
            Ok(()) => self.hub.metrics.relayed(seat.side, length),
            Err(PostError::Shut) => close(ctx, CloseCode::Normal, "the relay is shut"),
            Err(PostError::Full) => close(ctx, CloseCode::Policy, "too many records at once"),
        }
    }
}

impl StreamHandler<Result<Message, ProtocolError>> for RelaySocket {
    fn handle(&mut self, message: Result<Message, ProtocolError>, ctx: &mut Self::Context) {
        match message {
            Ok(Message::Binary(record)) => self.record(record, ctx),
            Ok(Message::Text(text)) if self.seat.is_none() => {
                if self.redeem(&text, ctx.address().recipient()).is_none() {
                    close(ctx, CloseCode::Policy, "this ticket is not valid");
                }
            }
            Ok(Message::Text(_)) => close(ctx, CloseCode::Unsupported, "records only"),
            Ok(Message::Ping(bytes)) => ctx.pong(&bytes),
            Ok(Message::Pong(_) | Message::Nop) => {}
            Ok(Message::Close(_)) => {
                ctx.close(None);
                ctx.stop();
            }
            Ok(Message::Continuation(
                Item::FirstText(_) | Item::FirstBinary(_) | Item::Continue(_) | Item::Last(_),
            )) => close(ctx, CloseCode::Unsupported, "no fragments"),
            Err(ProtocolError::Overflow) => close(ctx, CloseCode::Size, "longer than 64 KiB"),
            Err(_) => close(ctx, CloseCode::Protocol, "not a WebSocket message"),
        }
    }
}

impl Handler<Relayed> for RelaySocket {
    type Result = ();

    fn handle(&mut self, relayed: Relayed, ctx: &mut Self::Context) {
        match relayed {
            Relayed::Record(record) => {
                let length = record.len();
                ctx.binary(record);
                if let Some(seat) = &self.seat {
                    seat.incoming.release(length);
                }
            }
            Relayed::Shut(why) => close(ctx, CloseCode::Normal, why),
        }
    }
}

/// A socket that says one thing, says again the one message that it hears, and ends.
struct Echo {
    greeting: String,
}

/// Opens it; it lasts no longer than a program may take to authenticate.
pub fn echo(
    request: &HttpRequest,
    payload: Payload,
    greeting: String,
) -> Result<HttpResponse, actix_web::Error> {
    if let Some(refused) = from_a_browser(request) {
        return Ok(refused);
    }
    WsResponseBuilder::new(Echo { greeting }, request, payload)
        .codec(Codec::new().max_size(FRAME_MAX))
        .start()
}

impl Actor for Echo {
    type Context = WebsocketContext<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.text(std::mem::take(&mut self.greeting));
        ctx.run_later(AUTHENTICATE_WITHIN, |_, ctx| close(ctx, CloseCode::Policy, "nothing came"));
    }
}

impl StreamHandler<Result<Message, ProtocolError>> for Echo {
    fn handle(&mut self, message: Result<Message, ProtocolError>, ctx: &mut Self::Context) {
        if let Ok(Message::Binary(bytes)) = message {
            ctx.binary(bytes);
        }
        close(ctx, CloseCode::Normal, "that was all");
    }
}

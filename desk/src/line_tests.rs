//! Lines and relays against a real listener on this computer.

use std::time::Duration;

use beckon_protocol::{Base64, ControlSays, Kind, ServerAddress, ToControl, encode};
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};

use crate::{Line, LineEvent, SocketError, relay};

const SOON: Duration = Duration::from_secs(10);

async fn listener() -> (TcpListener, ServerAddress) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap().to_string().parse().unwrap();
    (listener, server)
}

async fn caller(listener: &TcpListener) -> WebSocketStream<TcpStream> {
    let (stream, _) = timeout(SOON, listener.accept()).await.unwrap().unwrap();
    accept_async(stream).await.unwrap()
}

async fn text(socket: &mut WebSocketStream<TcpStream>) -> String {
    loop {
        match timeout(SOON, socket.next()).await.unwrap().unwrap().unwrap() {
            Message::Text(text) => return text.as_str().to_owned(),
            Message::Ping(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

async fn greet(listener: &TcpListener) -> WebSocketStream<TcpStream> {
    let mut socket = caller(listener).await;
    assert!(text(&mut socket).await.starts_with(r#"{"hello":{"v":1,"kind":"control""#));
    let welcome = ToControl::Welcome {
        v: 1,
        nonce: Base64(vec![7; 32]),
        now: beckon_events::Timestamp::default(),
    };
    socket.send(Message::text(encode(&welcome))).await.unwrap();
    socket
}

#[tokio::test]
async fn a_line_comes_back_by_itself_and_sends_nothing_later() {
    let (listener, server) = listener().await;
    let (tell, mut told) = mpsc::unbounded_channel();
    let line = Line::open(server, Kind::Control, move |event: LineEvent<ToControl>| {
        tell.send(event).unwrap();
    });
    assert!(!line.send(ControlSays::Cancel {}), "not yet up");
    let mut socket = greet(&listener).await;
    assert_eq!(
        told.recv().await,
        Some(LineEvent::Up { nonce: vec![7; 32], now: beckon_events::Timestamp::default() })
    );
    assert!(line.send(ControlSays::Leave {}));
    assert_eq!(text(&mut socket).await, r#"{"t":"leave"}"#);
    socket.send(Message::text(encode(&ToControl::Left {}))).await.unwrap();
    assert_eq!(told.recv().await, Some(LineEvent::Message(ToControl::Left {})));

    drop(socket);
    let down = told.recv().await;
    assert!(matches!(down, Some(LineEvent::Down { why: SocketError::Lost, .. })), "{down:?}");
    assert!(!line.send(ControlSays::Cancel {}), "down");
    let mut socket = greet(&listener).await;
    assert_eq!(
        told.recv().await,
        Some(LineEvent::Up { nonce: vec![7; 32], now: beckon_events::Timestamp::default() })
    );
    assert!(line.send(ControlSays::End {}));
    line.close().await;
    assert_eq!(text(&mut socket).await, r#"{"t":"end"}"#, "what waits is sent before the goodbye");
}

#[tokio::test]
async fn a_server_that_is_not_there_or_not_beckon_is_told_apart() {
    let (listener, server) = listener().await;
    drop(listener);
    let (tell, mut told) = mpsc::unbounded_channel();
    let line: Line<ControlSays> =
        Line::open(server, Kind::Control, move |event: LineEvent<ToControl>| {
            tell.send(event).unwrap();
        });
    let down = told.recv().await;
    assert!(matches!(down, Some(LineEvent::Down { why: SocketError::Refused, .. })), "{down:?}");
    drop(line);
    assert_eq!(told.recv().await, None, "a dropped line is quiet");

    let nowhere = "no-such-host.invalid".parse().unwrap();
    let error = relay::open(&nowhere, String::new()).await.unwrap_err();
    assert!(
        matches!(error, SocketError::NotFound | SocketError::Proxy(_)),
        "the name is not found here, or by the proxy: {error:?}"
    );
}

#[tokio::test]
async fn a_relay_says_its_ticket_and_then_carries_bytes_both_ways() {
    let (listener, server) = listener().await;
    let (opened, mut socket) =
        tokio::join!(relay::open(&server, "ticket".to_owned()), caller(&listener));
    let (sender, mut receiver) = opened.unwrap();
    assert_eq!(text(&mut socket).await, r#"{"v":1,"ticket":"ticket"}"#);
    sender.send(vec![1, 2, 3]).await.unwrap();
    loop {
        match socket.next().await.unwrap().unwrap() {
            Message::Binary(bytes) => break assert_eq!(bytes.as_ref(), [1, 2, 3]),
            other => assert!(other.is_ping(), "{other:?}"),
        }
    }
    socket.send(Message::binary(vec![4])).await.unwrap();
    assert_eq!(receiver.recv().await, Some(vec![4]));
    socket.send(Message::binary(vec![0; 70_000])).await.unwrap();
    assert_eq!(receiver.recv().await, None, "a message above the cap closes the relay");
    timeout(SOON, async { while sender.send(vec![5]).await.is_ok() {} }).await.unwrap();
}

//! What a stranger sends: a clear end for them, nothing for anybody else.

use std::time::Duration;

use beckon_protocol::{HelloFrame, Kind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use beckon_tests::inside::client::{Agent, Client, Heard, active};
use beckon_tests::inside::ground::Ground;

/// Close codes of RFC 6455.
const UNSUPPORTED: u16 = 1003;
const SIZE: u16 = 1009;

#[tokio::test]
async fn garbage_ends_its_own_connection_and_no_other() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let (_agent, mut control) = active(&ground, &invited).await;
    for path in ["/ws/agent", "/ws/control", "/ws/relay"] {
        let deep = "[".repeat(4_000);
        for text in ["", "{}", "\u{0}\u{1}", "{\"hello\":{}}", "{\"t\":\"join\"}", deep.as_str()] {
            let mut stranger = Client::open(ground.address, path).await;
            stranger.text(text).await;
            let end = stranger.closed().await;
            assert!(!matches!(end, Heard::Message(_)), "{path} {text:?}: {end:?}");
        }
    }
    control.socket.say(&beckon_protocol::ControlSays::Connected {}).await;
    ground.recorded(invited.session, "OperatorConnected").await;
}

#[tokio::test]
async fn a_wrong_kind_of_message_or_a_frame_that_is_too_large_is_refused_by_code() {
    let ground = Ground::new().await;
    for path in ["/ws/agent", "/ws/control"] {
        let mut stranger = Client::open(ground.address, path).await;
        stranger.binary(vec![1, 2, 3]).await;
        let Heard::Closed(code, _) = stranger.closed().await else { panic!("no close frame") };
        assert_eq!(code, UNSUPPORTED, "{path}");
    }
    for path in ["/ws/agent", "/ws/control", "/ws/relay"] {
        let mut stranger = Client::open(ground.address, path).await;
        stranger.send(Message::text("x".repeat(64 * 1024 + 1))).await;
        match stranger.closed().await {
            Heard::Closed(code, _) => assert_eq!(code, SIZE, "{path}"),
            Heard::Gone => {}
            Heard::Message(message) => panic!("{message:?}"),
        }
    }
}

#[tokio::test]
async fn a_message_after_the_join_that_cannot_be_read_ends_the_connection_only() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let mut agent = Agent::joined(&ground, &invited).await;
    agent.socket.text("{\"t\":\"approve\",\"request\":1,\"extra\":true}").await;
    assert!(!matches!(agent.socket.closed().await, Heard::Message(_)));
    ground.recorded(invited.session, "AgentLost").await;
    let agent = agent.resume(&ground).await;
    ground.recorded(invited.session, "AgentResumed").await;
    drop(agent);
}

#[tokio::test]
async fn the_wrong_program_and_a_browser_are_shown_the_door() {
    let ground = Ground::new().await;
    let mut wrong = Client::open(ground.address, "/ws/control").await;
    wrong.say(&HelloFrame::of(Kind::Agent)).await;
    assert!(!matches!(wrong.closed().await, Heard::Message(_)));
    for header in ["Origin: https://evil.example", "Cookie: a=b"] {
        let mut tcp = TcpStream::connect(ground.address).await.unwrap();
        let request = format!(
            "GET /ws/agent HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{header}\r\n\r\n",
            ground.address
        );
        tcp.write_all(request.as_bytes()).await.unwrap();
        let mut answer = vec![0; 12];
        tcp.read_exact(&mut answer).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 403", "{header}");
    }
}

#[tokio::test]
async fn a_stranger_who_says_nothing_is_not_kept() {
    let ground = Ground::new().await;
    let mut silent = Client::open(ground.address, "/ws/relay").await;
    let end = tokio::time::timeout(Duration::from_secs(15), silent.closed()).await;
    assert!(end.is_ok(), "still connected after the time to authenticate");
}

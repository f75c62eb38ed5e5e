//! The relay: bytes both ways, bounded, and shut the moment the session says so.

use std::time::Duration;

use beckon_protocol::ToAgent;

use beckon_tests::inside::client::{Client, Heard, active, relay};
use beckon_tests::inside::ground::Ground;
use tokio_tungstenite::tungstenite::Message;

async fn joined(
    ground: &Ground,
) -> (beckon_tests::inside::client::Agent, beckon_tests::inside::client::Control, Client, Client) {
    let invited = ground.invited().await;
    let (mut agent, mut control) = active(ground, &invited).await;
    let of_agent = agent.relay().await;
    let of_control = control.relay().await;
    let (a, c) = (relay(ground, &of_agent).await, relay(ground, &of_control).await);
    (agent, control, a, c)
}

async fn record(socket: &mut Client) -> Vec<u8> {
    match socket.next().await {
        Heard::Message(Message::Binary(bytes)) => bytes.to_vec(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn records_pass_both_ways_as_they_are() {
    let ground = Ground::new().await;
    let (_agent, _control, mut a, mut c) = joined(&ground).await;
    for size in [1, 1_000, 64 * 1024] {
        let bytes = vec![7; size];
        a.binary(bytes.clone()).await;
        assert_eq!(record(&mut c).await, bytes);
        c.binary(bytes.clone()).await;
        assert_eq!(record(&mut a).await, bytes);
    }
}

#[tokio::test]
async fn a_ticket_counts_once() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let (mut agent, mut control) = active(&ground, &invited).await;
    let ticket = agent.relay().await;
    control.relay().await;
    let _first = relay(&ground, &ticket).await;
    let mut second = relay(&ground, &ticket).await;
    assert!(!matches!(second.closed().await, Heard::Message(_)));
}

#[tokio::test]
async fn a_broken_relay_is_replaced_when_either_side_asks() {
    let ground = Ground::new().await;
    let (mut agent, mut control, a, c) = joined(&ground).await;
    drop((a, c));
    agent.socket.say(&beckon_protocol::AgentSays::RelayWanted {}).await;
    let (of_agent, of_control) = (agent.relay().await, control.relay().await);
    let (mut a, mut c) = (relay(&ground, &of_agent).await, relay(&ground, &of_control).await);
    a.binary(vec![1, 2, 3]).await;
    assert_eq!(record(&mut c).await, [1, 2, 3]);
}

#[tokio::test]
async fn who_stops_reading_holds_up_nobody_and_the_end_is_heard_at_once() {
    let ground = Ground::new().await;
    let (agent, mut control, mut a, c) = joined(&ground).await;
    // Control stops reading pictures: `c` is open and is not read any more.
    let stuffed = tokio::spawn(async move {
        let record = vec![9; 60 * 1024];
        let mut sent = 0_usize;
        loop {
            let offered = a.send(Message::binary(record.clone()));
            if tokio::time::timeout(Duration::from_millis(1_500), offered).await.is_err() {
                break (a, sent);
            }
            sent += record.len();
            assert!(sent < 512 * 1024 * 1024, "nothing holds the sender back");
        }
    });
    let (a, sent) = stuffed.await.unwrap();
    assert!(sent > 256 * 1024, "the pipe takes at least its capacity");
    control.socket.say(&beckon_protocol::ControlSays::End {}).await;
    let mut agent = agent;
    let heard = tokio::time::timeout(Duration::from_secs(5), async { agent.hear().await });
    assert!(matches!(heard.await.unwrap(), ToAgent::Ended { .. }));
    drop((a, c));
}

#[tokio::test]
async fn the_end_of_a_session_shuts_its_relay() {
    let ground = Ground::new().await;
    let (mut agent, _control, mut a, mut c) = joined(&ground).await;
    let end = agent.ended();
    agent.socket.say(&end).await;
    assert!(!matches!(a.closed().await, Heard::Message(_)));
    assert!(!matches!(c.closed().await, Heard::Message(_)));
}

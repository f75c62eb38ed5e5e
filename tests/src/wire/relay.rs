//! The relay: bytes both ways, bounded, and shut the moment the session says so.

use std::time::Duration;

use beckon_protocol::ToAgent;

use beckon_tests::inside::client::{Client, Heard, active, relay};
use beckon_tests::inside::ground::Ground;
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message;

async fn joined(
    ground: &Ground,
) -> (beckon_tests::inside::client::Agent, beckon_tests::inside::client::Control, Client, Client) {
    let invited = ground.invited().await;
    let (mut agent, mut control) = active(ground, &invited).await;
    let of_agent = agent.relay().await;
    let of_control = control.relay().await;
    let (mut a, mut c) = (relay(ground, &of_agent).await, relay(ground, &of_control).await);
    // Both have come when something has passed.
    a.binary(vec![0]).await;
    assert_eq!(record(&mut c).await, [0]);
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
async fn both_directions_at_once_are_full_and_nothing_is_lost_or_stuck() {
    const RECORDS: u32 = 800;
    const SIZE: usize = 60 * 1024;
    let ground = Ground::new().await;
    let (_agent, _control, a, c) = joined(&ground).await;
    let flood = |socket: Client| async move {
        let (mut out, mut back) = socket.split();
        let send = async {
            for number in 0..RECORDS {
                let mut record = vec![0; SIZE];
                record[..4].copy_from_slice(&number.to_be_bytes());
                out.send(Message::binary(record)).await.unwrap();
            }
        };
        let receive = async {
            for number in 0..RECORDS {
                let record = loop {
                    match back.next().await.unwrap().unwrap() {
                        Message::Binary(record) => break record,
                        other => assert!(other.is_ping() || other.is_pong(), "{other:?}"),
                    }
                };
                assert_eq!((record.len(), &record[..4]), (SIZE, &number.to_be_bytes()[..]));
            }
        };
        futures_util::future::join(send, receive).await;
        // Kept open: the other side may still have something to read.
        (out, back)
    };
    let both = futures_util::future::join(flood(a), flood(c));
    assert!(tokio::time::timeout(Duration::from_mins(1), both).await.is_ok(), "it is stuck");
}

#[tokio::test]
async fn a_ticket_counts_once() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let (mut agent, mut control) = active(&ground, &invited).await;
    let (of_agent, of_control) = (agent.relay().await, control.relay().await);
    let mut a = relay(&ground, &of_agent).await;
    let mut c = relay(&ground, &of_control).await;
    a.binary(vec![0]).await;
    assert_eq!(record(&mut c).await, [0]);
    let mut second = relay(&ground, &of_agent).await;
    assert!(!matches!(second.closed().await, Heard::Message(_)));
}

#[tokio::test]
async fn a_relay_that_broke_before_both_had_come_is_replaced_as_well() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let (mut agent, mut control) = active(&ground, &invited).await;
    let (unused, _) = (agent.relay().await, control.relay().await);
    agent.socket.say(&beckon_protocol::AgentSays::RelayWanted {}).await;
    let (of_agent, of_control) = (agent.relay().await, control.relay().await);
    assert_ne!(unused, of_agent);
    // Control saw the same break and asks as well: this is no reason for yet another relay.
    control.socket.say(&beckon_protocol::ControlSays::RelayWanted {}).await;
    control.socket.say(&beckon_protocol::ControlSays::Connected {}).await;
    ground.recorded(invited.session, "OperatorConnected").await;
    let (mut a, mut c) = (relay(&ground, &of_agent).await, relay(&ground, &of_control).await);
    c.binary(vec![4]).await;
    assert_eq!(record(&mut a).await, [4]);
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

//! A revoked token whose reader does not read.

use std::net::SocketAddr;
use std::time::Duration;

use eventstore::{StreamPosition, SubscribeToAllOptions};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::ground::{House, client, soon};

/// A way to `face` that takes nothing from there any more once it is told so, and two seconds
/// later finds out whether it is closed.
async fn way(face: SocketAddr) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stall, stalled) = oneshot::channel();
    let closed = tokio::spawn(async move {
        let (here, _) = listener.accept().await.unwrap();
        let there = TcpStream::connect(face).await.unwrap();
        let (mut asking, mut telling) = here.into_split();
        let (mut answers, mut questions) = there.into_split();
        let asked = tokio::spawn(async move { tokio::io::copy(&mut asking, &mut questions).await });
        tokio::select! {
            _ = tokio::io::copy(&mut answers, &mut telling) => panic!("closed too early"),
            _ = stalled => {}
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        let mut rest = Vec::new();
        let end = answers.read_to_end(&mut rest);
        let closed = tokio::time::timeout(Duration::from_millis(500), end).await.is_ok();
        asked.abort();
        closed
    });
    (address, stall, closed)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_stopped_reading_loses_its_connection() {
    let house = House::plain().await;
    let (address, stall, closed) = way(house.face).await;
    let through = client(&format!("esdb://anybody:{}@{address}?tls=false", house.token));
    let options = SubscribeToAllOptions::default().position(StreamPosition::End);
    let mut subscription = through.subscribe_to_all(&options).await;
    soon(subscription.next_subscription_event()).await.unwrap();
    stall.send(()).unwrap();
    house.ground.hub.revoke_token(house.id).await.unwrap();
    assert!(soon(closed).await.unwrap(), "the connection is still open");
}

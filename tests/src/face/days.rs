//! The first use of a day: of what goes on over midnight, and while the store is slow.

use std::time::Duration;

use beckon_server::face::peer::{Peer, PeerLog};
use beckon_server::store::memory::MemoryStore;
use beckon_tests::clock::Deadline;
use eventstore::{ReadAllOptions, StreamPosition, SubscribeToAllOptions, SubscriptionEvent};

use super::ground::{House, about_tokens, all, client, own, soon};

fn from_start() -> ReadAllOptions {
    ReadAllOptions::default().position(StreamPosition::Start).max_count(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_is_recorded_on_each_day_that_it_sees() {
    let house = House::in_slow_time().await;
    let options = SubscribeToAllOptions::default().position(StreamPosition::End);
    let mut subscription = house.client().subscribe_to_all(&options).await;
    while !matches!(
        soon(subscription.next_subscription_event()).await.unwrap(),
        SubscriptionEvent::CaughtUp
    ) {}
    assert_eq!(about_tokens(&house), ["issued", "used"]);
    for days in 1..=2 {
        house.ground.clock.advance(Duration::from_hours(24));
        let event = own(soon(subscription.next()).await.unwrap());
        assert_eq!(event.event_type, "TokenUsed");
        assert_eq!(about_tokens(&house).len(), 2 + days);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_use_that_waits_to_be_recorded_holds_up_nobody_else() {
    let log = PeerLog::over(Box::new(MemoryStore::new())).unwrap();
    let peer = Peer::start(log, None).unwrap();
    let house = House::over(&peer.uri()).await;
    let known = house.client();
    all(&known, &from_start()).await.unwrap();
    let (_, other) = house.ground.hub.issue_token("other").await.unwrap();
    let others: Vec<_> = (0..8).map(|_| client(&house.uri(other.as_str()))).collect();
    peer.faults().answer_after(Duration::from_secs(3));
    let waiting: Vec<_> = others
        .into_iter()
        .map(|other| tokio::spawn(async move { all(&other, &from_start()).await.map(drop) }))
        .collect();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let began = Deadline::after(Duration::MAX);
    all(&known, &from_start()).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    // All of them wait for the same event.
    for other in waiting {
        soon(other).await.unwrap().unwrap();
    }
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
}

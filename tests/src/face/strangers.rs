//! Whoever has no token keeps out nobody who has one.

use std::io::Read;
use std::net::TcpStream;
use std::time::Duration;

use beckon_tests::clock::Deadline;
use eventstore::{Error, ReadAllOptions, StreamPosition, SubscribeToAllOptions};

use super::ground::{House, all, client, soon};

fn from_start() -> ReadAllOptions {
    ReadAllOptions::default().position(StreamPosition::Start).max_count(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_force_is_good_while_its_address_guesses() {
    let house = House::plain().await;
    let guessing = client(&house.uri(&format!("beckon_{}", "A".repeat(43))));
    for _ in 0..100 {
        let refused = all(&guessing, &from_start()).await;
        assert!(matches!(refused, Err(Error::AccessDenied)), "{refused:?}");
    }
    let refused = all(&guessing, &from_start()).await;
    assert!(refused.unwrap_err().to_string().contains("too many wrong API tokens"));
    assert_eq!(all(&house.client(), &from_start()).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_take_a_few_seats_and_the_first_of_them_goes_first() {
    let house = House::plain().await;
    let options = SubscribeToAllOptions::default().position(StreamPosition::End);
    let mut subscription = house.client().subscribe_to_all(&options).await;
    soon(subscription.next_subscription_event()).await.unwrap();
    let began = Deadline::after(Duration::MAX);
    let mut strangers: Vec<_> = (0..80).map(|_| TcpStream::connect(house.face).unwrap()).collect();
    assert_eq!(all(&house.client(), &from_start()).await.unwrap().len(), 1);
    let mut first = strangers.swap_remove(0);
    first.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let closed = move || while first.read(&mut [0; 256]).unwrap() > 0 {};
    tokio::task::spawn_blocking(closed).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(8), "closed only because it was late");
    house.ground.operator("Ana Silva").await;
    soon(subscription.next()).await.unwrap();
}

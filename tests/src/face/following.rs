//! Following what comes.

use std::time::Duration;

use eventstore::{
    Error, Position, StreamPosition, SubscribeToAllOptions, SubscribeToStreamOptions,
    SubscriptionEvent, SubscriptionFilter,
};

use super::ground::{House, assert_same, own, soon};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_comes_first_and_then_what_happens() {
    let house = House::plain().await;
    let client = house.client();
    let options = SubscribeToAllOptions::default().position(StreamPosition::Start);
    let mut subscription = client.subscribe_to_all(&options).await;
    let first = soon(subscription.next_subscription_event()).await.unwrap();
    assert!(matches!(first, SubscriptionEvent::Confirmed(_)), "{first:?}");
    let mut seen = Vec::new();
    loop {
        match soon(subscription.next_subscription_event()).await.unwrap() {
            SubscriptionEvent::EventAppeared(event) => seen.push(own(event)),
            SubscriptionEvent::CaughtUp => break,
            _ => {}
        }
    }
    assert_same(&seen, &house.stored());
    house.ground.operator("Ana Silva").await;
    let known = seen.len();
    while seen.len() < known + 2 {
        seen.push(own(soon(subscription.next()).await.unwrap()));
    }
    assert_same(&seen, &house.stored());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_begins_after_the_place_that_it_names() {
    let house = House::plain().await;
    house.session().await;
    let client = house.client();
    let stored = house.stored();
    let at = stored[2].position.to_bits();
    let place = StreamPosition::Position(Position { commit: at, prepare: at });
    let options = SubscribeToAllOptions::default().position(place);
    let mut subscription = client.subscribe_to_all(&options).await;
    assert_same(&[own(soon(subscription.next()).await.unwrap())], &stored[3..4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_followed_even_before_its_first_event() {
    let house = House::plain().await;
    let client = house.client();
    let operator = beckon_events::OperatorId(house.ground.hub.random.uuid());
    let name = format!("operator-{operator}");
    let options = SubscribeToStreamOptions::default().start_from(StreamPosition::Start);
    let mut subscription = client.subscribe_to_stream(name.as_str(), &options).await;
    let first = soon(subscription.next_subscription_event()).await.unwrap();
    assert!(matches!(first, SubscriptionEvent::Confirmed(_)), "{first:?}");
    let account = house.ground.hub.views.read(|models| models.account.account()).unwrap();
    let invite = beckon_events::operator::Command::Invite {
        operator,
        account,
        name: "Ana Silva".into(),
        role: beckon_events::operator::Role::Operator,
    };
    house.ground.hub.operator(operator, house.ground.own(), invite).await.unwrap();
    let event = own(soon(subscription.next()).await.unwrap());
    assert_eq!((&*event.event_type, event.revision), ("Invited", 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_lets_only_some_through_and_tells_how_far_the_log_was_looked_at() {
    let house = House::plain().await;
    for number in 0..20 {
        house.ground.operator(&format!("Person {number}")).await;
    }
    let filter = SubscriptionFilter::on_event_type().regex("^Reg.*ed$").max(4);
    let options = SubscribeToAllOptions::default().position(StreamPosition::Start).filter(filter);
    let mut subscription = house.client().subscribe_to_all(&options).await;
    let (mut events, mut checkpoints) = (0, Vec::new());
    loop {
        match soon(subscription.next_subscription_event()).await.unwrap() {
            SubscriptionEvent::EventAppeared(event) => {
                assert_eq!(own(event).event_type, "Registered");
                events += 1;
            }
            SubscriptionEvent::Checkpoint(place) => checkpoints.push(place.commit),
            SubscriptionEvent::CaughtUp => break,
            _ => {}
        }
    }
    assert_eq!(events, 20);
    assert!(checkpoints.len() >= 10 && checkpoints.is_sorted(), "{checkpoints:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_ends_what_it_opened_within_two_seconds() {
    let house = House::plain().await;
    let client = house.client();
    let options = SubscribeToAllOptions::default().position(StreamPosition::Start);
    let mut subscription = client.subscribe_to_all(&options).await;
    while !matches!(
        soon(subscription.next_subscription_event()).await.unwrap(),
        SubscriptionEvent::CaughtUp
    ) {}
    house.ground.hub.revoke_token(house.id).await.unwrap();
    let ended = async {
        loop {
            if let Err(error) = subscription.next_subscription_event().await {
                return error;
            }
        }
    };
    let error = tokio::time::timeout(Duration::from_secs(2), ended).await.unwrap();
    assert!(matches!(error, Error::AccessDenied), "{error:?}");
    let options = eventstore::ReadAllOptions::default().position(StreamPosition::Start);
    let refused = super::ground::all(&client, &options).await;
    assert!(matches!(refused, Err(Error::AccessDenied)), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_says_so() {
    let house = House::plain().await;
    let client = house.client();
    let options = SubscribeToAllOptions::default().position(StreamPosition::End);
    let mut subscription = client.subscribe_to_all(&options).await;
    soon(subscription.next_subscription_event()).await.unwrap();
    let House { ground, .. } = house;
    let stopping = tokio::task::spawn_blocking(move || drop(ground));
    let ended = async {
        loop {
            if let Err(error) = subscription.next_subscription_event().await {
                return error;
            }
        }
    };
    let error = soon(ended).await;
    assert!(error.to_string().contains("the server is stopping"), "{error}");
    stopping.await.unwrap();
}

//! Who comes in, and what is refused to whoever is in.

use beckon_tests::authority::Authority;
use beckon_tests::clock::Deadline;
use eventstore::{
    AppendToStreamOptions, DeleteStreamOptions, Error, EventData, ReadAllOptions, StreamPosition,
    TombstoneStreamOptions,
};

use super::ground::{House, about_tokens, all, client, soon};

fn from_start() -> ReadAllOptions {
    ReadAllOptions::default().position(StreamPosition::Start).max_count(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_token_in_force_opens_the_log_and_its_first_use_of_a_day_is_recorded() {
    let house = House::plain().await;
    let wrong = format!("beckon_{}", "A".repeat(43));
    let without = format!("esdb://{}?tls=false", house.face);
    for uri in [house.uri(&wrong), house.uri("beckon_"), without] {
        let refused = all(&client(&uri), &from_start()).await;
        assert!(matches!(refused, Err(Error::AccessDenied)), "{uri}: {refused:?}");
    }
    assert_eq!(about_tokens(&house), ["issued"]);
    for _ in 0..2 {
        assert_eq!(all(&house.client(), &from_start()).await.unwrap().len(), 1);
        assert_eq!(about_tokens(&house), ["issued", "used"]);
    }
    house.ground.hub.revoke_token(house.id).await.unwrap();
    let refused = all(&house.client(), &from_start()).await;
    assert!(matches!(refused, Err(Error::AccessDenied)), "{refused:?}");
    assert_eq!(about_tokens(&house), ["issued", "used", "revoked"]);
    assert!(house.ground.hub.revoke_token(house.id).await.is_err(), "revoked twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_over_it() {
    let house = House::plain().await;
    let (client, stream) = (house.client(), house.session().await);
    all(&client, &from_start()).await.unwrap();
    let before = house.stored();
    let event = EventData::json("Approved", &serde_json::json!({})).unwrap();
    let appended =
        client.append_to_stream(stream.as_str(), &AppendToStreamOptions::default(), event).await;
    assert!(matches!(appended, Err(Error::AccessDenied)), "{appended:?}");
    let deleted = client.delete_stream(stream.as_str(), &DeleteStreamOptions::default()).await;
    assert!(matches!(deleted, Err(Error::AccessDenied)), "{deleted:?}");
    let gone = client.tombstone_stream(stream.as_str(), &TombstoneStreamOptions::default()).await;
    assert!(matches!(gone, Err(Error::AccessDenied)), "{gone:?}");
    let batch = client.batch_append(&eventstore::BatchAppendOptions::default()).await;
    assert!(matches!(batch, Err(Error::UnsupportedFeature)), "a batch is begun");
    assert_eq!(house.stored(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_tls_the_certificate_must_be_by_somebody_the_client_trusts() {
    let house = House::with_tls().await;
    assert_eq!(all(&house.client(), &from_start()).await.unwrap().len(), 1);
    let stranger = Authority::new(house.folder.path(), "other");
    let own = house.authority.as_ref().unwrap().ca.display().to_string();
    let uri = house.uri(&house.token).replace(&own, &stranger.ca.display().to_string());
    let refused = soon(all(&client(&uri), &from_start())).await;
    assert!(refused.is_err(), "{refused:?}");
    let plain = format!("esdb://a:{}@{}?tls=false", house.token, house.face);
    let refused = soon(all(&client(&plain), &from_start())).await;
    assert!(refused.is_err(), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_server_is_found_again_and_knows_the_token() {
    let mut house = House::plain().await;
    assert_eq!(all(&house.client(), &from_start()).await.unwrap().len(), 1);
    house.ground = house.ground.restart();
    assert_eq!(all(&house.client(), &from_start()).await.unwrap().len(), 1);
    assert_eq!(about_tokens(&house), ["issued", "used"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_on_which_nobody_shows_a_token_is_closed_after_ten_seconds() {
    let house = House::plain().await;
    let followed = house.client();
    let options = eventstore::SubscribeToAllOptions::default().position(StreamPosition::End);
    let mut subscription = followed.subscribe_to_all(&options).await;
    soon(subscription.next_subscription_event()).await.unwrap();
    let address = house.face;
    let silent = move || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(15))).unwrap();
        let began = Deadline::after(std::time::Duration::MAX);
        while std::io::Read::read(&mut stream, &mut [0; 256]).unwrap() > 0 {}
        began.elapsed().as_secs()
    };
    let waited = tokio::task::spawn_blocking(silent).await.unwrap();
    assert!((9..=14).contains(&waited), "closed after {waited} s");
    house.ground.operator("Ana Silva").await;
    soon(subscription.next()).await.unwrap();
}

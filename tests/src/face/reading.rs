//! Reading what is there.

use eventstore::{
    Error, Position, ReadAllOptions, ReadStreamOptions, RecordedEvent, StreamPosition,
};

use super::ground::{House, all, assert_same, own};

async fn stream(
    house: &House,
    name: &str,
    options: &ReadStreamOptions,
) -> eventstore::Result<Vec<RecordedEvent>> {
    let mut stream = house.client().read_stream(name, options).await?;
    let mut events = Vec::new();
    while let Some(event) = stream.next().await? {
        events.push(own(event));
    }
    Ok(events)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_read_in_both_directions_as_it_is_stored() {
    let house = House::plain().await;
    let operator = house.ground.operator("Ana Silva").await;
    let name = format!("operator-{operator}");
    let mut stored = house.stored();
    stored.retain(|event| event.stream.as_str() == name);
    assert_eq!(stored.len(), 2);
    let forwards = ReadStreamOptions::default().position(StreamPosition::Start);
    assert_same(&stream(&house, &name, &forwards).await.unwrap(), &stored);
    let second = ReadStreamOptions::default().position(StreamPosition::Position(1));
    assert_same(&stream(&house, &name, &second).await.unwrap(), &stored[1..]);
    let beyond = ReadStreamOptions::default().position(StreamPosition::Position(2));
    assert_same(&stream(&house, &name, &beyond).await.unwrap(), &[]);
    stored.reverse();
    let backwards = ReadStreamOptions::default().position(StreamPosition::End).backwards();
    assert_same(&stream(&house, &name, &backwards).await.unwrap(), &stored);
    let last = backwards.max_count(1);
    assert_same(&stream(&house, &name, &last).await.unwrap(), &stored[..1]);
    let from_first = ReadStreamOptions::default().position(StreamPosition::Position(0)).backwards();
    assert_same(&stream(&house, &name, &from_first).await.unwrap(), &stored[1..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_log_is_read_in_both_directions_page_after_page() {
    let house = House::plain().await;
    for number in 0..40 {
        house.ground.operator(&format!("Person {number}")).await;
    }
    let client = house.client();
    let from_start = ReadAllOptions::default().position(StreamPosition::Start);
    // Its own first use stands in the log, too.
    all(&client, &from_start).await.unwrap();
    let mut stored = house.stored();
    assert!(stored.len() > 64, "more than a page");
    assert_same(&all(&client, &from_start).await.unwrap(), &stored);
    let at = stored[30].position.to_bits();
    let place = Position { commit: at, prepare: at };
    let from = ReadAllOptions::default().position(StreamPosition::Position(place));
    assert_same(&all(&client, &from).await.unwrap(), &stored[30..]);
    assert_same(&all(&client, &from.clone().max_count(3)).await.unwrap(), &stored[30..33]);
    // Backwards a position is where the last event ended, so the one that begins there is not in.
    let before: Vec<_> = stored[..30].iter().rev().cloned().collect();
    assert_same(&all(&client, &from.backwards()).await.unwrap(), &before);
    stored.reverse();
    let from_end = ReadAllOptions::default().position(StreamPosition::End).backwards();
    assert_same(&all(&client, &from_end).await.unwrap(), &stored);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_not_there_is_not_found() {
    let house = House::plain().await;
    for name in ["session-5f0c", "$$session-5f0c", "no name of ours"] {
        for options in [ReadStreamOptions::default(), ReadStreamOptions::default().backwards()] {
            let missing = stream(&house, name, &options).await;
            assert!(matches!(missing, Err(Error::ResourceNotFound)), "{name}: {missing:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_stay_sealed() {
    let house = House::plain().await;
    house.ground.operator("Xanthippe").await;
    let options = ReadAllOptions::default().position(StreamPosition::Start);
    let events = all(&house.client(), &options).await.unwrap();
    let invited = events.iter().find(|event| event.event_type == "Invited");
    let body: serde_json::Value = serde_json::from_slice(&invited.unwrap().data).unwrap();
    assert!(body["name"]["$s"].is_string(), "{body}");
    let whole: Vec<u8> = events.iter().flat_map(|event| event.data.to_vec()).collect();
    assert!(!whole.windows(9).any(|window| window == b"Xanthippe"));
}

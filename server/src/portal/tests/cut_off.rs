//! Requests whose browser goes away while they wait.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use beckon_events::operator::{Command, Event, Role};
use beckon_events::{NoKeys, OperatorId, envelope};

use super::stage::Stage;
use crate::store::StreamName;

/// Polls at most `polls` times, with some time between; whether it came to its end.
async fn polled<F: Future>(future: F, polls: usize) -> bool {
    let mut future = pin!(future);
    for _ in 0..polls {
        let once = std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context)));
        if once.await.is_ready() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    false
}

/// The last event of the operator.
async fn last(stage: &Stage, operator: OperatorId) -> Event {
    let stream = StreamName::operator(operator);
    let last = stage.hub.journal.read_stream(stream).await.unwrap().pop().unwrap();
    envelope::read_as::<Event>(&last.metadata, &last.data, 0, &NoKeys).unwrap().event
}

#[actix_web::test]
async fn what_was_recorded_for_somebody_who_went_away_counts_for_the_next() {
    let stage = Stage::new().await;
    let operator = stage.person("Olga Ruiz", Role::Operator).await;
    let own = || stage.hub.own(beckon_events::envelope::Actor::SYSTEM);
    let mut recorded_unheard = 0;
    for polls in 1..100 {
        if polled(stage.hub.operator(operator, own(), Command::Disable), polls).await {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        let disabled = last(&stage, operator).await == Event::Disabled {};
        recorded_unheard += usize::from(disabled);
        // Where they are not disabled there is nothing to do, and a stale state would say so too.
        stage.hub.operator(operator, own(), Command::Enable).await.unwrap();
        let now = last(&stage, operator).await;
        assert!(now != Event::Disabled {}, "after {polls} polls nobody enabled them again");
    }
    assert!(recorded_unheard > 0, "nobody went away between the append and its answer");
}

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
    let other = stage.person("Ola Berg", Role::Operator).await;
    let own = || stage.hub.own(beckon_events::envelope::Actor::SYSTEM);
    // How far so many polls lead depends on how busy the machine is: all are tried in turn.
    for polls in (1..8).cycle().take(400) {
        let heard = polled(stage.hub.operator(operator, own(), Command::Disable), polls).await;
        // The writer stores in order: after this, what was cut off is stored or never will be.
        for after in [Command::Disable, Command::Enable] {
            stage.hub.operator(other, own(), after).await.unwrap();
        }
        let recorded = last(&stage, operator).await == Event::Disabled {};
        // Where they are not disabled there is nothing to do, and a stale state would say so too.
        stage.hub.operator(operator, own(), Command::Enable).await.unwrap();
        let now = last(&stage, operator).await;
        assert!(now != Event::Disabled {}, "after {polls} polls nobody enabled them again");
        if recorded && !heard {
            return;
        }
    }
    panic!("nobody went away between the append and its answer");
}

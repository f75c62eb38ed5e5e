//! Who vanishes, who comes back, and what the server forgets when it is killed: nothing.

use std::time::Duration;

use beckon_events::Action;
use beckon_events::session::{EndReason, EndedBy, Event, Fact, Said};
use beckon_protocol::{AgentSays, ControlSays, ToAgent, ToControl};

use beckon_tests::inside::client::{Agent, active, available};
use beckon_tests::inside::ground::Ground;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn an_agent_that_vanishes_while_it_waits_has_five_minutes_to_come_back() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let mut agent = Agent::joined(&ground, &invited).await;
    agent.vanish(&ground).await;
    let mut agent = agent.resume(&ground).await;
    ground.recorded(invited.session, "AgentResumed").await;
    agent.vanish(&ground).await;
    ground.clock.advance(Duration::from_secs(299));
    assert_eq!(ground.story(invited.session).await.last(), Some(&"AgentLost"));
    ground.clock.advance(Duration::from_secs(1));
    ground.recorded(invited.session, "Ended").await;
    let log = ground.log(invited.session).await;
    let Some(Event::Ended { by: EndedBy::Policy, why: EndReason::AgentLost, .. }) = log.last()
    else {
        panic!("{log:?}")
    };
}

#[tokio::test]
async fn an_agent_that_vanishes_while_it_is_asked_is_asked_again_when_it_is_back() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let (mut agent, mut control) = available(&ground, &invited).await;
    control.request([Action::View]).await;
    let (request, _) = agent.asked().await;
    agent.vanish(&ground).await;
    let mut agent = agent.resume(&ground).await;
    assert_eq!(agent.asked().await.0, request);
    control.until(|heard| *heard == ToControl::AgentResumed {}).await;
}

#[tokio::test]
async fn an_agent_that_vanishes_while_it_is_helped_stops_everything_first() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let (mut agent, mut control) = active(&ground, &invited).await;
    let started = beckon_protocol::AgentSays::ActionStarted { action: Action::View };
    agent.socket.say(&started).await;
    ground.recorded(invited.session, "ActionStarted").await;
    agent.vanish(&ground).await;
    let agent = agent.resume(&ground).await;
    control.until(|heard| *heard == ToControl::AgentLost {}).await;
    control.until(|heard| *heard == ToControl::AgentResumed {}).await;
    control.relay().await;
    drop(agent);
    let story = ground.story(invited.session).await;
    let lost = story.iter().position(|name| *name == "AgentLost").unwrap();
    assert_eq!(story[lost - 1], "ActionStopped");
}

#[tokio::test]
async fn a_control_that_vanishes_for_a_minute_has_left() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let (mut agent, control) = active(&ground, &invited).await;
    control.socket.vanish();
    // The absence is noted when the connection is found broken; only then does time count.
    let mut noted = ground.hub.presence.changed();
    while ground.hub.presence.next().is_none() {
        noted.changed().await.unwrap();
    }
    ground.clock.advance(Duration::from_mins(1));
    assert_eq!(agent.hear().await, ToAgent::OperatorLeft {});
    assert_eq!(ground.story(invited.session).await.last(), Some(&"OperatorLeft"));
}

#[tokio::test]
async fn after_a_restart_both_come_back_to_the_same_grant() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let (agent, control) = active(&ground, &invited).await;
    let before = ground.story(invited.session).await;
    let ground = ground.restart();
    let mut agent = agent.resume(&ground).await;
    let mut control = control.resume(&ground).await;
    assert!(control.door.grant.is_some(), "the grant in force is handed back");
    agent.relay().await;
    control.relay().await;
    let after = ground.story(invited.session).await;
    assert_eq!(after[..before.len()], before[..], "nothing is lost");
}

#[tokio::test]
async fn after_a_restart_an_agent_that_does_not_come_back_counts_as_lost() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let agent = Agent::joined(&ground, &invited).await;
    let ground = ground.restart();
    drop(agent);
    ground.clock.advance(Duration::from_secs(15));
    ground.recorded(invited.session, "AgentLost").await;
}

#[tokio::test]
async fn what_control_says_right_before_its_goodbye_counts() {
    let ground = Ground::new().await;
    // Whether its last words and the end of the connection arrive together is chance.
    for _ in 0..10 {
        let invited = ground.invited().await;
        let (agent, mut control) = active(&ground, &invited).await;
        control.socket.say(&ControlSays::Leave {}).await;
        control.socket.send(Message::Close(None)).await;
        control.socket.vanish();
        ground.recorded(invited.session, "OperatorLeft").await;
        drop(agent);
    }
}

#[tokio::test]
async fn what_an_agent_missed_it_hears_when_it_is_back() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let (agent, mut control) = active(&ground, &invited).await;
    let mut agent = agent.resume(&ground).await;
    assert_eq!(agent.hear().await, ToAgent::Recorded { n: 1 }, "the grant in force");
    control.socket.say(&beckon_protocol::ControlSays::Leave {}).await;
    ground.recorded(invited.session, "OperatorLeft").await;
    let mut agent = agent.resume(&ground).await;
    assert_eq!(agent.hear().await, ToAgent::OperatorLeft {});
    control.socket.say(&beckon_protocol::ControlSays::End {}).await;
    ground.recorded(invited.session, "Ended").await;
    let mut agent = agent.resume(&ground).await;
    let ended = ToAgent::Ended { by: EndedBy::Control, why: EndReason::Asked };
    assert_eq!(agent.hear().await, ended);
}

#[tokio::test]
async fn a_removal_counts_as_recorded_only_when_it_is() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let mut agent = Agent::joined(&ground, &invited).await;
    let fact = Fact::removal(&[], &[]);
    let statement = Said::new(invited.session, fact).sign(&agent.pair);
    let removed = AgentSays::Removed { removed: vec![], left: vec![], statement };
    agent.socket.say(&removed).await;
    let answer = agent.hear().await;
    assert!(matches!(answer, ToAgent::NotRecorded { .. }), "it has not ended: {answer:?}");
    let end = agent.ended();
    for message in [&end, &removed, &removed] {
        agent.socket.say(message).await;
    }
    let mut recorded = 0;
    while recorded < 2 {
        // Said again, answered again.
        recorded += u32::from(agent.hear().await == ToAgent::RemovalRecorded {});
    }
    assert_eq!(ground.story(invited.session).await, ["Created", "Joined", "Ended", "AgentRemoved"]);
}

//! The life of a session, from the request to its end.

use std::time::Duration;

use beckon_events::session::{Copied, Direction, EndReason, EndedBy, Event, Fact, Said};
use beckon_events::{Action, Committed, Salt};
use beckon_protocol::{AgentSays, ControlSays, ToAgent, ToControl};

use beckon_tests::inside::client::{Agent, active, available};
use beckon_tests::inside::ground::Ground;

#[tokio::test]
async fn a_session_from_the_request_to_the_removal() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let (mut agent, mut control) = active(&ground, &invited).await;
    assert_eq!(control.door.company, "Acme");
    assert_eq!(control.door.device.host, "kitchen-pc");
    control.socket.say(&ControlSays::Connected {}).await;
    ground.recorded(invited.session, "OperatorConnected").await;
    agent.socket.say(&AgentSays::ActionStarted { action: Action::View }).await;
    agent.socket.say(&AgentSays::ActionStarted { action: Action::Control }).await;
    let end = agent.ended();
    agent.socket.say(&end).await;
    let ended = ToControl::Ended { by: EndedBy::User, why: EndReason::Asked };
    assert_eq!(control.until(|heard| !matches!(heard, ToControl::Relay { .. })).await, ended);
    let gone = vec![Committed { salt: Salt([7; 16]), value: "/tmp/a".to_owned() }];
    let fact = Fact::removal(&gone, &[]);
    let statement = Said::new(invited.session, fact).sign(&agent.pair);
    let removed = AgentSays::Removed { removed: gone, left: vec![], statement };
    agent.socket.say(&removed).await;
    ground.recorded(invited.session, "AgentRemoved").await;
    let expected = [
        "Created",
        "Joined",
        "ApprovalRequested",
        "Approved",
        "OperatorConnected",
        "ActionStarted",
        "ActionStarted",
        "ActionStopped",
        "ActionStopped",
        "Ended",
        "AgentRemoved",
    ];
    assert_eq!(ground.story(invited.session).await, expected);
}

#[tokio::test]
async fn no_is_no_and_three_times_no_is_silence_for_a_minute() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let (mut agent, mut control) = available(&ground, &invited).await;
    for _ in 0..3 {
        control.request([Action::View]).await;
        let (request, _) = agent.asked().await;
        agent.socket.say(&AgentSays::Reject { request }).await;
        control.until(|heard| *heard == ToControl::Rejected {}).await;
    }
    control.request([Action::View]).await;
    control.until(|heard| *heard == ToControl::Damped {}).await;
    ground.clock.advance(Duration::from_mins(1));
    control.request([Action::View]).await;
    agent.asked().await;
    let log = ground.log(invited.session).await;
    let Some(Event::ApprovalRequested { damped: 1, .. }) = log.last() else {
        panic!("the damped request is counted: {log:?}")
    };
}

#[tokio::test]
async fn no_answer_in_a_minute_counts_as_no() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let (mut agent, mut control) = available(&ground, &invited).await;
    control.request([Action::View]).await;
    let (request, actions) = agent.asked().await;
    ground.clock.advance(Duration::from_mins(1));
    control.until(|heard| *heard == ToControl::Lapsed {}).await;
    let now = ground.hub.journal.now();
    let statement = agent.grant(&control, actions, now);
    agent.socket.say(&AgentSays::Approve { request, statement }).await;
    let refused = loop {
        match agent.hear().await {
            ToAgent::Lapsed { .. } => {}
            other => break other,
        }
    };
    assert!(matches!(refused, ToAgent::NotRecorded { .. }), "too late: {refused:?}");
    let expected = ["Created", "Joined", "ApprovalRequested", "ApprovalLapsed"];
    assert_eq!(ground.story(invited.session).await, expected);
}

#[tokio::test]
async fn a_request_that_is_taken_back_closes_on_both_sides() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let (mut agent, mut control) = available(&ground, &invited).await;
    control.request([Action::View]).await;
    let (request, _) = agent.asked().await;
    control.socket.say(&ControlSays::Cancel {}).await;
    control.until(|heard| *heard == ToControl::Cancelled {}).await;
    assert_eq!(agent.hear().await, ToAgent::Withdrawn { request });
}

#[tokio::test]
async fn an_answer_counts_only_in_the_agent_s_own_hand_and_for_what_was_asked() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let (mut agent, mut control) = available(&ground, &invited).await;
    control.request([Action::View]).await;
    let (request, asked) = agent.asked().await;
    let now = ground.hub.journal.now();
    let stranger = Agent::connect(&ground).await.pair;
    let honest = std::mem::replace(&mut agent.pair, stranger);
    let forged = agent.grant(&control, asked, now);
    agent.pair = honest;
    let too_much = agent.grant(&control, [Action::Control].into_iter().collect(), now);
    for statement in [forged, too_much] {
        agent.socket.say(&AgentSays::Approve { request, statement }).await;
        let answer = agent.hear().await;
        assert!(matches!(answer, ToAgent::NotRecorded { .. }), "{answer:?}");
    }
    assert_eq!(ground.story(invited.session).await.last(), Some(&"ApprovalRequested"));
}

#[tokio::test]
async fn control_leaves_and_may_continue_or_ends_for_both() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let (mut agent, mut control) = active(&ground, &invited).await;
    control.socket.say(&ControlSays::Leave {}).await;
    control.until(|heard| *heard == ToControl::Left {}).await;
    ground.clock.advance(Duration::from_mins(1));
    control.request([Action::Control]).await;
    let continues = loop {
        match agent.socket.hear::<ToAgent>().await {
            ToAgent::Asked { continues, .. } => break continues,
            ToAgent::Relay { .. } | ToAgent::OperatorLeft {} => {}
            other => panic!("{other:?}"),
        }
    };
    assert!(continues, "the same Control comes back to what it was allowed");
    control.socket.say(&ControlSays::End {}).await;
    let ended = ToAgent::Ended { by: EndedBy::Control, why: EndReason::Asked };
    assert_eq!(agent.hear().await, ended);
}

#[tokio::test]
async fn what_was_copied_is_recorded_once_the_clipboard_was_shared_and_at_a_pace() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let (mut agent, mut control) = available(&ground, &invited).await;
    control.request([Action::View, Action::Clipboard]).await;
    let (request, actions) = agent.asked().await;
    let statement = agent.grant(&control, actions, ground.hub.journal.now());
    agent.socket.say(&AgentSays::Approve { request, statement }).await;
    ground.recorded(invited.session, "Approved").await;
    let copied = |bytes| AgentSays::ClipboardShared {
        direction: Direction::ToUser,
        kind: Copied::Text,
        bytes,
    };
    let clipboard = Action::Clipboard;
    agent.socket.say(&copied(1)).await;
    agent.socket.say(&AgentSays::ActionStarted { action: clipboard }).await;
    let before = tokio::time::Instant::now();
    for bytes in 2..=12 {
        agent.socket.say(&copied(bytes)).await;
    }
    agent.socket.say(&AgentSays::ActionStopped { action: clipboard }).await;
    ground.recorded(invited.session, "ActionStopped").await;
    assert!(before.elapsed() >= Duration::from_millis(900), "the last one had to wait");
    agent.socket.say(&copied(13)).await;
    let end = agent.ended();
    agent.socket.say(&end).await;
    ground.recorded(invited.session, "Ended").await;
    let told = ground.log(invited.session).await.into_iter().filter_map(|event| match event {
        Event::ClipboardShared { direction: Direction::ToUser, kind: Copied::Text, bytes } => {
            Some(bytes)
        }
        _ => None,
    });
    assert_eq!(told.collect::<Vec<_>>(), (2..=13).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_the_user_takes_back_is_gone_at_once() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let (mut agent, mut control) = active(&ground, &invited).await;
    for action in [Action::View, Action::Control] {
        agent.socket.say(&AgentSays::ActionStarted { action }).await;
    }
    let now = ground.hub.journal.now();
    let statement = agent.grant(&control, [Action::View].into_iter().collect(), now);
    agent.socket.say(&AgentSays::Withdraw { statement: statement.clone() }).await;
    control.until(|heard| *heard == ToControl::Withdrawn { statement: statement.clone() }).await;
    agent.socket.say(&AgentSays::ActionStarted { action: Action::Control }).await;
    let end = agent.ended();
    agent.socket.say(&end).await;
    ground.recorded(invited.session, "Ended").await;
    let story = ground.story(invited.session).await;
    let after = story.iter().skip_while(|name| **name != "GrantWithdrawn").collect::<Vec<_>>();
    let expected = [&"GrantWithdrawn", &"ActionStopped", &"Ended"];
    assert_eq!(after, expected, "only seeing the screen still has to stop");
}

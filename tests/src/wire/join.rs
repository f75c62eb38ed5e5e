//! Who gets in, and who has to wait.

use std::time::Duration;

use beckon_protocol::{HelloFrame, JoinBy, JoinCode, Kind, ToAgent};

use beckon_tests::inside::client::{Agent, Client, Heard};
use beckon_tests::inside::ground::Ground;

#[tokio::test]
async fn a_code_lets_one_agent_in_and_the_second_hears_what_a_wrong_code_hears() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let mut first = Agent::connect(&ground).await;
    let answer = first.try_code(&invited.code.folded(), None).await;
    let ToAgent::Joined { session, company, operator, .. } = answer else { panic!("{answer:?}") };
    assert_eq!((session, company.as_str()), (invited.session, "Acme"));
    assert_eq!(operator, "Ana Silva");
    let mut second = Agent::connect(&ground).await;
    let answer = second.try_code(&invited.code.folded(), None).await;
    assert!(matches!(answer, ToAgent::WrongCode { attempts_left: 4, .. }), "{answer:?}");
    assert_eq!(ground.story(invited.session).await, ["Created", "Joined"]);
}

#[tokio::test]
async fn a_link_lets_in_without_its_code_being_tried() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let mut agent = Agent::connect(&ground).await;
    let wrong = JoinBy::Token("A".repeat(22));
    assert_eq!(agent.try_join(wrong, None).await, ToAgent::NotValid {});
    let right = JoinBy::Token(invited.token.as_str().to_owned());
    assert!(matches!(agent.try_join(right, None).await, ToAgent::Joined { .. }));
}

#[tokio::test]
async fn five_wrong_codes_then_a_wait_also_after_a_restart() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let mut agent = Agent::connect(&ground).await;
    let mut ticket = None;
    for left in [4, 3, 2, 1] {
        let wrong = JoinCode::from_random(&[left; 9]).folded();
        let answer = agent.try_code(&wrong, ticket.clone()).await;
        let ToAgent::WrongCode { attempts_left, ticket: given, wait_seconds: None } = answer else {
            panic!("{answer:?}")
        };
        assert_eq!(attempts_left, u32::from(left));
        ticket = Some(given);
    }
    drop(agent);
    let ground = ground.restart();
    let mut agent = Agent::connect(&ground).await;
    let answer = agent.try_code("not a code at all", ticket.clone()).await;
    let ToAgent::WrongCode { attempts_left: 0, wait_seconds: Some(900), .. } = answer else {
        panic!("{answer:?}")
    };
    drop(agent);
    let ground = ground.restart();
    ground.clock.advance(Duration::from_mins(5));
    let mut agent = Agent::connect(&ground).await;
    let right = invited.code.folded();
    let answer = agent.try_code(&right, ticket.clone()).await;
    assert_eq!(answer, ToAgent::Wait { wait_seconds: 600 }, "the right code is not looked at");
    ground.clock.advance(Duration::from_mins(10));
    let answer = agent.try_code(&right, ticket).await;
    assert!(matches!(answer, ToAgent::Joined { .. }), "{answer:?}");
    assert_eq!(
        ground.story(invited.session).await,
        ["Created", "Joined"],
        "no wrong code is in it"
    );
}

#[tokio::test]
async fn an_invitation_expires_when_its_time_is_over() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    ground.clock.advance(Duration::from_hours(2));
    ground.recorded(invited.session, "Expired").await;
    let mut agent = Agent::connect(&ground).await;
    let answer = agent.try_code(&invited.code.folded(), None).await;
    assert!(matches!(answer, ToAgent::WrongCode { .. }), "{answer:?}");
}

#[tokio::test]
async fn who_waits_too_long_hears_that_the_session_expired() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let mut agent = Agent::joined(&ground, &invited).await;
    ground.clock.advance(Duration::from_hours(2));
    assert_eq!(agent.socket.hear::<ToAgent>().await, ToAgent::Expired {});
    assert_eq!(ground.story(invited.session).await, ["Created", "Joined", "Expired"]);
}

#[tokio::test]
async fn another_version_hears_what_the_server_speaks() {
    let ground = Ground::new().await;
    let mut socket = Client::open(ground.address, "/ws/agent").await;
    let mut hello = HelloFrame::of(Kind::Agent);
    hello.hello.v = 99;
    socket.say(&hello).await;
    let answer: ToAgent = socket.hear().await;
    let download = ground.hub.public_url.to_string();
    assert_eq!(answer, ToAgent::OtherVersion { speaks: vec![1], download });
    assert!(!matches!(socket.closed().await, Heard::Message(_)));
}

#[tokio::test]
async fn an_agent_that_never_heard_that_it_is_in_may_come_with_its_code_again() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let first = Agent::joined(&ground, &invited).await;
    let mut again = Agent::at(ground.address, first.pair).await;
    let answer = again.try_code(&invited.code.folded(), None).await;
    assert!(matches!(answer, ToAgent::Joined { .. }), "{answer:?}");
    let story = ground.story(invited.session).await;
    assert_eq!(story.iter().filter(|name| **name == "Joined").count(), 1);
    let mut stranger = Agent::connect(&ground).await;
    let answer = stranger.try_code(&invited.code.folded(), None).await;
    assert!(matches!(answer, ToAgent::WrongCode { attempts_left: 4, .. }), "{answer:?}");
}

#[tokio::test]
async fn a_connection_has_a_few_tries_only() {
    let ground = Ground::new().await;
    let mut agent = Agent::connect(&ground).await;
    let wrong = || JoinBy::Token("A".repeat(22));
    for _ in 0..6 {
        assert_eq!(agent.try_join(wrong(), None).await, ToAgent::NotValid {});
    }
    assert!(!matches!(agent.socket.closed().await, Heard::Message(_)));
}

//! A whole server on a log in a cluster.

use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use beckon_audit::{Options, Verdict, verify};
use beckon_events::Action;
use beckon_events::account::Names;
use beckon_events::envelope;
use beckon_protocol::{AgentSays, ControlSays, ToAgent, ToControl};
use beckon_server::clock::SystemClock;
use beckon_server::config::Config;
use beckon_server::erase::erase;
use beckon_server::export::{Wish, write_to};
use beckon_server::face::peer::Foreign;
use beckon_tests::inside::client::{active, available};
use beckon_tests::inside::ground::Ground;
use tokio::sync::watch;

use super::cluster::Cluster;

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_session_stands_in_the_cluster() {
    let nodes = Cluster::of(1);
    let ground = Ground::in_real_time_with(&[("BECKON_STORE", &nodes.uri())]).await;
    // Somebody else uses the cluster, too, and some of their streams are called like ours.
    for stream in ["$stats-1", "orders-1", "session-00000000-0000-0000-0000-000000000000"] {
        let metadata = r#"{"log":"00000000-0000-0000-0000-000000000000"}"#.into();
        let (stream, kind) = (stream.to_owned(), "Theirs".to_owned());
        nodes.log().foreign(Foreign { stream, kind, metadata, data: "{}".into() }).unwrap();
    }
    let invited = ground.invited().await;
    let (mut agent, mut control) = active(&ground, &invited).await;
    control.socket.say(&ControlSays::Connected {}).await;
    ground.recorded(invited.session, "OperatorConnected").await;
    agent.socket.say(&AgentSays::ActionStarted { action: Action::View }).await;
    let end = agent.ended();
    agent.socket.say(&end).await;
    control.until(|heard| matches!(heard, ToControl::Ended { .. })).await;
    let story = ground.story(invited.session).await;
    let expected = [
        "Created",
        "Joined",
        "ApprovalRequested",
        "Approved",
        "OperatorConnected",
        "ActionStarted",
        "ActionStopped",
        "Ended",
    ];
    assert_eq!(story, expected);
    let name = format!("session-{}", invited.session);
    let stored = nodes.stored().into_iter().filter(|event| event.stream.as_str() == name).count();
    assert_eq!(stored, expected.len());
    // What is made of the log fits it: an export that holds, and an erasure.
    let folder = tempfile::tempdir().unwrap();
    let wish = Wish { session: None, names: Names::None };
    let contents = write_to(&ground.hub, folder.path().join("export"), wish).await.unwrap();
    let report = verify(&folder.path().join("export"), &Options::default()).unwrap();
    assert!(!matches!(report.verdict, Verdict::Wrong(_)), "{report}");
    assert_eq!(contents.events, nodes.stored().len() as u64);
    let who = format!("user:{}", invited.session);
    erase(&ground.hub, &who, "asked for it").await.unwrap();
    // Another start reads all of it back.
    let ground = tokio::task::spawn_blocking(|| ground.restart()).await.unwrap();
    assert_eq!(ground.story(invited.session).await, expected);
    assert_eq!(nodes.faults(0).open_subscriptions(), 0);
    drop(tokio::task::spawn_blocking(move || drop(ground)).await);
}

#[test]
fn of_two_servers_on_one_log_the_first_one_ends_and_says_why() {
    let nodes = Cluster::of(1);
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str| {
        let data = folder.path().join(name).display().to_string();
        let settings = [("BECKON_DATA".to_owned(), data), ("BECKON_STORE".to_owned(), nodes.uri())];
        let config = Config::parse("", settings).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (stop, stopped) = watch::channel(false);
        let (tell, told) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let ready = Box::new(move || tell.send(()).unwrap());
            let clock = Arc::new(SystemClock::new());
            beckon_server::system(beckon_server::run(config, listener, clock, stopped, ready))
        });
        told.recv_timeout(Duration::from_secs(20)).expect("it did not start");
        (stop, thread)
    };
    let (_stop, first) = run("first");
    // Somebody copies the data folder to another machine and starts the server there.
    let mut copy = Command::new("cp");
    copy.args(["-r", "first", "second"]).current_dir(folder.path());
    assert!(copy.status().unwrap().success());
    std::fs::remove_file(folder.path().join("second/admin.sock")).unwrap();
    let (stop, second) = run("second");
    let said = first.join().unwrap().unwrap_err().to_string();
    assert!(said.contains("another server has started on this log"), "{said}");
    stop.send_replace(true);
    second.join().unwrap().unwrap();
    let kinds: Vec<_> = nodes
        .stored()
        .iter()
        .filter(|event| event.stream.as_str() == "node-0")
        .map(|event| envelope::metadata(&event.metadata).unwrap().kind)
        .collect();
    assert_eq!(kinds, ["ServerStarted", "ServerStarted", "ServerStopped"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_cluster_is_gone_no_grant_is_confirmed_and_then_the_session_goes_on() {
    let mut nodes = Cluster::of(1);
    let ground = Ground::in_real_time_with(&[("BECKON_STORE", &nodes.uri())]).await;
    let invited = ground.invited().await;
    let (mut agent, mut control) = available(&ground, &invited).await;
    control.request([Action::Control]).await;
    let (request, actions) = agent.asked().await;
    nodes.kill(0);
    let statement = agent.grant(&control, actions, ground.hub.journal.now());
    agent.socket.say(&AgentSays::Approve { request, statement: statement.clone() }).await;
    let answer = agent.hear().await;
    let ToAgent::NotRecorded { why } = &answer else { panic!("{answer:?}") };
    assert!(why.contains("the event store"), "{why}");
    let approved = |heard: &ToControl| matches!(heard, ToControl::Approved { .. });
    let early = tokio::time::timeout(Duration::from_millis(300), control.until(approved)).await;
    assert!(early.is_err(), "Control was told of a grant that is not recorded: {early:?}");
    nodes.start(0);
    // The same grant counts now.
    agent.socket.say(&AgentSays::Approve { request, statement }).await;
    let answer = loop {
        match agent.hear().await {
            // The question is open again.
            ToAgent::Asked { .. } => {}
            other => break other,
        }
    };
    assert!(matches!(answer, ToAgent::Recorded { .. }), "{answer:?}");
    control.until(approved).await;
    let story = ground.story(invited.session).await;
    assert_eq!(story, ["Created", "Joined", "ApprovalRequested", "Approved"]);
    drop(tokio::task::spawn_blocking(move || drop(ground)).await);
}

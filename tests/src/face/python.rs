//! The log read with a client of KurrentDB for Python.

use beckon_events::envelope::Actor;
use beckon_events::session::Command;
use beckon_tests::follower::{Follower, ReadAt, script};

use super::ground::House;

fn at(house: &House) -> ReadAt {
    ReadAt {
        address: house.face.to_string(),
        token: house.token.clone(),
        ca: house.authority.as_ref().unwrap().ca.clone(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn python_reads_a_session_and_the_log_and_is_refused_all_else() {
    let house = House::with_tls().await;
    let invited = house.ground.invited().await;
    let mut reads = script(&at(&house), "reads.py");
    reads.arg(invited.session.to_string());
    let output = tokio::task::spawn_blocking(move || reads.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{complained}");
    for words in [
        "Created",
        "read 1 events of the session",
        "a wrong token is refused",
        "an append is refused: this log can only be read over this protocol",
        "a deletion is refused",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn python_prints_a_session_as_it_happens_and_stops_after_its_end() {
    let house = House::with_tls().await;
    let operator = house.ground.operator("Ana Silva").await;
    let place = at(&house);
    let mut follower =
        tokio::task::spawn_blocking(move || Follower::start(&place, None)).await.unwrap();
    let invited = house.ground.invitation(operator).await;
    let stream = format!("session-{}", invited.session);
    let said = follower.says(&[&stream, " 0 Created "]);
    assert!(said.contains(&operator.to_string()), "{said}");
    let cancel = Command::CancelInvitation;
    let source = house.ground.hub.own(Actor::operator(operator));
    house.ground.hub.session(invited.session, source, cancel).await.unwrap();
    follower.says(&[&stream, "InvitationCancelled"]);
    let words = tokio::task::spawn_blocking(move || follower.ends()).await.unwrap();
    let lines = words.lines().filter(|line| line.starts_with(&stream));
    assert_eq!(lines.count(), 2, "{words}");
}

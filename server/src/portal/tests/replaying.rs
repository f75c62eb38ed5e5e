//! The replay of a session: who sees it, what it shows, and what proves it.

use std::time::Duration;

use beckon_events::envelope;
use beckon_events::operator::{Event, Role};
use beckon_events::session::{Command, EndReason, EndedBy, Fact, Said};
use beckon_events::{Digest, OperatorId, RecordedEvent, SessionId, Subject};
use beckon_protocol::evidence::{SignedCheckpoint, fingerprint, verify_inclusion};
use data_encoding::{BASE64, HEXLOWER};
use serde_json::Value;

use super::played::{Played, active, pair};
use super::stage::{Browser, Stage};
use crate::store::{StoredEvent, StreamName};
use crate::text;

const PARTS: [&str; 4] = ["", "/event?at=0", "/bytes?at=0&part=data", "/proof"];

fn path(session: SessionId) -> String {
    format!("/sessions/{session}/replay")
}

async fn stored(stage: &Stage, session: SessionId) -> Vec<StoredEvent> {
    stage.hub.journal.read_stream(StreamName::session(session)).await.unwrap()
}

/// What `person` is recorded to have looked at.
async fn looks(stage: &Stage, person: OperatorId) -> Vec<Option<SessionId>> {
    let events = stage.hub.journal.read_stream(StreamName::operator(person)).await.unwrap();
    let look = |stored: &StoredEvent| {
        let position = stored.position.to_bits();
        let keys = &stage.hub.keys;
        let read = envelope::read(&stored.metadata, &stored.data, position, keys).unwrap();
        let RecordedEvent::Operator(recorded) = read else { return None };
        match recorded.event {
            Event::AuditViewed { session } => Some(session),
            _ => None,
        }
    };
    events.iter().filter_map(look).collect()
}

async fn proof(browser: &mut Browser<'_>, session: SessionId, from: usize) -> Value {
    let answer = browser.get(&format!("{}/proof?from={from}", path(session))).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

/// The article of the page about the session right after the event.
fn step(page: &str, at: usize) -> String {
    let (_, rest) = page.split_once(&format!("id=\"step-{at}\"")).unwrap();
    rest.split_once("</article>").unwrap().0.to_owned()
}

/// What a line about the session says there.
fn fact(page: &str, at: usize, slug: &str) -> String {
    let step = step(page, at);
    let (_, rest) = step.split_once(&format!("data-fact=\"{slug}\"")).unwrap();
    let (line, _) = rest.split_once("</dd>").unwrap();
    plain(&format!("<dd{line}"))
}

/// What somebody could do there.
fn could(page: &str, at: usize, who: &str) -> String {
    let step = step(page, at);
    let (_, rest) = step.split_once(&format!("<th scope=\"row\">{who}")).expect(who);
    let (line, _) = rest.split_once("</td>").unwrap();
    plain(&format!("<th>{line}"))
}

/// The words of a part, without markup.
fn plain(html: &str) -> String {
    let words = html.split('<').filter_map(|part| part.split_once('>'));
    let words: Vec<_> = words.map(|(_, words)| words.trim()).filter(|w| !w.is_empty()).collect();
    words.join(" | ")
}

#[actix_web::test]
async fn operators_replay_their_own_and_whoever_sees_all_is_recorded_before() {
    let stage = Stage::new().await;
    let Played { session, operator, .. } = active(&stage).await;
    let bob = stage.person("Bob", Role::Operator).await;
    let eve = stage.person("Eve", Role::Auditor).await;
    let ada = stage.person("Ada Two", Role::Admin).await;
    for part in PARTS {
        let path = path(session) + part;
        for (person, status) in [(operator, 200), (bob, 404), (eve, 200), (ada, 200)] {
            let answer = stage.browser(person).get(&path).await;
            assert_eq!(answer.status, status, "{path}: {}", answer.body);
            assert_eq!(answer.header("Cache-Control"), "no-store", "{path}");
        }
    }
    assert_eq!((looks(&stage, operator).await, looks(&stage, bob).await), (vec![], vec![]));
    for person in [eve, ada] {
        assert_eq!(looks(&stage, person).await, [Some(session)], "four parts are one look");
    }
    stage.clock.advance(Duration::from_mins(10));
    stage.browser(eve).get(&path(session)).await;
    assert_eq!(looks(&stage, eve).await.len(), 2, "ten minutes later it is another one");
    let page = stage.browser(eve).get(&format!("/sessions/{session}")).await.body;
    assert!(page.contains(&format!("href=\"{}\"", path(session))), "{page}");
}

#[actix_web::test]
async fn each_point_says_how_the_session_stood_and_who_could_do_what() {
    let stage = Stage::new().await;
    let Played { session, operator, .. } = active(&stage).await;
    let page = stage.browser(operator).get(&path(session)).await.body;
    // Created, Joined, ApprovalRequested, Approved, OperatorConnected, ActionStarted.
    for (at, state, computer) in [
        (0, "Waiting for user", text::replay::NOT_THERE_YET),
        (1, "Available", text::replay::CONNECTED),
        (2, "Approval requested", text::replay::CONNECTED),
        (3, "In session", text::replay::CONNECTED),
    ] {
        assert_eq!(fact(&page, at, "state").split(" | ").next(), Some(state));
        assert_eq!(fact(&page, at, "computer").split(" | ").next(), Some(computer), "{at}");
    }
    assert!(fact(&page, 2, "asked").starts_with("See the screen and use mouse and keyboard."));
    assert_eq!(fact(&page, 2, "allowed"), text::replay::NOTHING);
    assert!(fact(&page, 3, "allowed").starts_with("See the screen and use mouse and keyboard"));
    assert!(fact(&page, 3, "allowed").contains(text::replay::CHANGED), "it is marked as new");
    assert!(!fact(&page, 4, "allowed").contains(text::replay::CHANGED), "and later no longer");
    assert!(fact(&page, 4, "operator").starts_with("Ana is connected"));
    assert!(fact(&page, 5, "in-use").starts_with("See the screen"));
    assert!(could(&page, 0, "Whoever has the code").contains("join with the code or the link"));
    assert!(could(&page, 2, "The user").contains("decline the request"));
    assert!(could(&page, 3, "Ana, in Control").contains("use mouse and keyboard"));
    assert!(could(&page, 3, "Administrators").contains("see the session in the portal"));
    assert!(could(&page, 3, "Other operators").contains(text::replay::NO_POWER));
    assert!(page.contains("6 events in 5 min"), "{page}");
    for part in ["“&#60;b&#62;PC&#60;/b&#62;”", "data-tick=\"5\"", "class=\"bar used\""] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("<b>PC"), "what the agent claims is no markup");
    assert!(!page.contains("style="), "the content policy allows no style in a page");
}

#[actix_web::test]
async fn a_point_has_an_address_and_the_nearest_one_is_shown_where_there_is_none() {
    let stage = Stage::new().await;
    let Played { session, operator, .. } = active(&stage).await;
    let mut browser = stage.browser(operator);
    for (at, shown, missed) in [
        ("", 0, false),
        ("?at=3", 3, false),
        ("?at=99", 5, true),
        ("?at=-1", 0, true),
        ("?at=x", 0, true),
    ] {
        let page = browser.get(&(path(session) + at)).await;
        assert_eq!(page.status, 200, "{at}");
        let open: Vec<_> =
            (0..6).filter(|at| !step(&page.body, *at).contains(" hidden>")).collect();
        assert_eq!(open, [shown], "{at}");
        assert_eq!(page.body.contains(text::replay::NOT_THERE), missed, "{at}");
    }
    // Without a script the links lead on, and the event is there with its bytes.
    let page = browser.get(&(path(session) + "?at=3")).await.body;
    for part in
        ["href=\"?at=2\"", "href=\"?at=4\"", "data-bytes=\"metadata\"", text::replay::NO_SCRIPT]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert_eq!(page.matches("data-bytes=\"data\"").count(), 1, "only of the event at this point");
}

#[actix_web::test]
async fn what_is_not_there_is_not_found() {
    let stage = Stage::new().await;
    let Played { session, operator, .. } = active(&stage).await;
    let mut browser = stage.browser(operator);
    let nobody = "/sessions/6d5f3e0a-0000-4000-8000-000000000000/replay";
    let parts = PARTS.map(|part| format!("{nobody}{part}"));
    let bad = [
        "/event",
        "/event?at=6",
        "/event?at=-1",
        "/event?at=x",
        "/bytes?at=0",
        "/bytes?at=0&part=all",
        "/bytes?at=6&part=data",
        "/proof?from=6",
        "/proof?from=x",
        "/proof?from=-1",
        "/more",
    ];
    let bad = bad.map(|part| path(session) + part);
    for path in parts.iter().chain(&bad) {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.body);
    }
    assert_eq!(browser.get("/sessions/x/replay").await.status, 404);
}

#[actix_web::test]
async fn bytes_are_given_as_they_are_stored_and_explained() {
    let stage = Stage::new().await;
    let Played { session, operator, .. } = active(&stage).await;
    let stored = stored(&stage, session).await;
    let mut browser = stage.browser(operator);
    for (at, event) in stored.iter().enumerate() {
        for (part, bytes) in [("metadata", &event.metadata), ("data", &event.data)] {
            let answer = browser.get(&format!("{}/bytes?at={at}&part={part}", path(session))).await;
            assert_eq!(answer.bytes, *bytes);
            assert_eq!(answer.header("Content-Type"), "application/json");
            let short = &session.to_string()[..8];
            let name = format!("attachment; filename=\"beckon-{short}-{at}-{part}.json\"");
            assert_eq!(answer.header("Content-Disposition"), name);
        }
    }
    let part = browser.get(&(path(session) + "/event?at=3")).await.body;
    let leaf = stored[3].leaf().to_string();
    let key = fingerprint(&stage.hub.evidence.public_key());
    let signer = HEXLOWER.encode(&super::played::public(&pair(2)).0);
    for words in [&leaf, &key, &signer, "&#34;n&#34;:1", "— 127.0.0.1", text::replay::KEYS[11].1]
    {
        assert!(part.contains(words), "{words}: {part}");
    }
    let part = browser.get(&(path(session) + "/event?at=1")).await.body;
    assert!(part.contains(text::replay::STATEMENT_NONE) && part.contains("&#34;$s&#34;"), "{part}");
}

#[actix_web::test]
async fn the_proof_holds_against_the_checkpoint_that_comes_with_it() {
    let stage = Stage::new().await;
    let Played { session, operator, .. } = active(&stage).await;
    let proof = proof(&mut stage.browser(operator), session, 0).await;
    assert_eq!(proof["session"], session.to_string());
    let key = stage.hub.evidence.public_key();
    assert_eq!(proof["log_key"], key.to_string());
    let signed = SignedCheckpoint::parse(proof["checkpoint"].as_str().unwrap()).unwrap();
    assert!(signed.verify(&key));
    let stored = stored(&stage, session).await;
    let events = proof["events"].as_array().unwrap();
    assert_eq!((events.len(), &proof["next"]), (stored.len(), &Value::Null));
    for (event, stored) in events.iter().zip(&stored) {
        let bytes = |part: &str| BASE64.decode(event[part].as_str().unwrap().as_bytes()).unwrap();
        assert_eq!(
            (bytes("metadata"), bytes("data")),
            (stored.metadata.to_vec(), stored.data.to_vec())
        );
        let path: Vec<Digest> = serde_json::from_value(event["proof"].clone()).unwrap();
        let (index, size) = (event["index"].as_u64().unwrap(), signed.checkpoint.size);
        assert!(verify_inclusion(&stored.leaf(), index, size, &path, &signed.checkpoint.root));
    }
}

#[actix_web::test]
async fn a_name_that_was_erased_is_in_no_sentence_and_the_bytes_stay() {
    let stage = Stage::new().await;
    let Played { session, operator, .. } = active(&stage).await;
    let statement = Some(Said::new(session, Fact::Ended).sign(&pair(2)));
    let (by, why) = (EndedBy::User, EndReason::Asked);
    stage.tell(session, Command::End { by, why, statement, suppressed: 0 }).await;
    let before = proof(&mut stage.browser(operator), session, 0).await;
    let page = stage.browser(operator).get(&path(session)).await.body;
    assert!(page.contains("signed in as “eva”"), "{page}");
    let user = Subject::of_stream(&format!("session-{session}")).unwrap().to_string();
    crate::erase::erase(&stage.hub, &user, "asked for").await.unwrap();
    let page = stage.browser(operator).get(&path(session)).await.body;
    assert!(!page.contains("eva") && page.contains("a name that has been erased"), "{page}");
    let after = proof(&mut stage.browser(operator), session, 0).await;
    for (at, event) in before["events"].as_array().unwrap().iter().enumerate() {
        for part in ["metadata", "data", "index"] {
            assert_eq!(event[part], after["events"][at][part]);
        }
    }
}

#[actix_web::test]
async fn the_longest_session_is_proved_in_parts_and_soon() {
    let stage = Stage::new().await;
    let Played { session, operator, .. } = active(&stage).await;
    for _ in 0..447 {
        stage.tell(session, Command::Pause).await;
        stage.tell(session, Command::Continue).await;
    }
    let all = stored(&stage, session).await.len();
    assert_eq!(all, 900, "as many as are recorded");
    let mut browser = stage.browser(operator);
    let page = browser.get(&path(session)).await;
    assert_eq!(page.body.matches("<article").count(), all);
    let first = proof(&mut browser, session, 0).await;
    assert_eq!(
        (first["events"].as_array().unwrap().len(), first["next"].as_u64()),
        (500, Some(500))
    );
    let second = proof(&mut browser, session, 500).await;
    assert_eq!((second["events"].as_array().unwrap().len(), &second["next"]), (400, &Value::Null));
    assert!(page.body.len() < 8 << 20, "{} bytes", page.body.len());
}

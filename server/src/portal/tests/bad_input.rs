//! What nobody should send, and what happens when something else is broken.

use std::time::Duration;

use beckon_events::operator::Role;
use beckon_projections::SessionState;

use super::stage::Stage;
use crate::text;

#[actix_web::test]
async fn a_forged_draft_makes_nothing_and_keeps_what_was_typed() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana", Role::Operator).await;
    let bob = stage.person("Bob", Role::Operator).await;
    let foreign = stage.browser(bob).get("/sessions/new").await.draft();
    let foreign: Vec<_> = foreign.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let forgeries: [&[(&str, &str)]; 6] = [
        &[("mac", "")],
        &[("expires", "9999999999999999")],
        &[("code", "0123456789")],
        &[("token", "_____________________w")],
        &[("session", "6d5f3e0a-0000-4000-8000-000000000000")],
        &foreign[..5],
    ];
    for forged in forgeries {
        let typed = [("name", "Printer"), ("note", "by the window"), ("do", "create")];
        let answer = stage.browser(ana).create(&[&typed[..], forged].concat()).await;
        assert_eq!(answer.status, 422, "{forged:?}");
        for kept in [text::DRAFT_WRONG, "value=\"Printer\"", "by the window"] {
            assert!(answer.body.contains(kept), "{forged:?} {kept}: {}", answer.body);
        }
    }
    assert!(stage.sessions().is_empty() && stage.hub.vault.invitations().unwrap().is_empty());
}

#[actix_web::test]
async fn a_draft_that_was_open_for_too_long_becomes_a_new_one() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana", Role::Operator).await;
    let draft = stage.browser(ana).get("/sessions/new").await.draft();
    let draft: Vec<_> = draft.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    stage.clock.advance(Duration::from_hours(2));
    let fields = [&draft[..], &[("note", "kept"), ("do", "create")]].concat();
    let answer = stage.browser(ana).post("/sessions", &fields).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains(text::DRAFT_OLD) && answer.body.contains("kept"));
    assert_ne!(answer.draft()[1].1, draft[1].1, "another code");
    assert_eq!(
        super::stage::field(&answer.body, "name").map(|name| name.replace('-', "")),
        Some(answer.draft()[1].1.clone()),
        "pre-filled with the new code"
    );
}

#[actix_web::test]
async fn a_view_with_more_filters_than_one_can_see_is_refused_and_no_page_grows_with_it() {
    let stage = Stage::new().await;
    let eve = stage.person("Eve", Role::Auditor).await;
    let mut browser = stage.browser(eve);
    let query = |count: u128| {
        let person = |nth| format!("who={}&", uuid::Uuid::from_u128(nth));
        (1..=count).map(person).collect::<String>()
    };
    let plain = browser.get("/audit/log").await.body.len();
    let twenty = browser.get(&format!("/audit/log?{}", query(20))).await;
    assert_eq!(twenty.status, 200);
    for count in [21, 190] {
        let answer = browser.get(&format!("/audit/log?{}", query(count))).await;
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains(&text::too_many_filters(20)), "{}", answer.body);
        assert!(answer.body.len() < plain + 20 * 1024, "{}", answer.body.len());
        let taken = browser.post("/audit/log/export", &[("query", &query(count))]).await;
        assert!(taken.status == 409 && taken.body.contains(&text::too_many_filters(20)));
    }
    for list in ["/audit/log", "/history", "/report"] {
        let answer = browser.get(&format!("{list}?{}", query(200))).await;
        assert_eq!(answer.status, 414, "{list}");
        assert!(answer.body.contains(text::ADDRESS_LONG), "{list}: {}", answer.body);
        let taken = browser.post(&format!("{list}/export"), &[("query", &query(200))]).await;
        assert_eq!(taken.status, 414, "{list}");
    }
}

#[actix_web::test]
async fn names_and_notes_that_are_too_long_are_said_to_be() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana", Role::Operator).await;
    let (long, note) = ("é".repeat(81), "é".repeat(2_001));
    for (fields, problem) in [
        ([("name", ""), ("note", "x")], text::SESSION_NAME_LENGTH),
        ([("name", &long), ("note", "x")], text::SESSION_NAME_LENGTH),
        ([("name", "a\nb"), ("note", "x")], text::SESSION_NAME_LENGTH),
        ([("name", "a"), ("note", &note)], text::NOTE_LENGTH),
    ] {
        let answer = stage.browser(ana).create(&[&fields[..], &[("do", "create")]].concat()).await;
        assert_eq!(answer.status, 422, "{problem}");
        assert!(answer.body.contains(problem), "{problem}: {}", answer.body);
    }
    let huge = "x".repeat(70_000);
    let answer = stage.browser(ana).create(&[("note", &huge), ("do", "create")]).await;
    assert_eq!(answer.status, 413);
    assert!(answer.body.contains(text::TOO_LARGE), "{}", answer.body);
    assert!(stage.sessions().is_empty());
}

#[actix_web::test]
async fn a_session_of_somebody_else_does_not_exist() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana", Role::Operator).await;
    let other = stage.person("Eve", Role::Admin).await;
    stage.browser(ana).create(&[("name", "Printer"), ("do", "create")]).await;
    let id = stage.session().id;
    for path in ["code", "cancel", "end"] {
        let answer = stage.browser(other).get(&format!("/sessions/{id}/{path}")).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.body.contains("Printer"), "{}", answer.body);
    }
    let fields = [("to", "a@b.org"), ("wanted", "view"), ("key", "k")];
    for path in ["send", "cancel", "end", "launch"] {
        let answer = stage.browser(other).post(&format!("/sessions/{id}/{path}"), &fields).await;
        assert_eq!(answer.status, 404, "{path}");
    }
    assert_eq!(stage.session().state, SessionState::WaitingForUser);
    for id in ["x", "..%2F..", "6d5f3e0a-0000-4000-8000-000000000000"] {
        assert_eq!(stage.browser(ana).get(&format!("/sessions/{id}")).await.status, 404, "{id}");
    }
}

#[actix_web::test]
async fn when_the_mail_server_is_down_the_dialog_says_so_and_nothing_is_lost() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let smtp = format!(
        "[smtp]\nhost = \"127.0.0.1\"\nport = {port}\nencryption = \"none\"\nfrom = \"b@example.org\"\n"
    );
    let stage = Stage::set_up(&smtp).await;
    let ana = stage.person("Ana", Role::Operator).await;
    let mut browser = stage.browser(ana);
    let typed = [("name", "Printer"), ("note", "by the window"), ("to", "eva@example.org")];
    let wrong = [&typed[..2], &[("to", "eva"), ("do", "send")]].concat();
    let answer = browser.create(&wrong).await;
    assert!(answer.status == 422 && answer.body.contains(text::EMAIL_WRONG));
    assert!(answer.body.contains("value=\"eva\"") && stage.sessions().is_empty());
    let answer = browser.create(&[&typed[..], &[("do", "send")]].concat()).await;
    assert_eq!(answer.status, 422);
    for part in
        ["The session was created, but the e-mail was not sent", "value=\"eva@example.org\""]
    {
        assert!(answer.body.contains(part), "{part}: {}", answer.body);
    }
    let row = stage.session();
    assert_eq!(row.note.as_ref().map(|note| note.or("")), Some("by the window"));
    assert!(!row.invitation_sent);
    let again = browser
        .post(&format!("/sessions/{}/send", row.id), &[("to", "eva@example.org"), ("key", "k")])
        .await;
    assert!(
        again.status == 422 && again.body.contains("The e-mail was not sent"),
        "{}",
        again.body
    );
    assert!(!stage.session().invitation_sent);
}

#[actix_web::test]
async fn without_a_mail_server_there_is_no_send_button() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana", Role::Operator).await;
    let page = stage.browser(ana).get("/sessions/new").await.body;
    assert!(page.contains(text::NO_SMTP) && !page.contains("id=\"send\""), "{page}");
}

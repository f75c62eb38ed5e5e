//! Create, the invitation and its page.

use beckon_events::operator::Role;
use beckon_events::{Personal, session};
use beckon_projections::SessionState;
use beckon_protocol::InvitationLink;

use super::stage::{Stage, field};
use crate::text;

fn link(body: &str) -> InvitationLink {
    let (_, rest) = body.split_once("id=\"link\"").unwrap();
    let (_, rest) = rest.split_once("value=\"").unwrap();
    rest.split_once('"').unwrap().0.replace("&#38;", "&").parse().unwrap()
}

#[actix_web::test]
async fn a_draft_leaves_nothing_behind_and_create_stores_what_the_dialog_showed() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana Silva", Role::Operator).await;
    let mut browser = stage.browser(ana);
    let draft = browser.get("/sessions/new").await;
    assert!(draft.body.contains("id=\"qr\"") && draft.body.contains("data:image/svg+xml;base64,"));
    assert!(stage.sessions().is_empty() && stage.hub.vault.invitations().unwrap().is_empty());
    let shown = link(&draft.body);
    let fields = draft.draft();
    let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(field(&draft.body, "name"), Some(shown.code.to_string()));
    for _ in 0..2 {
        let created = browser.post("/sessions", &[&fields[..], &[("do", "create")]].concat()).await;
        assert_eq!((created.status.as_u16(), created.header("Location")), (303, "/sessions"));
    }
    let row = stage.session();
    assert_eq!((row.operator, row.state), (ana, SessionState::WaitingForUser));
    assert_eq!((&row.name, &row.note), (&None, &None), "named after its code");
    assert_eq!(row.deadline, stage.now().plus(stage.hub.config.session.invitation_expiry));
    let pepper = stage.hub.folder.pepper();
    assert_eq!(row.code, pepper.code_digest(&shown.code.folded()));
    assert_eq!(stage.hub.vault.session_by_token(shown.token.as_str()).unwrap(), Some(row.id));
    let list = browser.get("/sessions").await;
    assert!(list.body.contains(&format!(">{}</a>", shown.code)), "{}", list.body);
    let dialog = browser.get(&format!("/sessions/{}/code", row.id)).await;
    assert_eq!(link(&dialog.body), shown);
}

#[actix_web::test]
async fn with_a_script_the_dialog_is_a_part_and_create_closes_it() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana", Role::Operator).await;
    let mut browser = stage.browser(ana).with("HX-Request", "true");
    let part = browser.get("/sessions/new").await;
    assert!(!part.body.contains("<html"), "{}", part.body);
    let created = browser.create(&[("name", "Printer"), ("do", "create")]).await;
    assert_eq!((created.status.as_u16(), created.header("HX-Redirect")), (204, "/sessions"));
    assert_eq!(stage.session().name, Some(Personal::Known("Printer".to_owned())));
}

#[actix_web::test]
async fn the_sixth_open_invitation_is_refused_and_nothing_typed_is_lost() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana", Role::Operator).await;
    let mut browser = stage.browser(ana);
    for n in 0..5 {
        let name = format!("S{n}");
        assert_eq!(browser.create(&[("name", &name), ("do", "create")]).await.status, 303);
    }
    let refused =
        browser.create(&[("name", "Sixth"), ("note", "by the window"), ("do", "create")]).await;
    assert_eq!(refused.status, 422);
    for kept in [text::too_many_invitations(5).as_str(), "value=\"Sixth\"", "by the window"] {
        assert!(refused.body.contains(kept), "{kept}: {}", refused.body);
    }
    assert_eq!(stage.sessions().len(), 5);
    let bob = stage.person("Bob", Role::Operator).await;
    assert_eq!(stage.browser(bob).create(&[("do", "create")]).await.status, 303, "each has five");
}

#[actix_web::test]
async fn the_page_behind_the_link_says_who_waits_and_an_invalid_one_says_always_the_same() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana Silva", Role::Operator).await;
    let mut browser = stage.browser(ana);
    browser.create(&[("name", "Printer"), ("do", "create")]).await;
    let row = stage.session();
    let kept = stage.hub.vault.invitation(row.id).unwrap().unwrap();
    let mut user = stage.stranger();
    let page = user.get("/j").await;
    assert!(page.status == 200 && page.body.contains("id=\"typed-code\""), "{}", page.body);
    let open = user.post("/j", &[("token", &kept.token)]).await;
    assert_eq!(open.status, 200, "{}", open.body);
    for part in [
        "Ana Silva from Acme & Söhne is waiting for you.".to_owned(),
        format!("beckon-agent_127.0.0.1_8080_{}", kept.code),
    ] {
        assert!(open.body.contains(&part), "{part}: {}", open.body);
    }
    let unknown = user.post("/j", &[("token", "_____________________w")]).await;
    stage.clock.set(row.deadline);
    let expired = user.post("/j", &[("token", &kept.token)]).await;
    stage.clock.set(row.created);
    stage.join(row.id).await;
    let used = user.post("/j", &[("token", &kept.token)]).await;
    for answer in [unknown, expired, used] {
        assert_eq!(answer.status, 404);
        assert!(answer.body.contains(text::INVITATION_INVALID), "{}", answer.body);
    }
}

#[actix_web::test]
async fn without_a_script_a_typed_code_leads_to_the_same_download_and_is_not_looked_up() {
    let stage = Stage::new().await;
    let mut user = stage.stranger();
    user.get("/j").await;
    let wrong = user.post("/j/code", &[("code", "01234-56788\"><b>")]).await;
    assert_eq!(wrong.status, 422);
    assert!(!wrong.body.contains("<b>"), "{}", wrong.body);
    let wrong = user.post("/j/code", &[("code", "01234-56788")]).await;
    assert!(wrong.body.contains("one character seems wrong"), "{}", wrong.body);
    let right = user.post("/j/code", &[("code", "oi234 56789")]).await;
    assert_eq!(right.status, 200);
    assert!(right.body.contains(">01234-56789</output>"), "{}", right.body);
}

#[actix_web::test]
async fn a_cancelled_invitation_asks_once_and_is_gone() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana", Role::Operator).await;
    let mut browser = stage.browser(ana);
    browser.create(&[("name", "Printer"), ("do", "create")]).await;
    let id = stage.session().id;
    let asked = browser.get(&format!("/sessions/{id}/cancel")).await;
    assert!(asked.body.contains("Cancel the invitation “Printer”?"), "{}", asked.body);
    assert_eq!(stage.session().state, SessionState::WaitingForUser, "asking changes nothing");
    let key = field(&asked.body, "key").unwrap();
    for _ in 0..2 {
        let done = browser.post(&format!("/sessions/{id}/cancel"), &[("key", &key)]).await;
        assert_eq!(done.status, 303, "twice is once: {}", done.body);
    }
    assert_eq!(stage.session().state, SessionState::Ended);
    assert!(stage.hub.vault.invitations().unwrap().is_empty());
    let shown = browser.get(&format!("/sessions/{id}/code")).await;
    assert!(shown.status == 409 && shown.body.contains(text::INVITATION_CLOSED));
    let part = stage.browser(ana).with("HX-Request", "true");
    let part = { part }.get(&format!("/sessions/{id}/code")).await;
    assert!(part.status == 409 && part.body.contains(text::INVITATION_CLOSED));
    assert!(!part.body.contains("<html"), "a part: {}", part.body);
    let again = browser.post(&format!("/sessions/{id}/cancel"), &[("key", "another")]).await;
    assert!(again.status == 409 && again.body.contains("This session is over."), "{}", again.body);
    let list = browser.get("/sessions").await.body;
    assert!(list.contains("Invitation cancelled"), "{list}");
    let source = stage.hub.own(beckon_events::envelope::Actor::SYSTEM);
    let expire = session::Command::Expire { now: stage.now() };
    assert!(stage.hub.session(id, source, expire).await.is_err());
}

//! A session under way: the list, its page, View and Control, the end.

use beckon_events::operator::Role;
use beckon_events::{Action, ActionSet};
use beckon_projections::SessionState;
use beckon_protocol::LaunchLink;

use super::stage::{Browser, Stage, field};
use crate::text;

async fn joined(stage: &Stage, browser: &mut Browser<'_>, name: &str) -> beckon_events::SessionId {
    assert_eq!(browser.create(&[("name", name), ("do", "create")]).await.status, 303);
    let created = stage.sessions().into_iter().find(|row| row.joined.is_none() && row.is_live());
    let id = created.unwrap().id;
    stage.join(id).await;
    id
}

#[actix_web::test]
async fn whoever_waits_stands_on_top_and_in_the_page_s_title() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana", Role::Operator).await;
    let mut browser = stage.browser(ana);
    let empty = browser.get("/sessions").await;
    assert!(empty.body.contains("<title>On-demand – Beckon</title>"), "{}", empty.body);
    joined(&stage, &mut browser, "First").await;
    browser.create(&[("name", "Second"), ("do", "create")]).await;
    let list = browser.get("/sessions").await.body;
    assert!(list.contains("<title>(1) On-demand – Beckon</title>"), "{list}");
    let second = stage.sessions().into_iter().find(|row| row.joined.is_none()).unwrap().id;
    stage.join(second).await;
    let list = browser.get("/sessions").await.body;
    assert!(list.contains("<title>(2) Available: Second – Beckon</title>"), "{list}");
    assert!(list.find(">Second</a>").unwrap() < list.find(">First</a>").unwrap());
    assert!(list.contains("“&#60;b&#62;PC&#60;/b&#62;”"), "claimed names are quoted: {list}");
    assert!(!list.contains("<b>PC"), "{list}");
}

#[actix_web::test]
async fn view_and_control_give_a_link_that_works_once_for_this_operator() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana", Role::Operator).await;
    let mut browser = stage.browser(ana);
    let id = joined(&stage, &mut browser, "Printer").await;
    let path = format!("/sessions/{id}/launch");
    let plain = browser.post(&path, &[("wanted", "view")]).await;
    assert!(plain.body.contains("id=\"open\""), "{}", plain.body);
    let mut script = stage.browser(ana).with("Accept", "application/json");
    let answer = script.post(&path, &[("wanted", "control")]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let answer: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    let link: LaunchLink = answer["link"].as_str().unwrap().parse().unwrap();
    assert_eq!(link.token(), answer["token"].as_str().unwrap());
    assert_eq!(link.server().to_string(), "127.0.0.1:8080");
    let asked = script.post("/launches", &[("token", link.token())]).await;
    assert_eq!(asked.body, "{\"redeemed\":false}");
    let launch = stage.hub.launches.redeem(link.token(), stage.now()).unwrap();
    assert_eq!((launch.operator, launch.session), (ana, id));
    assert_eq!(launch.wanted, ActionSet::EMPTY.with(Action::Control));
    let asked = script.post("/launches", &[("token", link.token())]).await;
    assert_eq!(asked.body, "{\"redeemed\":true}");
    let bob = stage.person("Bob", Role::Operator).await;
    let asked = stage.browser(bob).post("/launches", &[("token", link.token())]).await;
    assert_eq!(asked.body, "{\"redeemed\":false}", "somebody else's");
    let nothing = browser.post(&path, &[("wanted", "camera")]).await;
    assert_eq!(nothing.status, 409);
}

#[actix_web::test]
async fn a_session_page_tells_what_happened_and_quotes_the_device() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana Silva", Role::Operator).await;
    let mut browser = stage.browser(ana);
    let id = joined(&stage, &mut browser, "<i>Printer</i>").await;
    let page = browser.get(&format!("/sessions/{id}")).await.body;
    for part in [
        "<title>Available: &#60;i&#62;Printer&#60;/i&#62; – Beckon</title>",
        "“&#60;b&#62;PC&#60;/b&#62;”, “eva”, Debian 12",
        text::CLAIMED,
        "<span class=\"who\">Ana Silva</span> <span class=\"what\">The session was created.</span>",
        "The user joined from",
        "<time datetime=\"2026-11-22T08:00:00.000000Z\">2026-11-22 08:00 UTC</time>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("<i>"), "{page}");
    let part = browser.get(&format!("/sessions/{id}/now")).await.body;
    assert!(part.contains("id=\"timeline\"") && !part.contains("<html"));
}

#[actix_web::test]
async fn ending_asks_once_names_the_session_and_ends_it() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana", Role::Operator).await;
    let mut browser = stage.browser(ana);
    let id = joined(&stage, &mut browser, "Printer").await;
    let asked = browser.get(&format!("/sessions/{id}/end")).await;
    assert!(asked.body.contains("End the session “Printer”?"), "{}", asked.body);
    assert!(stage.session().is_live(), "asking changes nothing");
    let key = field(&asked.body, "key").unwrap();
    let ended = browser.post(&format!("/sessions/{id}/end"), &[("key", &key)]).await;
    assert_eq!(ended.status, 303);
    assert_eq!(stage.session().state, SessionState::Ended);
    let list = browser.get("/sessions").await.body;
    assert!(
        list.contains("data-state=\"ended\"") && list.contains("Ended in the portal"),
        "{list}"
    );
    assert!(!list.contains("id=\"end-"), "nothing left to end: {list}");
    let launch = browser.post(&format!("/sessions/{id}/launch"), &[("wanted", "view")]).await;
    assert!(launch.status == 409 && launch.body.contains("This session is over."));
}

#[actix_web::test]
async fn everybody_else_sees_what_their_role_shows_and_never_the_code() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana Silva", Role::Operator).await;
    stage.browser(ana).create(&[("do", "create")]).await;
    let row = stage.session();
    let code = stage.hub.vault.invitation(row.id).unwrap().unwrap().code;
    let bob = stage.person("Bob", Role::Operator).await;
    let page = format!("/sessions/{}", row.id);
    let list = stage.browser(bob).get("/sessions").await.body;
    assert!(list.contains(text::NO_SESSIONS), "{list}");
    assert_eq!(stage.browser(bob).get(&page).await.status, 404);
    for role in [Role::Admin, Role::Auditor] {
        let other = stage.person(role.name(), role).await;
        let list = stage.browser(other).get("/sessions").await.body;
        assert!(list.contains("Session of 2026-11-22 08:00 UTC"), "{list}");
        assert!(list.contains("Operator: Ana Silva"), "{list}");
        assert!(!list.contains(&code) && !list.contains(&crate::portal::row::grouped(&code)));
        assert!(!list.contains("id=\"cancel-") && !list.contains("id=\"code-"), "{list}");
        assert_eq!(stage.browser(other).get(&page).await.status, 200);
    }
}

#[actix_web::test]
async fn more_than_50_ended_sessions_stand_on_pages_and_after_30_days_they_leave() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana", Role::Operator).await;
    let mut browser = stage.browser(ana);
    for n in 0..52 {
        let name = format!("N{n:02}");
        browser.create(&[("name", &name), ("do", "create")]).await;
        let id =
            stage.sessions().into_iter().find(beckon_projections::SessionRow::is_live).unwrap().id;
        stage.tell(id, beckon_events::session::Command::CancelInvitation).await;
    }
    let first = browser.get("/sessions").await.body;
    assert!(
        first.contains(">N51</a>") && first.contains(">N02</a>") && !first.contains(">N01</a>")
    );
    assert!(first.contains("id=\"earlier\"") && !first.contains("id=\"later\""));
    let last = browser.get("/sessions?page=99").await.body;
    assert!(last.contains(">N00</a>") && !last.contains(">N02</a>"), "{last}");
    stage
        .clock
        .advance(std::time::Duration::from_hours(30 * 24) + std::time::Duration::from_secs(1));
    let later = stage.browser(ana).get("/sessions").await.body;
    assert!(!later.contains(">N51</a>"), "{later}");
}

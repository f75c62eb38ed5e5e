//! The first minutes of a server, and setup links.

use std::time::Duration;

use beckon_events::operator::Role;

use super::stage::Stage;
use crate::portal::permissions::{Access, TABLE};
use crate::text;

const PASSWORD: &str = "correct horse battery";

fn link(stage: &Stage, operator: beckon_events::OperatorId) -> String {
    let lifetime = Duration::from_mins(15);
    stage.hub.vault.issue_setup(operator, lifetime, stage.now()).unwrap().as_str().to_owned()
}

#[actix_web::test]
async fn before_somebody_is_registered_everything_else_says_run_init() {
    let stage = Stage::empty().await;
    for route in TABLE {
        if route.method != "GET" {
            continue;
        }
        let answer = stage.stranger().get(route.path).await;
        if route.access == Access::Always {
            assert_ne!(answer.status, 503, "{}", route.path);
        } else {
            assert_eq!(answer.status, 503, "{}", route.path);
            assert!(answer.body.contains(text::NOT_SET_UP), "{}", answer.body);
        }
    }
    assert_eq!(stage.stranger().get("/nowhere").await.status, 503);
    assert_eq!(stage.stranger().get("/healthz").await.body, "{\"status\":\"ok\"}");
}

#[actix_web::test]
async fn a_setup_link_registers_and_signs_in_once() {
    let stage = Stage::empty().await;
    let ada = stage.invited("Administrator", Role::Admin).await;
    let token = link(&stage, ada);
    let mut browser = stage.stranger();
    browser.get("/setup").await;
    let claimed = browser.post("/setup", &[("token", &token)]).await;
    assert_eq!((claimed.status.as_u16(), claimed.header("Location")), (303, "/setup/account"));
    let form = browser.get("/setup/account").await;
    assert!(form.body.contains("id=\"finish\""), "{}", form.body);

    let mut other = stage.stranger();
    other.get("/setup").await;
    let late = other.post("/setup", &[("token", &token)]).await;
    assert_eq!(late.status, 410, "the first browser has it");
    assert!(late.body.contains(text::SETUP_GONE));
    assert_eq!(other.get("/setup/account").await.status, 410);

    let fields = |name, email, password, again| {
        [("name", name), ("email", email), ("password", password), ("again", again)]
    };
    for (wrong, problem) in [
        (fields(" ", "a@b.org", PASSWORD, PASSWORD), text::NAME_LENGTH),
        (fields("Ada", "nobody", PASSWORD, PASSWORD), text::EMAIL_WRONG),
        (fields("Ada", "a@b.org", "short", "short"), text::PASSWORD_LENGTH),
        (fields("Ada", "a@b.org", PASSWORD, "another password"), text::PASSWORDS_DIFFER),
    ] {
        let answer = browser.post("/setup/account", &wrong).await;
        assert_eq!(answer.status, 422, "{problem}");
        assert!(answer.body.contains(problem), "{}", answer.body);
    }
    let right = fields("Ada Lovelace", "ada@b.org", PASSWORD, PASSWORD);
    let finished = browser.post("/setup/account", &right).await;
    assert_eq!((finished.status.as_u16(), finished.header("Location")), (303, "/"));
    let list = browser.get("/sessions").await;
    assert!(list.status == 200 && list.body.contains("Ada Lovelace"), "{}", list.body);

    let again = browser.post("/setup/account", &right).await;
    assert_ne!(again.status, 303);
    let mut third = stage.stranger();
    third.get("/setup").await;
    assert_eq!(third.post("/setup", &[("token", &token)]).await.status, 410, "used up");
    assert!(stage.hub.vault.verify_password(Some(ada), PASSWORD).unwrap());
}

#[actix_web::test]
async fn a_link_of_somebody_registered_changes_the_password_and_signs_the_others_out() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana", Role::Operator).await;
    stage.hub.vault.set_password(ana, "the password before").unwrap();
    let mut before = stage.browser(ana);
    let token = link(&stage, ana);
    let mut browser = stage.stranger();
    browser.get("/setup").await;
    browser.post("/setup", &[("token", &token)]).await;
    let form = browser.get("/setup/account").await;
    assert!(form.body.contains(text::NEW_PASSWORD) && !form.body.contains("name=\"email\""));
    let fields = [("password", PASSWORD), ("again", PASSWORD)];
    assert_eq!(browser.post("/setup/account", &fields).await.status, 303);
    assert!(stage.hub.vault.verify_password(Some(ana), PASSWORD).unwrap());
    assert_eq!(browser.get("/sessions").await.status, 200);
    assert_eq!(before.get("/sessions").await.status, 303);
}

#[actix_web::test]
async fn a_setup_link_ends_after_its_time_and_an_e_mail_belongs_to_one() {
    let stage = Stage::new().await;
    stage.person("Ana", Role::Operator).await;
    let bob = stage.invited("Bob", Role::Operator).await;
    let token = link(&stage, bob);
    let mut browser = stage.stranger();
    browser.get("/setup").await;
    browser.post("/setup", &[("token", &token)]).await;
    let fields = [
        ("name", "Bob"),
        ("email", "ANA@example.org"),
        ("password", PASSWORD),
        ("again", PASSWORD),
    ];
    let taken = browser.post("/setup/account", &fields).await;
    assert!(taken.status == 422 && taken.body.contains(text::EMAIL_TAKEN));
    stage.clock.advance(Duration::from_mins(15));
    assert_eq!(browser.get("/setup/account").await.status, 410);
}

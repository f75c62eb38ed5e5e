//! Signing in and out, cookies and headers.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use std::time::Duration;

use beckon_events::envelope::Actor;
use beckon_events::operator::{Command, Role};

use super::stage::Stage;
use crate::text;

const PASSWORD: &str = "correct horse battery";

async fn with_password(stage: &Stage) -> beckon_events::OperatorId {
    let ana = stage.person("Ana Silva", Role::Operator).await;
    stage.hub.vault.set_password(ana, PASSWORD).unwrap();
    ana
}

#[actix_web::test]
async fn the_right_password_signs_in_and_leads_back() {
    let stage = Stage::new().await;
    let ana = with_password(&stage).await;
    let mut browser = stage.stranger();
    let asked = browser.get("/sessions?page=2").await;
    assert_eq!(asked.status, 303);
    assert_eq!(asked.header("Location"), "/sign-in?next=/sessions%3Fpage%3D2");
    browser.get(asked.header("Location")).await;
    let fields =
        [("email", " ANASILVA@example.org"), ("password", PASSWORD), ("next", "/sessions?page=2")];
    let signed_in = browser.post("/sign-in", &fields).await;
    assert_eq!(
        (signed_in.status.as_u16(), signed_in.header("Location")),
        (303, "/sessions?page=2")
    );
    let cookie = signed_in.header("Set-Cookie");
    for part in ["__Host-beckon=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let list = browser.get("/sessions").await;
    assert!(list.status == 200 && list.body.contains("Ana Silva"), "{}", list.body);
    assert!(list.body.contains("Acme &#38; Söhne"), "escaped: {}", list.body);
    let row = stage.hub.views.read(|models| models.roster.get(ana).cloned().unwrap());
    assert_eq!(row.last_sign_in, Some(stage.now()));
}

#[actix_web::test]
async fn a_wrong_password_an_unknown_and_a_disabled_user_hear_the_same() {
    let stage = Stage::new().await;
    with_password(&stage).await;
    let bob = stage.person("Bob", Role::Operator).await;
    stage.hub.vault.set_password(bob, PASSWORD).unwrap();
    let done =
        stage.hub.operator(bob, stage.hub.own(Actor::SYSTEM), Command::Disable).await.unwrap();
    assert!(stage.hub.reached(&done).await);
    let mut said = Vec::new();
    for (email, password) in [
        ("anasilva@example.org", "wrong password"),
        ("nobody@example.org", PASSWORD),
        ("bob@example.org", PASSWORD),
    ] {
        let mut browser = stage.stranger();
        browser.get("/sign-in").await;
        let csrf = browser.csrf.clone();
        let answer = browser.post("/sign-in", &[("email", email), ("password", password)]).await;
        assert_eq!(answer.status, 422, "{email}");
        assert!(!browser.cookies.contains_key("__Host-beckon"), "{email}");
        assert!(answer.body.contains(text::WRONG_SIGN_IN));
        said.push(answer.body.replace(email, "…").replace(&csrf, "…"));
    }
    assert!(said.windows(2).all(|two| two[0] == two[1]), "{said:?}");
    assert!(!said[0].contains("wrong password"), "a password is never sent back");
}

#[actix_web::test]
async fn after_a_failure_the_next_attempt_waits_and_too_many_at_once_are_told_so() {
    let stage = Stage::new().await;
    with_password(&stage).await;
    let (hub, from) = (&stage.hub, "192.0.2.7".parse().unwrap());
    let waiting: Vec<_> = (0..4)
        .map(|_| hub.reception.attempt("anasilva@example.org", from, Duration::ZERO).unwrap())
        .collect();
    let mut browser = stage.stranger();
    browser.get("/sign-in").await;
    let fields = [("email", "anasilva@example.org"), ("password", PASSWORD)];
    let answer = browser.post("/sign-in", &fields).await;
    assert_eq!(answer.status, 429);
    assert!(answer.body.contains(text::CROWDED));
    waiting.last().unwrap().succeed();
    drop(waiting);
    assert_eq!(browser.post("/sign-in", &fields).await.status, 303, "never a lock");
}

#[actix_web::test]
async fn idle_for_15_minutes_or_after_12_hours_nobody_is_signed_in() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana", Role::Operator).await;
    let mut browser = stage.browser(ana);
    stage.clock.advance(Duration::from_mins(14));
    assert_eq!(browser.get("/sessions/rows").await.status, 200, "watching is no activity");
    assert!(browser.get("/web-session").await.body.contains("{\"left\":60}"));
    stage.clock.advance(Duration::from_secs(61));
    assert_eq!(browser.get("/sessions").await.status, 303);
    let mut browser = stage.browser(ana);
    for _ in 0..72 {
        assert_eq!(browser.get("/sessions").await.status, 200);
        stage.clock.advance(Duration::from_mins(10));
    }
    assert_eq!(browser.get("/sessions").await.status, 303, "12 hours are the end");
}

#[actix_web::test]
async fn staying_counts_as_activity_and_a_part_that_is_asked_for_too_late_leads_to_the_sign_in() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana", Role::Operator).await;
    let mut browser = stage.browser(ana);
    stage.clock.advance(Duration::from_mins(14));
    assert!(browser.post("/web-session", &[]).await.body.contains("{\"left\":900}"));
    stage.clock.advance(Duration::from_mins(14));
    assert_eq!(browser.get("/sessions").await.status, 200);
    stage.clock.advance(Duration::from_mins(16));
    let part = browser.with("HX-Request", "true").get("/sessions/rows").await;
    assert_eq!(part.status, 401);
    assert_eq!(part.header("HX-Redirect"), "/sign-in?after=idle");
}

#[actix_web::test]
async fn signing_out_ends_the_web_session_for_good() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana", Role::Operator).await;
    let mut browser = stage.browser(ana);
    let kept = browser.cookies.clone();
    let answer = browser.post("/sign-out", &[]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("Location")),
        (303, "/sign-in?after=sign-out")
    );
    assert!(!browser.cookies.contains_key("__Host-beckon"));
    browser.cookies = kept;
    assert_eq!(browser.get("/sessions").await.status, 303, "the old cookie opens nothing");
}

#[actix_web::test]
async fn a_new_sign_in_ends_the_browser_s_earlier_one() {
    let stage = Stage::new().await;
    let ana = with_password(&stage).await;
    let mut browser = stage.browser(ana);
    let kept = browser.cookies.clone();
    browser.get("/sign-in").await;
    let fields = [("email", "anasilva@example.org"), ("password", PASSWORD)];
    assert_eq!(browser.post("/sign-in", &fields).await.status, 303);
    assert_ne!(browser.cookies, kept);
    browser.cookies = kept;
    assert_eq!(browser.get("/sessions").await.status, 303);
}

#[actix_web::test]
async fn one_signs_out_another_browser_of_one_s_own_and_of_nobody_else() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana", Role::Operator).await;
    let bob = stage.person("Bob", Role::Operator).await;
    let (mut here, mut there) = (stage.browser(ana), stage.browser(ana));
    let page = here.get("/account").await.body;
    assert!(page.contains(text::THIS_BROWSER) && page.contains(text::ANOTHER_BROWSER), "{page}");
    let key = super::stage::field(&page, "session").unwrap();
    let foreign = stage.browser(bob).post("/account/revoke", &[("session", &key)]).await;
    assert_eq!(foreign.status, 404);
    assert_eq!(there.get("/sessions").await.status, 200);
    assert_eq!(here.post("/account/revoke", &[("session", &key)]).await.status, 303);
    assert_eq!(there.get("/sessions").await.status, 303);
    assert_eq!(here.get("/sessions").await.status, 200);
}

#[actix_web::test]
async fn every_answer_carries_the_headers_and_no_page_is_kept() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana", Role::Operator).await;
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'";
    let pages = ["/sessions", "/sign-in", "/nowhere", "/j", "/assets/beckon.css", "/healthz"];
    for path in pages {
        let answer = stage.browser(ana).get(path).await;
        for (name, value) in [
            ("Content-Security-Policy", policy),
            ("Referrer-Policy", "same-origin"),
            ("X-Content-Type-Options", "nosniff"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Strict-Transport-Security", ""),
        ] {
            assert_eq!(answer.header(name), value, "{path} {name}");
        }
        let kept = if path.starts_with("/assets/") { "no-cache" } else { "no-store" };
        assert_eq!(answer.header("Cache-Control"), kept, "{path}");
        if path != "/assets/beckon.css" {
            assert!(!answer.body.contains("<style") && !answer.body.contains(" style="), "{path}");
            assert!(
                !answer.body.contains("<script>") && !answer.body.contains(" onclick"),
                "{path}"
            );
        }
    }
}

#[actix_web::test]
async fn head_is_answered_as_get_is_without_a_body_and_leaves_nothing_behind() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana", Role::Operator).await;
    let head = |path: &str| TestRequest::default().method(Method::HEAD).uri(path);
    for (path, status) in [
        ("/healthz", 200),
        ("/assets/beckon.css", 200),
        ("/sign-in", 200),
        ("/j", 200),
        ("/", 303),
        ("/agent/linux-x86_64", 404),
        ("/control/linux-x86_64", 303),
    ] {
        let mut browser = stage.stranger();
        let answer = browser.send(head(path)).await;
        assert_eq!((answer.status.as_u16(), answer.bytes.len()), (status, 0), "{path}");
        assert!(browser.cookies.is_empty(), "{path}");
        let get = stage.stranger().get(path).await;
        assert_eq!(get.status, answer.status, "{path}");
        for name in ["Content-Type", "Location", "ETag", "Cache-Control"] {
            assert_eq!(get.header(name), answer.header(name), "{path} {name}");
        }
    }
    // What is recorded when it is looked at, is answered by a look only.
    for path in ["/audit/log", "/sessions/6d5f3e0a-0000-4000-8000-000000000000", "/live"] {
        assert_eq!(stage.browser(ana).send(head(path)).await.status, 404, "{path}");
    }
    let mut browser = stage.browser(ana);
    stage.clock.advance(Duration::from_mins(14));
    assert_eq!(browser.send(head("/sessions")).await.status, 200);
    assert!(browser.get("/web-session").await.body.contains("{\"left\":60}"), "no activity");
}

#[actix_web::test]
async fn over_https_browsers_are_told_to_stay_there() {
    let mut stage = Stage::new().await;
    stage.hub.public_url = "https://help.example.org".parse().unwrap();
    let answer = stage.stranger().get("/sign-in").await;
    assert_eq!(answer.header("Strict-Transport-Security"), "max-age=31536000");
}

#[actix_web::test]
async fn an_asset_that_the_browser_has_is_not_sent_again() {
    let stage = Stage::empty().await;
    let mut browser = stage.stranger();
    let first = browser.get("/assets/portal.js").await;
    assert_eq!(first.header("Content-Type"), "text/javascript; charset=utf-8");
    assert!(first.body.contains("EventSource"));
    let tag = first.header("ETag").to_owned();
    let request = TestRequest::get().uri("/assets/portal.js").insert_header(("If-None-Match", tag));
    let second = browser.send(request).await;
    assert_eq!((second.status.as_u16(), second.body.len()), (304, 0));
    assert_eq!(browser.get("/assets/nothing.js").await.status, 404);
}

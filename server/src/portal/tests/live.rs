//! The stream of changes.

use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::test::TestRequest;
use actix_web::{App, test, web};
use beckon_events::operator::Role;

use super::stage::{Browser, Stage};
use crate::portal::{configure, cookie};

/// Opens the stream and gives its words one after the other.
async fn stream(browser: &Browser<'_>, path: &str) -> impl AsyncFnMut() -> Option<String> + use<> {
    let hub = web::Data::new(browser.stage.hub.clone());
    let app = test::init_service(App::new().configure(|c| configure(c, hub.clone()))).await;
    let cookie = format!("{}={}", cookie::SESSION, browser.cookies[cookie::SESSION]);
    let request = TestRequest::get().uri(path).insert_header(("Cookie", cookie));
    let response = test::call_service(&app, request.to_request()).await;
    assert_eq!(response.status(), 200);
    for (name, value) in [
        ("Content-Type", "text/event-stream"),
        ("X-Accel-Buffering", "no"),
        ("Cache-Control", "no-store"),
    ] {
        assert_eq!(response.headers().get(name).unwrap(), value);
    }
    let mut body = Box::pin(response.into_body());
    async move || {
        let next = std::future::poll_fn(|context| body.as_mut().poll_next(context));
        let word = tokio::time::timeout(Duration::from_secs(5), next).await.expect("no word");
        word.map(|word| String::from_utf8(word.unwrap().to_vec()).unwrap())
    }
}

const CHANGED: &str = "event: changed\ndata: 1\n\n";

#[actix_web::test]
async fn a_tab_hears_of_what_it_shows_and_of_nothing_else() {
    let stage = Stage::new().await;
    let (ana, bob) =
        (stage.person("Ana", Role::Operator).await, stage.person("Bob", Role::Operator).await);
    let browser = stage.browser(ana);
    let mut next = stream(&browser, "/live?of=sessions").await;
    assert_eq!(next().await.as_deref(), Some(CHANGED), "the first word, in case it missed one");
    stage.browser(bob).create(&[("do", "create")]).await;
    let nothing = tokio::time::timeout(Duration::from_millis(300), next()).await;
    assert!(nothing.is_err(), "somebody else's session");
    stage.browser(ana).create(&[("do", "create")]).await;
    assert_eq!(next().await.as_deref(), Some(CHANGED));
}

#[actix_web::test]
async fn a_stream_closes_at_once_when_its_web_session_ends() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana", Role::Operator).await;
    let mut browser = stage.browser(ana);
    let mut next = stream(&browser, "/live?of=sessions").await;
    assert_eq!(next().await.as_deref(), Some(CHANGED));
    browser.post("/sign-out", &[]).await;
    assert_eq!(next().await, None);
    let browser = stage.browser(ana);
    let mut next = stream(&browser, "/live?of=sessions").await;
    assert_eq!(next().await.as_deref(), Some(CHANGED));
    stage.clock.advance(Duration::from_mins(15));
    assert_eq!(next().await, None, "idle, though the stream was open");
}

#[actix_web::test]
async fn a_stream_closes_when_its_person_is_disabled() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana", Role::Operator).await;
    let browser = stage.browser(ana);
    let mut next = stream(&browser, "/live?of=sessions").await;
    assert_eq!(next().await.as_deref(), Some(CHANGED));
    let source = stage.hub.own(beckon_events::envelope::Actor::SYSTEM);
    stage.hub.operator(ana, source, beckon_events::operator::Command::Disable).await.unwrap();
    assert_eq!(next().await, None);
}

#[actix_web::test]
async fn a_session_page_hears_of_its_session() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana", Role::Operator).await;
    stage.browser(ana).create(&[("do", "create")]).await;
    let id = stage.session().id;
    let browser = stage.browser(ana);
    let mut next = stream(&browser, &format!("/live?of={id}")).await;
    assert_eq!(next().await.as_deref(), Some(CHANGED));
    stage.join(id).await;
    assert_eq!(next().await.as_deref(), Some(CHANGED));
    let bob = stage.person("Bob", Role::Operator).await;
    assert_eq!(stage.browser(bob).get(&format!("/live?of={id}")).await.status, 404);
}

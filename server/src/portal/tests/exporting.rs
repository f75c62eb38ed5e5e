//! The Audit page, and what is taken away from it.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::http::header;
use actix_web::test::TestRequest;
use actix_web::{App, test, web};
use beckon_events::account::Names;
use beckon_events::operator::Role;
use beckon_projections::ExportRow;
use beckon_protocol::evidence::{SignedCheckpoint, fingerprint};

use super::stage::{Answer, ORIGIN, Stage};
use crate::portal::{configure, cookie};
use crate::text;

/// The files of a zip.
fn files(answer: &Answer) -> BTreeMap<String, Vec<u8>> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let mut archive = zip::ZipArchive::new(Cursor::new(answer.bytes.clone())).unwrap();
    let mut files = BTreeMap::new();
    for nth in 0..archive.len() {
        let mut entry = archive.by_index(nth).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        files.insert(entry.name().unwrap().into_owned(), bytes);
    }
    files
}

fn said(files: &BTreeMap<String, Vec<u8>>, key: &str) -> serde_json::Value {
    let manifest: serde_json::Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    manifest[key].clone()
}

fn recorded(stage: &Stage) -> Vec<ExportRow> {
    stage.hub.views.read(|models| models.exports.all().to_vec())
}

/// What an export could leave in the data folder.
fn left_over(stage: &Stage) -> Vec<String> {
    let entries = std::fs::read_dir(stage.hub.folder.path()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains("export") || name.contains("zip")).collect()
}

#[actix_web::test]
async fn an_auditor_takes_the_log_and_the_page_says_so() {
    let stage = Stage::new().await;
    let eve = stage.person("Eve", Role::Auditor).await;
    let mut browser = stage.browser(eve);
    let page = browser.get("/audit").await.body;
    let key = fingerprint(&stage.hub.evidence.public_key());
    for part in [key.as_str(), text::LOG_KEY_HINT, text::EXPORT_NAMES_HINT, text::EXPORTS_NONE] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("checked"), "names are never preset: {page}");
    let answer = browser.post("/audit/export", &[]).await;
    for (name, value) in [
        ("Content-Type", "application/zip"),
        ("Content-Disposition", "attachment; filename=\"beckon-log-2026-11-22.zip\""),
        ("Cache-Control", "no-store"),
    ] {
        assert_eq!(answer.header(name), value);
    }
    let without = files(&answer);
    assert_eq!((said(&without, "kind"), said(&without, "names")), ("log".into(), "none".into()));
    let with = files(&browser.post("/audit/export", &[("names", "all")]).await);
    assert_eq!(said(&with, "names"), "all");
    assert!(with.contains_key("subjects.json") && !without.contains_key("subjects.json"));
    let rows = recorded(&stage);
    let kept: Vec<_> = rows.iter().map(|row| (row.actor.id, row.session, &row.names)).collect();
    assert_eq!(kept, [(Some(eve.0), None, &Names::None), (Some(eve.0), None, &Names::All)]);
    assert_eq!(left_over(&stage), [""; 0]);
    let page = browser.get("/audit").await.body;
    let (_, list) = page.split_once("id=\"exports\"").unwrap();
    let (first, second) = list.split_once("</li>").unwrap();
    assert!(first.contains("with names") && second.contains("without names"), "newest first");
    assert!(first.contains("Eve") && first.contains(text::EXPORT_OF_LOG), "{first}");
}

#[actix_web::test]
async fn one_session_is_taken_from_its_page() {
    let stage = Stage::new().await;
    let (ada, ana) =
        (stage.person("Ada Two", Role::Admin).await, stage.person("Ana", Role::Operator).await);
    stage.browser(ana).create(&[("name", "<i>Printer"), ("do", "create")]).await;
    let id = stage.session().id;
    let path = format!("/sessions/{id}/export");
    let mut browser = stage.browser(ada);
    let page = browser.get(&format!("/sessions/{id}")).await.body;
    assert!(page.contains(&format!("action=\"{path}\"")), "{page}");
    let answer = browser.post(&path, &[("names", "all")]).await;
    let short = &id.to_string()[..8];
    let name = format!("attachment; filename=\"beckon-{short}-2026-11-22.zip\"");
    assert_eq!(answer.header("Content-Disposition"), name);
    let files = files(&answer);
    assert_eq!(said(&files, "session"), id.to_string());
    let subjects = String::from_utf8(files["subjects.json"].clone()).unwrap();
    assert!(subjects.starts_with(&format!("{{\"user:{id}\":\"")), "{subjects}");
    let page = browser.get("/audit").await.body;
    assert!(page.contains(&format!("href=\"/sessions/{id}\">&#60;i&#62;Printer")), "{page}");
    // Whoever may not take it is not offered it.
    let mut own = stage.browser(ana);
    let page = own.get(&format!("/sessions/{id}")).await.body;
    assert!(page.contains("Printer") && !page.contains("export"), "{page}");
    assert!(!page.contains("menu-audit"), "{page}");
    assert_eq!(own.post(&path, &[]).await.status, 403);
    assert_eq!(own.get("/audit/checkpoint").await.status, 403);
    assert_eq!(recorded(&stage).len(), 1);
}

#[actix_web::test]
async fn what_nobody_should_send_takes_nothing() {
    let stage = Stage::new().await;
    let eve = stage.person("Eve", Role::Auditor).await;
    let mut browser = stage.browser(eve);
    for names in ["", "none", "user:6d5f3e0a-0000-4000-8000-000000000000", "all,all"] {
        let answer = browser.post("/audit/export", &[("names", names)]).await;
        assert_eq!(answer.status, 403, "{names}");
        assert!(answer.body.contains(text::FORM_OLD), "{names}: {}", answer.body);
    }
    for id in ["6d5f3e0a-0000-4000-8000-000000000000", "x", "..%2F..%2Faudit"] {
        let answer = browser.post(&format!("/sessions/{id}/export"), &[]).await;
        assert_eq!(answer.status, 404, "{id}");
    }
    assert_eq!(browser.get("/audit/export").await.status, 404, "GET changes nothing");
    assert!(recorded(&stage).is_empty() && left_over(&stage).is_empty());
}

#[actix_web::test]
async fn one_that_is_refused_because_another_is_made_is_not_recorded() {
    let stage = Stage::new().await;
    let eve = stage.person("Eve", Role::Auditor).await;
    let mut browser = stage.browser(eve);
    let other = stage.hub.reception.export().unwrap();
    let answer = browser.post("/audit/export", &[]).await;
    assert!(answer.body.contains(text::EXPORT_UNDER_WAY), "{}", answer.body);
    assert!(recorded(&stage).is_empty());
    drop(other);
    assert_eq!(browser.post("/audit/export", &[]).await.status, 200);
    assert_eq!(recorded(&stage).len(), 1);
}

#[actix_web::test]
async fn the_last_checkpoint_is_handed_out_as_it_was_signed() {
    let stage = Stage::new().await;
    let eve = stage.person("Eve", Role::Auditor).await;
    let mut browser = stage.browser(eve);
    browser.post("/audit/export", &[]).await;
    let answer = browser.get("/audit/checkpoint").await;
    assert_eq!(answer.header("Content-Type"), "text/plain; charset=utf-8");
    let signed = SignedCheckpoint::parse(&answer.body).unwrap();
    assert!(signed.verify(&stage.hub.evidence.public_key()));
    let size = signed.checkpoint.size;
    let name = format!("attachment; filename=\"beckon-checkpoint-{size}.txt\"");
    assert_eq!(answer.header("Content-Disposition"), name);
    let page = browser.get("/audit").await.body;
    for part in [&format!("id=\"checkpoint-size\">{size}<"), "datetime=\"2026-11-22T08:00:00"] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[actix_web::test]
async fn a_download_that_is_broken_off_leaves_nothing() {
    let stage = Stage::new().await;
    let eve = stage.person("Eve", Role::Auditor).await;
    let browser = stage.browser(eve);
    let hub = web::Data::new(stage.hub.clone());
    let app = test::init_service(App::new().configure(|c| configure(c, hub.clone()))).await;
    let request = TestRequest::post()
        .uri("/audit/export")
        .insert_header((header::ORIGIN, ORIGIN))
        .insert_header((
            "Cookie",
            format!("{}={}", cookie::SESSION, browser.cookies[cookie::SESSION]),
        ))
        .set_form([("csrf", &browser.csrf)]);
    let response = test::call_service(&app, request.to_request()).await;
    assert_eq!(response.status(), 200);
    // While it is on its way it has no name either.
    assert!(left_over(&stage).is_empty());
    let mut body = Box::pin(response.into_body());
    let first = std::future::poll_fn(|context| body.as_mut().poll_next(context));
    let first = tokio::time::timeout(Duration::from_secs(5), first).await.unwrap();
    assert!(first.unwrap().unwrap().starts_with(b"PK"));
    drop(body);
    assert!(left_over(&stage).is_empty());
    assert_eq!(recorded(&stage).len(), 1, "that it was taken stays recorded");
}

//! What is handed out.

use beckon_events::Digest;
use beckon_events::operator::Role;

use super::stage::Stage;
use crate::text;

const WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";

fn install(stage: &Stage, name: &str, content: &str) {
    std::fs::write(stage.hub.folder.downloads().join(name), content).unwrap();
}

#[actix_web::test]
async fn the_agent_comes_without_a_file_name_and_the_page_says_its_sha_256() {
    let stage = Stage::new().await;
    let content = "x".repeat(200_000);
    install(&stage, "beckon-agent-x86_64-pc-windows-msvc.exe", &content);
    let mut user = stage.stranger().with("User-Agent", WINDOWS);
    user.get("/j").await;
    let page = user.post("/j/code", &[("code", "01234-56789")]).await.body;
    let sha256 = Digest::of(content.as_bytes()).to_string();
    for part in [
        "Download for Windows",
        "Windows protected your PC",
        sha256.as_str(),
        "href=\"/agent/windows-x86_64\"",
        "download=\"beckon-agent_127.0.0.1_8080_0123456789.exe\"",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let file = user.get("/agent/windows-x86_64").await;
    assert_eq!(file.header("Content-Disposition"), "attachment");
    assert_eq!((file.status.as_u16(), file.body), (200, content));
}

#[actix_web::test]
async fn a_system_without_a_build_is_told_so_and_has_no_button() {
    let stage = Stage::new().await;
    let mut user = stage.stranger().with("User-Agent", WINDOWS);
    let page = user.get("/j").await.body;
    assert!(page.contains(&text::no_agent("Windows")), "{page}");
    assert!(!page.contains("id=\"download\""), "{page}");
    assert_eq!(user.get("/agent/windows-x86_64").await.status, 404);
    assert_eq!(user.get("/agent/../keys/pepper").await.status, 404);
    assert_eq!(user.get("/agent/beos").await.status, 404);
}

#[actix_web::test]
async fn control_is_for_operators_and_comes_under_its_name() {
    let stage = Stage::new().await;
    install(&stage, "beckon-control-x86_64-pc-windows-msvc.exe", "control");
    let ana = stage.person("Ana", Role::Operator).await;
    let page = stage.browser(ana).get("/control").await.body;
    assert!(page.contains("beckon-control register"), "{page}");
    assert!(page.contains("href=\"/control/windows-x86_64\""), "{page}");
    let file = stage.browser(ana).get("/control/windows-x86_64").await;
    assert_eq!(file.header("Content-Disposition"), "attachment; filename=\"beckon-control.exe\"");
    assert_eq!(file.body, "control");
    assert_eq!(stage.stranger().get("/control/windows-x86_64").await.status, 303);
}

#[actix_web::test]
async fn users_lists_everybody_for_administrators() {
    let stage = Stage::new().await;
    stage.person("Ana", Role::Operator).await;
    stage.invited("Zoë", Role::Auditor).await;
    let ada = stage.person("Ada Two", Role::Admin).await;
    let page = stage.browser(ada).get("/users").await.body;
    for part in [
        "ana@example.org",
        "Zoë",
        "Auditor",
        "Has not opened the setup link yet",
        "beckon-server user add NAME --role operator",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

//! A whole server whose checkpoints are gone.

use std::path::Path;
use std::sync::Arc;

use crate::clock::ManualClock;
use crate::config::Config;

async fn start(data: &Path) -> Result<(), String> {
    let config = Config::parse(&format!("data = {data:?}"), []).unwrap();
    let clock = ManualClock::new("2026-11-22T08:00:00.000000Z".parse().unwrap());
    let url = "http://127.0.0.1:8080".parse().unwrap();
    let opened = crate::run::open(config, url, Arc::new(clock)).await;
    let opened = opened.map_err(|error| error.to_string())?;
    crate::run::close(&opened.hub).await.map_err(|error| error.to_string())
}

#[actix_web::test]
async fn a_second_start_without_checkpoints_is_fine_and_a_third_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("checkpoints/0.ndjson");
    start(folder.path()).await.unwrap();
    // As if it had been killed before its first checkpoint.
    std::fs::remove_file(&file).unwrap();
    start(folder.path()).await.unwrap();
    let kept = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let said = start(folder.path()).await.unwrap_err();
    assert!(said.contains("checkpoints/0.ndjson"), "{said}");
    assert!(!file.exists(), "nothing was signed");
    std::fs::write(&file, kept).unwrap();
    start(folder.path()).await.unwrap();
}

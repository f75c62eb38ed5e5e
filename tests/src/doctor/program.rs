//! The command as an administrator types it.

use beckon_tests::server::Server;
use serde_json::Value;

#[test]
fn the_command_ends_with_0_where_nothing_failed_and_with_1_and_the_reason_where_something_did() {
    let mut server = Server::start();
    let (ended, said) = server.verb(&["doctor"]);
    assert!(ended.success(), "{said}");
    assert!(said.lines().any(|line| line.starts_with("ok      web-sockets ")), "{said}");
    let (ended, said) = server.verb(&["doctor", "--json"]);
    assert!(ended.success(), "{said}");
    let said: Value = serde_json::from_str(said.trim()).unwrap();
    let address = said["checks"].as_array().unwrap().iter().find(|one| one["check"] == "address");
    assert_eq!(address.unwrap()["outcome"], "ok");
    server.stop();
    let (ended, said) = server.verb(&["doctor"]);
    assert_eq!(ended.code(), Some(1), "{said}");
    assert!(said.contains("FAILED  server         no server runs on"), "{said}");
    let file = server.scratch().path().join("beckon.toml");
    std::fs::write(&file, "lisen = \"127.0.0.1:1\"\n[log]\nlevel = \"loud\"").unwrap();
    let (ended, said) = server.verb(&["--config", &file.display().to_string(), "doctor"]);
    assert_eq!(ended.code(), Some(1), "{said}");
    for problem in ["lisen is no setting of beckon-server, did you mean listen?", "log.level: "] {
        assert!(said.contains(&format!("FAILED  configuration  {problem}")), "{said}");
    }
}

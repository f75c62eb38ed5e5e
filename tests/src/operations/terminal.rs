//! What the terminal shows, and a reader of it that goes away.

use std::io::{Read as _, pipe};
use std::process::{Command, Stdio};

use beckon_tests::programs::Programs;

/// Something to write to, which nobody reads.
fn closed() -> Stdio {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
fn a_reader_that_goes_away_ends_no_verb_badly() {
    let folder = tempfile::tempdir().unwrap();
    let say = |program: &str, verb: &[&str]| {
        let mut command = Command::new(Programs::built().path(program));
        command.env_clear().env("BECKON_DATA", folder.path().join("data"));
        command.env("BECKON_LISTEN", "127.0.0.1:1").args(verb);
        command
    };
    let export = folder.path().join("export").display().to_string();
    // Without a key that the auditor knows, an export is consistent in itself only: 3.
    for (program, verb, code) in [
        ("beckon-server", &["init", "--company", "Acme"][..], 0),
        ("beckon-server", &["user", "list"], 0),
        ("beckon-server", &["key"], 0),
        ("beckon-server", &["projections", "list"], 0),
        ("beckon-server", &["token", "add", "SIEM"], 0),
        ("beckon-server", &["export", &export], 0),
        ("beckon-audit", &["verify", &export], 3),
    ] {
        let ended = say(program, verb).stdout(closed()).output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        let fits = ended.status.code() == Some(code) && said.is_empty();
        assert!(fits, "{verb:?} {}: {said}", ended.status);
    }
    // The doctor finds that no server runs, and only that.
    let doctor = say("beckon-server", &["doctor"]).stdout(closed()).output().unwrap();
    let said = String::from_utf8_lossy(&doctor.stderr);
    assert!(doctor.status.code() == Some(1) && !said.contains("panicked"), "{said}");
    let complains = ["token", "revoke", "6d5f3e0a-0000-4000-8000-000000000000"];
    let status = say("beckon-server", &complains).stdout(closed()).stderr(closed()).status();
    assert_eq!(status.unwrap().code(), Some(1), "what it says is lost, and nothing else");
    let (mut reader, writer) = pipe().unwrap();
    let heard = say("beckon-server", &["user", "list"]).stdout(writer).status().unwrap();
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert!(heard.success() && text.contains("Administrator"), "{text}");
}

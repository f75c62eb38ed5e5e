//! What is told of exports that hold what this program does not know, or should not show.

use std::path::Path;

use super::*;
use crate::export::Line;
use crate::fabricate::with_fields;
use crate::text::told as text;

fn holds(line: &Line, mark: &str) -> bool {
    String::from_utf8_lossy(&line.metadata).contains(mark)
}

/// The place of the first event of a kind, of session `number`.
fn place(log: &Written, number: u32, kind: &str) -> usize {
    let stream = format!("session-{}", log.session(number));
    let kind = format!("\"type\":\"{kind}\"");
    let is_it = |line: &Line| holds(line, &stream) && holds(line, &kind);
    log.bundle.lines.iter().position(is_it).unwrap()
}

fn write(bundle: &Bundle, folder: &Path) {
    std::fs::remove_dir_all(folder).unwrap();
    bundle.write(folder).unwrap();
}

fn replaced(line: &mut Line, from: &str, to: &str) {
    let data = String::from_utf8(line.data.take().unwrap()).unwrap();
    assert!(data.contains(from), "{data}");
    line.data = Some(data.replace(from, to).into_bytes());
}

fn is_safe(text: &str) -> bool {
    !text.is_empty() && text == crate::terminal::lines(text)
}

#[test]
fn what_drives_a_terminal_is_told_in_letters_and_not_cut() {
    const HOSTILE: &str = "\u{1b}]0;owned\u{7}\u{9b}2J\u{202e}\u{200b}\u{7f}\nVERIFIED";
    let mut log = written(&Recipe::default());
    let (path, id) = (log.log(), log.session(3));
    let key = format!("{HOSTILE}{}", "x".repeat(100));
    let mut files = log.bundle.files();
    let keys = serde_json::to_vec(&serde_json::json!({ key: 1 })).unwrap();
    files.insert("keys.json".to_owned(), keys.clone());
    let manifest = serde_json::to_vec(&log.bundle.manifest(&files)).unwrap();
    std::fs::write(path.join("keys.json"), keys).unwrap();
    std::fs::write(path.join("manifest.json"), manifest).unwrap();
    let report = verify(&path, &Options::default()).unwrap();
    let said = report.to_string();
    assert!(report.wrong().unwrap().what.contains("owned"), "a key is quoted: {said}");
    assert!(is_safe(&said) && said.contains(&"x".repeat(100)), "{said:?}");
    assert!(!said.lines().any(|line| line.starts_with("VERIFIED")), "{said}");
    let json = report.json().unwrap();
    assert!(is_safe(&json) && json.contains(r"2J\u202e\u200b\u007f"), "{json:?}");
    let told = of(&path, id, &Options::default()).unwrap();
    for format in [Format::Text, Format::Json, Format::Html] {
        assert!(is_safe(&format.of(&told).unwrap()), "{told:?}");
    }
    let told = WorkReport { verified: HOSTILE.to_owned(), ..told };
    assert!(is_safe(&Format::Json.of(&told).unwrap()));

    let index = place(&log, 3, "HeadSigned");
    let line = &mut log.bundle.lines[index];
    line.metadata = with_fields(&line.metadata, &[("type", "\"P\u{202e}\u{9b}\"".to_owned())]);
    line.data = Some("{\"\u{7f}\u{feff}\":1}".into());
    write(&log.bundle, &path);
    let events = replay::events(&path, id, None).unwrap();
    assert!(is_safe(&events) && events.contains(r"P\u{202e}\u{9b}"), "{events}");
    assert!(events.contains(r#"{"\u{7f}\u{feff}":1}"#), "{events}");
}

#[test]
fn what_a_newer_server_wrote_is_left_out_and_counted() {
    let mut log = written(&Recipe::default());
    let (path, id) = (log.log(), log.session(3));
    let before = replay::sentences(&path, id, None).unwrap();
    let (connected, ended) = (place(&log, 3, "OperatorConnected"), place(&log, 3, "Ended"));
    let line = &mut log.bundle.lines[connected];
    line.metadata = with_fields(&line.metadata, &[("type", "\"Froze\"".to_owned())]);
    write(&log.bundle, &path);
    let one = "(1 event of a kind that this program does not know was left out: use a newer \
               beckon-audit)";
    assert!(replay::sentences(&path, id, None).unwrap().ends_with(one));
    assert!(sessions::list(&path, None).unwrap().ends_with(one));
    replaced(&mut log.bundle.lines[ended], "\"user\"", "\"oracle\"");
    let account = |line: &Line| holds(line, "\"stream\":\"account-");
    let account = log.bundle.lines.iter().position(account).unwrap();
    let line = &mut log.bundle.lines[account];
    line.metadata = with_fields(&line.metadata, &[("schema", "9".to_owned())]);
    write(&log.bundle, &path);
    let told = replay::sentences(&path, id, None).unwrap();
    assert!(told.contains("(2 events of a kind") && told.contains("were left out"), "{told}");
    assert_eq!(told.lines().count(), before.lines().count() - 2 + 1);
    assert!(sessions::list(&path, None).unwrap().contains("(3 events of a kind"));
    let reading = Reading::open(&path).unwrap();
    assert!(company(&reading).is_ok(), "another schema does not stop a report");
    let events = reading.session(id, None).unwrap();
    let work = work(id, None, &reading.manifest, &Report::default(), &events);
    assert_eq!((work.unknown, work.withheld, work.ended), (2, 0, None));
    let report = WorkReport { verified: String::new(), told: Some(work), exit_code: 3 };
    let report = Format::Text.of(&report).unwrap();
    assert!(report.contains("Ended      not in this export"), "{report}");
    assert!(report.contains("(2 events of a kind"), "{report}");
    let older = log.folder.path().join("older");
    let mut cut = log.bundle.clone();
    cut.lines.truncate(connected);
    cut.retile();
    cut.write(&older).unwrap();
    let found = comparison::of(&older, &path).unwrap();
    assert_eq!((found.unknown, found.difference), (2, None), "{found}");
    assert!(found.to_string().contains("(2 events of a kind"), "{found}");
    // Damage is still damage.
    log.bundle.lines[ended].data = Some(b"{".to_vec());
    write(&log.bundle, &path);
    let damaged = replay::sentences(&path, id, None).unwrap_err();
    assert!(damaged.to_string().contains("run `beckon-audit verify`"), "{damaged}");
}

#[test]
fn as_of_a_moment_nothing_later_is_told_though_it_is_withheld() {
    let mut log = written(&Recipe::default());
    let (path, id) = (log.log(), log.session(3));
    let joined = place(&log, 3, "Joined");
    let metadata = &log.bundle.lines[joined].metadata;
    let metadata: serde_json::Value = serde_json::from_slice(metadata).unwrap();
    let at: AsOf = metadata["at"].as_str().unwrap().parse().unwrap();
    let before = replay::events(&path, id, Some(at)).unwrap();
    for line in &mut log.bundle.lines[joined..] {
        line.data = None;
    }
    write(&log.bundle, &path);
    let after = replay::events(&path, id, Some(at)).unwrap();
    assert_eq!(after.lines().count(), before.lines().count(), "{after}");
    assert!(after.contains(text::WITHHELD), "{after}");
    let told = replay::sentences(&path, id, Some(at)).unwrap();
    assert!(told.contains("(1 event cannot be told: its body is withheld)"), "{told}");
}

#[test]
fn a_session_without_its_end_in_its_export_is_not_said_to_go_on() {
    let log = written(&Recipe::default());
    let id = log.session(3);
    let mut session = log.bundle.of_session(id);
    let started = |line: &Line| holds(line, "\"type\":\"ActionStarted\"");
    let keep = session.lines.iter().position(started).unwrap() + 1;
    session.lines.truncate(keep);
    session.places.truncate(keep);
    session.receipts.clear();
    let path = log.folder.path().join("session");
    session.write(&path).unwrap();
    let report = of(&path, id, &Options::default()).unwrap();
    let said = Format::Text.of(&report).unwrap();
    assert_eq!(report.exit_code(), 3, "{said}");
    assert!(said.contains("Ended      not in this export"), "{said}");
    assert!(said.contains("How        not in this export"), "{said}");
    assert!(said.contains("its end is not in this export"), "{said}");
    for wrong in ["It goes on", "to now", "in all, "] {
        assert!(!said.contains(wrong), "{said}");
    }

    let mut whole = log.bundle.clone();
    whole.lines.truncate(place(&log, 3, "ActionStarted") + 1);
    whole.retile();
    let path = log.folder.path().join("whole");
    whole.write(&path).unwrap();
    let reading = Reading::open(&path).unwrap();
    let events = reading.session(id, None).unwrap();
    let told = Some(work(id, None, &reading.manifest, &Report::default(), &events));
    let report = WorkReport { verified: String::new(), told, exit_code: 3 };
    let said = Format::Text.of(&report).unwrap();
    assert!(said.contains("It goes on.") && said.contains("to now, in use"), "{said}");
}

#[test]
fn lists_ids_folders_and_broken_files_are_named_for_what_they_are() {
    let none = written(&Recipe { sessions: 0, eras: 1, erased: 0, ..Recipe::default() });
    assert_eq!(sessions::list(&none.log(), None).unwrap(), text::EMPTY);
    let asked = replay::session_id("nope").unwrap_err();
    assert!(asked.contains("looks like 0192f3a4-") && asked.contains("sessions EXPORT"));
    let mut log = written(&Recipe::default());
    let (path, id) = (log.log(), log.session(3));
    assert_eq!(replay::session_id(&id.to_string()), Ok(id));
    let folder = receipt::check(&path, None).unwrap_err();
    assert!(folder.to_string().contains("this is a folder"), "{folder}");
    let options = Options { seen: vec![path.clone()], ..Options::default() };
    let folder = verify(&path, &options).unwrap_err();
    assert!(folder.to_string().contains("this is a folder"), "{folder}");

    let created = place(&log, 3, "Created");
    let other = log.session(4).to_string();
    replaced(&mut log.bundle.lines[created], &id.to_string(), &other);
    write(&log.bundle, &path);
    let list = sessions::list(&path, Some(&id.to_string())).unwrap();
    assert!(list.contains(&id.to_string()), "a session has the id of its stream: {list}");
    assert_eq!(sessions::list(&path, Some(&other)).unwrap().lines().count(), 1);

    std::fs::write(path.join("subjects.json"), "{\"user:1\":1}").unwrap();
    let errors = [
        sessions::list(&path, None).unwrap_err(),
        replay::sentences(&path, id, None).unwrap_err(),
        comparison::of(&path, &path).unwrap_err(),
    ];
    for error in errors {
        assert!(error.to_string().contains("subjects.json"), "{error}");
    }
}

#[test]
fn two_exports_in_the_wrong_order_over_a_restore_are_told_so() {
    use comparison::Difference;
    let log = written(&Recipe::default());
    let restored = |line: &Line| holds(line, "\"type\":\"LogRestored\"");
    let restored = log.bundle.lines.iter().position(restored).unwrap();
    let mut lost = log.bundle.clone();
    lost.lines.insert(restored, lost.lines[5].clone());
    lost.retile();
    let path = log.folder.path().join("lost");
    lost.write(&path).unwrap();
    let turned = comparison::of(&log.log(), &path).unwrap();
    assert_eq!(turned.difference, Some(Difference::Turned(restored as u64)));
    assert_eq!(turned.exit_code(), 1);
    assert!(turned.to_string().contains("in the wrong order"), "{turned}");
}

#[test]
fn one_is_counted_as_one() {
    assert_eq!([0, 1, 2].map(crate::text::events), ["0 events", "1 event", "2 events"]);
    let log = written(&Recipe { sessions: 1, eras: 1, erased: 0, ..Recipe::default() });
    let path = log.folder.path().join("session");
    log.bundle.of_session(log.session(0)).write(&path).unwrap();
    let report = verify(&path, &Options { jobs: 1, ..Options::default() }).unwrap().to_string();
    for one in ["in 1 stream (1 session), 1 checkpoint, ", ", 1 job"] {
        assert!(report.contains(one), "{report}");
    }
}

//! Each check finds what it is there for, at the place where it is.

use beckon_events::{Digest, SessionId};

use super::*;
use crate::export::Line;
use crate::fabricate::{strange_pair, with_fields};

pub(super) fn find(bundle: &Bundle, kind: &str) -> usize {
    let mark = format!("\"type\":\"{kind}\"");
    let is = |line: &Line| String::from_utf8_lossy(&line.metadata).contains(&mark);
    bundle.lines.iter().position(is).unwrap()
}

pub(super) fn place(index: usize) -> Place {
    event(index as u64)
}

pub(super) fn edit(line: &mut Line, from: &str, to: &str) {
    let data = String::from_utf8(line.data.clone().unwrap()).unwrap();
    assert!(data.contains(from), "{data}");
    line.data = Some(data.replacen(from, to, 1).into_bytes());
}

/// Chain and tree are made whole, and the log's own keys sign: only what an event says is wrong.
pub(super) fn resealed(bundle: &mut Bundle, made: &Made) -> (Check, Place) {
    bundle.rechain();
    bundle.retile();
    bundle.resign(&|era| made.seed.log_pair(era));
    wrong(of(bundle))
}

#[test]
fn v0_a_file_that_is_changed_added_missing_or_too_much() {
    let (bundle, _) = fabricated();
    let files = bundle.all();
    for path in files.keys().filter(|path| *path != "manifest.json") {
        let mut changed = files.clone();
        changed.get_mut(path).unwrap()[0] ^= 1;
        assert_eq!(wrong(of_files(&changed)), (Check::V0, Place::file(path)), "changed");
        let mut missing = files.clone();
        missing.remove(path);
        assert_eq!(wrong(of_files(&missing)), (Check::V0, Place::file(path)), "missing");
    }
    let mut added = files.clone();
    added.insert("tiles/notes.txt".to_owned(), b"hello".to_vec());
    assert_eq!(wrong(of_files(&added)), (Check::V0, Place::file("tiles/notes.txt")));
    let mut listed = bundle.clone();
    listed.tiles.insert("tiles/0/001".to_owned(), vec![0; 8192]);
    assert_eq!(wrong(of(&listed)), (Check::V0, Place::file("tiles/0/001")));
    let mut fewer = bundle.clone();
    fewer.tiles.pop_first();
    let (check, place) = wrong(of(&fewer));
    assert_eq!(
        (check, matches!(place, Place::File(path) if path.starts_with("tiles/"))),
        (Check::V0, true)
    );
    let mut counted = bundle;
    counted.lines.pop();
    assert_eq!(wrong(of(&counted)), (Check::V0, Place::file("manifest.json")));
}

#[test]
fn v1_an_event_that_is_dropped_swapped_repeated_or_edited() {
    let (bundle, _) = fabricated();
    let index = find(&bundle, "Approved");
    let mut edited = bundle.clone();
    edit(&mut edited.lines[index], "\"n\":1", "\"n\":2");
    assert_eq!(wrong(of(&edited)), (Check::V1, place(index)));
    let mut at = bundle.clone();
    let earlier = "\"2020-01-01T00:00:00.000000Z\"".to_owned();
    at.lines[index].metadata = with_fields(&at.lines[index].metadata, &[("at", earlier)]);
    assert_eq!(wrong(of(&at)), (Check::V1, place(index)));
    let mut repeated = bundle.clone();
    let line = repeated.lines[index].clone();
    repeated.lines.insert(index, line);
    repeated.retile();
    assert_eq!(wrong(of(&repeated)), (Check::V1, place(index + 1)));
    let mut unfrozen = bundle.clone();
    let old = [("v", "0".to_owned())];
    unfrozen.lines[3].metadata = with_fields(&unfrozen.lines[3].metadata, &old);
    let verdict = of(&unfrozen);
    let Verdict::Wrong(found) = &verdict else { panic!("{verdict:?}") };
    assert!(found.what.contains("development build"), "{found}");
    let mut newer = bundle;
    newer.lines[3].metadata = with_fields(&newer.lines[3].metadata, &[("v", "2".to_owned())]);
    let verdict = of(&newer);
    let Verdict::Wrong(found) = &verdict else { panic!("{verdict:?}") };
    assert!(found.what.contains("use a newer beckon-audit"), "{found}");
}

#[test]
fn v2_and_v3_a_tree_that_is_not_over_these_events() {
    let (bundle, _) = fabricated();
    let index = find(&bundle, "Created");
    let mut chained = bundle.clone();
    edit(&mut chained.lines[index], "\"expires\":\"20", "\"expires\":\"21");
    chained.rechain();
    assert_eq!(wrong(of(&chained)).0, Check::V2, "the tiles still hold the old leaves");
    chained.retile();
    let first = Place::file("checkpoints/0.ndjson");
    assert_eq!(wrong(of(&chained)), (Check::V5, first), "the first checkpoint after it");
    let mut tile = bundle.clone();
    let bytes = tile.tiles.values_mut().next().unwrap();
    bytes[32 * 7] ^= 1;
    assert_eq!(wrong(of(&tile)), (Check::V2, event(7)));
    let large = Recipe { sessions: 30, ..Recipe::default() };
    let (mut above, _) = Bundle::fabricate(&large);
    let path = above.tiles.keys().find(|path| path.starts_with("tiles/1/")).unwrap().clone();
    above.tiles.get_mut(&path).unwrap()[0] ^= 1;
    assert_eq!(wrong(of(&above)), (Check::V2, Place::file(path)));
    let mut last = bundle;
    let index = last.lines.len() - 1;
    edit(&mut last.lines[index], "writing", "person!");
    last.rechain();
    last.retile();
    assert_eq!(wrong(of(&last)), (Check::V3, Place::file("checkpoints/1.ndjson")));
}

#[test]
fn v4_and_v5_checkpoints_of_another_key_order_or_era() {
    let (bundle, made) = fabricated();
    let mut key = bundle.clone();
    key.keys.log[0].key = made.seed.control_keys(0).ed25519;
    assert_eq!(wrong(of(&key)), (Check::V4, Place::file("checkpoints/0.ndjson")));
    let mut order = bundle.clone();
    let notes = order.checkpoints.get_mut(&0).unwrap();
    let first = notes[0].clone();
    notes.insert(1, first);
    assert_eq!(wrong(of(&order)), (Check::V5, Place::file("checkpoints/0.ndjson")));
    let restored = find(&bundle, "LogRestored");
    let mut era = bundle.clone();
    edit(&mut era.lines[restored], "\"size\":1", "\"size\":2");
    assert_eq!(resealed(&mut era, &made), (Check::V5, place(restored)));
    let mut none = bundle;
    none.lines[restored].data = None;
    assert_eq!(wrong(of(&none)), (Check::V5, Place::file("checkpoints/0.ndjson")));
    none.checkpoints
        .get_mut(&0)
        .unwrap()
        .retain(|note| point(note).unwrap().checkpoint.size <= restored as u64);
    assert_eq!(wrong(of(&none)), (Check::V5, Place::file("checkpoints/1.ndjson")));
}

#[test]
fn v4_another_key_is_found_by_the_fingerprint_alone() {
    let (mut bundle, made) = fabricated();
    let folder = TempDir::new().unwrap();
    let known = crate::fabricate::public(&made.seed.log_pair(1));
    let options = Options { key: Some(Fingerprint::of(&known)), ..Options::default() };
    bundle.resign(&|_| strange_pair(1));
    bundle.write(folder.path()).unwrap();
    assert_eq!(judged(folder.path()), Verdict::Consistent);
    let verdict = verify(folder.path(), &options).unwrap().verdict;
    let Verdict::Wrong(found) = &verdict else { panic!("{verdict:?}") };
    assert_eq!((found.check, &found.place), (Check::V4, &Place::file("keys.json")));
    assert!(found.what.contains("signed this log anew"), "{found}");
}

#[test]
fn v6_a_head_that_is_not_the_end() {
    let (mut bundle, made) = fabricated();
    let head = find(&bundle, "HeadSigned");
    let session = SessionId(stream_of(&bundle.lines[head]));
    let number = (0..12).find(|n| made.seed.session(*n) == session).unwrap();
    let data: serde_json::Value =
        serde_json::from_slice(bundle.lines[head].data.as_ref().unwrap()).unwrap();
    let version = data["version"].as_u64().unwrap();
    let bytes = beckon_events::session::head_bytes(
        &format!("session-{session}"),
        version,
        &Digest([7; 32]),
    );
    let said = beckon_events::Statement::sign(&bytes, &made.seed.agent(number));
    let changed = serde_json::json!({
        "by": "agent", "leaf": Digest([7; 32]), "statement": said, "version": version
    });
    let mut sorted = Vec::new();
    sorted.extend(changed.to_string().bytes());
    let statement = serde_json::to_value(&said).unwrap();
    let keys = ["key", "sig", "statement"].map(|key| format!("\"{key}\":{}", statement[key]));
    let text = format!(
        "{{\"by\":\"agent\",\"leaf\":\"{}\",\"statement\":{{{}}},\"version\":{version}}}",
        Digest([7; 32]),
        keys.join(",")
    );
    bundle.lines[head].data = Some(text.into_bytes());
    assert_eq!(resealed(&mut bundle, &made), (Check::V6, place(head)));
}

fn stream_of(line: &Line) -> uuid::Uuid {
    let envelope: serde_json::Value = serde_json::from_slice(&line.metadata).unwrap();
    envelope["stream"].as_str().unwrap().strip_prefix("session-").unwrap().parse().unwrap()
}

#[test]
fn v7_what_an_endpoint_did_not_sign() {
    let (bundle, made) = fabricated();
    for (kind, from, to) in [
        ("Approved", "\"n\":1", "\"n\":2"),
        ("Approved", "\"chat\"", "\"files\""),
        ("GrantWithdrawn", "[\"view\"]", "[]"),
        ("Ended", "\"sig\":\"", "\"sig\":\"AAAA"),
        ("AgentRemoved", "],\"removed\"", ",{}],\"removed\""),
        ("HeadSigned", "\"version\":", "\"version\":1"),
    ] {
        let mut changed = bundle.clone();
        let index = find(&bundle, kind);
        edit(&mut changed.lines[index], from, to);
        assert_eq!(resealed(&mut changed, &made), (Check::V7, place(index)), "{kind} {from}");
    }
    let mut other = bundle.clone();
    let index = find(&bundle, "Joined");
    let agent = made.seed.agent_keys(0).ed25519.to_string();
    let data = String::from_utf8_lossy(other.lines[index].data.as_ref().unwrap()).into_owned();
    let strange = made.seed.agent_keys(99).ed25519.to_string();
    other.lines[index].data = Some(data.replace(&agent, &strange).into_bytes());
    assert_eq!(resealed(&mut other, &made).0, Check::V7, "another agent joined");
}

#[test]
fn v8_what_could_not_happen() {
    let (bundle, made) = fabricated();
    for (kind, to) in [
        ("Joined", "Expired"),
        ("OperatorConnected", "Rejected"),
        ("Paused", "Continued"),
        ("ActionStarted", "ActionStopped"),
        ("ActionStarted", "ScreenshotTaken"),
        ("OperatorConnected", "ClipboardShared"),
        ("ClipboardShared", "AgentResumed"),
        ("Expired", "AgentLost"),
    ] {
        let mut changed = bundle.clone();
        let index = find(&bundle, kind);
        let named = [("type", format!("\"{to}\""))];
        changed.lines[index].metadata = with_fields(&changed.lines[index].metadata, &named);
        let found = resealed(&mut changed, &made);
        let next =
            found.0 == Check::V8 && matches!(found.1, Place::Event(at) if at >= index as u64);
        assert!(next, "{kind} as {to}: {found:?}");
    }
    let mut dropped = bundle.clone();
    let index = find(&bundle, "ApprovalRequested");
    dropped.lines.remove(index);
    // LogRestored says how many events there are before it.
    assert!(matches!(resealed(&mut dropped, &made).0, Check::V8 | Check::V9 | Check::V1));
}

#[test]
fn v9_sealed_fields_that_are_torn_moved_shut_or_too_late() {
    let (bundle, made) = fabricated();
    let index = find(&bundle, "Joined");
    let listed = [("sealed", "[]".to_owned())];
    let mut unlisted = bundle.clone();
    let metadata = String::from_utf8(unlisted.lines[index].metadata.clone()).unwrap();
    let (before, _) = metadata.split_once("\"sealed\":").unwrap();
    unlisted.lines[index].metadata = format!("{before}\"sealed\":[]}}").into_bytes();
    assert_eq!(listed.len(), 1);
    assert_eq!(resealed(&mut unlisted, &made), (Check::V9, place(index)));
    let mut torn = bundle.clone();
    edit(&mut torn.lines[index], "\"n\":\"", "\"n\":\"AAAA");
    assert_eq!(resealed(&mut torn, &made), (Check::V9, place(index)));
    let subjects = Place::file("subjects.json");
    let mut key = bundle.clone();
    let user = key.subjects.keys().find(|subject| subject.starts_with("user:")).unwrap().clone();
    key.subjects.remove(&user);
    assert_eq!(wrong(of(&key)), (Check::V9, subjects.clone()));
    let mut erased = bundle.clone();
    let subject = made.erased[0];
    let own = data_encoding::BASE64.encode(made.seed.subject_key(subject).bytes());
    erased.subjects.insert(subject.to_string(), own);
    assert_eq!(wrong(of(&erased)), (Check::V9, subjects));
    let mut other = bundle;
    let first = other.subjects.values_mut().next_back().unwrap();
    *first = data_encoding::BASE64.encode(&[7; 32]);
    assert_eq!(wrong(of(&other)).0, Check::V9);
}

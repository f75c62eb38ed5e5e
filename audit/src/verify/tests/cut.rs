//! Exports that were cut, and shapes that only look right.

use beckon_events::session::{Fact, Said};
use beckon_events::{SessionId, Statement};

use super::changed::{edit, find, place, resealed};
use super::*;

fn session(bundle: &Bundle, made: &Made) -> (Bundle, SessionId) {
    let id = made.seed.session(0);
    (bundle.of_session(id), id)
}

#[test]
fn v6_a_session_that_is_over_has_its_receipt_and_an_open_one_is_never_said_to_be_whole() {
    let (bundle, made) = fabricated();
    let (whole, id) = session(&bundle, &made);
    let receipt = Place::file(format!("receipts/{id}.json"));
    let mut without = whole.clone();
    without.receipts.clear();
    assert_eq!(wrong(of(&without)), (Check::V6, receipt));
    let key = Some(Fingerprint::of(&crate::fabricate::public(&made.seed.log_pair(1))));
    let folder = TempDir::new().unwrap();
    let of_first = |n: usize, folder: &Path| {
        let mut cut = without.clone();
        cut.lines.truncate(n);
        cut.places.truncate(n);
        cut.write(folder).unwrap();
        verify(folder, &Options { key, ..Options::default() }).unwrap()
    };
    let report = of_first(5, folder.path());
    let last = without.places[4].0;
    assert_eq!(report.verdict, Verdict::Verified, "{report}");
    let text = report.to_string();
    assert!(text.starts_with("VERIFIED: what is in this export was not changed."), "{text}");
    assert!(text.contains(&format!("whether the session went on after event {last}")), "{text}");
    let none = TempDir::new().unwrap();
    let found = (Check::V0, Place::file("manifest.json"));
    assert_eq!(wrong(of_first(0, none.path()).verdict), found);
    let whole_folder = TempDir::new().unwrap();
    whole.write(whole_folder.path()).unwrap();
    let report = verify(whole_folder.path(), &Options::default()).unwrap();
    assert!(!report.to_string().contains("went on"), "{report}");
}

#[test]
fn v0_a_size_is_not_believed_before_the_files_were_counted() {
    let (bundle, _) = fabricated();
    let mut files = bundle.files();
    for size in [u64::MAX, 1 << 40] {
        let mut manifest = bundle.manifest(&files);
        (manifest.size, manifest.events) = (size, size);
        files.insert("manifest.json".to_owned(), serde_json::to_vec(&manifest).unwrap());
        assert_eq!(wrong(of_files(&files)), (Check::V0, Place::file("events.ndjson")));
        files.remove("manifest.json");
    }
}

/// What is found where a text in a small file is another one.
fn replaced(bundle: &Bundle, path: &str, from: &str, to: &str) -> (Check, Place) {
    let mut files = bundle.files();
    let mut manifest = serde_json::to_string(&bundle.manifest(&files)).unwrap();
    if path == "manifest.json" {
        assert!(manifest.contains(from), "{from}");
        manifest = manifest.replacen(from, to, 1);
    } else {
        let text = String::from_utf8(files[path].clone()).unwrap();
        assert!(text.contains(from), "{from} in {text}");
        files.insert(path.to_owned(), text.replacen(from, to, 1).into_bytes());
        manifest = serde_json::to_string(&bundle.manifest(&files)).unwrap();
    }
    files.insert("manifest.json".to_owned(), manifest.into_bytes());
    wrong(of_files(&files))
}

#[test]
fn v0_an_array_is_no_object_and_an_object_no_name() {
    let (bundle, made) = fabricated();
    let log = bundle.log.to_string();
    let first = serde_json::to_string(&bundle.manifest(&bundle.files()).files[0]).unwrap();
    let as_array = |object: &str| {
        let value: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(object).unwrap();
        let of = |key: &str| value[key].clone();
        serde_json::json!([of("path"), of("bytes"), of("sha256")]).to_string()
    };
    for (from, to) in [
        ("\"kind\":\"log\"", "\"kind\":{\"log\":null}"),
        ("\"names\":\"all\"", "\"names\":{\"all\":null}"),
        (log.as_str(), log.to_uppercase().as_str()),
        (log.as_str(), log.replace('-', "").as_str()),
        ("\"created\":\"2026", "\"created\":\"1026"),
        ("\"created\":\"2026", "\"created\":\"+2026"),
        (first.as_str(), as_array(&first).as_str()),
    ] {
        let found = replaced(&bundle, "manifest.json", from, to);
        assert_eq!(found, (Check::V0, Place::file("manifest.json")), "{from} → {to}");
    }
    let keys = &bundle.keys;
    let (account, key) = (keys.account, &keys.log[0]);
    let object = serde_json::to_string(key).unwrap();
    let array = format!("[{},\"{}\",\"{}\"]", key.era, key.key, key.origin);
    let found = (Check::V0, Place::file("keys.json"));
    assert_eq!(replaced(&bundle, "keys.json", &object, &array), found);
    let all = serde_json::to_string(keys).unwrap();
    let list = serde_json::to_string(&keys.log).unwrap();
    assert_eq!(replaced(&bundle, "keys.json", &all, &format!("[\"{account}\",{list}]")), found);
    let (one, id) = session(&bundle, &made);
    let path = format!("receipts/{id}.json");
    let proof: serde_json::Value = serde_json::from_str(&one.receipts[&id]).unwrap();
    let names = ["metadata", "index", "proof", "checkpoint", "log_key"];
    let list = serde_json::Value::from(names.map(|name| proof[name].clone()).to_vec());
    let found = replaced(&one, &path, &one.receipts[&id], &list.to_string());
    assert_eq!(found, (Check::V0, Place::file(path)));
}

#[test]
fn what_an_event_has_besides_its_fields_is_not_read_and_strings_may_be_escaped() {
    let (bundle, made) = fabricated();
    for (kind, from, to) in [
        ("Joined", "{\"address\":", "{\"action\":7,\"actions\":{},\"address\":"),
        ("Paused", "{", "{\"by\":[],\"n\":\"x\",\"statement\":7,\"until\":1"),
        ("ActionStarted", "\"action\":\"view\"", "\"action\":\"vi\\u0065w\""),
        ("Ended", "\"by\":\"user\"", "\"by\":\"us\\u0065r\""),
        ("Approved", "\"until\":\"2", "\"until\":\"\\u0032"),
    ] {
        let mut changed = bundle.clone();
        let index = find(&bundle, kind);
        edit(&mut changed.lines[index], from, to);
        changed.rechain();
        changed.retile();
        changed.resign(&|era| made.seed.log_pair(era));
        let Verdict::Wrong(found) = of(&changed) else { continue };
        // Heads of sessions that went on are signed over other leaves now.
        assert_eq!(found.check, Check::V6, "{kind}: {found}");
    }
}

#[test]
fn v7_what_an_agent_signs_has_one_spelling() {
    let (bundle, made) = fabricated();
    let number = 0;
    let id = made.seed.session(number);
    let own = |line: &crate::export::Line| {
        let metadata = String::from_utf8_lossy(&line.metadata).into_owned();
        metadata.contains(&format!("session-{id}")) && metadata.contains("\"type\":\"Ended\"")
    };
    let index = bundle.lines.iter().position(own).unwrap();
    let right = serde_json::to_string(&Said::new(id, Fact::Ended)).unwrap();
    let upper = right.replace(&id.to_string(), &id.to_string().to_uppercase());
    let map = right.replace("\"ended\"", "{\"ended\":null}");
    let array = format!("[1,\"{id}\",\"ended\"]");
    for text in [format!("{right}\n"), upper, map, array, right.replace("ended", "end\\u0065d")] {
        let mut changed = bundle.clone();
        let statement = Statement::sign(text.as_bytes(), &made.seed.agent(number));
        let data = String::from_utf8(changed.lines[index].data.clone().unwrap()).unwrap();
        let value: serde_json::Value = serde_json::from_str(&data).unwrap();
        let new = serde_json::to_value(&statement).unwrap();
        let (mut from, mut to) = (value["statement"].clone(), new);
        let parts = |value: &mut serde_json::Value| {
            ["key", "sig", "statement"].map(|key| value[key].take().to_string())
        };
        let data = parts(&mut from)
            .iter()
            .zip(parts(&mut to))
            .fold(data, |data, (from, to)| data.replace(from, &to));
        changed.lines[index].data = Some(data.into_bytes());
        assert_eq!(resealed(&mut changed, &made), (Check::V7, place(index)), "{text}");
    }
}

#[test]
fn v8_what_says_of_itself_something_else_than_happened() {
    let (bundle, made) = fabricated();
    let other = made.seed.session(5).to_string();
    let created = find(&bundle, "Created");
    let data = String::from_utf8(bundle.lines[created].data.clone().unwrap()).unwrap();
    let value: serde_json::Value = serde_json::from_str(&data).unwrap();
    let own = value["session"].as_str().unwrap().to_owned();
    let mut changed = bundle.clone();
    edit(
        &mut changed.lines[created],
        &format!("\"session\":\"{own}"),
        &format!("\"session\":\"{other}"),
    );
    assert_eq!(resealed(&mut changed, &made), (Check::V8, place(created)));
    for to in ["\"withdrawn\":[]", "\"withdrawn\":[\"view\",\"control\",\"chat\",\"clipboard\"]"] {
        let mut changed = bundle.clone();
        let index = find(&bundle, "GrantWithdrawn");
        let from = "\"withdrawn\":[\"control\",\"chat\",\"clipboard\"]";
        edit(&mut changed.lines[index], from, to);
        assert_eq!(resealed(&mut changed, &made), (Check::V8, place(index)), "{to}");
    }
    let extended = find(&bundle, "GrantExtended");
    let mut changed = bundle.clone();
    let line = &mut changed.lines[extended];
    let metadata = String::from_utf8(line.metadata.clone()).unwrap();
    line.metadata = metadata.replace("GrantExtended", "ExtensionRefused").into_bytes();
    assert_eq!(resealed(&mut changed, &made), (Check::V8, place(extended)), "other actions");
}

//! Changes of the manifest: the files stay as they are.

use beckon_audit::fabricate::Bundle;
use serde_json::{Value, json};

use super::dice::Dice;
use super::ground::{Ground, LONG};
use super::mutant::{Expected, Mutant, in_file};
use super::trial::Trial;

const PATH: &str = "manifest.json";
const OTHER: &str = "00000000-0000-4000-8000-000000000009";

/// 60 of them.
pub fn add(ground: &Ground, dice: &mut Dice, trial: &mut Trial) {
    let mut made = 0;
    while made < 59 {
        let change = CHANGES[made % CHANGES.len()];
        let bundle = dice.one(&ground.exports);
        let mut files = bundle.all();
        let mut manifest: Value = serde_json::from_slice(&files[PATH]).unwrap();
        let Some((what, expected)) = change(&mut manifest, bundle, dice) else { continue };
        // A text stands for what no JSON value is.
        let bytes = match manifest {
            Value::String(text) => text.into_bytes(),
            manifest => serde_json::to_vec(&manifest).unwrap(),
        };
        files.insert(PATH.to_owned(), bytes);
        trial.add(Mutant::new(format!("manifest: {what}"), files, expected));
        made += 1;
    }
    let mut files = ground.logs[LONG].bundle.all();
    let text = String::from_utf8(files[PATH].clone()).unwrap();
    let all = text.replace("\"names\":\"some\"", "\"names\":\"all\"");
    files.insert(PATH.to_owned(), all.into_bytes());
    let expected = in_file("V9", "subjects.json");
    trial.add(Mutant::new("manifest: some names are called all", files, expected));
}

type Change = fn(&mut Value, &Bundle, &mut Dice) -> Option<(&'static str, Expected)>;

const CHANGES: [Change; 24] = [
    |m, _, _| set(m, "format", json!("beckon-Export")),
    |m, _, dice| set(m, "v", json!([0, 2, 7][dice.below(3)])),
    |m, b, _| set(m, "kind", json!(if b.session.is_some() { "log" } else { "session" })),
    |m, b, _| set(m, "session", if b.session.is_some() { Value::Null } else { json!(OTHER) }),
    |m, _, _| set(m, "log", json!(OTHER)),
    |m, _, _| {
        let origin = m["origin"].as_str()?.replace("help.example.org", "help.example.net");
        m["origin"] = json!(origin);
        Some(("origin of another host", in_file("V0", "keys.json")))
    },
    |m, b, _| {
        let origin = m["origin"].as_str()?.replace(&b.log.to_string(), OTHER);
        set(m, "origin", json!(origin))
    },
    |m, b, _| {
        m["size"] = json!(b.size + 1);
        let era = b.checkpoints.keys().next_back()?;
        Some(match b.session {
            Some(_) => ("size, of a session", in_file("V3", format!("checkpoints/{era}.ndjson"))),
            None => ("size", in_file("V0", PATH)),
        })
    },
    |m, b, dice| {
        let events = u64::try_from(b.lines.len()).unwrap();
        m["events"] = json!(if dice.below(2) == 0 { events - 1 } else { events + 1 });
        Some(match b.session {
            Some(_) => ("events, of a session", in_file("V0", "events.ndjson")),
            None => ("events", in_file("V0", PATH)),
        })
    },
    |m, _, _| {
        let (to, what) = if m["names"] == "none" {
            ("some", "names that are not there")
        } else {
            ("none", "no names, but they are there")
        };
        m["names"] = json!(to);
        Some((what, in_file("V0", "subjects.json")))
    },
    |m, _, _| set(m, "names", json!("many")),
    |m, _, _| set(m, "created", json!("2026-11-22 08:00:00")),
    |m, _, dice| {
        let keys: Vec<_> = m.as_object()?.keys().cloned().collect();
        m.as_object_mut()?.remove(dice.one(&keys));
        Some(("a key is missing", in_file("V0", PATH)))
    },
    |m, _, _| set(m, "comment", json!("all is well")),
    |m, _, dice| {
        let (at, path) = entry(m, dice)?;
        let bytes = m["files"][at]["bytes"].as_u64()?;
        m["files"][at]["bytes"] = json!(if dice.below(2) == 0 { bytes - 1 } else { bytes + 1 });
        Some(("the length of a file", in_file("V0", path)))
    },
    |m, _, dice| {
        let (at, path) = entry(m, dice)?;
        let hash = m["files"][at]["sha256"].as_str()?;
        let (first, rest) = hash.split_at(1);
        m["files"][at]["sha256"] = json!(format!("{}{rest}", if first == "0" { "1" } else { "0" }));
        Some(("the hash of a file", in_file("V0", path)))
    },
    |m, _, dice| {
        let (at, path) = entry(m, dice)?;
        m["files"].as_array_mut()?.remove(at);
        Some(("a file is not listed", in_file("V0", path)))
    },
    |m, _, _| {
        let zeros = "0".repeat(64);
        let entry = json!({"path": "zzz.json", "bytes": 0, "sha256": zeros});
        m["files"].as_array_mut()?.push(entry);
        Some(("a file that is not there is listed", in_file("V0", "zzz.json")))
    },
    |m, _, dice| {
        let files = m["files"].as_array_mut()?;
        let second = 1 + dice.below(files.len() - 1);
        files.swap(second - 1, second);
        Some(("the order of files", in_file("V0", PATH)))
    },
    |m, _, dice| {
        let (at, _) = entry(m, dice)?;
        let again = m["files"][at].clone();
        m["files"].as_array_mut()?.insert(at, again);
        Some(("a file is listed twice", in_file("V0", PATH)))
    },
    |m, _, dice| {
        let (at, _) = entry(m, dice)?;
        let bytes = m["files"][at]["bytes"].to_string();
        m["files"][at]["bytes"] = json!(bytes);
        Some(("a length in quotes", in_file("V0", PATH)))
    },
    |m, _, dice| {
        let end = ["}", " {}", "\u{0}", ","][dice.below(4)];
        *m = json!(m.to_string() + end);
        Some(("something follows", in_file("V0", PATH)))
    },
    |m, _, _| {
        let size = format!("\"size\":{}", m["size"]);
        *m = json!(m.to_string().replace(&size, &format!("{size},{size}")));
        Some(("a key twice", in_file("V0", PATH)))
    },
    |m, _, dice| {
        let size = format!("\"size\":{}", m["size"]);
        let other = ["\"size\":0216", "\"size\":216.0", "\"size\":2.16e2", "\"size\":-216"];
        *m = json!(m.to_string().replace(&size, other[dice.below(4)]));
        Some(("a number in another spelling", in_file("V0", PATH)))
    },
];

/// Another value, which the manifest cannot have.
fn set(manifest: &mut Value, key: &'static str, value: Value) -> Option<(&'static str, Expected)> {
    manifest[key] = value;
    Some((key, in_file("V0", PATH)))
}

fn entry(manifest: &Value, dice: &mut Dice) -> Option<(usize, String)> {
    let files = manifest["files"].as_array()?;
    let at = dice.below(files.len());
    Some((at, files[at]["path"].as_str()?.to_owned()))
}

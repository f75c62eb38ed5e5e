//! Changes by chance, signed by the real key: nobody knows what is wrong then, but both verifiers
//! say the same.

use beckon_events::Statement;
use data_encoding::BASE64;
use serde_json::{Value, json};

use super::dice::Dice;
use super::draft::Draft;
use super::ground::{Ground, Original};
use super::mutant::{Mutant, listed};
use super::trial::Trial;

/// As many as asked for.
pub fn add(ground: &Ground, dice: &mut Dice, trial: &mut Trial, count: usize) {
    for number in 0..count {
        if number % 4 == 0 {
            trial.same(file(ground, dice, number));
            continue;
        }
        let original = dice.one(&ground.logs);
        let mut draft = original.draft();
        let event = dice.below(draft.len());
        let other = dice.below(draft.len());
        let metadata = draft.metadata(event);
        let what = match dice.below(16) {
            12.. => said(original, &mut draft, dice),
            0 => {
                let line = draft.bundle.lines.remove(event);
                draft.bundle.lines.insert(other.min(draft.len()), line);
                format!("{event} moved to {other}")
            }
            1 => {
                draft.bundle.lines.remove(event);
                format!("{event} removed")
            }
            2 => {
                let line = draft.bundle.lines[event].clone();
                draft.bundle.lines.insert(other, line);
                format!("{event} again at {other}")
            }
            3 => {
                let data = draft.bundle.lines[other].data.clone();
                draft.bundle.lines[event].data = data;
                format!("{event} with the data of {other}")
            }
            4 => {
                let kind = draft.metadata(other).kind;
                let what = format!("{event} is called {kind}");
                draft.envelope(event, |metadata| metadata.kind = kind);
                what
            }
            5 => {
                let stream = draft.metadata(other).stream;
                draft.envelope(event, |metadata| metadata.stream = stream);
                format!("{event} in the stream of {other}")
            }
            _ => {
                let mut told = String::new();
                let pool: Vec<Value> = leaves(&draft.data(other));
                draft.body(event, |data| told = disturb(data, dice, &pool));
                format!("{event} {} {told}", metadata.kind)
            }
        };
        let bundle = draft.resigned(original);
        trial.same(Mutant::new(
            format!("chance {number}: {what}"),
            bundle.all(),
            ("", String::new()),
        ));
    }
}

/// Another statement, properly signed by the agent; often the event says the same.
fn said(original: &Original, draft: &mut Draft, dice: &mut Dice) -> String {
    let kinds =
        ["Approved", "GrantExtended", "GrantWithdrawn", "AgentRemoved", "Ended", "HeadSigned"];
    let all: Vec<_> = kinds.into_iter().flat_map(|kind| draft.all(kind)).collect();
    let event = *dice.one(&all);
    let (stream, mut data) = (draft.metadata(event).stream, draft.data(event));
    let Some(sessions) = original.sessions().into_iter().find(|one| one.1 == stream) else {
        return String::new();
    };
    let Some(text) = data["statement"]["statement"].as_str() else { return String::new() };
    let bytes = BASE64.decode(text.as_bytes()).unwrap();
    let mut told = format!("{event} {} says ", draft.metadata(event).kind);
    let bytes = if let Ok(mut inner) = serde_json::from_slice::<Value>(&bytes) {
        told += &disturb(&mut inner, dice, &leaves(&data));
        let agrees = dice.below(3) > 0;
        for field in ["n", "actions", "until"] {
            if agrees && data.get(field).is_some() && inner.get(field).is_some() {
                data[field] = inner[field].clone();
            }
        }
        serde_json::to_vec(&inner).unwrap()
    } else {
        told += &disturb(&mut data, dice, &[]);
        bytes
    };
    if data.is_object() {
        data["statement"] = json!(Statement::sign(&bytes, &original.made.seed.agent(sessions.0)));
    }
    draft.body(event, |own| *own = data);
    told
}

/// Something else in a file of JSON.
fn file(ground: &Ground, dice: &mut Dice, number: usize) -> Mutant {
    let bundle = dice.one(&ground.exports);
    let mut files = bundle.all();
    let paths: Vec<_> = files
        .keys()
        .filter(|path| path.split_once('.').is_some_and(|(_, end)| end == "json"))
        .cloned()
        .collect();
    let path = dice.one(&paths).clone();
    let mut value: Value = serde_json::from_slice(&files[&path]).unwrap();
    let told = disturb(&mut value, dice, &[]);
    files.insert(path.clone(), serde_json::to_vec(&value).unwrap());
    let files = if path == "manifest.json" { files } else { listed(bundle, files) };
    Mutant::new(format!("chance {number}: {path} {told}"), files, ("", String::new()))
}

/// Something else somewhere in a value.
fn disturb(data: &mut Value, dice: &mut Dice, pool: &[Value]) -> String {
    let mut paths = Vec::new();
    collect(data, String::new(), &mut paths);
    let path = dice.one(&paths).clone();
    let own = leaves(data);
    let target = data.pointer_mut(&path).unwrap();
    let odd = [
        Value::Null,
        json!({}),
        json!([]),
        json!(0),
        json!(1),
        json!(2),
        json!(u64::MAX),
        json!(true),
        json!(""),
        json!("view"),
        json!(["view"]),
        json!(["control", "view"]),
        json!(["control"]),
        json!(["files", "files"]),
        json!("agent"),
        json!("control"),
        json!("user"),
        json!("portal"),
        json!("2026-11-22T08:00:00.000000Z"),
        json!("2026-02-30T08:00:00.000000Z"),
        json!("9999-11-22T08:00:00.000000Z"),
        json!("é\u{1F600}\n"),
        json!({"$s": "user:x"}),
        json!({"$s": "user:00000000-0000-4000-8000-000000000009", "c": "AAAAAAAAAAAAAAAAAAAAAA==", "n": "AAAAAAAAAAAAAAAA"}),
    ];
    let new = match dice.below(6) {
        0 | 1 => dice.one(&odd).clone(),
        2 if !pool.is_empty() => dice.one(pool).clone(),
        3 if !own.is_empty() => dice.one(&own).clone(),
        4 => match target {
            Value::Object(fields) => {
                let keys: Vec<_> = fields.keys().cloned().collect();
                if !keys.is_empty() && dice.below(3) > 0 {
                    fields.remove(dice.one(&keys));
                } else {
                    fields.insert("more".to_owned(), dice.one(&odd).clone());
                }
                return format!("a key at “{path}”");
            }
            Value::Array(values) => {
                if dice.below(2) == 0 {
                    values.pop();
                } else {
                    values.push(dice.one(&odd).clone());
                }
                return format!("an entry at “{path}”");
            }
            Value::String(text) => json!(format!("{text}=")),
            Value::Number(number) => json!(number.as_u64().unwrap() ^ 1),
            _ => json!(3),
        },
        _ => match target {
            Value::String(text) if !text.is_empty() => {
                let at = dice.below(text.len());
                let mut bytes = text.clone().into_bytes();
                bytes[at] = if bytes[at] == b'a' { b'b' } else { b'a' };
                json!(String::from_utf8_lossy(&bytes))
            }
            Value::Number(number) => json!(number.as_u64().unwrap().wrapping_add(1)),
            _ => json!("a"),
        },
    };
    let told = format!("“{path}”: {new}");
    *target = new;
    told
}

fn collect(value: &Value, path: String, paths: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, inner) in fields {
                collect(
                    inner,
                    format!("{path}/{}", key.replace('~', "~0").replace('/', "~1")),
                    paths,
                );
            }
        }
        Value::Array(values) => {
            for (number, inner) in values.iter().enumerate() {
                collect(inner, format!("{path}/{number}"), paths);
            }
        }
        _ => {}
    }
    paths.push(path);
}

fn leaves(value: &Value) -> Vec<Value> {
    match value {
        Value::Object(fields) => fields.values().flat_map(leaves).collect(),
        Value::Array(values) => values.iter().flat_map(leaves).collect(),
        leaf => vec![leaf.clone()],
    }
}

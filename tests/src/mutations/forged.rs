//! What else the real key can sign that no server writes: forms, chains, erasures, restores.

use beckon_events::Timestamp;
use beckon_events::envelope::Metadata;
use data_encoding::BASE64;
use serde_json::{Value, json};
use uuid::Uuid;

use super::dice::Dice;
use super::draft::{Draft, canonical};
use super::ground::{Ground, LONG, NAMED, Original, RICH};
use super::mutant::{Expected, Mutant, at, in_file};
use super::trial::Trial;

/// 45 of them.
pub fn add(ground: &Ground, dice: &mut Dice, trial: &mut Trial) {
    for number in 0..30 {
        let (what, change) = EVENTS[number % EVENTS.len()];
        let (draft, original, expected) = loop {
            let original = dice.one(&ground.logs);
            let mut draft = original.draft();
            let event = 1 + dice.below(draft.len() - 1);
            if let Some(check) = change(&mut draft, event) {
                break (draft, original, at(check, event));
            }
        };
        let bundle = draft.resigned_unchained(original);
        trial.add(Mutant::new(format!("forged: {what}"), bundle.all(), expected));
    }
    for (number, (what, log, change)) in LOGS.into_iter().cycle().take(15).enumerate() {
        let original = &ground.logs[log];
        let mut draft = original.draft();
        let expected = change(&mut draft, original);
        let bundle = draft.resigned(original);
        let what = format!("forged: {what} ({number})");
        trial
            .add(Mutant { zip: number >= LOGS.len(), ..Mutant::new(what, bundle.all(), expected) });
    }
}

type OfEvent = fn(&mut Draft, usize) -> Option<&'static str>;

/// One event, with a tree over it that is properly signed.
const EVENTS: [(&str, OfEvent); 15] = [
    ("prev", |d, e| envelope(d, e, "V1", |m| m.prev.0[0] ^= 1)),
    ("body", |d, e| envelope(d, e, "V1", |m| m.body.0[0] ^= 1)),
    ("version", |d, e| envelope(d, e, "V1", |m| m.version += 1)),
    ("time", |d, e| envelope(d, e, "V1", |m| m.at = Timestamp::from_micros(0))),
    ("log", |d, e| envelope(d, e, "V1", |m| m.log.0 = Uuid::from_u128(3))),
    ("long metadata", |d, e| envelope(d, e, "V0", |m| m.kind = "x".repeat(8_192))),
    ("keys of data in another order", |d, e| written(d, e, b"{\"b\":1,\"a\":2}")),
    ("a key of data twice", |d, e| written(d, e, b"{\"a\":1,\"a\":2}")),
    ("a fraction in data", |d, e| written(d, e, b"{\"a\":1.5}")),
    ("deep data", |d, e| {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(16), "]".repeat(16));
        written(d, e, deep.as_bytes())
    }),
    ("a field that is not listed", |d, e| sealed(d, e, |m, _, _| drop(m.sealed.pop()))),
    ("a field that is listed twice", |d, e| {
        sealed(d, e, |m, _, _| m.sealed.push(m.sealed[0].clone()))
    }),
    ("a long nonce", |d, e| {
        sealed(d, e, |_, data, pointer| {
            data.pointer_mut(pointer).unwrap()["n"] = json!(BASE64.encode(&[1; 13]));
        })
    }),
    ("a short ciphertext", |d, e| {
        sealed(d, e, |_, data, pointer| {
            data.pointer_mut(pointer).unwrap()["c"] = json!(BASE64.encode(&[1; 15]));
        })
    }),
    ("another nonce", |d, e| {
        d.is_opened(e).then_some(())?;
        let data = d.data(e);
        let known = |pointer: &String| {
            let subject = data.pointer(pointer).unwrap()["$s"].as_str().unwrap();
            d.bundle.subjects.contains_key(subject)
        };
        let pointer = d.metadata(e).sealed.into_iter().find(known)?;
        sealed(d, e, |_, data, _| {
            data.pointer_mut(&pointer).unwrap()["n"] = json!(BASE64.encode(&[1; 12]));
        })
    }),
];

fn envelope(
    draft: &mut Draft,
    event: usize,
    check: &'static str,
    change: impl FnOnce(&mut Metadata),
) -> Option<&'static str> {
    draft.envelope(event, change);
    Some(check)
}

/// These bytes as data, with their hash.
fn written(draft: &mut Draft, event: usize, data: &[u8]) -> Option<&'static str> {
    draft.bundle.lines[event].data = Some(data.to_vec());
    envelope(draft, event, "V1", |metadata| metadata.body = beckon_events::Digest::of(data))
}

/// An event with something sealed in it, with the hash of its data.
fn sealed(
    draft: &mut Draft,
    event: usize,
    change: impl FnOnce(&mut Metadata, &mut Value, &str),
) -> Option<&'static str> {
    let mut metadata = draft.metadata(event);
    let pointer = metadata.sealed.first()?.clone();
    let mut data = draft.data(event);
    change(&mut metadata, &mut data, &pointer);
    let data = canonical(&data);
    metadata.body = beckon_events::Digest::of(&data);
    draft.bundle.lines[event].metadata = serde_json::to_vec(&metadata).unwrap();
    draft.bundle.lines[event].data = Some(data);
    Some("V9")
}

type OfLog = fn(&mut Draft, &Original) -> Expected;

/// What concerns the whole log.
const LOGS: [(&str, usize, OfLog); 10] = [
    ("an erasure is missing", RICH, |d, _| {
        let erasure = *d.all("SubjectErased").last().unwrap();
        d.bundle.lines.remove(erasure);
        in_file("V9", "subjects.json")
    }),
    ("all erasures are missing", NAMED, |d, _| {
        let erasure = d.all("SubjectErased")[0];
        d.bundle.lines.truncate(erasure);
        in_file("V9", "subjects.json")
    }),
    ("a key is left after the erasure", RICH, |d, original| {
        let subject = original.made.erased[0];
        let key = BASE64.encode(original.made.seed.subject_key(subject).bytes());
        d.bundle.subjects.insert(subject.to_string(), key);
        in_file("V9", "subjects.json")
    }),
    ("sealed for somebody who was erased before", NAMED, |d, original| {
        let user = format!("user:{}", original.made.seed.session(0));
        let stream = format!("session-{}", original.made.seed.session(0));
        let joined = d.find(&stream, "Joined").unwrap();
        let account = d.metadata(0).stream;
        d.insert(joined, &account, "SubjectErased", json!({"reason": "early", "subject": user}));
        at("V9", joined + 1)
    }),
    ("a restore of another size", RICH, |d, _| {
        let restored = d.all("LogRestored")[0];
        d.body(restored, |data| data["size"] = json!(restored - 1));
        at("V5", restored)
    }),
    ("a restore of the same era", LONG, |d, _| {
        let restored = d.all("LogRestored")[1];
        d.body(restored, |data| data["era"] = json!(1));
        at("V5", restored)
    }),
    ("a restore where there was none", NAMED, |d, _| {
        let at_end = d.len();
        let node = d.metadata(1).stream;
        d.insert(
            at_end,
            &node,
            "LogRestored",
            json!({"checkpoint": null, "era": 0, "size": at_end}),
        );
        at("V5", at_end)
    }),
    ("no restore", LONG, |d, original| {
        // The last one: what lies in its break is then no break, and the last era has no begin.
        let restored = *d.all("LogRestored").last().unwrap();
        d.envelope(restored, |metadata| "LogForgotten".clone_into(&mut metadata.kind));
        let lost = original.bundle.checkpoints[&1].iter();
        let sizes: Vec<usize> =
            lost.map(|note| note.lines().nth(1).unwrap().parse().unwrap()).collect();
        assert!(sizes.iter().any(|size| *size > restored), "the break holds something");
        in_file("V5", "checkpoints/2.ndjson")
    }),
    ("an erasure of nobody", NAMED, |d, _| {
        let erasure = d.all("SubjectErased")[0];
        d.body(erasure, |data| data["subject"] = json!("nobody"));
        at("V9", erasure)
    }),
    ("a stream of a session in another's place", RICH, |d, original| {
        let stream = format!("session-{}", original.made.seed.session(0));
        let created = d.find(&stream, "Created").unwrap();
        let other = format!("session-{}", original.made.seed.session(1));
        d.envelope(created, |metadata| metadata.stream = other);
        at("V8", created)
    }),
];

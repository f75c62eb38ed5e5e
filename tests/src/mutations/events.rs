//! Changes of events by somebody without the server's key: with a new manifest only, with a new
//! chain and tree, or with everything signed by a key of their own.

use beckon_audit::fabricate::{Bundle, strange_pair};
use beckon_events::Digest;
use beckon_events::envelope::Actor;
use beckon_protocol::evidence::SignedCheckpoint;
use data_encoding::BASE64;
use serde_json::json;
use uuid::Uuid;

use super::dice::Dice;
use super::draft::Draft;
use super::ground::{BARE, Ground, LONG, NAMED, RICH};
use super::mutant::{Expected, Mutant, at, in_file};
use super::trial::Trial;

/// 95 of them.
pub fn add(ground: &Ground, dice: &mut Dice, trial: &mut Trial) {
    let mut made = 0;
    while made < 60 {
        let mut draft = Draft::of(dice.one(&ground.exports));
        let event = dice.below(draft.len());
        let changed = CHANGES[made % CHANGES.len()](&mut draft, event);
        let Some((what, check)) = changed else { continue };
        let places = &draft.bundle.places;
        let index = places.get(event).map_or(event, |place| usize::try_from(place.0).unwrap());
        let what = format!("event {index}: {what}");
        trial.add(Mutant {
            zip: made % 4 == 0,
            ..Mutant::new(what, draft.bundle.all(), at(check, index))
        });
        made += 1;
    }
    for number in 0..15 {
        let original = &ground.logs[[RICH, BARE, LONG, NAMED][number % 4]];
        let (draft, event) = rewritten(original.draft(), dice, number);
        let expected = first_point(&original.bundle, event, draft.len());
        trial.add(Mutant::new(format!("chain: event {event}"), draft.rebuilt().all(), expected));
    }
    for number in 0..8 {
        let original = &ground.logs[[RICH, BARE, LONG, NAMED][number % 4]];
        let (draft, event) = rewritten(original.draft(), dice, number);
        let bundle = reroot(draft.rebuilt(), event);
        let (_, path) = first_point(&original.bundle, event, bundle.lines.len());
        trial.add(Mutant::new(format!("roots: event {event}"), bundle.all(), in_file("V4", path)));
    }
    for number in 0..6 {
        let original = &ground.logs[[RICH, BARE, LONG, NAMED][number % 4]];
        let (draft, event) = rewritten(original.draft(), dice, number);
        let mut bundle = draft.rebuilt();
        bundle.resign(&|_| strange_pair(2));
        bundle.keys = original.bundle.keys.clone();
        let expected = in_file("V4", "checkpoints/0.ndjson");
        trial.add(Mutant::new(
            format!("signed by a stranger: event {event}"),
            bundle.all(),
            expected,
        ));
    }
    for number in 0..6 {
        // Every proof leads to a root that nobody has signed.
        let original = &ground.logs[[RICH, BARE, LONG, NAMED][number % 4]];
        let (draft, event) = rewritten(original.draft(), dice, number);
        let number =
            u32::try_from(dice.below(usize::try_from(original.sessions).unwrap())).unwrap();
        let bundle = draft.rebuilt().of_session(original.made.seed.session(number));
        let first = usize::try_from(bundle.places[0].0).unwrap();
        let what = format!("chain: event {event}, session {number}");
        trial.add(Mutant::new(what, bundle.all(), at("V2", first)));
    }
}

/// Something that means nothing to V7, V8 and V9, in some event.
fn rewritten(mut draft: Draft, dice: &mut Dice, number: usize) -> (Draft, usize) {
    let kinds = ["Opened", "Invited", "ControlEnrolled", "Joined", "Ended", "ServerStarted"];
    let (kind, field, value) = match number % 3 {
        0 => ("Invited", "role", json!("admin")),
        1 => ("Joined", "wait_until", json!("2031-01-01T00:00:00.000000Z")),
        _ => {
            let all = draft.all(kinds[dice.below(kinds.len())]);
            let event = *dice.one(&all);
            draft.envelope(event, |metadata| metadata.actor = Actor::POLICY);
            return (draft, event);
        }
    };
    let all = draft.all(kind);
    let event = *dice.one(&all);
    draft.body(event, |data| data[field] = value);
    (draft, event)
}

/// The first checkpoint over event `event`, that is not in a break, of a log with `events`.
fn first_point(bundle: &Bundle, event: usize, events: usize) -> Expected {
    let restored = Draft::of(bundle).all("LogRestored");
    let last = bundle.checkpoints.keys().next_back().unwrap();
    for (number, (era, notes)) in bundle.checkpoints.iter().enumerate() {
        let kept = restored.get(number).copied().unwrap_or(events);
        let sizes =
            notes.iter().map(|note| size(note)).filter(|size| (event + 1..=kept).contains(size));
        if let Some(size) = sizes.min() {
            let check = if era == last && size == bundle.lines.len() { "V3" } else { "V5" };
            return in_file(check, format!("checkpoints/{era}.ndjson"));
        }
    }
    unreachable!("the last checkpoint is over all events")
}

/// The roots of all checkpoints over `event` as they are now, with their old signatures; what lies
/// in a break stays.
fn reroot(mut bundle: Bundle, event: usize) -> Bundle {
    let (roots, restored) = (bundle.clone(), Draft::of(&bundle).all("LogRestored"));
    for (number, notes) in bundle.checkpoints.values_mut().enumerate() {
        let kept = restored.get(number).copied().unwrap_or(usize::MAX);
        for note in notes.iter_mut().filter(|note| (event + 1..=kept).contains(&size(note))) {
            let root = SignedCheckpoint::parse(note).unwrap().checkpoint.root;
            let new = roots.root(u64::try_from(size(note)).unwrap());
            *note = note.replace(&BASE64.encode(&root.0), &BASE64.encode(&new.0));
        }
    }
    bundle
}

fn size(note: &str) -> usize {
    note.lines().nth(1).unwrap().parse().unwrap()
}

type Change = fn(&mut Draft, usize) -> Option<(&'static str, &'static str)>;

const CHANGES: [Change; 30] = [
    |d, e| {
        let data = d.bundle.lines[e].data.as_mut()?;
        let middle = data.len() / 2;
        data[middle] ^= 1;
        Some(("a byte of data", "V1"))
    },
    |d, e| {
        let other = (e + 1) % d.len();
        let data = d.bundle.lines[other].data.clone();
        (data != d.bundle.lines[e].data).then_some(())?;
        d.bundle.lines[e].data = data;
        Some(("data of another event", "V1"))
    },
    |d, e| text(d, e, "{\"v\":1,", "{\"v\":0,", "V1"),
    |d, e| text(d, e, "{\"v\":1,", "{\"v\":2,", "V1"),
    |d, e| text(d, e, ",\"log\"", ", \"log\"", "V1"),
    |d, e| text(d, e, "{\"v\":1,", "{\"v\":1,\"v\":1,", "V1"),
    |d, e| text(d, e, "{\"v\":1,", "{\"w\":1,\"v\":1,", "V1"),
    |d, e| text(d, e, "000Z", "00Z", "V1"),
    |d, e| text(d, e, "\"at\":\"2026", "\"at\":\"2025", "V1").filter(|_| e > 0),
    |d, e| text(d, e, "\"at\":\"2026-1", "\"at\":\"2026-0", "V1").filter(|_| e > 0),
    |d, e| text(d, e, "\"version\":", "\"version\":1", "V1"),
    |d, e| text(d, e, "\"version\":", "\"version\":-", "V1"),
    |d, e| text(d, e, "\"stream\":\"", "\"stream\":\"robot-", "V1"),
    |d, e| text(d, e, "\"kind\":\"", "\"kind\":\"ghost", "V1"),
    |d, e| text(d, e, "\"sealed\":[", "\"sealed\":[1,", "V1"),
    |d, e| text(d, e, "]}", "]}}", "V1"),
    |d, e| text(d, e, "]}", "]", "V1"),
    |d, e| envelope(d, e, "prev", "V1", |m| m.prev.0[7] ^= 1),
    |d, e| envelope(d, e, "body", "V1", |m| m.body.0[7] ^= 1),
    |d, e| envelope(d, e, "log", "V1", |m| m.log.0 = Uuid::from_u128(7)),
    |d, e| {
        let version = d.metadata(e).version;
        let stream = format!("session-{}", Uuid::from_u128(7));
        (version > 0).then_some(())?;
        envelope(d, e, "another stream", "V1", |m| m.stream = stream)
    },
    |d, e| {
        let prev = d.metadata(e).prev.to_string();
        let upper = prev.to_uppercase();
        (upper != prev).then(|| text(d, e, &prev, &upper, "V1"))?
    },
    |d, e| envelope(d, e, "causation", "V2", |m| m.causation.0 = Uuid::from_u128(7)),
    |d, e| envelope(d, e, "correlation", "V2", |m| m.correlation = Uuid::from_u128(7)),
    |d, e| envelope(d, e, "id", "V2", |m| m.id.0 = Uuid::from_u128(7)),
    |d, e| {
        envelope(d, e, "actor", "V2", |m| {
            m.actor = Actor { id: Some(Uuid::from_u128(7)), ..m.actor }
        })
    },
    |d, e| envelope(d, e, "type", "V2", |m| m.kind = format!("{}d", m.kind)),
    |d, e| envelope(d, e, "schema", "V2", |m| m.schema = 9),
    |d, e| envelope(d, e, "sealed", "V2", |m| m.sealed.push("/more".to_owned())),
    |d, e| {
        let data = b"{ }".to_vec();
        let body = Digest::of(&data);
        d.bundle.lines[e].data = Some(data);
        envelope(d, e, "data with white space, and its hash", "V1", |m| m.body = body)
    },
];

fn envelope(
    draft: &mut Draft,
    event: usize,
    what: &'static str,
    check: &'static str,
    change: impl FnOnce(&mut beckon_events::envelope::Metadata),
) -> Option<(&'static str, &'static str)> {
    draft.envelope(event, change);
    Some((what, check))
}

/// Another spelling of the metadata.
fn text(
    draft: &mut Draft,
    event: usize,
    from: &str,
    to: &str,
    check: &'static str,
) -> Option<(&'static str, &'static str)> {
    let metadata = &mut draft.bundle.lines[event].metadata;
    let old = String::from_utf8(metadata.clone()).unwrap();
    let new = old.replacen(from, to, 1);
    *metadata = new.clone().into_bytes();
    (new != old).then_some(("another spelling of metadata", check))
}

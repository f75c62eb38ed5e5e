//! Changes of the export of one session: places, proofs and the receipt.

use beckon_audit::fabricate::{Bundle, public, strange_pair};
use beckon_events::Digest;
use serde_json::{Value, json};

use super::dice::Dice;
use super::ground::Ground;
use super::mutant::{Expected, Mutant, at, in_file, lines, listed};
use super::trial::Trial;

const EVENTS: &str = "events.ndjson";

/// 45 of them.
pub fn add(ground: &Ground, dice: &mut Dice, trial: &mut Trial) {
    let sessions: Vec<_> = ground.exports.iter().filter(|one| one.session.is_some()).collect();
    let mut made = 0;
    while made < 25 {
        let mut bundle = (*dice.one(&sessions)).clone();
        let changed = PLACES[made % PLACES.len()](&mut bundle, dice, ground);
        let Some((what, expected)) = changed else { continue };
        trial.add(Mutant::new(format!("proof: {what}"), bundle.all(), expected));
        made += 1;
    }
    for (what, from, to) in [
        ("a zero before the index", "{\"index\":", "{\"index\":0"),
        ("a sign before the index", "{\"index\":", "{\"index\":+"),
        ("a space behind the index", ",\"metadata\"", " ,\"metadata\""),
        ("the proof has another name", "\"proof\"", "\"path\""),
        ("the proof is null", "\"proof\":[", "\"proof\":[null,"),
    ] {
        let bundle = *dice.one(&sessions);
        let mut files = bundle.files();
        let mut all = lines(&files, EVENTS);
        let line = dice.below(all.len());
        let text = String::from_utf8(all[line].clone()).unwrap().replacen(from, to, 1);
        all[line] = text.into_bytes();
        files.insert(EVENTS.to_owned(), all.concat());
        trial.add(Mutant::new(
            format!("proof: {what}"),
            listed(bundle, files),
            in_file("V0", EVENTS),
        ));
    }
    while made < 40 {
        let mut bundle = (*dice.one(&sessions)).clone();
        let session = bundle.session.unwrap();
        let Some(text) = bundle.receipts.get(&session) else { continue };
        let mut receipt: Value = serde_json::from_str(text).unwrap();
        let (what, check) = RECEIPTS[made % RECEIPTS.len()](&mut receipt, &bundle, ground);
        bundle.receipts.insert(session, receipt.to_string());
        let expected = in_file(check, format!("receipts/{session}.json"));
        trial.add(Mutant::new(format!("receipt: {what}"), bundle.all(), expected));
        made += 1;
    }
}

type Place = fn(&mut Bundle, &mut Dice, &Ground) -> Option<(&'static str, Expected)>;

const PLACES: [Place; 11] = [
    |b, _, _| {
        let (session, _) = b.receipts.pop_first()?;
        Some((
            "no receipt of a session that is over",
            in_file("V6", format!("receipts/{session}.json")),
        ))
    },
    |b, dice, _| {
        let (index, proof) = any(b, dice)?;
        let hash = dice.below(proof.len());
        proof[hash].0[dice.below(32)] ^= 1;
        Some(("a hash", at("V2", index)))
    },
    |b, dice, _| {
        let (index, proof) = any(b, dice)?;
        proof.pop();
        Some(("a hash less", at("V2", index)))
    },
    |b, dice, _| {
        let (index, proof) = any(b, dice)?;
        proof.push(Digest([3; 32]));
        Some(("a hash more", at("V2", index)))
    },
    |b, dice, _| {
        let (index, proof) = any(b, dice)?;
        proof.swap(0, 1);
        Some(("two hashes swapped", at("V2", index)))
    },
    |b, dice, _| {
        let line = dice.below(b.places.len());
        let index = b.places[line].0 + 1;
        let free = b.places.get(line + 1).is_none_or(|next| next.0 > index) && index < b.size;
        b.places[line].0 = index;
        free.then(|| ("the next place", at("V2", usize::try_from(index).unwrap())))
    },
    |b, dice, _| {
        let line = 1 + dice.below(b.places.len() - 1);
        b.places[line].0 = b.places[line - 1].0;
        Some(("the same place twice", at("V1", usize::try_from(b.places[line].0).unwrap())))
    },
    |b, dice, _| {
        let line = dice.below(b.places.len() - 1);
        b.places.remove(line);
        b.lines.remove(line);
        Some(("an event is left out", at("V1", usize::try_from(b.places[line].0).unwrap())))
    },
    |b, dice, ground| {
        let log = ground.logs.iter().find(|log| log.bundle.log == b.log)?;
        let number = dice.below(usize::try_from(log.sessions).unwrap());
        let session = log.made.seed.session(u32::try_from(number).unwrap());
        let other = log.bundle.of_session(session);
        let line = dice.below(other.lines.len());
        let place = other.places[line].clone();
        if Some(session) == b.session {
            return None;
        }
        let to = b.places.iter().position(|own| own.0 > place.0).unwrap_or(b.places.len());
        let index = usize::try_from(place.0).unwrap();
        b.lines.insert(to, other.lines[line].clone());
        b.places.insert(to, place);
        Some(("an event of another session", at("V1", index)))
    },
    |b, _, _| {
        let size = b.size;
        b.places.last_mut()?.0 = size;
        Some(("behind the end of the tree", at("V2", usize::try_from(size).unwrap())))
    },
    |b, dice, _| {
        let line = dice.below(b.places.len() - 1);
        let proof = b.places[line + 1].1.clone();
        if b.places[line].1 == proof {
            return None;
        }
        b.places[line].1 = proof;
        Some(("the proof of the next", at("V2", usize::try_from(b.places[line].0).unwrap())))
    },
];

fn any<'a>(bundle: &'a mut Bundle, dice: &mut Dice) -> Option<(usize, &'a mut Vec<Digest>)> {
    let line = dice.below(bundle.places.len());
    let (index, proof) = bundle.places.get_mut(line)?;
    (proof.len() > 1).then(|| (usize::try_from(*index).unwrap(), proof))
}

type InReceipt = fn(&mut Value, &Bundle, &Ground) -> (&'static str, &'static str);

const RECEIPTS: [InReceipt; 15] = [
    |r, _, _| {
        r["index"] = json!(r["index"].as_u64().unwrap() - 1);
        ("another place", "V6")
    },
    |r, _, _| {
        r["proof"].as_array_mut().unwrap().pop();
        ("a hash less", "V6")
    },
    |r, _, _| {
        r["proof"][0] = json!(Digest([9; 32]));
        ("another hash", "V6")
    },
    |r, _, _| {
        let root = r["checkpoint"].as_str().unwrap().lines().nth(2).unwrap().to_owned();
        let text = r["checkpoint"].as_str().unwrap().replace(&root, &root.replace('/', "+"));
        let other = if text == r["checkpoint"] { text.replace(&root[..4], "AAAA") } else { text };
        r["checkpoint"] = json!(other);
        ("another root", "V6")
    },
    |r, _, _| {
        r["log_key"] = json!(public(&strange_pair(3)));
        ("another key", "V6")
    },
    |r, _, _| {
        let note = r["checkpoint"].as_str().unwrap();
        r["checkpoint"] = json!(note.replace("help.example.org", "else.example.org"));
        ("another host", "V6")
    },
    |r, b, _| {
        let (line, place) = (&b.lines[1], &b.places[1]);
        r["metadata"] = json!(data_encoding::BASE64.encode(&line.metadata));
        (r["index"], r["proof"]) = (json!(place.0), json!(place.1));
        ("an event that closes nothing", "V6")
    },
    |r, b, ground| {
        let log = ground.logs.iter().find(|log| log.bundle.log == b.log).unwrap();
        let others = log.sessions().into_iter().map(|(number, _)| log.made.seed.session(number));
        let mut others = others.filter(|other| Some(*other) != b.session);
        let other = others.find_map(|other| log.bundle.of_session(other).receipts.remove(&other));
        *r = serde_json::from_str(&other.unwrap()).unwrap();
        ("of another session", "V6")
    },
    |r, b, _| {
        let checkpoint = beckon_protocol::evidence::SignedCheckpoint::parse(&b.last()).unwrap();
        let pair = strange_pair(4);
        r["checkpoint"] = json!(checkpoint.checkpoint.sign(&pair).note);
        r["log_key"] = json!(public(&pair));
        ("signed by a stranger", "V6")
    },
    |r, _, _| {
        r["more"] = json!(1);
        ("another key of JSON", "V0")
    },
    |r, _, _| {
        r["index"] = json!("7");
        ("a place in quotes", "V0")
    },
    |r, _, _| {
        r.as_object_mut().unwrap().remove("proof");
        ("no proof", "V0")
    },
    |r, _, _| {
        r["metadata"] = json!("e31=");
        ("metadata in no base64", "V0")
    },
    |r, _, _| {
        r["checkpoint"] = json!("help.example.org");
        ("no checkpoint", "V0")
    },
    |r, _, _| {
        r["log_key"] = json!("00FF");
        ("no key", "V0")
    },
];

//! Changes of files by somebody who writes the manifest anew: lines, tiles, keys.

use beckon_audit::fabricate::{Bundle, public, strange_pair};
use data_encoding::BASE64;
use serde_json::{Value, json};

use super::dice::Dice;
use super::draft::Draft;
use super::ground::{BARE, Ground, LONG, NAMED, RICH};
use super::mutant::{Expected, Files, Mutant, at, in_file, lines, listed};
use super::trial::Trial;

/// 85 of them.
pub fn add(ground: &Ground, dice: &mut Dice, trial: &mut Trial) {
    let changes: [(usize, Change); 7] = [
        (24, line),
        (12, number_of_lines),
        (10, neighbours),
        (13, tile),
        (4, upper_tile),
        (12, keys),
        (10, subjects),
    ];
    for (count, change) in changes {
        let mut made = 0;
        while made < count {
            let mut change = |bundle: &Bundle| {
                let mut files = bundle.files();
                let (what, expected) = change(bundle, &mut files, dice, made)?;
                Some(Mutant::new(format!("listed: {what}"), listed(bundle, files), expected))
            };
            let bundle = &ground.exports[(made * 7 + count) % ground.exports.len()];
            let fits = [RICH, BARE, LONG, NAMED].map(|log| &ground.logs[log].bundle);
            let tried = std::iter::once(bundle).chain(fits.into_iter().cycle().skip(made).take(4));
            let mutant = tried.into_iter().find_map(&mut change);
            trial.add(mutant.expect("some export can be changed in this way"));
            made += 1;
        }
    }
}

type Change = fn(&Bundle, &mut Files, &mut Dice, usize) -> Option<(String, Expected)>;

/// A line that is not written as it should be.
fn line(
    bundle: &Bundle,
    files: &mut Files,
    dice: &mut Dice,
    n: usize,
) -> Option<(String, Expected)> {
    let mut all = lines(files, "events.ndjson");
    let number = dice.below(all.len());
    let text = String::from_utf8(all[number].clone()).unwrap();
    let long = |length: usize| BASE64.encode(&vec![b'{'; length]);
    let metadata = text.split_once("\"metadata\":\"").unwrap().1.split_once('"').unwrap().0;
    let index =
        bundle.places.get(number).map_or(number, |(index, _)| usize::try_from(*index).unwrap());
    // What is wrong in the base64 is wrong in an event whose index could be read.
    let (what, changed, readable) = match n % 12 {
        0 => ("white space in a line", text.replacen(',', ", ", 1), false),
        1 => ("another end of a line", text.replace('\n', "\r\n"), false),
        2 => ("another key in a line", text.replacen('{', "{\"more\":1,", 1), false),
        3 => ("a line without its brace", text.replacen('{', "", 1), false),
        4 => ("an empty line", "\n".to_owned(), false),
        5 => ("data is a number", format!("{{\"metadata\":\"{metadata}\",\"data\":7}}\n"), false),
        6 => ("a very long line", text.replacen('{', &"{".repeat(140_000), 1), false),
        7 => ("a key in capitals", text.replacen("\"data\"", "\"Data\"", 1), false),
        8 => {
            ("base64 of the web", text.replacen(metadata, &metadata.replacen('e', "-", 1), 1), true)
        }
        9 => (
            "base64 with too little",
            text.replacen(metadata, &metadata[..metadata.len() - 1], 1),
            true,
        ),
        10 => ("much metadata", text.replacen(metadata, &long(8_193), 1), true),
        _ => ("base64 with bits left", text.replacen(metadata, "e31=", 1), true),
    };
    assert_ne!(changed, text, "{what}");
    all[number] = changed.into_bytes();
    files.insert("events.ndjson".to_owned(), all.concat());
    let whole = bundle.session.is_none();
    let expected = if whole || readable { at("V0", index) } else { in_file("V0", "events.ndjson") };
    Some((what.to_owned(), expected))
}

/// More or fewer lines than the manifest says.
fn number_of_lines(
    _: &Bundle,
    files: &mut Files,
    dice: &mut Dice,
    n: usize,
) -> Option<(String, Expected)> {
    let mut all = lines(files, "events.ndjson");
    let number = dice.below(all.len());
    match n % 4 {
        0 => drop(all.remove(number)),
        1 => all.insert(number, all[number].clone()),
        2 => all.truncate(number),
        _ => drop(all.last_mut()?.pop()),
    }
    files.insert("events.ndjson".to_owned(), all.concat());
    Some((format!("another number of lines ({})", n % 4), in_file("V0", "events.ndjson")))
}

/// Two events in the wrong order.
fn neighbours(
    bundle: &Bundle,
    files: &mut Files,
    dice: &mut Dice,
    _: usize,
) -> Option<(String, Expected)> {
    let draft = Draft::of(bundle);
    let mut all = lines(files, "events.ndjson");
    let first = dice.below(all.len() - 1);
    all.swap(first, first + 1);
    files.insert("events.ndjson".to_owned(), all.concat());
    if bundle.session.is_some() {
        // The later one comes first: its version is too high.
        let index = usize::try_from(bundle.places[first + 1].0).unwrap();
        return Some(("two lines of a session swapped".to_owned(), at("V1", index)));
    }
    let (one, other) = (draft.metadata(first), draft.metadata(first + 1));
    let check = if one.stream == other.stream { "V1" } else { "V2" };
    Some((format!("events {first} and {} swapped", first + 1), at(check, first)))
}

/// A leaf in a tile of level 0.
fn tile(_: &Bundle, files: &mut Files, dice: &mut Dice, n: usize) -> Option<(String, Expected)> {
    let paths: Vec<_> = files.keys().filter(|path| path.starts_with("tiles/0/")).cloned().collect();
    let number = n % paths.len().max(1);
    let path = paths.get(number)?.clone();
    let bytes = files.get_mut(&path)?;
    let hashes = bytes.len() / 32;
    match n % 5 {
        3 => {
            bytes.truncate(bytes.len() - 32);
            return Some((format!("a leaf less in {path}"), in_file("V0", path)));
        }
        4 => {
            let first = dice.below(hashes - 1);
            bytes[32 * first..32 * (first + 2)].rotate_left(32);
            return Some((format!("two leaves swapped in {path}"), at("V2", 256 * number + first)));
        }
        _ => {}
    }
    let byte = dice.below(bytes.len());
    bytes[byte] ^= 1 << dice.below(8);
    Some((format!("byte {byte} of {path}"), at("V2", 256 * number + byte / 32)))
}

/// A node in a tile above.
fn upper_tile(
    _: &Bundle,
    files: &mut Files,
    dice: &mut Dice,
    _: usize,
) -> Option<(String, Expected)> {
    let path = files.keys().find(|path| path.starts_with("tiles/1/"))?.clone();
    let bytes = files.get_mut(&path)?;
    let byte = dice.below(bytes.len());
    bytes[byte] ^= 1 << dice.below(8);
    Some((format!("byte {byte} of {path}"), in_file("V2", path)))
}

fn keys(
    bundle: &Bundle,
    files: &mut Files,
    dice: &mut Dice,
    n: usize,
) -> Option<(String, Expected)> {
    let mut keys: Value = serde_json::from_slice(&files["keys.json"]).unwrap();
    let last = bundle.keys.log.len() - 1;
    let one = dice.below(last + 1);
    let of = |entry: usize| format!("checkpoints/{}.ndjson", bundle.keys.log[entry].era);
    let (what, expected) = match n % 7 {
        0 => {
            keys["log"][one]["key"] = json!(public(&strange_pair(9)));
            ("another key", in_file("V4", of(one)))
        }
        1 => {
            keys["log"].as_array_mut()?.remove(one);
            ("a key is missing", in_file("V0", "keys.json"))
        }
        2 => {
            let again = keys["log"][one].clone();
            keys["log"].as_array_mut()?.push(again);
            ("a key twice", in_file("V0", "keys.json"))
        }
        3 => {
            keys["log"][one]["era"] = json!(7);
            ("a key of an era without checkpoints", in_file("V0", "keys.json"))
        }
        4 if one != last => {
            let origin =
                bundle.keys.log[one].origin.replace("help.example.org", "else.example.org");
            keys["log"][one]["origin"] = json!(origin);
            ("an earlier era under another name", in_file("V4", of(one)))
        }
        4 | 5 => {
            keys["log"][one]["origin"] = json!(format!("help.example.org/beckon/{}/7", bundle.log));
            ("an origin of another era", in_file("V0", "keys.json"))
        }
        _ => {
            keys["account"] = json!("00ff");
            ("a key that is too short", in_file("V0", "keys.json"))
        }
    };
    files.insert("keys.json".to_owned(), serde_json::to_vec(&keys).unwrap());
    Some((format!("keys: {what}"), expected))
}

fn subjects(
    bundle: &Bundle,
    files: &mut Files,
    dice: &mut Dice,
    n: usize,
) -> Option<(String, Expected)> {
    let mut keys: Value = serde_json::from_slice(files.get("subjects.json")?).unwrap();
    let known: Vec<String> = keys.as_object()?.keys().cloned().collect();
    let subject = dice.one(&known);
    let draft = Draft::of(bundle);
    let is_of = |at: &usize| {
        let data = draft.data(*at);
        let mut pointers = draft.metadata(*at).sealed.into_iter();
        pointers.any(|pointer| data.pointer(&pointer).unwrap()["$s"] == subject.as_str())
    };
    let (what, expected) = match n % 4 {
        0 | 1 => {
            let first = (0..draft.len()).find(is_of)?;
            let index = bundle.places.get(first).map_or(first, |at| usize::try_from(at.0).unwrap());
            let other = known.iter().find(|other| *other != subject)?;
            keys[subject] = if n.is_multiple_of(4) {
                json!(BASE64.encode(&[7; 32]))
            } else {
                keys[other].clone()
            };
            ("another key", at("V9", index))
        }
        2 => {
            if bundle.session.is_some() || bundle.names != beckon_audit::export::NamesIn::All {
                return None;
            }
            keys.as_object_mut()?.remove(subject);
            ("one of all is missing", in_file("V9", "subjects.json"))
        }
        _ => {
            keys[subject] = json!(BASE64.encode(&[7; 31]));
            ("a key that is too short", in_file("V0", "subjects.json"))
        }
    };
    files.insert("subjects.json".to_owned(), serde_json::to_vec(&keys).unwrap());
    Some((format!("subjects: {what}"), expected))
}

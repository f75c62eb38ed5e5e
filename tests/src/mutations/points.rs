//! Changes of checkpoints by somebody who writes the manifest anew.

use beckon_audit::fabricate::{Bundle, strange_pair};
use beckon_protocol::evidence::SignedCheckpoint;

use super::dice::Dice;
use super::ground::Ground;
use super::mutant::{Expected, Mutant, at, in_file};
use super::trial::Trial;

/// 40 of them.
pub fn add(ground: &Ground, dice: &mut Dice, trial: &mut Trial) {
    let mut made = 0;
    while made < 40 {
        let mut bundle = dice.one(&ground.exports).clone();
        let eras: Vec<u32> = bundle.checkpoints.keys().copied().collect();
        let era = *dice.one(&eras);
        let one = dice.below(bundle.checkpoints[&era].len());
        let changed = CHANGES[made % CHANGES.len()](&mut bundle, era, one);
        let Some((what, expected)) = changed else { continue };
        trial.add(Mutant::new(
            format!("checkpoint {one} of era {era}: {what}"),
            bundle.all(),
            expected,
        ));
        made += 1;
    }
}

type Change = fn(&mut Bundle, u32, usize) -> Option<(&'static str, Expected)>;

const CHANGES: [Change; 15] = [
    |b, era, one| {
        let root = lines(b, era, one)[2].clone();
        let other = format!("{}{}", if root.starts_with('A') { "B" } else { "A" }, &root[1..]);
        replace(b, era, one, 2, &other);
        let expected = match (b.session, is_last(b, era, one)) {
            // Where all the proofs lead to.
            (Some(_), _) => at("V2", usize::try_from(b.places[0].0).unwrap()),
            (None, true) => in_file("V3", path(era)),
            (None, false) => in_file("V4", path(era)),
        };
        Some(("another root", expected))
    },
    |b, era, one| {
        let line = lines(b, era, one)[4].clone();
        let signature = line.rsplit(' ').next()?.to_owned();
        // Behind the four bytes that name the key.
        let other = if &signature[20..21] == "A" { "B" } else { "A" };
        let changed = format!("{}{other}{}", &signature[..20], &signature[21..]);
        replace(b, era, one, 4, &line.replace(&signature, &changed));
        Some(("another signature", in_file("V4", path(era))))
    },
    |b, era, one| {
        let signed = lines(b, era, one)[4].clone();
        let signature = signed.rsplit(' ').next()?.to_owned();
        let changed =
            format!("{}{}", if signature.starts_with('A') { "B" } else { "A" }, &signature[1..]);
        replace(b, era, one, 4, &signed.replace(&signature, &changed));
        Some(("another key's name", in_file("V4", path(era))))
    },
    |b, era, one| {
        if b.session.is_some() {
            return None;
        }
        let size: u64 = lines(b, era, one)[1].parse().ok()?;
        replace(b, era, one, 1, &(size + 1).to_string());
        let check = if is_last(b, era, one) { "V3" } else { "V4" };
        Some(("a larger size", in_file(check, path(era))))
    },
    |b, era, one| {
        let note = &mut b.checkpoints.get_mut(&era)?[one];
        *note = note.replace("help.example.org", "else.example.org");
        Some(("another host", in_file("V4", path(era))))
    },
    |b, era, one| {
        let note = &mut b.checkpoints.get_mut(&era)?[one];
        *note = note.replacen("help.example.org", "else.example.org", 1);
        Some(("two names", in_file("V0", path(era))))
    },
    |b, era, one| {
        let note = &mut b.checkpoints.get_mut(&era)?[one];
        let signature = note.lines().next_back()?.to_owned();
        note.push_str(&signature);
        note.push('\n');
        Some(("signed twice", in_file("V0", path(era))))
    },
    |b, era, one| {
        let size = lines(b, era, one)[1].clone();
        replace(b, era, one, 1, &format!("0{size}"));
        Some(("a size with a zero before it", in_file("V0", path(era))))
    },
    |b, era, one| {
        let notes = b.checkpoints.get_mut(&era)?;
        if one == 0 {
            return None;
        }
        notes.swap(one - 1, one);
        Some(("before the one before it", in_file("V5", path(era))))
    },
    |b, era, one| {
        let notes = b.checkpoints.get_mut(&era)?;
        notes.insert(one, notes[one].clone());
        Some(("twice", in_file(if b.session.is_some() { "V0" } else { "V5" }, path(era))))
    },
    |b, _, _| {
        let era = *b.checkpoints.keys().next_back()?;
        let notes = b.checkpoints.get_mut(&era)?;
        notes.pop();
        let check = if notes.is_empty() { "V0" } else { "V3" };
        Some(("the last one is missing", in_file(check, path(era))))
    },
    |b, era, _| {
        if b.checkpoints.len() == 1 {
            return None;
        }
        b.checkpoints.remove(&era);
        Some(("no file of an era", in_file("V0", "keys.json")))
    },
    |b, era, _| {
        let next = b.checkpoints.get(&(era + 1))?.last()?.clone();
        b.checkpoints.get_mut(&era)?.push(next);
        Some(("one of the next era behind it", in_file("V4", path(era))))
    },
    |b, era, one| {
        let note = &mut b.checkpoints.get_mut(&era)?[one];
        let point = SignedCheckpoint::parse(note).unwrap().checkpoint;
        *note = point.sign(&strange_pair(1)).note;
        Some(("signed by a stranger", in_file("V4", path(era))))
    },
    |b, era, one| {
        let note = &mut b.checkpoints.get_mut(&era)?[one];
        *note = note.replace('\n', "\r\n");
        Some(("other line ends", in_file("V0", path(era))))
    },
];

fn path(era: u32) -> String {
    format!("checkpoints/{era}.ndjson")
}

fn is_last(bundle: &Bundle, era: u32, one: usize) -> bool {
    let last = bundle.checkpoints.iter().next_back().unwrap();
    (*last.0, last.1.len()) == (era, one + 1)
}

fn lines(bundle: &Bundle, era: u32, one: usize) -> Vec<String> {
    bundle.checkpoints[&era][one].lines().map(str::to_owned).collect()
}

fn replace(bundle: &mut Bundle, era: u32, one: usize, line: usize, text: &str) {
    let mut all = lines(bundle, era, one);
    text.clone_into(&mut all[line]);
    bundle.checkpoints.get_mut(&era).unwrap()[one] = all.join("\n") + "\n";
}

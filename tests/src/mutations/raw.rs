//! Changes by somebody who knows nothing: the manifest still speaks of the files as they were.

use super::dice::Dice;
use super::ground::Ground;
use super::mutant::{Expected, Files, Mutant, in_file, lines};
use super::trial::Trial;

/// 180 of them.
pub fn add(ground: &Ground, dice: &mut Dice, trial: &mut Trial) {
    let changes: [(usize, Change); 9] = [
        (70, flipped),
        (20, cut),
        (10, longer),
        (12, line_dropped),
        (10, line_twice),
        (10, lines_swapped),
        (20, missing),
        (14, extra),
        (14, renamed),
    ];
    for (count, change) in changes {
        let mut made = 0;
        while made < count {
            let mut files = dice.one(&ground.exports).all();
            if let Some((what, expected)) = change(&mut files, dice) {
                let zip = made % 3 == 0;
                trial.add(Mutant { zip, ..Mutant::new(format!("raw: {what}"), files, expected) });
                made += 1;
            }
        }
    }
}

type Change = fn(&mut Files, &mut Dice) -> Option<(String, Expected)>;

/// Any file, the manifest too.
fn any(files: &Files, dice: &mut Dice) -> String {
    let paths: Vec<_> = files.keys().cloned().collect();
    dice.one(&paths).clone()
}

/// Any file that the manifest speaks of.
fn named(files: &Files, dice: &mut Dice) -> String {
    loop {
        let path = any(files, dice);
        if path != "manifest.json" {
            return path;
        }
    }
}

/// A file of lines.
fn of_lines(files: &Files, dice: &mut Dice) -> String {
    let paths: Vec<_> = files.keys().filter(|path| path.ends_with(".ndjson")).cloned().collect();
    dice.one(&paths).clone()
}

fn flipped(files: &mut Files, dice: &mut Dice) -> Option<(String, Expected)> {
    let path = named(files, dice);
    let bytes = files.get_mut(&path)?;
    let (byte, bit) = (dice.below(bytes.len()), dice.below(8));
    bytes[byte] ^= 1 << bit;
    Some((format!("bit {bit} of byte {byte} of {path}"), in_file("V0", path)))
}

fn cut(files: &mut Files, dice: &mut Dice) -> Option<(String, Expected)> {
    let path = any(files, dice);
    let bytes = files.get_mut(&path)?;
    bytes.truncate(dice.below(bytes.len()));
    Some((format!("{path} cut to {} bytes", bytes.len()), in_file("V0", path)))
}

fn longer(files: &mut Files, dice: &mut Dice) -> Option<(String, Expected)> {
    let path = any(files, dice);
    files.get_mut(&path)?.push(b'x');
    Some((format!("a byte behind {path}"), in_file("V0", path)))
}

fn line_dropped(files: &mut Files, dice: &mut Dice) -> Option<(String, Expected)> {
    let path = of_lines(files, dice);
    let mut kept = lines(files, &path);
    let line = dice.below(kept.len());
    kept.remove(line);
    files.insert(path.clone(), kept.concat());
    Some((format!("line {line} of {path} dropped"), in_file("V0", path)))
}

fn line_twice(files: &mut Files, dice: &mut Dice) -> Option<(String, Expected)> {
    let path = of_lines(files, dice);
    let mut kept = lines(files, &path);
    let line = dice.below(kept.len());
    kept.insert(line, kept[line].clone());
    files.insert(path.clone(), kept.concat());
    Some((format!("line {line} of {path} twice"), in_file("V0", path)))
}

fn lines_swapped(files: &mut Files, dice: &mut Dice) -> Option<(String, Expected)> {
    let path = of_lines(files, dice);
    let mut kept = lines(files, &path);
    let second = (1..kept.len()).nth(dice.below(kept.len()))?;
    kept.swap(second - 1, second);
    files.insert(path.clone(), kept.concat());
    Some((format!("line {second} of {path} before the one before it"), in_file("V0", path)))
}

fn missing(files: &mut Files, dice: &mut Dice) -> Option<(String, Expected)> {
    let path = any(files, dice);
    files.remove(&path)?;
    Some((format!("{path} missing"), in_file("V0", path)))
}

fn extra(files: &mut Files, dice: &mut Dice) -> Option<(String, Expected)> {
    let names = [
        "note.txt",
        ".hidden",
        "checkpoints/9.ndjson",
        "events.ndjson.bak",
        "receipts/else.json",
        "tiles/0/000.p/1",
        "tiles/9/000",
        "subjects.json.old",
        "a/b/c/d.json",
    ];
    let path = (*dice.one(&names)).to_owned();
    if files.contains_key(&path) {
        return None;
    }
    files.insert(path.clone(), b"{}".to_vec());
    Some((format!("{path} beside the others"), in_file("V0", path)))
}

/// The first of both in the order of the paths: one is missing, the other is too many.
fn renamed(files: &mut Files, dice: &mut Dice) -> Option<(String, Expected)> {
    let path = named(files, dice);
    let bytes = files.remove(&path)?;
    let other = format!("{}{path}", ["", "old/", "z"][dice.below(3)]);
    let other = if other == path { format!("{path}~") } else { other };
    let first = path.clone().min(other.clone());
    files.insert(other.clone(), bytes);
    Some((format!("{path} is called {other}"), in_file("V0", first)))
}

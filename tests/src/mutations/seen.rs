//! Logs that are consistent in themselves, but not with what somebody has kept from before.

use beckon_audit::export::LogEraKey;
use beckon_audit::fabricate::{public, strange_pair};
use beckon_events::envelope::Actor;
use beckon_events::session::head_bytes;
use beckon_events::{ActionSet, Statement, Timestamp};
use beckon_protocol::evidence::{Checkpoint, KeptBy, Receipt, ReceiptProof, SignedCheckpoint};
use serde_json::json;

use super::dice::Dice;
use super::draft::Draft;
use super::ground::{Ground, Original};
use super::mutant::{Files, Mutant, in_file};
use super::trial::Trial;

/// What was kept: its name, and what stands in it.
type Kept = (String, Vec<u8>);

/// 300 of them, each in one of these ways and against a checkpoint or a receipt.
pub fn add(ground: &Ground, dice: &mut Dice, trial: &mut Trial) {
    let ways: [(&str, usize, Way); 5] = [
        ("a tail cut off", 80, cut_off),
        ("signed by another key", 60, rekeyed),
        ("one session of a log signed by another key", 20, rekeyed_session),
        ("a fork", 80, forked),
        ("a restore that hides what was", 60, restored),
    ];
    for (what, count, way) in ways {
        for number in 0..count {
            let receipt = number % 2 == 1;
            let (files, seen) = (0..500)
                .find_map(|_| way(dice.one(&ground.logs), dice, receipt))
                .expect("some log can be changed in this way");
            let expected = in_file("V6", seen.0.clone());
            let what = format!("{what}, against {}", seen.0);
            let zip = number % 5 == 0;
            trial.add(Mutant { zip, seen: Some(seen), ..Mutant::new(what, files, expected) });
        }
    }
}

/// The originals hold against everything that can be kept of them.
pub fn hold(ground: &Ground, dice: &mut Dice, trial: &mut Trial) {
    for original in &ground.logs {
        for receipt in [false, true] {
            let (_, bytes) = kept(original, dice, receipt, &|_, _| true).unwrap();
            trial.holds("with what was kept", original.bundle.all(), receipt, Some(bytes));
        }
    }
}

type Way = fn(&Original, &mut Dice, bool) -> Option<(Files, Kept)>;

/// The log as it was at some earlier moment, signed again.
fn cut_off(original: &Original, dice: &mut Dice, receipt: bool) -> Option<(Files, Kept)> {
    let mut draft = original.draft();
    let size = 1 + dice.below(draft.len() - 1);
    let kept = kept(original, dice, receipt, &|index, points| index >= size || points > size)?;
    draft.bundle.lines.truncate(size);
    let eras = draft.all("LogRestored").len();
    let begun = draft.all("LogRestored").last().map_or(0, |restored| restored + 1);
    // An era has no checkpoint before its first event is over.
    (size > begun).then_some(())?;
    let (checkpoints, keys) = (&mut draft.bundle.checkpoints, &mut draft.bundle.keys.log);
    checkpoints.retain(|era, _| usize::try_from(*era).unwrap() <= eras);
    keys.truncate(eras + 1);
    Some((draft.resigned(original).all(), kept))
}

/// The same log, or another, under a key of somebody else.
fn rekeyed(original: &Original, dice: &mut Dice, receipt: bool) -> Option<(Files, Kept)> {
    let (draft, _) = rewritten(original, dice);
    let kept = kept(original, dice, receipt, &|_, _| true)?;
    let mut bundle = if dice.below(2) == 0 { original.bundle.clone() } else { draft.rebuilt() };
    let number = u8::try_from(dice.below(200)).unwrap();
    bundle.resign(&|_| strange_pair(number));
    Some((bundle.all(), kept))
}

/// One session; what was kept is of the same size, or the receipt of that session.
fn rekeyed_session(original: &Original, dice: &mut Dice, receipt: bool) -> Option<(Files, Kept)> {
    let last = original.bundle.lines.len();
    let closed = ends(&original.draft());
    let (end, stream) = dice.one(&closed).clone();
    // The export has only the key of the last era.
    let begun = original.draft().all("LogRestored").last().copied().unwrap_or(0);
    let fits = |index, size| if receipt { index == end && size > begun } else { size == last };
    let kept = kept(original, dice, receipt, &fits)?;
    let mut bundle = original.bundle.clone();
    bundle.resign(&|_| strange_pair(7));
    let session = stream.strip_prefix("session-")?.parse().ok()?;
    Some((bundle.of_session(session).all(), kept))
}

/// Another event somewhere, and everything after it signed again with the real key.
fn forked(original: &Original, dice: &mut Dice, receipt: bool) -> Option<(Files, Kept)> {
    let (draft, event) = rewritten(original, dice);
    let kept = kept(original, dice, receipt, &|index, size| index >= event || size > event)?;
    Some((draft.resigned(original).all(), kept))
}

/// A backup, they say, of before what is to be hidden.
fn restored(original: &Original, dice: &mut Dice, receipt: bool) -> Option<(Files, Kept)> {
    let mut draft = original.draft();
    if !draft.all("LogRestored").is_empty() {
        return None;
    }
    let size = 12 + dice.below(draft.len() - 12);
    let kept = kept(original, dice, receipt, &|_, points| points > size)?;
    draft.bundle.lines.truncate(size);
    let node = draft.metadata(1).stream;
    draft.insert(size, &node, "LogRestored", json!({"checkpoint": null, "era": 1, "size": size}));
    for more in 0..dice.below(4) {
        draft.insert(size + 1 + more, &node, "ServerStopped", json!({}));
    }
    let mut bundle = draft.rebuilt();
    let pair = original.made.seed.log_pair(1);
    let (origin, root) = (original.made.origin(1), bundle.root(bundle.size));
    let key = LogEraKey { era: 1, key: public(&pair), origin: origin.to_string() };
    bundle.keys.log.push(key);
    let point = Checkpoint { origin, size: bundle.size, root };
    bundle.checkpoints.insert(1, vec![point.sign(&pair).note]);
    if dice.below(2) == 0 {
        // Whether the break is admitted or not.
        let notes = bundle.checkpoints.get_mut(&0).unwrap();
        notes.retain(|note| points_of(note) <= size);
        if notes.is_empty() {
            return None;
        }
    }
    Some((bundle.all(), kept))
}

/// Something other in an event, which no check but those of the tree sees.
fn rewritten(original: &Original, dice: &mut Dice) -> (Draft, usize) {
    let mut draft = original.draft();
    let event = dice.below(draft.len());
    draft.envelope(event, |metadata| {
        metadata.actor =
            if metadata.actor == Actor::POLICY { Actor::SYSTEM } else { Actor::POLICY };
    });
    (draft, event)
}

/// A checkpoint, or a receipt, of the log as it was, that fits: it is about the event `index`, in
/// a tree of `size`.
fn kept(
    original: &Original,
    dice: &mut Dice,
    receipt: bool,
    fits: &dyn Fn(usize, usize) -> bool,
) -> Option<Kept> {
    let draft = original.draft();
    let breaks = draft.all("LogRestored");
    let all = original.bundle.checkpoints.iter().flat_map(|(era, notes)| {
        let kept = breaks.get(usize::try_from(*era).unwrap()).copied().unwrap_or(draft.len());
        notes.iter().filter(move |note| points_of(note) <= kept)
    });
    let notes: Vec<&String> = all.collect();
    if receipt {
        let fitting: Vec<_> = ends(&draft)
            .into_iter()
            .flat_map(|(index, stream)| {
                notes.iter().map(move |note| (index, stream.clone(), *note))
            })
            .filter(|(index, _, note)| *index < points_of(note) && fits(*index, points_of(note)))
            .collect();
        let (index, stream, note) = fitting.get(dice.below(fitting.len().max(1)))?;
        return Some(("receipt.txt".to_owned(), receipt_file(original, *index, stream, note)));
    }
    let fitting: Vec<_> =
        notes.into_iter().filter(|note| fits(points_of(note) - 1, points_of(note))).collect();
    let note = fitting.get(dice.below(fitting.len().max(1)))?;
    Some(("checkpoint.txt".to_owned(), note.as_bytes().to_vec()))
}

/// The events that closed sessions, as far as there are receipts of them.
fn ends(draft: &Draft) -> Vec<(usize, String)> {
    let all = draft.all("Ended").into_iter().chain(draft.all("Expired"));
    let of = |index| (index, draft.metadata(index).stream);
    // Where nobody joined, nobody keeps a receipt.
    all.map(of).filter(|(_, stream)| draft.find(stream, "Joined").is_some()).collect()
}

fn receipt_file(original: &Original, index: usize, stream: &str, note: &str) -> Vec<u8> {
    let place = u64::try_from(index).unwrap();
    let size = u64::try_from(points_of(note)).unwrap();
    let proof: ReceiptProof =
        serde_json::from_str(&original.bundle.receipt(place, size, note)).unwrap();
    let metadata = original.draft().metadata(index);
    let (number, _) = original.sessions().into_iter().find(|one| one.1 == stream).unwrap();
    let head = head_bytes(stream, metadata.version, &proof.leaf());
    let receipt = Receipt {
        v: 1,
        company: "Acme".to_owned(),
        operator: None,
        actions: ActionSet::EMPTY,
        started: Timestamp::from_micros(1_795_334_400_000_000),
        ended: metadata.at,
        by: KeptBy::Agent,
        proof,
        signed: Statement::sign(&head, &original.made.seed.agent(number)),
    };
    receipt.to_text().into_bytes()
}

fn points_of(note: &str) -> usize {
    let point = SignedCheckpoint::parse(note).unwrap();
    usize::try_from(point.checkpoint.size).unwrap()
}

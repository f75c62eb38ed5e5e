//! What only somebody finds who kept a checkpoint or a receipt.

use std::path::PathBuf;

use beckon_events::session::head_bytes;
use beckon_events::{ActionSet, Statement};
use beckon_protocol::evidence::{KeptBy, Receipt, ReceiptProof};

use ring::signature::Ed25519KeyPair;

use super::*;
use crate::fabricate::strange_pair;

fn kept(folder: &TempDir, name: &str, text: &str) -> Vec<PathBuf> {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    vec![path]
}

fn with(bundle: &Bundle, seen: &[PathBuf]) -> Verdict {
    let folder = TempDir::new().unwrap();
    bundle.write(folder.path()).unwrap();
    let options = Options { seen: seen.to_vec(), ..Options::default() };
    verify(folder.path(), &options).unwrap().verdict
}

/// The receipt of session 0, which ended in the first era.
pub fn receipt(bundle: &Bundle, made: &Made) -> String {
    receipt_by(bundle, made, &made.seed.agent(0))
}

/// The same, signed with this key.
fn receipt_by(bundle: &Bundle, made: &Made, keeper: &Ed25519KeyPair) -> String {
    let session = made.seed.session(0);
    let stream = format!("session-{session}");
    let ended = |line: &crate::export::Line| {
        let metadata = String::from_utf8_lossy(&line.metadata).into_owned();
        metadata.contains(&stream) && metadata.contains("\"Ended\"")
    };
    let index = bundle.lines.iter().position(ended).unwrap() as u64;
    let points = bundle.checkpoints[&0].iter().map(|note| point(note).unwrap());
    let covering = points.into_iter().find(|point| point.checkpoint.size > index).unwrap();
    let proof = bundle.receipt(index, covering.checkpoint.size, &covering.note);
    let proof: ReceiptProof = serde_json::from_str(&proof).unwrap();
    let event = proof.event().unwrap();
    let head = head_bytes(&stream, event.version, &proof.leaf());
    let receipt = Receipt {
        v: 1,
        company: "Acme".to_owned(),
        operator: Some("Ana".to_owned()),
        actions: ActionSet::EMPTY,
        started: event.at,
        ended: event.at,
        by: KeptBy::Agent,
        signed: Statement::sign(&head, keeper),
        proof,
    };
    receipt.to_text()
}

#[test]
fn a_checkpoint_or_a_receipt_that_was_seen_anchors_the_log() {
    let (bundle, made) = fabricated();
    let folder = TempDir::new().unwrap();
    for note in [&bundle.checkpoints[&0][0], &bundle.last()] {
        assert_eq!(with(&bundle, &kept(&folder, "note", note)), Verdict::Verified);
    }
    let seen = kept(&folder, "receipt.txt", &receipt(&bundle, &made));
    assert_eq!(with(&bundle, &seen), Verdict::Verified);
    let session = bundle.of_session(made.seed.session(0));
    assert_eq!(with(&session, &seen), Verdict::Verified);
    assert_eq!(with(&session, &kept(&folder, "note", &bundle.last())), Verdict::Verified);
    let other = bundle.of_session(made.seed.session(1));
    assert_eq!(with(&other, &seen), Verdict::Consistent, "it is about another session");
}

#[test]
fn a_cut_off_end_a_fork_and_a_log_signed_anew_are_found() {
    let (bundle, made) = fabricated();
    let folder = TempDir::new().unwrap();
    let seen = kept(&folder, "last.note", &bundle.last());
    let found = (Check::V6, Place::file("last.note"));
    let mut cut = bundle.clone();
    cut.lines.truncate(cut.lines.len() - 1);
    cut.names = NamesIn::None;
    cut.retile();
    cut.resign(&|era| made.seed.log_pair(era));
    assert_eq!(of(&cut), Verdict::Consistent, "nobody sees that by the export alone");
    let verdict = with(&cut, &seen);
    let Verdict::Wrong(told) = &verdict else { panic!("{verdict:?}") };
    let size = cut.lines.len();
    let harmless =
        format!("the export has {size} events and this checkpoint speaks of {}:", size + 1);
    assert!(told.what.starts_with(&harmless), "{told}");
    assert_eq!(wrong(verdict), found);
    let (one_era, made_in_one) = Bundle::fabricate(&Recipe { eras: 1, ..Recipe::default() });
    let newer = kept(&folder, "newer.txt", &receipt(&one_era, &made_in_one));
    let mut older = one_era;
    older.lines.truncate(4);
    older.names = NamesIn::None;
    older.retile();
    older.resign(&|era| made_in_one.seed.log_pair(era));
    let verdict = with(&older, &newer);
    let Verdict::Wrong(told) = verdict else { panic!("{verdict:?}") };
    assert!(told.what.starts_with("the export has 4 events and"), "{told}");
    let mut fork = bundle.clone();
    let last = fork.lines.last_mut().unwrap();
    let data = String::from_utf8(last.data.clone().unwrap()).unwrap();
    last.data = Some(data.replace("writing", "person!").into_bytes());
    fork.rechain();
    fork.retile();
    fork.resign(&|era| made.seed.log_pair(era));
    assert_eq!(of(&fork), Verdict::Consistent);
    assert_eq!(wrong(with(&fork, &seen)), found);
    let mut anew = bundle.clone();
    anew.resign(&|_| strange_pair(1));
    assert_eq!(wrong(with(&anew, &seen)), found);
    let receipt = kept(&folder, "receipt.txt", &receipt(&bundle, &made));
    assert_eq!(wrong(with(&anew, &receipt)), (Check::V6, Place::file("receipt.txt")));
}

#[test]
fn what_was_seen_of_a_break_is_wrong_and_of_another_log_too() {
    let (bundle, _) = fabricated();
    let folder = TempDir::new().unwrap();
    let lost = bundle.checkpoints[&0].last().unwrap();
    let found = (Check::V6, Place::file("lost"));
    assert_eq!(wrong(with(&bundle, &kept(&folder, "lost", lost))), found);
    let (other, _) = Bundle::fabricate(&Recipe { seed: 2, ..Recipe::default() });
    assert_eq!(wrong(with(&bundle, &kept(&folder, "lost", &other.last()))), found);
}

#[test]
fn a_file_that_is_neither_is_not_looked_at() {
    let folder = TempDir::new().unwrap();
    for text in ["", "hello", "-----BEGIN BECKON RECEIPT-----\nAAAA\n"] {
        let options = Options { seen: kept(&folder, "x", text), ..Options::default() };
        let failed = verify(folder.path(), &options).unwrap_err();
        assert!(matches!(failed, CannotLook::Seen { .. }), "{text}: {failed}");
    }
}

#[test]
fn v6_a_receipt_is_signed_by_somebody_who_took_part() {
    let (bundle, made) = fabricated();
    let folder = TempDir::new().unwrap();
    let by = |key: &Ed25519KeyPair| kept(&folder, "receipt.txt", &receipt_by(&bundle, &made, key));
    let found = (Check::V6, Place::file("receipt.txt"));
    assert_eq!(wrong(with(&bundle, &by(&strange_pair(3)))), found);
    let session = bundle.of_session(made.seed.session(0));
    assert_eq!(wrong(with(&session, &by(&made.seed.agent(1)))), found);
    assert_eq!(with(&bundle, &by(&made.seed.control(0))), Verdict::Verified);
}

#[test]
fn a_receipt_that_was_edited_or_is_not_all_of_the_file_is_of_no_use() {
    let (bundle, made) = fabricated();
    let folder = TempDir::new().unwrap();
    let right = receipt(&bundle, &made);
    let (words, block) = right.split_once("-----BEGIN").unwrap();
    let lines = |base64: &str| base64.replacen('\n', "", 2);
    for text in [
        right.replacen("Acme", "Other", 1),
        format!("{right}and more\n"),
        format!("{right}{right}"),
        format!("{words}-----BEGIN{}", lines(block)),
        right.replacen("-----BEGIN", "x-----BEGIN", 1),
    ] {
        let options = Options { seen: kept(&folder, "x", &text), ..Options::default() };
        let failed = verify(folder.path(), &options).unwrap_err();
        assert!(matches!(failed, CannotLook::Seen { .. }), "{text}: {failed}");
    }
    assert_eq!(with(&bundle, &kept(&folder, "x", &right.replace('\n', "\r\n"))), Verdict::Verified);
}

//! What only somebody finds who kept a checkpoint or a receipt.

use std::path::PathBuf;

use beckon_events::session::head_bytes;
use beckon_events::{ActionSet, Statement};
use beckon_protocol::evidence::{KeptBy, Receipt, ReceiptProof};

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
        signed: Statement::sign(&head, &made.seed.agent(0)),
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
    assert_eq!(wrong(with(&cut, &seen)), found);
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

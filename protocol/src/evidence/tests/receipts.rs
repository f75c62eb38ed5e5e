use beckon_events::envelope::{self, Actor, Metadata};
use beckon_events::session::head_bytes;
use beckon_events::{
    Action, ActionSet, CommandId, EventId, LogId, SessionId, Statement, Timestamp,
};
use uuid::Uuid;

use super::*;
use crate::Base64;

const SESSION: SessionId = SessionId(Uuid::from_u128(9));

fn metadata() -> Metadata {
    Metadata {
        v: envelope::VERSION,
        id: EventId(Uuid::from_u128(1)),
        log: LogId(Uuid::from_u128(7)),
        stream: format!("session-{SESSION}"),
        version: 12,
        kind: "Ended".to_owned(),
        schema: 1,
        at: Timestamp::from_micros(1_795_337_999_000_001),
        actor: Actor::USER,
        causation: CommandId(Uuid::from_u128(2)),
        correlation: Uuid::from_u128(3),
        body: leaf(1),
        prev: leaf(2),
        sealed: vec![],
    }
}

/// The proof of this event, in a log where it is the 300th.
fn proof_of(metadata: &Metadata) -> ReceiptProof {
    let bytes = serde_json::to_vec(metadata).unwrap();
    let (mut folder, mut tiler) = (Folder::default(), Tiler::default());
    for n in 0..400 {
        let next = if n == 299 { envelope::leaf(&bytes) } else { leaf(n) };
        folder.write(tiler.push(next));
    }
    folder.write(tiler.partials());
    let origin = Origin { host: "help.example.org".into(), log: LogId(Uuid::from_u128(7)), era: 0 };
    let checkpoint = Checkpoint { origin, size: 400, root: tiler.root() };
    ReceiptProof {
        metadata: Base64(bytes),
        index: 299,
        proof: inclusion(299, 400, &folder).unwrap(),
        checkpoint: checkpoint.sign(&pair(1)).note,
        log_key: public(&pair(1)),
    }
}

fn receipt() -> Receipt {
    let proof = proof_of(&metadata());
    let head = head_bytes(&metadata().stream, 12, &proof.leaf());
    Receipt {
        v: 1,
        company: "Acme".into(),
        operator: Some("Ana Silva".into()),
        actions: ActionSet::EMPTY.with(Action::Control),
        started: Timestamp::from_micros(1_795_334_400_000_000),
        ended: metadata().at,
        by: KeptBy::Agent,
        proof,
        signed: Statement::sign(&head, &pair(3)),
    }
}

fn checked(change: impl FnOnce(&mut ReceiptProof)) -> Result<CheckedReceipt, ReceiptError> {
    let mut proof = proof_of(&metadata());
    change(&mut proof);
    proof.check(SESSION, &public(&pair(1)))
}

#[test]
fn a_receipt_proves_the_end_of_its_session_in_the_log_of_the_key() {
    let found = checked(|_| ()).unwrap();
    assert_eq!((found.metadata, found.index), (metadata(), 299));
    assert_eq!((found.leaf, found.checkpoint.size), (receipt().proof.leaf(), 400));
    let expired = Metadata { kind: "Expired".to_owned(), ..metadata() };
    assert!(proof_of(&expired).check(SESSION, &public(&pair(1))).is_ok());
    let json = serde_json::to_string(&receipt().proof).unwrap();
    assert_eq!(serde_json::from_str::<ReceiptProof>(&json).unwrap(), receipt().proof);
    let more = json.replacen('{', r#"{"more":1,"#, 1);
    assert!(serde_json::from_str::<ReceiptProof>(&more).is_err());
}

#[test]
fn each_wrong_part_is_refused_by_its_own_name() {
    use ReceiptError as E;
    let of = |metadata: Metadata| proof_of(&metadata).check(SESSION, &public(&pair(1)));
    let no_event = checked(|p| p.metadata = Base64(b"{}".to_vec()));
    assert_eq!(no_event, Err(E::Metadata));
    assert_eq!(checked(|p| p.metadata.0.extend([b' '; envelope::METADATA_MAX])), Err(E::Metadata));
    assert_eq!(of(Metadata { v: 99, ..metadata() }), Err(E::MetadataVersion(99)));
    let stream = format!("session-{}", Uuid::from_u128(8));
    assert_eq!(of(Metadata { stream, ..metadata() }), Err(E::OtherSession));
    let kind = "AgentRemoved".to_owned();
    assert_eq!(of(Metadata { kind: kind.clone(), ..metadata() }), Err(E::NotTheEnd(kind)));
    let unsigned = CheckpointError::Note(NoteError::Unsigned);
    assert_eq!(checked(|p| p.checkpoint.clear()), Err(E::Checkpoint(unsigned)));
    let log = LogId(Uuid::from_u128(70));
    assert_eq!(of(Metadata { log, ..metadata() }), Err(E::OtherLog));
    assert_eq!(checked(|p| p.log_key = public(&pair(2))), Err(E::OtherKey));
    let other = receipt().proof.check(SESSION, &public(&pair(2)));
    assert_eq!(other, Err(E::OtherKey));
    let signed = |pair: Ed25519KeyPair| {
        move |p: &mut ReceiptProof| {
            let read = SignedCheckpoint::parse(&p.checkpoint).unwrap();
            p.checkpoint = read.checkpoint.sign(&pair).note;
        }
    };
    assert!(checked(signed(pair(1))).is_ok());
    assert_eq!(checked(signed(pair(2))), Err(E::Signature));
    assert_eq!(checked(|p| p.proof = vec![leaf(1); PROOF_MAX + 1]), Err(E::ProofTooLong));
    assert_eq!(checked(|p| p.index = 298), Err(E::NotIncluded));
    assert_eq!(checked(|p| p.proof[3] = leaf(1)), Err(E::NotIncluded));
    let changed = Metadata { at: Timestamp::from_micros(1), ..metadata() };
    let changed = Base64(serde_json::to_vec(&changed).unwrap());
    assert_eq!(checked(|p| p.metadata = changed), Err(E::NotIncluded));
}

#[test]
fn the_file_is_the_one_that_people_read() {
    let text = receipt().to_text();
    let (prose, block) = text.split_once("-----BEGIN").unwrap();
    let key = fingerprint(&public(&pair(1)));
    assert_eq!(
        prose,
        format!(
            "Receipt of a remote support session with Beckon

Please keep this file. It proves that the session stands in the company's
log, when it ended, and that this was not changed afterwards.

Session:   00000000-0000-0000-0000-000000000009
Company:   Acme
Operator:  Ana Silva
Started:   2026-11-22 08:00:00 UTC
Ended:     2026-11-22 08:59:59 UTC
Allowed:   see the screen, use mouse and keyboard
Kept by:   the agent on your computer
Log key:   {key}

To check it, ask the company for the fingerprint of its log key, which
should be the one above, and run:

    beckon-audit verify-receipt FILE --key FINGERPRINT

Company, operator, start and what was allowed are as the agent
noted them. The log proves the rest. Do not edit this file: a changed one
is refused.

"
        )
    );
    assert!(block.lines().all(|line| line.len() <= 64));
    assert!(text.len() < 8 * 1024, "a small file: {}", text.len());
}

#[test]
fn a_file_reads_back_whatever_its_names_are() {
    let read = Receipt::parse(&receipt().to_text()).unwrap();
    assert_eq!((read.session(), &read), (Some(SESSION), &receipt()));
    assert!(read.check(&public(&pair(1))).is_ok());
    let windows = receipt().to_text().replace('\n', "\r\n");
    assert_eq!(Receipt::parse(windows.trim_end()), Ok(receipt()));
    for name in ["-----BEGIN BECKON RECEIPT-----", "a\nSession:   b", "\u{202e}evil", "Größe 漢"]
    {
        let named = Receipt { company: name.into(), operator: None, ..receipt() };
        let text = named.to_text();
        assert_eq!(Receipt::parse(&text), Ok(named), "{name}");
        assert_eq!(text.matches("\nSession:").count(), 1);
        assert!(!text.contains('\u{202e}') && text.contains("\nOperator:  nobody\n"));
    }
    let unused = Receipt { actions: ActionSet::EMPTY, by: KeptBy::Control, ..receipt() };
    let text = unused.to_text();
    assert!(text.contains("Allowed:   nothing\nKept by:   the operator's Control\n"));
    assert_eq!(Receipt::parse(&text), Ok(unused));
}

#[test]
fn a_file_that_was_touched_is_refused() {
    use ReceiptError as E;
    let text = receipt().to_text();
    let parse = |text: &str| Receipt::parse(text);
    for (from, to) in [
        ("Ana Silva", "Eve Silva"),
        ("see the screen,", "see the screen and"),
        ("Please", "please"),
        ("Company", "Paid to"),
        ("-----END BECKON RECEIPT-----", "-----END BECKON RECEIPT-----\nPS: trust me"),
        ("Receipt of", "Checked. Receipt of"),
        ("Kept by:   ", "Kept by:  "),
    ] {
        assert_eq!(parse(&text.replacen(from, to, 1)), Err(E::TextChanged), "{from}");
    }
    let (head, tail) = text.split_at(text.len() / 2);
    assert_eq!(parse(head), Err(E::NoReceipt));
    assert_eq!(parse(tail), Err(E::NoReceipt));
    assert_eq!(parse(&format!("{}{text}", " ".repeat(RECEIPT_MAX))), Err(E::TooLong));
    assert_eq!(parse(&text.replace("RECEIPT-----\ne", "RECEIPT-----\n!")), Err(E::Block));
    let newer = Receipt { v: 2, ..receipt() };
    assert_eq!(parse(&newer.to_text()), Err(E::Version(2)));
    let mut other = receipt();
    other.proof.metadata = Base64(b"{}".to_vec());
    assert_eq!(parse(&other.to_text()), Err(E::Metadata));
}

#[test]
fn the_end_and_the_keepers_signature_are_checked_too() {
    let pinned = public(&pair(1));
    let later = Receipt { ended: Timestamp::from_micros(5), ..receipt() };
    assert_eq!(later.check(&pinned), Err(ReceiptError::OtherEnd));
    let elsewhere = head_bytes(&metadata().stream, 11, &receipt().proof.leaf());
    let signed = Statement::sign(&elsewhere, &pair(3));
    assert_eq!(Receipt { signed, ..receipt() }.check(&pinned), Err(ReceiptError::Statement));
    assert_eq!(receipt().check(&public(&pair(3))), Err(ReceiptError::OtherKey));
}

#[test]
fn the_head_is_the_frozen_bytes() {
    let head = head_bytes("session-a", 258, &beckon_events::Digest([7; 32]));
    assert_eq!(
        head,
        [b"beckon/head/v1session-a\0\0\0\0\0\0\x01\x02".as_slice(), &[7; 32]].concat()
    );
}

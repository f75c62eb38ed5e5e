//! What stands in the files.

use beckon_events::{PublicKey, envelope};
use beckon_protocol::evidence::{ReceiptProof, SignedCheckpoint, TileAt, root, verify_inclusion};
use data_encoding::BASE64;

use super::*;
use crate::erase::tests::desk::Desk;

/// The manifest, once it has been shown that it lists every other file as it is.
fn manifest(files: &Files) -> Value {
    let manifest = json(files, "manifest.json");
    let listed = manifest["files"].as_array().unwrap();
    let paths: Vec<_> = listed.iter().map(|file| file["path"].as_str().unwrap()).collect();
    let others = files.keys().map(String::as_str).filter(|path| *path != "manifest.json");
    assert_eq!(paths, others.collect::<Vec<_>>(), "each file once, in the order of the bytes");
    for file in listed {
        let bytes = &files[file["path"].as_str().unwrap()];
        assert_eq!(file["bytes"], bytes.len());
        assert_eq!(file["sha256"], Digest::of(bytes).to_string());
    }
    manifest
}

/// The bytes in a line of events.
fn bytes(line: &Value, key: &str) -> Vec<u8> {
    BASE64.decode(line[key].as_str().unwrap().as_bytes()).unwrap()
}

fn lines(files: &Files) -> Vec<Value> {
    let text = std::str::from_utf8(&files["events.ndjson"]).unwrap();
    assert!(text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The last checkpoint of era 0, once it has been shown that the key in `keys.json` signed it.
fn last_checkpoint(files: &Files) -> SignedCheckpoint {
    let keys = json(files, "keys.json");
    assert_eq!(keys["log"].as_array().unwrap().len(), 1);
    let key: PublicKey = serde_json::from_value(keys["log"][0]["key"].clone()).unwrap();
    let text = std::str::from_utf8(&files["checkpoints/0.ndjson"]).unwrap();
    let notes: Vec<String> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let signed: Vec<_> = notes.iter().map(|note| SignedCheckpoint::parse(note).unwrap()).collect();
    assert!(signed.iter().all(|signed| signed.verify(&key)));
    assert!(signed.is_sorted_by(|one, next| one.checkpoint.size < next.checkpoint.size));
    assert_eq!(keys["log"][0]["origin"], signed[0].checkpoint.origin.to_string());
    signed.last().unwrap().clone()
}

#[actix_web::test]
async fn the_whole_log_comes_with_exactly_the_tree_that_was_signed() {
    let server = Server::new().await;
    for nth in 0..600 {
        server.account(Command::Rename { company: format!("Acme {nth}") }).await;
    }
    let (contents, files) = server.export(None, Names::None).await;
    // What comes after it, and a later checkpoint, change nothing.
    let manifest = manifest(&files);
    for (key, value) in [("format", "beckon-export"), ("kind", "log"), ("names", "none")] {
        assert_eq!(manifest[key], value);
    }
    assert_eq!((&manifest["v"], &manifest["session"]), (&Value::from(1), &Value::Null));
    let checkpoint = last_checkpoint(&files).checkpoint;
    assert_eq!(manifest["origin"], checkpoint.origin.to_string());
    assert_eq!(manifest["log"], checkpoint.origin.log.to_string());
    let lines = lines(&files);
    let size = checkpoint.size;
    assert!(size > 600 && size == lines.len() as u64 && manifest["size"] == size);
    assert_eq!((contents.events, contents.size, contents.opened), (size, size, 0));
    let tiles: Vec<_> = TileAt::of_tree(size).map(|at| format!("tiles/{}", at.path())).collect();
    assert_eq!(tiles.len(), 4);
    let in_tiles = files.keys().filter(|path| path.starts_with("tiles/")).count();
    assert_eq!(in_tiles, tiles.len(), "{:?}", files.keys());
    let read = |at: TileAt| files.get(&format!("tiles/{}", at.path())).cloned();
    assert_eq!(root(size, &read), Some(checkpoint.root));
    for (nth, line) in lines.iter().enumerate() {
        let leaf = envelope::leaf(&bytes(line, "metadata"));
        let tile =
            files.iter().find(|(path, _)| path.starts_with(&format!("tiles/0/00{}", nth / 256)));
        assert_eq!(tile.unwrap().1[nth % 256 * 32..][..32], leaf.0);
    }
    let last = envelope::metadata(&bytes(lines.last().unwrap(), "metadata")).unwrap();
    assert_eq!(last.kind, "Exported", "the last event is the record of it");
    assert_eq!(last.actor, Actor::operator(ANA));
    let last: Value = serde_json::from_slice(&bytes(lines.last().unwrap(), "data")).unwrap();
    assert_eq!(last["names"], "none");
    let account = server.hub.folder.account_key().public_key();
    assert_eq!(json(&files, "keys.json")["account"], account.to_string());
}

#[actix_web::test]
async fn what_happens_while_it_is_written_is_not_in_it() {
    let server = Server::new().await;
    let basis = server.basis(None, Names::None).await;
    server.account(Command::Rename { company: "Later".into() }).await;
    server.basis(None, Names::None).await;
    let path = server.path("log");
    let contents = write(&path, basis).await.unwrap();
    server.verify(&path);
    let files = folder_files(&path);
    assert_eq!(last_checkpoint(&files).checkpoint.size, contents.size);
    assert_eq!(lines(&files).len() as u64, contents.size);
    assert!(contents.size < server.hub.evidence.latest().unwrap().size);
}

#[actix_web::test]
async fn it_ends_with_its_own_record_whatever_happens_at_the_same_moment() {
    let server = Server::new().await;
    let here = &server;
    let others = futures_util::future::join_all((0..8).map(|_| async move {
        for _ in 0..20 {
            here.create(SessionId(here.hub.random.uuid())).await;
        }
    }));
    let exports = async {
        let mut all = Vec::new();
        for _ in 0..5 {
            all.push(server.basis(None, Names::None).await);
        }
        all
    };
    let (exports, _) = futures_util::future::join(exports, others).await;
    for (nth, basis) in exports.into_iter().enumerate() {
        let path = server.path(&nth.to_string());
        write(&path, basis).await.unwrap();
        server.verify(&path);
        let (files, what) = (folder_files(&path), "metadata");
        let kind = |line: &Value| envelope::metadata(&bytes(line, what)).unwrap().kind;
        let kinds: Vec<_> = lines(&files).iter().map(kind).collect();
        assert_eq!(kinds.iter().filter(|kind| *kind == "Exported").count(), nth + 1);
        assert_eq!(kinds.last().unwrap(), "Exported");
    }
}

#[actix_web::test]
async fn a_damaged_tile_is_made_again_for_an_export_of_one_session() {
    let desk = Desk::new().await;
    let (_, session) = desk.session().await;
    for nth in 0..260 {
        desk.account(Command::Rename { company: format!("Acme {nth}") }).await;
    }
    let wish = Wish { session: Some(session), names: Names::None };
    let basis = Basis::record(&desk.hub, Actor::SYSTEM, wish).await.unwrap();
    let tile = desk.folder.path().join("tiles/0/000");
    let whole = fs::read(&tile).unwrap();
    let mut damaged = whole.clone();
    damaged[100] ^= 1;
    fs::write(&tile, damaged).unwrap();
    write(&desk.folder.path().join("copy"), basis).await.unwrap();
    assert_eq!(fs::read(&tile).unwrap(), whole);
}

#[actix_web::test]
async fn one_session_comes_with_a_proof_for_each_event_and_its_receipt() {
    let server = Server::new().await;
    let (contents, files) = server.export(Some(FIRST), Names::None).await;
    let manifest = manifest(&files);
    assert_eq!(manifest["kind"], "session");
    assert_eq!(manifest["session"], FIRST.to_string());
    let receipt = format!("receipts/{FIRST}.json");
    let expected =
        ["checkpoints/0.ndjson", "events.ndjson", "keys.json", "manifest.json", receipt.as_str()];
    assert_eq!(files.keys().collect::<Vec<_>>(), expected);
    let signed = last_checkpoint(&files);
    assert_eq!(str::from_utf8(&files["checkpoints/0.ndjson"]).unwrap().lines().count(), 1);
    assert_eq!((manifest["events"].as_u64(), contents.events), (Some(2), 2));
    let (size, root) = (signed.checkpoint.size, signed.checkpoint.root);
    assert_eq!(manifest["size"], size);
    for (line, kind) in lines(&files).iter().zip(["Created", "Ended"]) {
        let metadata = bytes(line, "metadata");
        let proof: Vec<Digest> = serde_json::from_value(line["proof"].clone()).unwrap();
        let index = line["index"].as_u64().unwrap();
        assert!(verify_inclusion(&envelope::leaf(&metadata), index, size, &proof, &root));
        assert_eq!(envelope::metadata(&metadata).unwrap().kind, kind);
    }
    let proof: ReceiptProof = serde_json::from_slice(&files[&receipt]).unwrap();
    assert_eq!(
        proof.check(FIRST, &server.hub.evidence.public_key()).unwrap().metadata.kind,
        "Ended"
    );
}

#[actix_web::test]
async fn a_session_that_goes_on_has_no_receipt_and_an_unknown_one_no_export() {
    let server = Server::new().await;
    let (contents, files) = server.export(Some(SECOND), Names::None).await;
    assert_eq!(contents.events, 1);
    assert!(!files.keys().any(|path| path.starts_with("receipts/")), "{:?}", files.keys());
    let recorded = server.recorded();
    let wish = Wish { session: Some(SessionId(Uuid::from_u128(9))), names: Names::None };
    let unknown = Basis::record(&server.hub, Actor::SYSTEM, wish).await.err().unwrap();
    assert!(matches!(unknown, ExportError::NoSession(_)), "{unknown}");
    assert_eq!(server.recorded(), recorded);
}

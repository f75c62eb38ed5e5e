//! Proof that the log was not changed: a Merkle tree, its checkpoints, and receipts.
//!
//! ```text
//! metadata ─ leaf hash ─► Tiler ─► tiles (files) ─► inclusion, consistency
//!                           └────► root ─► Checkpoint ─ sign ─► note ─► Receipt
//! ```
//!
//! Hashes are those of RFC 6962, proofs those of RFC 9162; files and texts are C2SP
//! `tlog-tiles`, `signed-note` and `tlog-checkpoint`, so that other people's tools read them.

mod checkpoint;
mod fingerprint;
mod note;
mod origin;
mod proof;
mod receipt;
mod receipt_error;
mod receipt_proof;
mod receipt_text;
#[cfg(test)]
mod tests;
mod tile;
mod tiler;
mod tree;

pub use checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
pub use fingerprint::{Fingerprint, FingerprintError, fingerprint};
pub use note::{LogKey, LogKeyError, NOTE_MAX, Note, NoteError, NoteSignature, sign};
pub use origin::{Origin, OriginError};
pub use proof::{Tiles, consistency, inclusion, root, verify_consistency, verify_inclusion};
pub use receipt::{KeptBy, RECEIPT_MAX, Receipt};
pub use receipt_error::ReceiptError;
pub use receipt_proof::{CheckedReceipt, PROOF_MAX, ReceiptProof};
pub use tile::{HASH, Tile, TileAt, WIDTH};
pub use tiler::Tiler;
pub use tree::{Frontier, empty_root, node};

//! What can be wrong with a receipt.

use beckon_events::envelope::VERSION;

use super::CheckpointError;

/// Why a receipt is not believed, or cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// The file is longer than 64 KiB.
    #[error("this file is longer than any receipt")]
    TooLong,
    /// The file holds no receipt.
    #[error("this file contains no complete receipt; it may be cut off")]
    NoReceipt,
    /// The block is no base64 of a receipt's JSON.
    #[error("the receipt's block cannot be read; it was changed or damaged")]
    Block,
    /// A newer or unknown format.
    #[error("the receipt has version {0}, this program reads version 1; use a newer one")]
    Version(u64),
    /// The lines above the block are not those that belong to it.
    #[error("the receipt was changed: its text does not match its block")]
    TextChanged,
    /// The event is no envelope.
    #[error("the event in the receipt cannot be read")]
    Metadata,
    /// The event has an envelope that this program does not know.
    #[error("the event in the receipt has version {0}, this program reads version {VERSION}")]
    MetadataVersion(u8),
    /// The event belongs to another stream.
    #[error("the receipt is of another session")]
    OtherSession,
    /// The event does not end a session.
    #[error("the event in the receipt is {0}, not the end of a session")]
    NotTheEnd(String),
    /// The checkpoint is malformed.
    #[error("the checkpoint in the receipt is wrong: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// Event and checkpoint are of different logs.
    #[error("the event and the checkpoint in the receipt are of different logs")]
    OtherLog,
    /// The receipt names another key than the one expected.
    #[error("the receipt was signed for another log key than the one you named")]
    OtherKey,
    /// The checkpoint is not signed by the log's key.
    #[error("the signature of the checkpoint is wrong")]
    Signature,
    /// The proof has too many steps.
    #[error("the proof in the receipt is too long")]
    ProofTooLong,
    /// The event is not in the log at this place.
    #[error("the log of this checkpoint does not contain the end of the session")]
    NotIncluded,
    /// The stated end is not the recorded one.
    #[error("the receipt states another end than the log")]
    OtherEnd,
    /// The keeper's own signature is not over this event.
    #[error("the keeper's own signature is not over this end of the session")]
    Statement,
}

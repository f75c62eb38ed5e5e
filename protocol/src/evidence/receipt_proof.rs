//! That a session's end stands in the log.

use beckon_events::envelope::{self, METADATA_MAX, Metadata};
use beckon_events::session::Event;
use beckon_events::{Digest, DomainEvent as _, PublicKey, SessionId};
use serde::{Deserialize, Serialize};

use super::{Checkpoint, ReceiptError, SignedCheckpoint, verify_inclusion};
use crate::Base64;

/// The most hashes of a proof: the height of the largest tree.
pub const PROOF_MAX: usize = 64;

/// The closing event of a session, and its way into a signed checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptProof {
    /// The envelope of Ended or Expired, verbatim.
    pub metadata: Base64,
    /// Where its leaf stands in the tree, from 0.
    pub index: u64,
    /// The inclusion proof, at most [`PROOF_MAX`] hashes.
    pub proof: Vec<Digest>,
    /// The signed checkpoint, verbatim.
    pub checkpoint: String,
    /// The key that signed it.
    pub log_key: PublicKey,
}

/// What a receipt proves.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedReceipt {
    /// The closing event: its time, version and kind.
    pub metadata: Metadata,
    /// Its leaf: what [`beckon_events::session::head_bytes`] is made of.
    pub leaf: Digest,
    /// Where it stands in the log, from 0.
    pub index: u64,
    /// The checkpoint that covers it.
    pub checkpoint: Checkpoint,
}

impl ReceiptProof {
    /// The closing event, unchecked; what it says counts after [`ReceiptProof::check`].
    pub fn event(&self) -> Result<Metadata, ReceiptError> {
        if self.metadata.0.len() > METADATA_MAX {
            return Err(ReceiptError::Metadata);
        }
        serde_json::from_slice(&self.metadata.0).map_err(|_| ReceiptError::Metadata)
    }

    /// The leaf of the closing event.
    pub fn leaf(&self) -> Digest {
        envelope::leaf(&self.metadata.0)
    }

    /// Checks that the log of the key `pinned` contains the end of `session`.
    pub fn check(
        &self,
        session: SessionId,
        pinned: &PublicKey,
    ) -> Result<CheckedReceipt, ReceiptError> {
        let metadata = self.event()?;
        if metadata.v != envelope::VERSION {
            return Err(ReceiptError::MetadataVersion(metadata.v));
        }
        if metadata.stream != envelope::stream_name(Event::CATEGORY, session) {
            return Err(ReceiptError::OtherSession);
        }
        if !matches!(metadata.kind.as_str(), "Ended" | "Expired") {
            return Err(ReceiptError::NotTheEnd(metadata.kind));
        }
        let signed = SignedCheckpoint::parse(&self.checkpoint)?;
        if metadata.log != signed.checkpoint.origin.log {
            return Err(ReceiptError::OtherLog);
        }
        if self.log_key != *pinned {
            return Err(ReceiptError::OtherKey);
        }
        if !signed.verify(&self.log_key) {
            return Err(ReceiptError::Signature);
        }
        if self.proof.len() > PROOF_MAX {
            return Err(ReceiptError::ProofTooLong);
        }
        let (leaf, checkpoint) = (self.leaf(), signed.checkpoint);
        if !verify_inclusion(&leaf, self.index, checkpoint.size, &self.proof, &checkpoint.root) {
            return Err(ReceiptError::NotIncluded);
        }
        Ok(CheckedReceipt { metadata, leaf, index: self.index, checkpoint })
    }
}

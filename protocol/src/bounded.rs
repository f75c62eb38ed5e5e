//! Fields with a cap of their own, checked while a message is read.

use beckon_events::Digest;
use beckon_events::envelope::METADATA_MAX;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::evidence::{PROOF_MAX, ReceiptProof};
use crate::limits::CHECKPOINT_MAX;

/// A signed note.
pub(crate) fn checkpoint<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    let note = String::deserialize(d)?;
    short(&note).then_some(note).ok_or_else(|| D::Error::custom("a checkpoint is too long"))
}

/// A signed note, where there is one.
pub(crate) fn latest<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    let note = Option::<String>::deserialize(d)?;
    let fits = note.as_deref().is_none_or(short);
    fits.then_some(note).ok_or_else(|| D::Error::custom("a checkpoint is too long"))
}

/// The hashes of a proof.
pub(crate) fn proof<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<Digest>, D::Error> {
    let proof = Vec::deserialize(d)?;
    let fits = proof.len() <= PROOF_MAX;
    fits.then_some(proof).ok_or_else(|| D::Error::custom("a proof is too long"))
}

/// A receipt, each of its fields within its cap.
pub(crate) fn receipt<'de, D: Deserializer<'de>>(d: D) -> Result<Box<ReceiptProof>, D::Error> {
    let receipt = Box::<ReceiptProof>::deserialize(d)?;
    let fits = receipt.metadata.0.len() <= METADATA_MAX
        && receipt.proof.len() <= PROOF_MAX
        && short(&receipt.checkpoint);
    fits.then_some(receipt).ok_or_else(|| D::Error::custom("a receipt is too long"))
}

fn short(note: &str) -> bool {
    note.len() <= CHECKPOINT_MAX
}

#[cfg(test)]
mod tests {
    use beckon_events::PublicKey;

    use super::*;
    use crate::limits::FRAME_MAX;
    use crate::{Base64, ToAgent, ToControl, decode, encode};

    fn receipt(metadata: usize, proof: usize, checkpoint: usize) -> ReceiptProof {
        ReceiptProof {
            metadata: Base64(vec![b'm'; metadata]),
            index: 7,
            proof: vec![Digest([1; 32]); proof],
            checkpoint: "n".repeat(checkpoint),
            log_key: PublicKey([2; 32]),
        }
    }

    #[test]
    fn the_largest_receipt_fits_into_a_frame_and_one_more_of_anything_is_refused() {
        let (m, p, c) = (METADATA_MAX, PROOF_MAX, CHECKPOINT_MAX);
        let largest = ToAgent::Receipt { receipt: Box::new(receipt(m, p, c)) };
        let read: ToAgent = decode(&encode(&largest), FRAME_MAX).unwrap();
        assert_eq!(read, largest);
        for (m, p, c) in [(m + 1, p, c), (m, p + 1, c), (m, p, c + 1)] {
            let to_agent = encode(&ToAgent::Receipt { receipt: Box::new(receipt(m, p, c)) });
            let to_control = encode(&ToControl::Receipt { receipt: Box::new(receipt(m, p, c)) });
            assert!(decode::<ToAgent>(&to_agent, FRAME_MAX).is_err(), "{m} {p} {c}");
            assert!(decode::<ToControl>(&to_control, FRAME_MAX).is_err(), "{m} {p} {c}");
        }
    }

    #[test]
    fn a_proof_of_consistency_is_bounded_like_a_receipt() {
        let answer = |hashes, note| ToControl::Proof {
            from: 1,
            checkpoint: "n".repeat(note),
            proof: vec![Digest([1; 32]); hashes],
        };
        let read = |message: &ToControl| decode::<ToControl>(&encode(message), FRAME_MAX);
        let largest = answer(PROOF_MAX, CHECKPOINT_MAX);
        assert_eq!(read(&largest).unwrap(), largest);
        assert!(read(&answer(PROOF_MAX + 1, CHECKPOINT_MAX)).is_err());
        assert!(read(&answer(PROOF_MAX, CHECKPOINT_MAX + 1)).is_err());
    }

    #[test]
    fn what_is_said_about_a_head_reads_in_these_words() {
        let heads = [encode(&ToAgent::HeadRecorded {}), encode(&ToControl::HeadRecorded {})];
        assert_eq!(heads, [r#"{"t":"head_recorded"}"#, r#"{"t":"head_recorded"}"#]);
        let asked = encode(&crate::ControlSays::Prove { from: 12 });
        assert_eq!(asked, r#"{"t":"prove","from":12}"#);
        let later = ToControl::ProofLater { why: "busy".to_owned() };
        assert_eq!(encode(&later), r#"{"t":"proof_later","why":"busy"}"#);
        assert_eq!(decode::<ToControl>(&encode(&later), FRAME_MAX).unwrap(), later);
    }
}

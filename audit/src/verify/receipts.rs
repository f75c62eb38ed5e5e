//! V6: receipts, and what the caller has seen before.

use std::borrow::Cow;
use std::collections::BTreeMap;

use beckon_events::session::head_bytes;
use beckon_events::{Digest, Statement};
use beckon_protocol::evidence::{ReceiptProof, SignedCheckpoint, verify_inclusion};

use super::files::Files;
use super::history::{History, is_signed};
use super::metadata::envelope;
use super::point::point;
use super::said::says;
use super::seen::Seen;
use super::streams::Streams;
use crate::export::Manifest;
use crate::text::receipts as text;

/// Leaves and roots that receipts and checkpoints speak of, noted as the events pass.
#[derive(Debug, Default)]
pub struct Noted {
    leaves: BTreeMap<u64, Option<Digest>>,
    roots: BTreeMap<u64, Option<Digest>>,
}

/// What is compared with what.
pub struct Receipts<'a> {
    /// The export.
    pub manifest: &'a Manifest,
    /// Its keys and its last checkpoint.
    pub files: &'a Files,
    /// Its eras.
    pub history: &'a History<'a>,
    /// Its leaves and roots.
    pub noted: &'a Noted,
    /// Who took part in its sessions.
    pub streams: &'a Streams,
}

impl Noted {
    /// What has to be noted.
    pub fn new(files: &Files, seen: &[Seen]) -> Self {
        let mut noted = Self::default();
        let kept = seen.iter().filter_map(|seen| seen.receipt.as_ref()).map(|kept| &kept.proof);
        for proof in files.receipts.iter().map(|(_, proof)| proof).chain(kept) {
            noted.leaves.insert(proof.index, None);
            if let Some(point) = point(&proof.checkpoint) {
                noted.roots.insert(point.checkpoint.size, None);
            }
        }
        for seen in seen {
            noted.roots.insert(seen.point.checkpoint.size, None);
        }
        noted
    }

    /// Notes the leaf of an event.
    pub fn leaf(&mut self, index: u64, leaf: Digest) {
        if let Some(noted) = self.leaves.get_mut(&index) {
            *noted = Some(leaf);
        }
    }

    /// Notes the root over the first `size` events.
    pub fn root(&mut self, size: u64, root: &dyn Fn() -> Digest) {
        if let Some(noted) = self.roots.get_mut(&size) {
            *noted = Some(root());
        }
    }
}

impl Receipts<'_> {
    /// Whether what the caller has seen could be compared; the error says what differs.
    pub fn seen(&self, seen: &Seen) -> Result<bool, Cow<'static, str>> {
        let checkpoint = &seen.point.checkpoint;
        if checkpoint.origin.log != self.manifest.log {
            return Err(text::OTHER_LOG.into());
        }
        if let Some(receipt) = &seen.receipt {
            let compared = self.receipt(&receipt.proof, Some(&receipt.signed))?;
            let of = |session| self.streams.may_be_of(session, &receipt.signed.key());
            let stranger = compared && !seen.session().is_none_or(of);
            return if stranger { Err(text::STRANGER.into()) } else { Ok(compared) };
        }
        let last = &self.files.last.point.checkpoint;
        let compared = self.manifest.is_whole() || checkpoint.size == last.size;
        match self.files.keys.of(checkpoint.origin.era) {
            Some(key) if !is_signed(&seen.point, key) => return Err(text::OTHER_KEY.into()),
            None if compared => return Err(text::NO_ERA.into()),
            Some(_) | None => {}
        }
        if compared { self.history(&seen.point).map(|()| true) } else { Ok(false) }
    }

    /// Whether a receipt could be compared.
    pub fn receipt(
        &self,
        proof: &ReceiptProof,
        signed: Option<&Statement>,
    ) -> Result<bool, Cow<'static, str>> {
        let (leaf, point) = (proof.leaf(), point(&proof.checkpoint).ok_or(text::UNREADABLE)?);
        let checkpoint = &point.checkpoint;
        if !verify_inclusion(&leaf, proof.index, checkpoint.size, &proof.proof, &checkpoint.root) {
            return Err(text::PROOF.into());
        }
        if !point.verify(&proof.log_key) {
            return Err(text::SIGNATURE.into());
        }
        if checkpoint.origin.log != self.manifest.log {
            return Err(text::OTHER_LOG.into());
        }
        let known = self.files.keys.of(checkpoint.origin.era);
        if known.is_some_and(|known| known.key != proof.log_key || !is_signed(&point, known)) {
            return Err(text::OTHER_KEY.into());
        }
        let event = envelope(&proof.metadata.0).map_err(|_| text::UNREADABLE)?;
        if !matches!(event.kind, "Ended" | "Expired") {
            return Err(text::NOT_THE_END.into());
        }
        let head = head_bytes(event.stream, event.version, &leaf);
        if signed.is_some_and(|signed| !says(signed, &head)) {
            return Err(text::HOLDER.into());
        }
        let own = |session| event.stream == format!("session-{session}");
        if self.manifest.session.is_some_and(|session| !own(session)) {
            return Ok(false);
        }
        let lost = self.history.is_lost(checkpoint.origin.era, checkpoint.size);
        if proof.index >= self.manifest.size && !lost {
            return Err(text::cut_off(self.manifest.size, checkpoint.size).into());
        }
        if self.noted.leaves.get(&proof.index) != Some(&Some(leaf)) {
            return Err(text::GONE.into());
        }
        self.history(&point).map(|()| true)
    }

    /// Whether the tree of this checkpoint is the beginning of this tree; of the export of a
    /// session only one is known.
    fn history(&self, point: &SignedCheckpoint) -> Result<(), Cow<'static, str>> {
        let checkpoint = &point.checkpoint;
        let last = &self.files.last.point.checkpoint;
        if !self.manifest.is_whole() {
            let other = checkpoint.size == last.size && checkpoint.root != last.root;
            return if other { Err(text::FORK.into()) } else { Ok(()) };
        }
        if self.history.is_lost(checkpoint.origin.era, checkpoint.size) {
            return Err(text::IN_A_BREAK.into());
        }
        if checkpoint.size > self.manifest.size {
            return Err(text::cut_off(self.manifest.size, checkpoint.size).into());
        }
        let root = self.noted.roots.get(&checkpoint.size).copied().flatten();
        if root == Some(checkpoint.root) { Ok(()) } else { Err(text::FORK.into()) }
    }
}

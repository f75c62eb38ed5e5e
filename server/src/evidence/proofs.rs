//! Proofs that stand up to their own check before anybody gets them.

use std::sync::Arc;

use beckon_events::{Digest, envelope};
use beckon_protocol::Base64;
use beckon_protocol::evidence::{
    ReceiptProof, TileAt, Tiles, consistency, inclusion, root, verify_consistency, verify_inclusion,
};
use tokio::sync::oneshot;

use super::sequencer::Ask;
use super::shared::Published;
use super::{Evidence, EvidenceError, Signed};
use crate::store::Position;

impl Evidence {
    /// The index in the tree of the event at `position`, from 0. Blocks while it reads.
    pub fn index_of(&self, position: Position) -> Result<u64, EvidenceError> {
        self.shared.find(position).map(|(index, _)| index)
    }

    /// The inclusion proof of the leaf at `index` in the tree of the first `size` leaves; `size`
    /// is at most that of the newest checkpoint. Blocks while it reads tiles.
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Digest>, EvidenceError> {
        let published = self.at_least(size)?;
        inclusion(index, size, &self.tiles_of(&published)).ok_or(EvidenceError::Missing)
    }

    /// The consistency proof between two sizes, neither above that of the newest checkpoint.
    /// Blocks while it reads tiles.
    pub fn consistency(&self, from: u64, to: u64) -> Result<Vec<Digest>, EvidenceError> {
        let published = self.at_least(to)?;
        consistency(from, to, &self.tiles_of(&published)).ok_or(EvidenceError::Missing)
    }

    /// The proof that `leaf` is the one at `index` in the tree of `signed`; where a tile is
    /// damaged, all are made again once. Waits for the disk: not for an async thread.
    pub fn proven(
        &self,
        leaf: &Digest,
        index: u64,
        signed: &Signed,
    ) -> Result<Vec<Digest>, EvidenceError> {
        let once = || {
            let published = self.at_least(signed.size)?;
            let proof = inclusion(index, signed.size, &self.tiles_of(&published));
            let holds = |proof: &Vec<Digest>| {
                verify_inclusion(leaf, index, signed.size, proof, &signed.root)
            };
            proof.filter(holds).ok_or(EvidenceError::Damaged)
        };
        match once() {
            Err(EvidenceError::Damaged) => {
                let (answer, repaired) = oneshot::channel();
                let sent = self.bell.asks.send(Ask::Repair(answer));
                if sent.is_err() || repaired.blocking_recv().is_err() {
                    return Err(EvidenceError::Damaged);
                }
                once()
            }
            proved => proved,
        }
    }

    /// The bytes of a tile of the tree of the newest checkpoint, cut to its width. Blocks.
    pub fn tile(&self, at: TileAt) -> Option<Vec<u8>> {
        let mut bytes = self.shared.tile(&*self.shared.published()?, at)?;
        bytes.truncate(at.bytes());
        (bytes.len() == at.bytes()).then_some(bytes)
    }

    /// The proof that the event at `position` stands in the log, under a checkpoint that covers
    /// it. The event must be the one that closed its session.
    pub async fn receipt(&self, position: Position) -> Result<ReceiptProof, EvidenceError> {
        self.covering(position).await?;
        self.checked(move |evidence, published| evidence.receipt_in(published, position)).await
    }

    /// The newest checkpoint, and the proof that its log starts with the first `from` events of
    /// before. [`EvidenceError::Missing`] where the log has fewer.
    pub async fn prove(&self, from: u64) -> Result<(Arc<Signed>, Vec<Digest>), EvidenceError> {
        self.checked(move |evidence, published| evidence.consistency_in(published, from)).await
    }

    /// Makes a proof away from the actors; where a tile is damaged, all are made again once.
    async fn checked<R: Send + 'static>(
        &self,
        prove: impl Fn(&Self, &Published) -> Result<R, EvidenceError> + Send + Copy + 'static,
    ) -> Result<R, EvidenceError> {
        let once = || {
            let evidence = self.clone();
            let proving = tokio::task::spawn_blocking(move || {
                let published = evidence.shared.published().ok_or_else(|| {
                    EvidenceError::Unavailable("nothing is signed yet".to_owned())
                })?;
                prove(&evidence, &published)
            });
            async {
                let failed = |_| EvidenceError::Unavailable("reading the tree failed".to_owned());
                proving.await.map_err(failed)?
            }
        };
        match once().await {
            Err(EvidenceError::Damaged) => {
                let (answer, repaired) = oneshot::channel();
                let sent = self.bell.asks.send(Ask::Repair(answer));
                if sent.is_err() || repaired.await.is_err() {
                    return Err(EvidenceError::Damaged);
                }
                once().await
            }
            proved => proved,
        }
    }

    fn receipt_in(
        &self,
        published: &Published,
        position: Position,
    ) -> Result<ReceiptProof, EvidenceError> {
        let (index, event) = self.shared.find(position)?;
        let Signed { size, root, note, .. } = &*published.signed;
        let proof = inclusion(index, *size, &self.tiles_of(published));
        let proof = proof.ok_or(EvidenceError::Damaged)?;
        if !verify_inclusion(&envelope::leaf(&event.metadata), index, *size, &proof, root) {
            return Err(EvidenceError::Damaged);
        }
        Ok(ReceiptProof {
            metadata: Base64(event.metadata.to_vec()),
            index,
            proof,
            checkpoint: note.clone(),
            log_key: self.public_key(),
        })
    }

    fn consistency_in(
        &self,
        published: &Published,
        from: u64,
    ) -> Result<(Arc<Signed>, Vec<Digest>), EvidenceError> {
        let signed = &published.signed;
        if from > signed.size {
            return Err(EvidenceError::Missing);
        }
        let tiles = self.tiles_of(published);
        let old = root(from, &tiles).ok_or(EvidenceError::Damaged)?;
        let proof = consistency(from, signed.size, &tiles).ok_or(EvidenceError::Damaged)?;
        if !verify_consistency(from, &old, signed.size, &signed.root, &proof) {
            return Err(EvidenceError::Damaged);
        }
        Ok((Arc::clone(signed), proof))
    }

    pub(super) fn at_least(&self, size: u64) -> Result<Arc<Published>, EvidenceError> {
        let published = self.shared.published();
        published.filter(|shown| shown.signed.size >= size).ok_or(EvidenceError::Missing)
    }

    fn tiles_of<'a>(&'a self, published: &'a Published) -> impl Tiles + 'a {
        |at: TileAt| self.shared.tile(published, at)
    }
}

//! Every way in which a log can be seen again.

use beckon_events::{Digest, PublicKey, Statement};
use beckon_protocol::evidence::{Checkpoint, Frontier, Tiler, consistency, inclusion};
use ring::signature::Ed25519KeyPair;

use super::*;

/// A server's log: its key from a seed, its id, its era, the seed of its entries.
#[derive(Clone, Copy)]
pub(crate) struct Log {
    pub(crate) key: u8,
    pub(crate) id: u128,
    pub(crate) era: u32,
    pub(crate) entries: u8,
}

/// The log that all tests begin with.
pub(crate) const LOG: Log = Log { key: 6, id: 10, era: 0, entries: 1 };

impl Log {
    pub(crate) fn pair(self) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[self.key; 32]).unwrap()
    }

    pub(crate) fn key(self) -> PublicKey {
        Statement::sign(b"", &self.pair()).key()
    }

    fn leaf(self, at: u64) -> Digest {
        Digest::of(&[&at.to_be_bytes()[..], &[self.entries]].concat())
    }

    /// The signed checkpoint of its first `size` entries.
    pub(crate) fn note(self, size: u64) -> String {
        let mut tree = Frontier::default();
        (0..size).for_each(|at| tree.push(self.leaf(at)));
        self.note_of(size, tree.root())
    }

    pub(crate) fn note_of(self, size: u64, root: Digest) -> String {
        let log = uuid::Uuid::from_u128(self.id);
        let origin = format!("help.example.org/beckon/{log}/{}", self.era).parse().unwrap();
        Checkpoint { origin, size, root }.sign(&self.pair()).note
    }

    /// The proof that `new` entries begin with the first `old`; fewer than 256 of them.
    pub(crate) fn proof(self, old: u64, new: u64) -> Vec<Digest> {
        let mut tree = Tiler::default();
        (0..new).for_each(|at| drop(tree.push(self.leaf(at))));
        let tiles = tree.partials();
        let tile = |at| tiles.iter().find(|tile| tile.at == at).map(|tile| tile.bytes.clone());
        consistency(old, new, &tile).unwrap()
    }

    /// The checkpoint of its first `size` entries with `leaf` behind them, and the inclusion proof.
    pub(crate) fn with_last(self, size: u64, leaf: Digest) -> (String, Vec<Digest>) {
        let mut tree = Tiler::default();
        (0..size).for_each(|at| drop(tree.push(self.leaf(at))));
        tree.push(leaf);
        let tiles = tree.partials();
        let tile = |at| tiles.iter().find(|tile| tile.at == at).map(|tile| tile.bytes.clone());
        (self.note_of(size + 1, tree.root()), inclusion(size, size + 1, &tile).unwrap())
    }

    pub(crate) fn seen(self, size: u64) -> LogMemory {
        LogMemory::first(self.key(), Some(&self.note(size))).unwrap()
    }
}

#[test]
fn what_is_seen_again_is_judged_by_key_log_era_size_and_root() {
    let before = LOG.seen(5);
    let forged = Log { key: 7, ..LOG };
    let other = Log { id: 11, ..LOG };
    let restored = Log { era: 2, ..LOG };
    let fork = Log { entries: 2, ..LOG };
    let size = 5;
    for (log, shown, expected) in [
        (LOG, Some(LOG.note(5)), Ok(Seen::Same)),
        (LOG, Some(LOG.note(9)), Ok(Seen::Larger { from: 5 })),
        (LOG, Some(LOG.note(4)), Err(Wrong::Shrunk { before: 5, now: 4 })),
        (LOG, Some(LOG.note(0)), Err(Wrong::Shrunk { before: 5, now: 0 })),
        (LOG, Some(fork.note(5)), Err(Wrong::Forked { size })),
        (LOG, None, Err(Wrong::Missing)),
        (LOG, Some(forged.note(9)), Err(Wrong::Signature)),
        (LOG, Some("no note".to_owned()), Err(Wrong::Signature)),
        (forged, Some(forged.note(9)), Err(Wrong::OtherKey)),
        (forged, None, Err(Wrong::OtherKey)),
        (other, Some(other.note(9)), Err(Wrong::OtherLog)),
        (restored, Some(restored.note(3)), Ok(Seen::Restored { era: 2, memory: restored.seen(3) })),
    ] {
        assert_eq!(before.meet(log.key(), shown.as_deref()), expected, "{shown:?}");
    }
    let back = restored.seen(3).meet(LOG.key(), Some(&LOG.note(9)));
    assert_eq!(back, Err(Wrong::OldEra { before: 2, now: 0 }));
}

#[test]
fn before_anything_is_signed_only_the_key_counts() {
    let early = LogMemory::first(LOG.key(), None).unwrap();
    assert_eq!(early.meet(LOG.key(), None), Ok(Seen::Same));
    assert_eq!(early.meet(LOG.key(), Some(&LOG.note(3))), Ok(Seen::New(LOG.seen(3))));
    let other = Log { key: 7, ..LOG };
    assert_eq!(early.meet(other.key(), Some(&other.note(3))), Err(Wrong::OtherKey));
    assert_eq!(LogMemory::first(LOG.key(), Some(&other.note(3))), Err(Wrong::Signature));
}

#[test]
fn a_log_that_grew_is_remembered_only_with_its_proof() {
    let before = LOG.seen(5);
    let proof = LOG.proof(5, 9);
    assert_eq!(before.proven(9, &LOG.note(9), &proof), Ok(LOG.seen(9)));
    assert_eq!(before.proven(8, &LOG.note(9), &proof), Ok(LOG.seen(9)), "newer than the door's");
    let not = Err(Wrong::NotProved { before: 5 });
    let fork = Log { entries: 2, ..LOG };
    assert_eq!(before.proven(9, &fork.note(9), &fork.proof(5, 9)), not, "another beginning");
    assert_eq!(before.proven(9, &LOG.note(9), &[]), not);
    assert_eq!(before.proven(9, &LOG.note(9), &LOG.proof(4, 9)), not);
    assert_eq!(before.proven(9, &LOG.note(8), &LOG.proof(5, 8)), not, "older than the door's");
    for other in [Log { id: 11, ..LOG }, Log { era: 1, ..LOG }] {
        assert_eq!(before.proven(9, &other.note(9), &proof), not);
    }
    let forged = Log { key: 7, ..LOG };
    assert_eq!(before.proven(9, &forged.note(9), &proof), Err(Wrong::Signature));
}

#[test]
fn a_memory_that_was_changed_is_not_sound() {
    assert!(LOG.seen(5).is_sound());
    let forged = Log { key: 7, ..LOG };
    assert!(!LogMemory { log_key: forged.key(), ..LOG.seen(5) }.is_sound());
}

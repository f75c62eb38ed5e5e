//! The hashes of RFC 6962.

use beckon_events::Digest;

/// SHA-256(0x01 || left || right): the hash of an inner node.
pub fn node(left: &Digest, right: &Digest) -> Digest {
    let mut bytes = [1; 65];
    let (_, both) = bytes.split_at_mut(1);
    let (first, second) = both.split_at_mut(32);
    first.copy_from_slice(&left.0);
    second.copy_from_slice(&right.0);
    Digest::of(&bytes)
}

/// SHA-256 of nothing: the root of a tree without leaves.
pub fn empty_root() -> Digest {
    Digest::of(&[])
}

/// The right edge of a growing tree: the roots of its complete subtrees, the largest first.
///
/// It holds one hash for each 1 in the binary form of the size, so at most 64.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    hashes: Vec<Digest>,
}

impl Frontier {
    /// The frontier of `size` leaves from [`Frontier::hashes`]; none where their number is wrong.
    pub fn restore(size: u64, hashes: Vec<Digest>) -> Option<Self> {
        let fits = usize::try_from(size.count_ones()) == Ok(hashes.len());
        fits.then_some(Self { size, hashes })
    }

    /// Appends a leaf hash.
    pub fn push(&mut self, leaf: Digest) {
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.hashes.pop() {
                hash = node(&left, &hash);
            }
        }
        self.hashes.push(hash);
        self.size += 1;
    }

    /// How many leaves were pushed.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree as it is now.
    pub fn root(&self) -> Digest {
        fold(&self.hashes).unwrap_or_else(empty_root)
    }

    /// The roots of the complete subtrees, the largest first.
    pub fn hashes(&self) -> &[Digest] {
        &self.hashes
    }
}

/// Joins the roots of neighbouring subtrees, the largest first, from the right.
pub(super) fn fold(hashes: &[Digest]) -> Option<Digest> {
    hashes.iter().rev().copied().reduce(|right, left| node(&left, &right))
}

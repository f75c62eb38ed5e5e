//! That an entry is in a tree, and that one tree grew out of another.

use beckon_events::Digest;

use super::tile::{self, TileAt};
use super::tree::{self, Frontier, empty_root, node};

/// Where tiles are kept.
pub trait Tiles {
    /// The bytes of a tile. A wider one at the same level and index serves as well: the first
    /// `at.width` hashes are taken.
    fn tile(&self, at: TileAt) -> Option<Vec<u8>>;
}

impl<F: Fn(TileAt) -> Option<Vec<u8>>> Tiles for F {
    fn tile(&self, at: TileAt) -> Option<Vec<u8>> {
        self(at)
    }
}

/// The root of the tree of the first `size` leaves. None where a tile is missing.
pub fn root(size: u64, tiles: &dyn Tiles) -> Option<Digest> {
    if size == 0 { Some(empty_root()) } else { Reader::new(size, tiles).range(0, size) }
}

/// The inclusion proof of RFC 9162 for the leaf at `index` (from 0) in the tree of the first
/// `size` leaves. None where there is no such leaf or a tile is missing.
pub fn inclusion(index: u64, size: u64, tiles: &dyn Tiles) -> Option<Vec<Digest>> {
    if index >= size {
        return None;
    }
    let mut siblings = Vec::new();
    let (mut begin, mut end) = (0, size);
    while end - begin > 1 {
        let middle = begin + split(end - begin);
        if index < middle {
            siblings.push((middle, end));
            end = middle;
        } else {
            siblings.push((begin, middle));
            begin = middle;
        }
    }
    hashes(&siblings, size, tiles)
}

/// The consistency proof of RFC 9162 between the trees of the first `old` and the first `new`
/// leaves; empty where `old` is 0 or `new`. None where `old` is larger or a tile is missing.
pub fn consistency(old: u64, new: u64, tiles: &dyn Tiles) -> Option<Vec<Digest>> {
    if old > new {
        return None;
    }
    if old == 0 {
        return Some(Vec::new());
    }
    let mut parts = Vec::new();
    let (mut begin, mut end) = (0, new);
    while old < end {
        let middle = begin + split(end - begin);
        if old <= middle {
            parts.push((middle, end));
            end = middle;
        } else {
            parts.push((begin, middle));
            begin = middle;
        }
    }
    if begin > 0 {
        // Otherwise this is the old tree itself, whose root the verifier holds.
        parts.push((begin, end));
    }
    hashes(&parts, new, tiles)
}

/// Whether `proof` shows that `leaf` stands at `index` in the tree with `root`.
///
/// `size` must come from the same signed checkpoint as `root`.
pub fn verify_inclusion(
    leaf: &Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    root: &Digest,
) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node(sibling, &hash);
            let skipped = at.trailing_zeros().min(63);
            (at, last) = (at >> skipped, last >> skipped);
        } else {
            hash = node(&hash, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Whether `proof` shows that the new tree starts with all of the old one.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Digest,
    new_size: u64,
    new_root: &Digest,
    proof: &[Digest],
) -> bool {
    if old_size > new_size {
        return false;
    }
    if old_size == new_size {
        return proof.is_empty() && old_root == new_root;
    }
    if old_size == 0 {
        return proof.is_empty() && *old_root == empty_root();
    }
    let own = old_size.is_power_of_two().then_some(old_root);
    let mut path = own.into_iter().chain(proof);
    let Some(first) = path.next() else { return false };
    let whole = (old_size - 1).trailing_ones();
    let (mut at, mut last) = ((old_size - 1) >> whole, (new_size - 1) >> whole);
    let (mut old, mut new) = (*first, *first);
    for part in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            old = node(part, &old);
            new = node(part, &new);
            let skipped = at.trailing_zeros().min(63);
            (at, last) = (at >> skipped, last >> skipped);
        } else {
            new = node(&new, part);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && old == *old_root && new == *new_root
}

/// The largest power of two below `leaves`, which is at least 2.
fn split(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}

/// The hashes of subtrees that were found from the root down, from the leaf up.
fn hashes(ranges: &[(u64, u64)], size: u64, tiles: &dyn Tiles) -> Option<Vec<Digest>> {
    let mut reader = Reader::new(size, tiles);
    ranges.iter().rev().map(|(begin, end)| reader.range(*begin, *end)).collect()
}

/// Reads each tile of a tree at most once.
struct Reader<'a> {
    size: u64,
    tiles: &'a dyn Tiles,
    read: Vec<(TileAt, Vec<u8>)>,
}

impl<'a> Reader<'a> {
    fn new(size: u64, tiles: &'a dyn Tiles) -> Self {
        Self { size, tiles, read: Vec::new() }
    }

    /// The root of the subtree of the leaves from `begin` up to `end`.
    fn range(&mut self, begin: u64, end: u64) -> Option<Digest> {
        let mut begin = begin;
        let mut complete = Vec::new();
        while begin < end {
            let height = begin.trailing_zeros().min((end - begin).ilog2());
            complete.push(self.complete(height, begin >> height)?);
            begin += 1 << height;
        }
        tree::fold(&complete)
    }

    /// The root of the complete subtree of 2^height leaves at `index` of its height.
    fn complete(&mut self, height: u32, index: u64) -> Option<Digest> {
        let within = height % 8;
        let first = index << within;
        let bytes = self.tile(u8::try_from(height / 8).ok()?, first / 256)?;
        let from = usize::try_from(first % 256).ok()?;
        let mut subtree = Frontier::default();
        tile::hashes(bytes).skip(from).take(1 << within).for_each(|hash| subtree.push(hash));
        (subtree.size() == 1 << within).then(|| subtree.root())
    }

    fn tile(&mut self, level: u8, index: u64) -> Option<&[u8]> {
        let at = TileAt::within(self.size, level, index)?;
        let known = self.read.iter().position(|(known, _)| *known == at);
        let known = if let Some(known) = known {
            known
        } else {
            let mut bytes = self.tiles.tile(at)?;
            if bytes.len() < at.bytes() {
                return None;
            }
            bytes.truncate(at.bytes());
            self.read.push((at, bytes));
            self.read.len() - 1
        };
        self.read.get(known).map(|(_, bytes)| bytes.as_slice())
    }
}

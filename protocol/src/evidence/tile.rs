//! One file of the tree.

use std::fmt::Write as _;

use beckon_events::Digest;

/// How many hashes a full tile holds.
pub const WIDTH: u16 = 256;
/// The length of a hash, in bytes.
pub const HASH: usize = 32;
/// 256 to the power of this is more leaves than a tree can have.
pub(super) const LEVELS: u8 = 8;

/// The place of a tile of C2SP tlog-tiles: 256 hashes wide, 8 levels of the tree high.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileAt {
    /// 0 holds leaf hashes, each further one the roots of full tiles of the level below.
    pub level: u8,
    /// Its number within the level, from 0.
    pub index: u64,
    /// How many hashes it holds, 1 to 256.
    pub width: u16,
}

/// A tile with its bytes: `width` hashes, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Its place.
    pub at: TileAt,
    /// The hashes, 32 bytes each.
    pub bytes: Vec<u8>,
}

impl TileAt {
    /// The file below `tile/`: `<level>/<index>[.p/<width>]`, such as `0/x001/x234/067.p/8`.
    pub fn path(&self) -> String {
        let mut groups = vec![format!("{:03}", self.index % 1000)];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(format!("x{:03}", rest % 1000));
            rest /= 1000;
        }
        groups.reverse();
        let mut path = format!("{}/{}", self.level, groups.join("/"));
        if self.is_partial() {
            // Writing to a string cannot fail.
            let _ = write!(path, ".p/{}", self.width);
        }
        path
    }

    /// Reads what [`TileAt::path`] writes, and nothing else.
    pub fn parse(path: &str) -> Option<Self> {
        let (level, rest) = path.split_once('/')?;
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => (index, width.parse().ok()?),
            None => (rest, WIDTH),
        };
        let digits: String = index.chars().filter(|c| !matches!(c, 'x' | '/')).collect();
        let at = Self { level: level.parse().ok()?, index: digits.parse().ok()?, width };
        let sound = at.level < 64 && (1..=WIDTH).contains(&at.width);
        (sound && at.path() == path).then_some(at)
    }

    /// Every tile of a tree of `size` leaves, level by level.
    pub fn of_tree(size: u64) -> impl Iterator<Item = Self> {
        Self::changed(0, size)
    }

    /// The tiles of a tree of `new` leaves that a tree of `old` leaves does not have: these are
    /// written when it grows. None where `new` is not larger.
    pub fn changed(old: u64, new: u64) -> impl Iterator<Item = Self> {
        (0..LEVELS).flat_map(move |level| {
            let (old, new) = (at_level(old, level), at_level(new, level));
            let grown = if new > old { old / 256..new.div_ceil(256) } else { 0..0 };
            grown.map(move |index| Self { level, index, width: width(new, index) })
        })
    }

    /// The tile `index` of `level` in a tree of `size` leaves, as wide as it is there.
    pub fn within(size: u64, level: u8, index: u64) -> Option<Self> {
        let hashes = at_level(size, level);
        let there = index < hashes.div_ceil(256);
        there.then(|| Self { level, index, width: width(hashes, index) })
    }

    /// Whether it is narrower than 256 hashes.
    pub fn is_partial(&self) -> bool {
        self.width < WIDTH
    }

    /// Its length, in bytes.
    pub fn bytes(&self) -> usize {
        usize::from(self.width) * HASH
    }
}

impl Tile {
    /// Its hashes in their order.
    pub fn hashes(&self) -> impl Iterator<Item = Digest> {
        hashes(&self.bytes)
    }
}

/// The hashes in the bytes of a tile.
pub(super) fn hashes(bytes: &[u8]) -> impl Iterator<Item = Digest> {
    bytes.chunks_exact(HASH).filter_map(|hash| hash.try_into().ok().map(Digest))
}

/// How many hashes stand at a level in a tree of `size` leaves.
pub(super) fn at_level(size: u64, level: u8) -> u64 {
    size.checked_shr(8 * u32::from(level)).unwrap_or(0)
}

fn width(hashes: u64, index: u64) -> u16 {
    u16::try_from(hashes.saturating_sub(index.saturating_mul(256))).map_or(WIDTH, |n| n.min(WIDTH))
}

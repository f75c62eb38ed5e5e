//! From a place in the store to a place in the tree.

use crate::store::Position;

/// How many leaves stand in one bundle.
pub(super) const BUNDLE: usize = 256;
/// The file of the positions of the first leaves of all full bundles, 8 bytes each, big-endian.
pub(super) const POSITIONS: &str = "tiles/positions";

/// The positions of the leaves: of full bundles the first, of the last one all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Positions {
    bundles: Vec<u64>,
    // INVARIANT: shorter than a bundle.
    tail: Vec<u64>,
}

/// Where a leaf stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// At this index.
    Index(u64),
    /// Among the 256 leaves from this index on, the first of which has this position.
    Bundle(u64, Position),
}

impl Positions {
    /// The positions of a tree of `size` leaves from the file and the tail that was kept; none
    /// where they do not fit.
    pub(super) fn restore(size: u64, file: &[u8], tail: Vec<u64>) -> Option<Self> {
        let size = usize::try_from(size).ok()?;
        let file = file.get(..size / BUNDLE * 8)?;
        let first = |bytes: &[u8]| bytes.try_into().map(u64::from_be_bytes).ok();
        let bundles: Vec<u64> = file.chunks_exact(8).map(first).collect::<Option<_>>()?;
        let grows = bundles.iter().chain(&tail).is_sorted_by(|before, after| before < after);
        (tail.len() == size % BUNDLE && grows).then_some(Self { bundles, tail })
    }

    /// The next leaf is of the event at `position`.
    pub(super) fn push(&mut self, position: Position) {
        self.tail.push(position.to_bits());
        if self.tail.len() == BUNDLE {
            self.bundles.push(self.tail[0]);
            self.tail.clear();
        }
    }

    /// What the file holds from bundle `from` on.
    pub(super) fn bytes(&self, from: usize) -> Vec<u8> {
        let new = self.bundles.get(from..).unwrap_or_default();
        new.iter().flat_map(|first| first.to_be_bytes()).collect()
    }

    /// How many bundles are full.
    pub(super) fn full(&self) -> usize {
        self.bundles.len()
    }

    /// The positions of the leaves behind the last full bundle.
    pub(super) fn tail(&self) -> &[u64] {
        &self.tail
    }

    /// Where the event at `position` stands; none where it is not in the tree.
    pub(super) fn place(&self, position: Position) -> Option<Place> {
        let position = position.to_bits();
        if self.tail.first().is_some_and(|first| *first <= position) {
            let within = self.tail.binary_search(&position).ok()?;
            return Some(Place::Index((self.bundles.len() * BUNDLE + within) as u64));
        }
        let bundle = self.bundles.partition_point(|first| *first <= position).checked_sub(1)?;
        let first = Position::from_bits(*self.bundles.get(bundle)?);
        Some(Place::Bundle((bundle * BUNDLE) as u64, first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_found_in_its_bundle_and_after_the_last_one_at_its_place() {
        let mut positions = Positions::default();
        for index in 0..600_u64 {
            positions.push(Position::from_bits(10 + index * 3));
        }
        let at = |bits| positions.place(Position::from_bits(bits));
        assert_eq!(at(9), None);
        assert_eq!(at(10), Some(Place::Bundle(0, Position::from_bits(10))));
        assert_eq!(at(10 + 255 * 3), at(10));
        assert_eq!(at(10 + 256 * 3), Some(Place::Bundle(256, Position::from_bits(778))));
        assert_eq!(at(10 + 512 * 3), Some(Place::Index(512)));
        assert_eq!(at(10 + 599 * 3), Some(Place::Index(599)));
        assert_eq!(at(11 + 599 * 3), None, "between and behind the leaves there is nothing");
        let (file, tail) = (positions.bytes(0), positions.tail().to_vec());
        assert_eq!(Positions::restore(600, &file, tail.clone()), Some(positions));
        assert_eq!(Positions::restore(601, &file, tail.clone()), None);
        assert_eq!(Positions::restore(600, &file[..15], tail.clone()), None);
        let swapped = [&file[8..], &file[..8]].concat();
        assert_eq!(Positions::restore(600, &swapped, tail), None);
    }
}

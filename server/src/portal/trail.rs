//! Where in a long list somebody is, and how they came there.

use super::query::Query;
use crate::text;

/// So many pages can be gone back one by one.
const STEPS: usize = 64;

/// The places after which the pages begin that were turned, the last one being shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trail(Vec<u64>);

impl Trail {
    /// What an address says. The error is what is wrong with it, in words.
    pub fn read(query: &Query) -> Result<Self, String> {
        let typed = query.first("older");
        if typed.is_empty() {
            return Ok(Self::default());
        }
        let place = |typed: &str| typed.parse().map_err(|_| text::not_a_position(typed));
        Ok(Self(typed.split(',').map(place).collect::<Result<_, _>>()?))
    }

    /// The place after which the page begins; none at the top.
    pub fn after(&self) -> Option<u64> {
        self.0.last().copied()
    }

    /// One page on, which begins after `next`.
    pub fn older(&self, next: u64) -> Self {
        let from = self.0.len().saturating_sub(STEPS - 1);
        let steps = self.0.iter().skip(from).copied();
        Self(steps.chain([next]).collect())
    }

    /// One page back; none at the top.
    pub fn newer(&self) -> Option<Self> {
        let (_, before) = self.0.split_last()?;
        Some(Self(before.to_vec()))
    }

    /// Its part of an address.
    pub fn add_to(&self, query: Query) -> Query {
        let places: Vec<_> = self.0.iter().map(u64::to_string).collect();
        query.with("older", &places.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_turned_and_turned_back() {
        let top = Trail::default();
        assert_eq!((top.after(), top.newer()), (None, None));
        let third = top.older(900).older(800);
        assert_eq!(third.add_to(Query::default()).to_string(), "older=900,800");
        assert_eq!(Trail::read(&Query::read("older=900,800")), Ok(third.clone()));
        assert_eq!(third.after(), Some(800));
        assert_eq!(third.newer().unwrap().newer(), Some(top));
    }

    #[test]
    fn a_long_way_is_forgotten_at_its_beginning() {
        let far = (0..1_000).fold(Trail::default(), |trail, nth| trail.older(nth));
        assert_eq!((far.0.len(), far.after()), (STEPS, Some(999)));
        assert_eq!(Trail::read(&Query::read("older=5,x")), Err(text::not_a_position("x")));
    }
}

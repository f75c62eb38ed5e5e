//! A part of a picture.

/// A rectangle in pixels from the upper left corner of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rect {
    /// The left edge.
    pub x: u32,
    /// The upper edge.
    pub y: u32,
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
}

impl Rect {
    /// Pixels in it.
    pub fn area(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// The smallest rectangle around both.
    #[must_use]
    pub fn around(self, other: Self) -> Self {
        let x = self.x.min(other.x);
        let y = self.y.min(other.y);
        let right = self.right().max(other.right());
        let bottom = self.bottom().max(other.bottom());
        Self { x, y, width: right - x, height: bottom - y }
    }

    /// What is in both; empty sides where nothing is.
    #[must_use]
    pub fn within(self, other: Self) -> Self {
        let x = self.x.max(other.x);
        let y = self.y.max(other.y);
        let width = self.right().min(other.right()).saturating_sub(x);
        let height = self.bottom().min(other.bottom()).saturating_sub(y);
        Self { x, y, width, height }
    }

    pub(super) fn right(self) -> u32 {
        self.x.saturating_add(self.width)
    }

    pub(super) fn bottom(self) -> u32 {
        self.y.saturating_add(self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn around_and_within_are_what_they_say() {
        let one = Rect { x: 0, y: 10, width: 20, height: 10 };
        let other = Rect { x: 10, y: 0, width: 20, height: 15 };
        assert_eq!(one.around(other), Rect { x: 0, y: 0, width: 30, height: 20 });
        assert_eq!(one.within(other), Rect { x: 10, y: 10, width: 10, height: 5 });
        let far = Rect { x: 90, y: 90, width: u32::MAX, height: u32::MAX };
        assert_eq!(one.within(far).area(), 0);
    }
}

//! What a frame of the duplication says of itself.

use beckon_peer::screen::{Rect, Shift};

use super::rotation::Rotation;
use crate::capture::region::joined;

/// More movements than these explain nothing that is worth the time.
const MOST_SHIFTS: usize = 8;

/// A frame's `DXGI_OUTDUPL_FRAME_INFO` and its lists.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Frame {
    /// When the picture last changed; 0 where only the pointer did.
    pub presented: i64,
    /// When the pointer last moved, appeared or changed; 0 where it did not.
    pub pointer: i64,
    /// Bytes of the two lists.
    pub metadata: u32,
    /// What was copied, in this order, before anything was drawn.
    pub moved: Vec<Moved>,
    /// What was drawn.
    pub drawn: Vec<Area>,
}

/// A rectangle of the surface: a `RECT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// The first column.
    pub left: i32,
    /// The first row.
    pub top: i32,
    /// After the last column.
    pub right: i32,
    /// After the last row.
    pub bottom: i32,
}

/// A copy on the surface: a `DXGI_OUTDUPL_MOVE_RECT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The upper left corner of what was copied.
    pub from: (i32, i32),
    /// Where it went.
    pub to: Area,
}

impl Frame {
    /// Whether the picture may have changed, and not only the pointer.
    pub fn has_picture(&self) -> bool {
        self.presented != 0
    }

    /// Where the surface may differ from that of the frame before. A frame that does not say so
    /// may differ anywhere.
    pub fn changed(&self, surface: (u32, u32)) -> Vec<Rect> {
        if !self.has_picture() {
            return Vec::new();
        }
        if self.metadata == 0 {
            return vec![Rect { x: 0, y: 0, width: surface.0, height: surface.1 }];
        }
        let targets = self.moved.iter().map(|moved| moved.to);
        let areas = targets.chain(self.drawn.iter().copied());
        joined(areas.filter_map(|area| area.on(surface)).collect())
    }

    /// Guesses how content has moved, as it is seen, largest first.
    pub fn shifts(&self, rotation: Rotation) -> Vec<Shift> {
        let mut moved: Vec<_> = self.moved.iter().filter(|moved| moved.to.size() > 0).collect();
        moved.sort_by_key(|moved| std::cmp::Reverse(moved.to.size()));
        let mut shifts = Vec::new();
        for Moved { from, to } in moved {
            let (dx, dy) = (to.left.saturating_sub(from.0), to.top.saturating_sub(from.1));
            let shift = rotation.shift(Shift { dx, dy });
            if (dx, dy) != (0, 0) && shifts.len() < MOST_SHIFTS && !shifts.contains(&shift) {
                shifts.push(shift);
            }
        }
        shifts
    }
}

impl Area {
    /// What of it is on the surface.
    fn on(self, surface: (u32, u32)) -> Option<Rect> {
        let cut = |start: i32, end: i32, side: u32| {
            let start = start.max(0).unsigned_abs();
            let end = end.max(0).unsigned_abs().min(side);
            end.checked_sub(start).filter(|length| *length > 0).map(|length| (start, length))
        };
        let (x, width) = cut(self.left, self.right, surface.0)?;
        let (y, height) = cut(self.top, self.bottom, surface.1)?;
        Some(Rect { x, y, width, height })
    }

    fn size(self) -> i64 {
        let side = |start: i32, end: i32| (i64::from(end) - i64::from(start)).max(0);
        side(self.left, self.right) * side(self.top, self.bottom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SURFACE: (u32, u32) = (1920, 1080);

    const fn area(left: i32, top: i32, right: i32, bottom: i32) -> Area {
        Area { left, top, right, bottom }
    }

    const fn rect(x: u32, y: u32, width: u32, height: u32) -> Rect {
        Rect { x, y, width, height }
    }

    /// As for a browser that is scrolled by 120 pixels: one copy, then the strip that came in, the
    /// bar, and the clock at the other end of the screen.
    fn scrolled() -> Frame {
        let moved = vec![Moved { from: (8, 243), to: area(8, 123, 1895, 920) }];
        let drawn = vec![
            area(8, 920, 1895, 1040),
            area(1895, 123, 1912, 1040),
            area(1806, 1040, 1880, 1080),
        ];
        let metadata = 24 + 3 * 16;
        Frame { presented: 81_203_554_961, pointer: 0, metadata, moved, drawn }
    }

    #[test]
    fn a_change_of_the_pointer_alone_is_none_of_the_picture() {
        let frame = Frame { pointer: 81_203_554_961, ..Frame::default() };
        assert!(!frame.has_picture());
        assert_eq!(frame.changed(SURFACE), []);
        assert_eq!(frame.shifts(Rotation::None), []);
    }

    #[test]
    fn a_frame_that_does_not_say_what_changed_may_have_changed_everywhere() {
        let frame = Frame { presented: 5, ..Frame::default() };
        assert_eq!(frame.changed(SURFACE), [rect(0, 0, 1920, 1080)]);
    }

    #[test]
    fn what_was_copied_and_what_was_drawn_has_changed() {
        // Small enough pieces of the screen stay what they are.
        let drawn = vec![area(100, 100, 140, 116), area(1806, 1040, 1880, 1080)];
        let moved = vec![Moved { from: (300, 600), to: area(300, 584, 700, 800) }];
        let frame = Frame { presented: 1, metadata: 56, moved, drawn, ..Frame::default() };
        let expected = [rect(300, 584, 400, 216), rect(100, 100, 40, 16), rect(1806, 1040, 74, 40)];
        assert_eq!(frame.changed(SURFACE), expected);
        let scrolled = scrolled().changed(SURFACE);
        assert_eq!(scrolled, [rect(8, 123, 1904, 957)], "nearly all of it: one");
    }

    #[test]
    fn areas_outside_of_the_surface_are_cut_and_empty_ones_left_out() {
        let drawn = vec![
            area(-20, -10, 30, 5),
            area(1900, 1070, 2500, 1200),
            area(50, 50, 50, 90),
            area(90, 90, 80, 99),
            area(3000, 0, 3100, 10),
            area(i32::MIN, i32::MIN, i32::MIN, i32::MAX),
        ];
        let frame = Frame { presented: 1, metadata: 96, drawn, ..Frame::default() };
        assert_eq!(frame.changed(SURFACE), [rect(0, 0, 30, 5), rect(1900, 1070, 20, 10)]);
    }

    #[test]
    fn areas_over_each_other_hold_every_pixel_that_one_of_them_does() {
        let drawn: Vec<_> =
            (0..60).map(|at| area(at * 9, at * 5, at * 9 + 40, at * 5 + 30)).collect();
        let frame = Frame { presented: 1, metadata: 960, drawn: drawn.clone(), ..Frame::default() };
        let changed = frame.changed(SURFACE);
        assert!(changed.len() < drawn.len());
        for one in drawn {
            let rect = one.on(SURFACE).unwrap();
            for (x, y) in [(rect.x, rect.y), (rect.x + 39, rect.y + 29)] {
                let dot = Rect { x, y, width: 1, height: 1 };
                assert!(changed.iter().any(|held| held.within(dot).area() == 1), "{dot:?}");
            }
        }
    }

    #[test]
    fn movements_are_guessed_largest_first_once_each_and_as_they_are_seen() {
        let moved = vec![
            Moved { from: (0, 0), to: area(0, 4, 10, 14) },
            Moved { from: (8, 243), to: area(8, 123, 1895, 920) },
            Moved { from: (50, 50), to: area(50, 54, 60, 64) },
            Moved { from: (70, 70), to: area(70, 70, 90, 90) },
            Moved { from: (5, 5), to: area(9, 9, 9, 9) },
        ];
        let frame = Frame { presented: 1, metadata: 120, moved, ..Frame::default() };
        let expected = [Shift { dx: 0, dy: -120 }, Shift { dx: 0, dy: 4 }];
        assert_eq!(frame.shifts(Rotation::None), expected);
        assert_eq!(frame.shifts(Rotation::Quarter)[0], Shift { dx: 120, dy: 0 });
        let from = (i32::MAX, i32::MIN);
        let moved = vec![Moved { from, to: area(i32::MIN, 0, i32::MAX, 9) }];
        let frame = Frame { moved, ..frame };
        assert_eq!(frame.shifts(Rotation::Half).len(), 1, "whatever the numbers are");
    }

    #[test]
    fn a_screen_full_of_movements_is_not_searched_for_ever() {
        let moved = (1..100).map(|at| Moved { from: (0, 0), to: area(at, at, at + 9, at + 9) });
        let frame = Frame { presented: 1, moved: moved.collect(), ..Frame::default() };
        assert_eq!(frame.shifts(Rotation::None).len(), MOST_SHIFTS);
    }
}

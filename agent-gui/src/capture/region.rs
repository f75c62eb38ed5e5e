//! Rectangles that together are looked at.

use beckon_peer::screen::Rect;

/// More rectangles than this are looked at as fewer, larger ones.
const MOST: usize = 24;

/// The same pixels in few rectangles, and some more. They overlap only where few did before.
pub fn joined(rects: Vec<Rect>) -> Vec<Rect> {
    let Some(whole) = rects.iter().copied().reduce(Rect::around) else { return rects };
    let area: u64 = rects.iter().map(|rect| rect.area()).sum();
    if rects.len() > 1 && area * 10 >= whole.area() * 8 {
        return vec![whole];
    }
    if rects.len() <= MOST {
        return rects;
    }
    // Bands over the whole height: as many as there may be rectangles.
    let most = u32::try_from(MOST).unwrap_or(u32::MAX);
    let height = whole.height.div_ceil(most).max(1);
    let bands = (0..most).filter_map(|band| {
        let y = whole.y + band * height;
        let band = Rect { y, height, ..whole }.within(whole);
        let parts = rects.iter().map(|rect| rect.within(band)).filter(|part| part.area() > 0);
        parts.reduce(Rect::around)
    });
    bands.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_rectangles_become_few_that_hold_them_all_and_do_not_overlap() {
        let all: Vec<_> = (0..100)
            .map(|at| Rect { x: 100 + at * 7 % 700, y: at * 5, width: 9, height: 4 })
            .collect();
        let few = joined(all.clone());
        assert!(few.len() <= MOST && few.len() > 1, "{few:?}");
        for rect in all {
            let held: u64 = few.iter().map(|one| one.within(rect).area()).sum();
            assert_eq!(held, rect.area(), "{rect:?}: each pixel once");
        }
        for (at, one) in few.iter().enumerate() {
            assert!(few[at + 1..].iter().all(|other| one.within(*other).area() == 0));
        }
    }

    #[test]
    fn what_nearly_fills_its_frame_is_one_rectangle() {
        let left = Rect { x: 0, y: 0, width: 10, height: 10 };
        let right = Rect { x: 10, y: 0, width: 10, height: 8 };
        assert_eq!(joined(vec![left, right]), [Rect { x: 0, y: 0, width: 20, height: 10 }]);
    }
}

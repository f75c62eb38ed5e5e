use proptest::prelude::*;

use super::*;
use crate::screen::{PixelOrder, Size};

const BOUNDS: Rect = Rect { x: 0, y: 0, width: 900, height: 700 };

fn noise(at: u64) -> u64 {
    let mixed = (at ^ at >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93);
    let mixed = (mixed ^ mixed >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93);
    mixed ^ mixed >> 32
}

/// Something like text: lines of small glyphs on a plain ground.
fn text(x: u32, y: u32, seed: u64) -> u32 {
    let (line, column) = (u64::from(y / 18), u64::from(x / 9));
    let blank = y % 18 > 12 || noise(seed << 40 ^ line << 20 ^ column).is_multiple_of(6);
    let glyph = noise(seed << 40 ^ line << 20 ^ column) % 60;
    let ink = noise(glyph << 16 ^ u64::from(x % 9) << 8 ^ u64::from(y % 18)).is_multiple_of(3);
    if !blank && ink { 0x0020_2020 } else { 0x00f0_f0f0 }
}

fn paint(picture: &mut Picture, rect: Rect, colour: impl Fn(u32, u32) -> u32) {
    let rect = rect.within(picture.bounds());
    for (y, row) in (rect.y..).zip(picture.part_mut(rect)) {
        for (x, pixel) in (rect.x..).zip(row.as_chunks_mut::<4>().0) {
            *pixel = (colour(x, y) | 0xff00_0000).to_le_bytes();
        }
    }
}

fn blank() -> Picture {
    Picture::zero(Size::new(BOUNDS.width, BOUNDS.height).unwrap(), PixelOrder::Bgrx)
}

/// A desktop with a picture on it and a window of text.
fn desktop(window: Rect) -> Picture {
    let mut picture = blank();
    paint(&mut picture, BOUNDS, |x, y| {
        (x / 3 % 256) << 16 | (y / 2 % 256) << 8 | (x * y / 99 % 256)
    });
    let (left, top) = (window.x, window.y);
    paint(&mut picture, window, |x, y| text(x - left, y - top, 7));
    picture
}

/// A page of which the rows from `top` on are shown in the window.
fn page(window: Rect, left: u32, top: u32) -> Picture {
    let mut picture = desktop(window);
    paint(&mut picture, window, |x, y| text(x + left, y + top, 3));
    picture
}

fn part(picture: &Picture, rect: Rect) -> Part<'_> {
    let whole = Part { rect: BOUNDS, stride: picture.stride(), pixels: picture.pixels() };
    whole.within(rect)
}

/// The moves, checked: each place where they write shows what it should.
fn found(old: &Picture, new: &Picture, rects: &[Rect], shifts: &[Shift]) -> Vec<Move> {
    let parts: Vec<Part<'_>> = rects.iter().map(|rect| part(new, *rect)).collect();
    let moves = Moves::default().find(old, &|_| false, &parts, shifts);
    check(old, new, &parts, &moves);
    moves
}

fn check(old: &Picture, new: &Picture, parts: &[Part<'_>], moves: &[Move]) {
    let mut after = old.clone();
    for change in moves {
        let target = change.target();
        assert_eq!(change.from.within(BOUNDS), change.from, "{change:?}");
        assert!(parts.iter().any(|part| part.rect.within(target) == target), "{change:?}");
        after.shift(*change);
    }
    for target in moves.iter().map(|change| change.target()) {
        let rows = after.part(target).zip(new.part(target));
        assert!(!rows.into_iter().any(|(after, new)| differ(after, new)), "{target:?}");
    }
}

/// The part of `rect` that the moves write.
fn covered(moves: &[Move], rect: Rect) -> f64 {
    let written = |x, y| {
        let pixel = Rect { x, y, width: 1, height: 1 };
        moves.iter().any(|change| change.target().within(pixel) == pixel)
    };
    let all = (rect.y..rect.bottom())
        .step_by(3)
        .flat_map(|y| (rect.x..rect.right()).step_by(3).map(move |x| (x, y)));
    let (hits, count) =
        all.fold((0, 0), |(hits, count), (x, y)| (hits + u32::from(written(x, y)), count + 1));
    f64::from(hits) / f64::from(count)
}

fn moved(rect: Rect, dx: i32, dy: i32) -> Rect {
    Rect { x: rect.x.strict_add_signed(dx), y: rect.y.strict_add_signed(dy), ..rect }
}

const WINDOW: Rect = Rect { x: 201, y: 133, width: 501, height: 403 };

#[test]
fn scrolling_in_each_direction_is_one_move_without_any_guess() {
    for (dx, dy) in [(0, 37), (0, -37), (53, 0), (-53, 0), (0, 1), (0, -211), (3, 0)] {
        let old = page(WINDOW, 500, 500);
        let new = page(WINDOW, 500_u32.strict_add_signed(-dx), 500_u32.strict_add_signed(-dy));
        let moves = found(&old, &new, &[WINDOW], &[]);
        assert_eq!(moves.len(), 1, "({dx}, {dy}): {moves:?}");
        let (wide, high) = (WINDOW.width - dx.unsigned_abs(), WINDOW.height - dy.unsigned_abs());
        assert_eq!((moves[0].from.width, moves[0].from.height), (wide, high), "({dx}, {dy})");
    }
}

#[test]
fn a_window_that_is_dragged_is_moved_as_a_whole_with_and_without_the_right_guess() {
    for (dx, dy) in [(17, 0), (-17, 0), (0, 9), (0, -9), (31, 23), (-31, 23), (31, -23), (-31, -23)]
    {
        let (old, new) = (desktop(WINDOW), desktop(moved(WINDOW, dx, dy)));
        let around = WINDOW.around(moved(WINDOW, dx, dy));
        for shifts in [&[][..], &[Shift { dx: 1, dy: 2 }, Shift { dx, dy }]] {
            let moves = found(&old, &new, &[around], shifts);
            assert!(covered(&moves, moved(WINDOW, dx, dy)) > 0.9999, "({dx}, {dy}): {moves:?}");
            assert!(moves.len() <= 2, "({dx}, {dy}): {moves:?}");
        }
    }
}

#[test]
fn a_window_that_jumped_is_found_in_another_part() {
    let window = Rect { x: 30, y: 40, width: 300, height: 250 };
    let to = moved(window, 500, 333);
    let moves = found(&desktop(window), &desktop(to), &[to, window], &[]);
    assert!(covered(&moves, to) > 0.9999, "{moves:?}");
}

#[test]
fn what_is_before_the_window_does_not_move_and_little_is_lost() {
    let (mut old, mut new) = (desktop(WINDOW), desktop(moved(WINDOW, 12, 5)));
    for picture in [&mut old, &mut new] {
        let icon = Rect { x: 390, y: 300, width: 20, height: 20 };
        paint(picture, icon, |x, y| x << 8 | y);
    }
    let moves = found(&old, &new, &[WINDOW.around(moved(WINDOW, 12, 5))], &[]);
    let part = covered(&moves, moved(WINDOW, 12, 5));
    assert!((0.97..1.0).contains(&part), "{part}: {moves:?}");
}

#[test]
fn wrong_guesses_and_new_content_move_nothing() {
    let old = page(WINDOW, 0, 0);
    let mut new = page(WINDOW, 0, 0);
    paint(&mut new, WINDOW, |x, y| text(x, y, 999));
    let wrong =
        [Shift { dx: 5, dy: 5 }, Shift { dx: i32::MIN, dy: i32::MAX }, Shift { dx: 0, dy: 0 }];
    assert_eq!(found(&old, &new, &[WINDOW], &wrong), []);
    paint(&mut new, WINDOW, |x, y| {
        u32::try_from(noise(u64::from(x) << 32 | u64::from(y)) & 0xff_ffff).unwrap()
    });
    assert_eq!(found(&old, &new, &[WINDOW], &wrong), []);
    assert_eq!(found(&old, &old, &[BOUNDS], &wrong), [], "nothing changed");
}

#[test]
fn plain_areas_are_not_moved() {
    let (mut old, mut new) = (blank(), blank());
    paint(&mut old, WINDOW, |_, _| 0x00ff_8000);
    let bar = Rect { x: 0, y: 200, width: 900, height: 200 };
    paint(&mut new, WINDOW, |_, _| 0x0000_ff00);
    paint(&mut new, bar, |_, _| 0x00ff_8000);
    assert_eq!(found(&old, &new, &[BOUNDS], &[Shift { dx: 40, dy: 40 }]), []);
}

#[test]
fn nothing_is_copied_from_where_control_has_something_else() {
    let (old, new) = (page(WINDOW, 0, 100), page(WINDOW, 0, 150));
    let parts = [part(&new, WINDOW)];
    let stale = Rect { x: 500, y: 130, width: 30, height: 90 };
    let is_stale = |rect: Rect| rect.within(stale).area() > 0;
    let moves = Moves::default().find(&old, &is_stale, &parts, &[]);
    check(&old, &new, &parts, &moves);
    assert!(!moves.is_empty() && moves.iter().all(|change| !is_stale(change.from)));
    assert!(covered(&moves, WINDOW) > 0.7);
    assert_eq!(Moves::default().find(&old, &|_| true, &parts, &[]), []);
}

#[test]
fn after_searches_in_vain_fewer_are_made_and_guesses_still_hold() {
    let mut moves = Moves::default();
    let (old, new) = (page(WINDOW, 0, 0), desktop(WINDOW));
    for _ in 0..40 {
        assert_eq!(moves.find(&old, &|_| false, &[part(&new, WINDOW)], &[]), []);
    }
    assert!(moves.rest > 0 && moves.rest <= LONGEST_REST);
    let scrolled = page(WINDOW, 0, 20);
    let parts = [part(&scrolled, WINDOW)];
    let guess = [Shift { dx: 0, dy: -20 }];
    assert_eq!(moves.find(&old, &|_| false, &parts, &guess).len(), 1);
    moves.last = None;
    let later = (0..40).any(|_| !moves.find(&old, &|_| false, &parts, &[]).is_empty());
    assert!(later, "it is searched for again");
}

#[test]
fn no_move_spoils_the_source_of_a_later_one() {
    let rect = |x, y| Rect { x, y, width: 10, height: 10 };
    let chain = |from: u32, to: u32| Move { from: rect(from, 0), x: to, y: 0 };
    let ordered = in_order(vec![chain(0, 10), chain(10, 20), chain(20, 30)]);
    assert_eq!(ordered, [chain(20, 30), chain(10, 20), chain(0, 10)]);
    assert_eq!(in_order(vec![chain(0, 10), chain(10, 0)]).len(), 1, "they change places");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn after_the_moves_all_places_that_they_write_are_right(
        windows in proptest::collection::vec((0_u32..700, 0_u32..500, 70_u32..500, 70_u32..400, -60_i32..60, -60_i32..60), 1..4),
        holes in proptest::collection::vec((0_u32..900, 0_u32..700), 0..6),
        guessed in any::<bool>(),
        stale in (0_u32..900, 0_u32..700),
        cut in (1_u32..900, 1_u32..700),
    ) {
        let (mut old, mut new) = (desktop(Rect { width: 0, ..BOUNDS }), desktop(Rect { width: 0, ..BOUNDS }));
        let mut shifts = Vec::new();
        for (seed, (x, y, width, height, dx, dy)) in (1..).zip(windows) {
            paint(&mut old, Rect { x, y, width, height }, |at, row| text(at - x, row - y, seed));
            let (left, top) = (x.saturating_add_signed(dx), y.saturating_add_signed(dy));
            paint(&mut new, Rect { x: left, y: top, width, height }, |at, row| text(at - left, row - top, seed));
            shifts.push(Shift { dx, dy });
        }
        for (x, y) in holes {
            paint(&mut new, Rect { x, y, width: 9, height: 7 }, |_, _| 0x0012_3456);
        }
        let stale = Rect { x: stale.0, y: stale.1, width: 50, height: 30 };
        let is_stale = |rect: Rect| rect.within(stale).area() > 0;
        let (right, bottom) = (BOUNDS.width - cut.0, BOUNDS.height - cut.1);
        let parts = [
            part(&new, Rect { width: cut.0, ..BOUNDS }),
            part(&new, Rect { x: cut.0, width: right, height: cut.1, ..BOUNDS }),
            part(&new, Rect { x: cut.0, y: cut.1, width: right, height: bottom }),
        ];
        let shifts = if guessed { &shifts[..] } else { &[] };
        let moves = Moves::default().find(&old, &is_stale, &parts, shifts);
        prop_assert!(moves.len() <= 64);
        prop_assert!(moves.iter().all(|change| !is_stale(change.from)));
        check(&old, &new, &parts, &moves);
    }
}

use proptest::prelude::*;

use super::*;

#[test]
fn the_first_update_is_the_full_picture_and_nothing_follows_while_it_rests() {
    let (mut encoder, mut decoder) = (Encoder::new(4), Decoder::new());
    assert_eq!(encoder.next_update(&ALL), Ok(None), "nothing was captured yet");
    let picture = painted(blank(130, 70), &[(0, 0, 9)]);
    let update = step(&mut encoder, &mut decoder, &picture);
    let expected = Update {
        number: 1,
        monitor: 4,
        anew: Anew::OtherSize,
        dirty: vec![picture.bounds()],
        captured_ms: 77,
        behind: false,
        rough: false,
    };
    assert_eq!(update, expected);
    assert_eq!(decoder.picture(), Some(&picture));
    assert_eq!(look(&mut encoder, &picture), Seen::Nothing);
    assert_eq!(encoder.next_update(&AT_REST), Ok(None));
    assert!(!encoder.is_behind() && !encoder.is_rough());
}

#[test]
fn a_black_screen_is_a_picture_too() {
    let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
    assert_eq!(look(&mut encoder, &blank(100, 100)), Seen::Changed);
    assert!(encoder.is_behind());
    step(&mut encoder, &mut decoder, &blank(100, 100));
    assert_eq!(decoder.picture(), Some(&blank(100, 100)));
    let next = painted(blank(100, 100), &[(0, 0, 1)]);
    step(&mut encoder, &mut decoder, &next);
    assert_eq!(decoder.picture(), Some(&next));
}

#[test]
fn what_is_shown_is_red_green_blue_and_255() {
    for (order, first) in [(PixelOrder::Bgrx, [3, 2, 1, 255]), (PixelOrder::Rgbx, [1, 2, 3, 255])] {
        let size = Size::new(1, 1).unwrap();
        let picture = Picture::new(size, 4, order, vec![1, 2, 3, 4]).unwrap();
        let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
        step(&mut encoder, &mut decoder, &picture);
        let shown = decoder.picture().unwrap();
        assert_eq!((shown.order(), shown.pixels()), (PixelOrder::Rgbx, &first[..]));
    }
}

#[test]
fn the_fourth_byte_is_no_change() {
    let mut encoder = Encoder::new(0);
    let picture = painted(blank(100, 100), &[(3, 3, 7)]);
    encode(&mut encoder, &picture).unwrap();
    let mut pixels = picture.pixels().to_vec();
    pixels.iter_mut().skip(3).step_by(4).for_each(|byte| *byte = 200);
    let other = Picture::new(picture.size(), 400, PixelOrder::Bgrx, pixels).unwrap();
    assert_eq!(look(&mut encoder, &other), Seen::Nothing);
    assert_eq!(encoder.next_update(&AT_REST), Ok(None));
}

#[test]
fn only_what_was_captured_is_compared() {
    let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
    let picture = painted(blank(300, 300), &[(3, 3, 7)]);
    step(&mut encoder, &mut decoder, &picture);
    let next = painted(picture, &[(70, 70, 8), (200, 200, 9)]);
    let first = Rect { x: 69, y: 69, width: 20, height: 10 };
    assert_eq!(look_at(&mut encoder, &next, &[first]), Seen::Changed);
    let update = encoder.next_update(&ALL).unwrap().unwrap();
    let dirty = decoder.decode(&update).unwrap().dirty;
    assert_eq!(dirty, [Rect { x: 64, y: 64, width: 64, height: 64 }]);
    let second = Rect { x: 195, y: 195, width: 50, height: 50 };
    look_at(&mut encoder, &next, &[first, second]);
    let update = encoder.next_update(&ALL).unwrap().unwrap();
    decoder.decode(&update).unwrap();
    assert_eq!(decoder.picture(), Some(&next));
}

#[test]
fn parts_that_are_not_there_are_refused_and_the_next_update_begins_anew() {
    let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
    let picture = blank(100, 100);
    step(&mut encoder, &mut decoder, &picture);
    let rect = Rect { x: 50, y: 50, width: 51, height: 1 };
    let parts = [Part { rect, stride: 400, pixels: picture.pixels() }];
    let (size, order) = (picture.size(), picture.order());
    let captured = Captured { size, order, parts: &parts, shifts: &[] };
    assert_eq!(encoder.look(&captured), Err(EncodeError));
    let update = step(&mut encoder, &mut decoder, &picture);
    assert_eq!((update.number, update.dirty), (2, vec![picture.bounds()]));
}

#[test]
fn another_size_order_or_monitor_begins_anew() {
    let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
    step(&mut encoder, &mut decoder, &blank(64, 64));
    assert_eq!(step(&mut encoder, &mut decoder, &blank(65, 64)).anew, Anew::OtherSize);
    let turned = Picture::zero(Size::new(65, 64).unwrap(), PixelOrder::Rgbx);
    let update = step(&mut encoder, &mut decoder, &turned);
    assert_eq!((update.anew, update.dirty), (Anew::SameSize, vec![turned.bounds()]));
    encoder.show(7);
    assert!(!encoder.is_behind());
    let update = step(&mut encoder, &mut decoder, &turned);
    assert_eq!((update.number, update.monitor, update.anew), (4, 7, Anew::SameSize));
    encoder.restart();
    assert!(encoder.is_behind());
    let update = decoder.decode(&encoder.next_update(&ALL).unwrap().unwrap()).unwrap();
    assert_eq!((update.number, update.dirty), (5, vec![turned.bounds()]));
    assert_eq!(decoder.picture(), Some(&turned));
}

#[test]
fn what_scrolls_is_moved_and_costs_little() {
    let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
    let text: Vec<(u32, u32, u8)> = (0..3_000_u32)
        .map(|i| (i * 7_919 % 640, i * 104_729 % 480, u8::try_from(i % 200).unwrap()))
        .collect();
    let mut picture = painted(blank(640, 480), &text);
    let whole = encode(&mut encoder, &picture).unwrap();
    decoder.decode(&whole).unwrap();
    picture.shift(Move { from: Rect { x: 0, y: 23, width: 640, height: 457 }, x: 0, y: 0 });
    let update = encode(&mut encoder, &picture).unwrap();
    assert!(update.len() * 5 < whole.len(), "{} of {}", update.len(), whole.len());
    let update = decoder.decode(&update).unwrap();
    assert_eq!(decoder.picture(), Some(&picture));
    assert_eq!(update.dirty, [picture.bounds()]);
}

/// One thing that happens to a picture.
#[derive(Clone, Debug)]
enum Edit {
    Paint(Vec<(u32, u32, u8)>),
    Noise(Rect, u64),
    Photo(Rect, u64),
    Scroll(Rect, u32, u32),
}

fn marks() -> impl Strategy<Value = Vec<(u32, u32, u8)>> {
    proptest::collection::vec((0..300_u32, 0..300_u32, any::<u8>()), 0..6)
}

fn edit() -> impl Strategy<Value = Edit> {
    let rect =
        || {
            (0..300_u32, 0..300_u32, 1..300_u32, 1..300_u32)
                .prop_map(|(x, y, width, height)| Rect { x, y, width, height })
        };
    prop_oneof![
        marks().prop_map(Edit::Paint),
        (rect(), any::<u64>()).prop_map(|(rect, seed)| Edit::Noise(rect, seed)),
        (rect(), any::<u64>()).prop_map(|(rect, seed)| Edit::Photo(rect, seed)),
        (rect(), 0..300_u32, 0..300_u32).prop_map(|(rect, x, y)| Edit::Scroll(rect, x, y)),
    ]
}

fn edited(mut picture: Picture, edit: &Edit) -> Picture {
    let bounds = picture.bounds();
    match edit {
        Edit::Paint(marks) => painted(picture, marks),
        Edit::Noise(rect, seed) => noise(picture, rect.within(bounds), *seed),
        Edit::Photo(rect, seed) => photo(picture, rect.within(bounds), *seed),
        Edit::Scroll(rect, x, y) => {
            let (x, y) = (x % bounds.width, y % bounds.height);
            let room = Rect { x: 0, y: 0, width: bounds.width - x, height: bounds.height - y };
            let from = rect.within(bounds);
            let (width, height) = (from.width.min(room.width), from.height.min(room.height));
            picture.shift(Move { from: Rect { width, height, ..from }, x, y });
            picture
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_happens_and_whatever_fits_it_ends_exact(
        width in 1..400_u32,
        height in 1..400_u32,
        steps in proptest::collection::vec((edit(), 0..3_usize, 0..60_000_usize, any::<bool>()), 1..10),
    ) {
        let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
        let mut picture = blank(width, height);
        for (edit, updates, bytes, at_rest) in steps {
            picture = edited(picture, &edit);
            look(&mut encoder, &picture);
            for _ in 0..updates {
                let limits = Limits { bytes, at_rest, ..ALL };
                let Some(update) = encoder.next_update(&limits).unwrap() else { break };
                decoder.decode(&update).unwrap();
            }
        }
        drain(&mut encoder, &mut decoder, &AT_REST);
        prop_assert!(!encoder.is_behind() && !encoder.is_rough());
        prop_assert_eq!(decoder.picture(), Some(&picture));
    }

    #[test]
    fn everything_that_changed_is_reported(
        width in 1..300_u32,
        height in 1..300_u32,
        steps in proptest::collection::vec(edit(), 1..8),
    ) {
        let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
        let mut picture = blank(width, height);
        step(&mut encoder, &mut decoder, &picture);
        for edit in steps {
            picture = edited(picture, &edit);
            let mut shown = decoder.picture().unwrap().clone();
            let Some(update) = encode(&mut encoder, &picture) else { continue };
            let update = decoder.decode(&update).unwrap();
            prop_assert!(update.dirty.len() <= 8);
            let now = decoder.picture().unwrap();
            for rect in update.dirty {
                prop_assert_eq!(rect.within(shown.bounds()), rect);
                let rows = now.part(rect).zip(shown.part_mut(rect));
                rows.for_each(|(new, old)| old.copy_from_slice(new));
            }
            prop_assert_eq!(now, &shown);
        }
    }

    #[test]
    fn padding_does_not_count(marks in marks(), padding in 0..40_usize, filler in any::<u8>()) {
        let tight = painted(blank(90, 70), &marks);
        let stride = tight.stride() + padding;
        let mut pixels = Vec::new();
        for row in tight.rows() {
            pixels.extend_from_slice(row);
            pixels.resize(pixels.len() + padding, filler);
        }
        let padded = Picture::new(tight.size(), stride, tight.order(), pixels).unwrap();
        let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
        step(&mut encoder, &mut decoder, &padded);
        prop_assert_eq!(decoder.picture(), Some(&tight));
        prop_assert_eq!(encode(&mut encoder, &tight), None);
    }
}

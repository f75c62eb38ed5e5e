use proptest::prelude::*;

use super::*;
use crate::Stream;

fn blank(width: u32, height: u32) -> Picture {
    Picture::zero(Size::new(width, height).unwrap(), PixelOrder::Bgrx)
}

/// A picture with `marks` painted as small rectangles in a colour of their own.
fn painted(mut picture: Picture, marks: &[(u32, u32, u8)]) -> Picture {
    let bounds = picture.bounds();
    for (x, y, colour) in marks {
        let at = Rect { x: x % bounds.width, y: y % bounds.height, width: 9, height: 5 };
        picture.part_mut(at.within(bounds)).for_each(|row| row.fill(*colour));
    }
    picture
}

/// A picture that does not compress.
fn noise(width: u32, height: u32, seed: u64) -> Picture {
    let mut state = seed | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()[0]
    };
    let size = Size::new(width, height).unwrap();
    let pixels = (0..size.bytes()).map(|_| next()).collect();
    Picture::new(size, size.row_bytes(), PixelOrder::Rgbx, pixels).unwrap()
}

fn step(encoder: &mut Encoder, decoder: &mut Decoder, picture: &Picture) -> Update {
    let update = encoder.encode(picture).unwrap().unwrap();
    assert!(update.len() <= Stream::Screen.longest());
    decoder.decode(&update).unwrap()
}

/// An update that a decoder has taken, its successor, and the decoder.
fn pair() -> (Decoder, Vec<u8>, Vec<u8>) {
    let mut encoder = Encoder::new(0);
    let before = painted(blank(200, 150), &[(0, 0, 1), (90, 90, 2)]);
    let first = encoder.encode(&before).unwrap().unwrap();
    let after = painted(before, &[(150, 20, 3), (20, 140, 4)]);
    let second = encoder.encode(&after).unwrap().unwrap();
    let mut decoder = Decoder::new();
    decoder.decode(&first).unwrap();
    (decoder, first, second)
}

#[test]
fn the_first_update_is_the_full_picture_and_nothing_follows_while_it_rests() {
    let (mut encoder, mut decoder) = (Encoder::new(4), Decoder::new());
    let picture = painted(blank(130, 70), &[(0, 0, 9)]);
    let update = step(&mut encoder, &mut decoder, &picture);
    let dirty = vec![picture.bounds()];
    assert_eq!(update, Update { number: 1, monitor: 4, resized: true, dirty });
    assert_eq!(decoder.picture(), Some(&picture));
    assert_eq!(encoder.encode(&picture), Ok(None));
    assert!(!encoder.is_behind());
}

#[test]
fn a_black_screen_is_a_picture_too() {
    let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
    step(&mut encoder, &mut decoder, &blank(100, 100));
    assert_eq!(decoder.picture(), Some(&blank(100, 100)));
    let next = painted(blank(100, 100), &[(0, 0, 1)]);
    step(&mut encoder, &mut decoder, &next);
    assert_eq!(decoder.picture(), Some(&next));
}

#[test]
fn one_changed_character_costs_one_tile() {
    let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
    let picture = noise(1_000, 700, 1);
    step(&mut encoder, &mut decoder, &picture);
    let next = painted(picture, &[(70, 70, 1)]);
    let update = encoder.encode(&next).unwrap().unwrap();
    assert!(update.len() < 18_000, "{} bytes", update.len());
    let dirty = decoder.decode(&update).unwrap().dirty;
    assert_eq!(dirty, [Rect { x: 64, y: 64, width: 64, height: 64 }]);
    assert_eq!(decoder.picture(), Some(&next));
}

#[test]
fn another_size_order_or_monitor_begins_anew() {
    let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
    step(&mut encoder, &mut decoder, &blank(64, 64));
    assert!(step(&mut encoder, &mut decoder, &blank(65, 64)).resized);
    let turned = Picture::zero(Size::new(65, 64).unwrap(), PixelOrder::Rgbx);
    assert!(step(&mut encoder, &mut decoder, &turned).resized);
    encoder.show(7);
    let update = step(&mut encoder, &mut decoder, &turned);
    assert_eq!((update.number, update.monitor, update.resized), (4, 7, false));
    encoder.restart();
    let update = step(&mut encoder, &mut decoder, &turned);
    assert_eq!((update.number, update.dirty), (5, vec![turned.bounds()]));
}

#[test]
fn a_picture_too_large_for_one_update_comes_in_several() {
    let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
    let picture = noise(3_840, 1_300, 3);
    step(&mut encoder, &mut decoder, &picture);
    assert!(encoder.is_behind());
    assert_ne!(decoder.picture(), Some(&picture));
    step(&mut encoder, &mut decoder, &picture);
    assert!(!encoder.is_behind());
    assert_eq!(decoder.picture(), Some(&picture));
}

#[test]
fn an_update_out_of_order_or_without_a_picture_is_refused_until_the_next_reset() {
    let (mut decoder, first, second) = pair();
    let refused = Decoder::new().decode(&second);
    assert_eq!(refused, Err(DecodeError::NoPicture));
    decoder.decode(&second).unwrap();
    let again = decoder.decode(&second);
    assert_eq!(again, Err(DecodeError::OutOfOrder { expected: 3, got: 2 }));
    assert_eq!(decoder.picture(), None);
    assert_eq!(decoder.decode(&second), Err(DecodeError::NoPicture));
    decoder.decode(&first).unwrap();
    decoder.decode(&second).unwrap();
}

#[test]
fn an_update_that_is_cut_is_refused() {
    let (_, first, second) = pair();
    for at in 0..first.len() {
        assert!(Decoder::new().decode(&first[..at]).is_err(), "first cut at {at}");
    }
    for at in 0..second.len() {
        assert!(pair().0.decode(&second[..at]).is_err(), "second cut at {at}");
    }
}

#[test]
fn an_update_with_something_behind_it_is_refused() {
    let (_, first, second) = pair();
    for tail in [&[0][..], &[0, 0], &[8, 0, 0], &[8, 0, 0, 7], &[12, 0, 0]] {
        // Half a header, a block without its content, a block of one byte, half a block.
        let longer = [&first[..], tail].concat();
        assert_eq!(Decoder::new().decode(&longer), Err(DecodeError::Trailing), "{tail:?}");
    }
    // The next update's tiles, not named in this one.
    let body = second.len() - 8 - 2 * 4;
    let more = [&first[..], &second[second.len() - body..]].concat();
    assert_eq!(Decoder::new().decode(&more), Err(DecodeError::Trailing));
    let long = vec![0; Stream::Screen.longest() + 1];
    assert_eq!(Decoder::new().decode(&long), Err(DecodeError::TooLong));
}

/// RESET of a picture of this size with these runs and this stream.
fn crafted(width: u16, height: u16, runs: &[(u16, u16)], stream: &[u8]) -> Vec<u8> {
    let mut update = vec![1, 1, 0, 0, 0, 1, 0, 0, 0, 0];
    update.extend(width.to_be_bytes());
    update.extend(height.to_be_bytes());
    update.push(0);
    update.extend(u16::try_from(runs.len()).unwrap().to_be_bytes());
    for (first, last) in runs {
        update.extend([first.to_be_bytes(), last.to_be_bytes()].concat());
    }
    update.extend(stream);
    update
}

#[test]
fn a_picture_that_is_too_large_is_refused_before_it_is_made() {
    let refused = Decoder::new().decode(&crafted(16_384, 16_384, &[], &[]));
    let area = SizeError::Area { width: 16_384, height: 16_384 };
    assert_eq!(refused, Err(DecodeError::Size(area)));
    let refused = Decoder::new().decode(&crafted(u16::MAX, 1, &[], &[]));
    assert!(matches!(refused, Err(DecodeError::Size(SizeError::Side { .. }))));
    let refused = Decoder::new().decode(&crafted(0, 1, &[], &[]));
    assert!(matches!(refused, Err(DecodeError::Size(SizeError::Side { .. }))));
}

#[test]
fn tiles_outside_falling_twice_or_joined_in_two_ways_are_refused() {
    for runs in [
        &[(0, 6)][..],
        &[(6, 6)],
        &[(1, 0)],
        &[(2, 3), (0, 0)],
        &[(0, 2), (2, 3)],
        &[(0, 1), (2, 3)],
    ] {
        let refused = Decoder::new().decode(&crafted(192, 128, runs, &[]));
        assert_eq!(refused, Err(DecodeError::Tiles), "{runs:?}");
    }
}

#[test]
fn a_stream_that_unpacks_to_far_more_than_its_tiles_is_refused() {
    let bomb = zstd::bulk::compress(&vec![0; 64 << 20], 2).unwrap();
    assert!(bomb.len() < 16 * 1024);
    let refused = Decoder::new().decode(&crafted(64, 64, &[(0, 0)], &bomb));
    assert_eq!(refused, Err(DecodeError::Trailing));
}

#[test]
fn a_stream_that_ends_or_wants_a_larger_window_is_refused() {
    let ended = zstd::bulk::compress(&[7; 64 * 64 * 4], 2).unwrap();
    let refused = Decoder::new().decode(&crafted(64, 64, &[(0, 0)], &ended));
    assert_eq!(refused, Err(DecodeError::Compression));
    // Magic, a frame without a content size, a window of 2^27, one empty raw block.
    let window = [0x28, 0xb5, 0x2f, 0xfd, 0, (27 - 10) << 3, 0, 0, 0];
    let refused = Decoder::new().decode(&crafted(64, 64, &[(0, 0)], &window));
    assert_eq!(refused, Err(DecodeError::Compression));
}

#[test]
fn updates_are_frozen() {
    let (mut decoder, ..) = pair();
    let known = include_str!("../../vectors/update.txt").trim_end();
    let update = data_encoding::HEXLOWER.decode(known.as_bytes()).unwrap();
    let read = decoder.decode(&update).unwrap();
    assert_eq!((read.number, read.monitor), (1, 5));
    let expected = painted(blank(100, 80), &[(0, 0, 1), (70, 70, 200)]);
    assert_eq!(decoder.picture(), Some(&expected));
    let mut encoder = Encoder::new(5);
    let header = encoder.encode(&expected).unwrap().unwrap();
    assert_eq!(header[..21], update[..21], "everything but the compressed tiles");
}

fn marks() -> impl Strategy<Value = Vec<(u32, u32, u8)>> {
    proptest::collection::vec((0..300_u32, 0..300_u32, any::<u8>()), 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn decoding_what_was_encoded_gives_the_picture(
        width in 1..300_u32,
        height in 1..300_u32,
        steps in proptest::collection::vec(marks(), 1..8),
    ) {
        let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
        let mut picture = blank(width, height);
        for marks in steps {
            let before = picture.clone();
            picture = painted(picture, &marks);
            let Some(bytes) = encoder.encode(&picture).unwrap() else {
                prop_assert_eq!(&before, &picture);
                continue;
            };
            let update = decoder.decode(&bytes).unwrap();
            prop_assert_eq!(decoder.picture(), Some(&picture));
            prop_assert!(update.dirty.len() <= 8);
            let mut shown = before;
            for rect in update.dirty {
                prop_assert_eq!(rect.within(shown.bounds()), rect);
                let rows = picture.part(rect).zip(shown.part_mut(rect));
                rows.for_each(|(new, old)| old.copy_from_slice(new));
            }
            prop_assert_eq!(shown, picture.clone(), "everything that changed was reported");
        }
    }

    #[test]
    fn a_hostile_update_never_panics_and_never_grows_the_picture(
        at in any::<proptest::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<proptest::sample::Index>(),
        tail in proptest::collection::vec(any::<u8>(), 0..20),
    ) {
        let (mut decoder, first, second) = pair();
        for good in [second, first] {
            let mut bytes = good.clone();
            *at.get_mut(&mut bytes) = byte;
            let mut shorter = bytes.clone();
            shorter.truncate(cut.index(good.len()));
            shorter.extend(&tail);
            for hostile in [bytes, shorter] {
                if let Ok(update) = decoder.decode(&hostile) {
                    let bounds = decoder.picture().unwrap().bounds();
                    prop_assert!(update.dirty.iter().all(|rect| rect.within(bounds) == *rect));
                }
            }
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
        prop_assert_eq!(encoder.encode(&tight), Ok(None));
    }
}

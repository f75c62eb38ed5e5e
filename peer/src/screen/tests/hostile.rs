use proptest::prelude::*;

use super::*;

/// RESET of a picture of this size, and then what the lists and the data are made of.
#[derive(Clone, Default)]
struct Crafted {
    size: (u16, u16),
    moves: Vec<[u16; 6]>,
    text: Vec<(u16, u16)>,
    smooth: Vec<(u16, u16)>,
    photos: Vec<(u16, u8, u8, u32)>,
    zstd: Vec<u8>,
    jpegs: Vec<u8>,
}

impl Crafted {
    fn of(width: u16, height: u16) -> Self {
        Self { size: (width, height), ..Self::default() }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut update = vec![2, 1, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0];
        let mut put = |value: u16| update.extend(value.to_be_bytes());
        let count = |length: usize| u16::try_from(length).unwrap();
        put(self.size.0);
        put(self.size.1);
        update.push(0);
        let mut put = |value: u16| update.extend(value.to_be_bytes());
        put(count(self.moves.len()));
        self.moves.iter().flatten().for_each(|value| put(*value));
        for runs in [&self.text, &self.smooth] {
            put(count(runs.len()));
            for (first, last) in runs {
                put(*first);
                put(*last);
            }
        }
        put(count(self.photos.len()));
        for (first, columns, rows, length) in &self.photos {
            update.extend(first.to_be_bytes());
            update.extend([*columns, *rows]);
            update.extend(length.to_be_bytes());
        }
        update.extend(u32::try_from(self.zstd.len()).unwrap().to_be_bytes());
        [update, self.zstd.clone(), self.jpegs.clone()].concat()
    }

    fn refused(&self) -> DecodeError {
        Decoder::new().decode(&self.bytes()).unwrap_err()
    }
}

fn jpeg(width: usize, height: usize, make: impl FnOnce(&mut turbojpeg::Compressor)) -> Vec<u8> {
    let pixels: Vec<u8> = bytes(3).take(width * height * 4).collect();
    let format = turbojpeg::PixelFormat::RGBX;
    let image = turbojpeg::Image { pixels: &pixels[..], width, pitch: width * 4, height, format };
    let mut compressor = turbojpeg::Compressor::new().unwrap();
    compressor.set_subsamp(turbojpeg::Subsamp::Sub2x2).unwrap();
    make(&mut compressor);
    compressor.compress_to_vec(image).unwrap()
}

/// A RESET of 128 × 64 pixels with one photo.
fn with_photo(jpeg: Vec<u8>) -> Crafted {
    let length = u32::try_from(jpeg.len()).unwrap();
    Crafted { photos: vec![(0, 2, 1, length)], jpegs: jpeg, ..Crafted::of(128, 64) }
}

#[test]
fn another_version_or_unknown_flags_are_refused() {
    let (_, first, _) = pair();
    let mut other = first.clone();
    other[0] = 1;
    assert_eq!(Decoder::new().decode(&other), Err(DecodeError::OtherVersion { theirs: 1 }));
    let mut other = first;
    other[1] |= 8;
    assert_eq!(Decoder::new().decode(&other), Err(DecodeError::Malformed));
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
    let (mut decoder, ..) = pair();
    for at in 0..second.len() {
        assert!(decoder.decode(&second[..at]).is_err(), "second cut at {at}");
        decoder.decode(&first).unwrap();
    }
}

#[test]
fn an_update_with_something_behind_it_is_refused() {
    let (_, first, second) = pair();
    let longer = [&first[..], &[0]].concat();
    assert_eq!(Decoder::new().decode(&longer), Err(DecodeError::Trailing));
    let (mut decoder, ..) = pair();
    let longer = [&second[..], &[0]].concat();
    assert_eq!(decoder.decode(&longer), Err(DecodeError::Trailing));
    let long = vec![0; Stream::Screen.longest() + 1];
    assert_eq!(Decoder::new().decode(&long), Err(DecodeError::TooLong));
}

#[test]
fn a_stream_with_more_than_its_tiles_is_refused() {
    let (_, first, _) = pair();
    // The header of 19 bytes, no moves, one run, nothing else.
    let lists = 19 + 2 + (2 + 4) + 2 + 2;
    let zstd = &first[lists + 4..];
    assert_eq!(&first[lists..lists + 4], u32::try_from(zstd.len()).unwrap().to_be_bytes());
    let whole = Crafted { text: vec![(0, 11)], zstd: zstd.to_vec(), ..Crafted::of(200, 150) };
    Decoder::new().decode(&whole.bytes()).unwrap();
    for tail in [&[0][..], &[0, 0], &[8, 0, 0], &[8, 0, 0, 7], &[12, 0, 0]] {
        // Half a header, a block without its content, a block of one byte, half a block.
        let longer = Crafted { zstd: [zstd, tail].concat(), ..whole.clone() };
        assert_eq!(longer.refused(), DecodeError::Trailing, "{tail:?}");
    }
    let fewer = Crafted { text: vec![(0, 10)], ..whole.clone() };
    assert_eq!(fewer.refused(), DecodeError::Trailing);
    let none = Crafted { text: vec![], ..whole.clone() };
    assert_eq!(none.refused(), DecodeError::Trailing);
    let short = Crafted { smooth: vec![(11, 11)], text: vec![(0, 10)], ..whole };
    assert_eq!(short.refused(), DecodeError::Trailing, "a smooth tile is shorter");
}

#[test]
fn a_picture_that_is_too_large_is_refused_before_it_is_made() {
    let area = SizeError::Area { width: 16_384, height: 16_384 };
    assert_eq!(Crafted::of(16_384, 16_384).refused(), DecodeError::Size(area));
    for (width, height) in [(u16::MAX, 1), (0, 1), (1, 0)] {
        let refused = Crafted::of(width, height).refused();
        assert!(matches!(refused, DecodeError::Size(SizeError::Side { .. })));
    }
}

#[test]
fn tiles_outside_or_twice_are_refused() {
    let runs: [&[(u16, u16)]; 5] =
        [&[(0, 6)], &[(6, 6)], &[(1, 0)], &[(0, 2), (2, 3)], &[(4, 4), (4, 4)]];
    for runs in runs {
        let text = Crafted { text: runs.to_vec(), ..Crafted::of(192, 128) };
        assert_eq!(text.refused(), DecodeError::Tiles, "{runs:?}");
        let smooth = Crafted { smooth: runs.to_vec(), ..Crafted::of(192, 128) };
        assert_eq!(smooth.refused(), DecodeError::Tiles, "{runs:?}");
    }
    let both = Crafted { text: vec![(1, 1)], smooth: vec![(1, 1)], ..Crafted::of(192, 128) };
    assert_eq!(both.refused(), DecodeError::Tiles);
    let photos: [&[(u16, u8, u8, u32)]; 6] = [
        &[(0, 4, 1, 0)],
        &[(2, 2, 1, 0)],
        &[(3, 1, 2, 0)],
        &[(6, 1, 1, 0)],
        &[(0, 0, 1, 0)],
        &[(0, 2, 1, 0), (1, 1, 2, 0)],
    ];
    for photos in photos {
        let crafted = Crafted { photos: photos.to_vec(), ..Crafted::of(192, 128) };
        assert_eq!(crafted.refused(), DecodeError::Tiles, "{photos:?}");
    }
    let large = Crafted { photos: vec![(0, 43, 3, 0)], ..Crafted::of(43 * 64, 192) };
    assert_eq!(large.refused(), DecodeError::Tiles, "a photo of more than 128 tiles");
}

#[test]
fn moves_outside_too_many_or_of_too_much_are_refused() {
    for outside in [
        [0, 0, 193, 1, 0, 0],
        [192, 0, 1, 1, 0, 0],
        [0, 0, 2, 1, 191, 0],
        [0, 0, 1, 2, 0, 127],
        [0, 0, 0, 1, 0, 0],
        [0, u16::MAX, 1, 1, 0, 0],
    ] {
        let crafted = Crafted { moves: vec![outside], ..Crafted::of(192, 128) };
        assert_eq!(crafted.refused(), DecodeError::Moves, "{outside:?}");
    }
    let fine = Crafted { moves: vec![[0, 0, 1, 1, 2, 2]; 64], ..Crafted::of(192, 128) };
    Decoder::new().decode(&fine.bytes()).unwrap();
    let many = Crafted { moves: vec![[0, 0, 1, 1, 2, 2]; 65], ..Crafted::of(192, 128) };
    assert_eq!(many.refused(), DecodeError::Moves);
    let much = Crafted { moves: vec![[0, 0, 192, 128, 0, 0]; 3], ..Crafted::of(192, 128) };
    assert_eq!(much.refused(), DecodeError::Moves);
}

#[test]
fn a_stream_that_unpacks_to_far_more_than_its_tiles_is_refused() {
    let bomb = zstd::bulk::compress(&vec![0; 64 << 20], 2).unwrap();
    assert!(bomb.len() < 16 * 1024);
    let crafted = Crafted { text: vec![(0, 0)], zstd: bomb, ..Crafted::of(64, 64) };
    assert_eq!(crafted.refused(), DecodeError::Trailing);
}

#[test]
fn a_stream_that_ends_or_wants_a_larger_window_is_refused() {
    let ended = zstd::bulk::compress(&[7; 64 * 64 * 4], 2).unwrap();
    let crafted = Crafted { text: vec![(0, 0)], zstd: ended, ..Crafted::of(64, 64) };
    assert_eq!(crafted.refused(), DecodeError::Compression);
    // Magic, a frame without a content size, a window of 2^27, one empty raw block.
    let window = vec![0x28, 0xb5, 0x2f, 0xfd, 0, (27 - 10) << 3, 0, 0, 0];
    let crafted = Crafted { zstd: window, ..crafted };
    assert_eq!(crafted.refused(), DecodeError::Compression);
}

#[test]
fn a_photo_of_another_size_or_kind_is_refused() {
    Decoder::new().decode(&with_photo(jpeg(128, 64, |_| {})).bytes()).unwrap();
    for (width, height) in [(127, 64), (128, 63), (64, 128), (16_000, 200), (1, 1)] {
        let refused = with_photo(jpeg(width, height, |_| {})).refused();
        assert_eq!(refused, DecodeError::Photo, "{width} × {height}");
    }
    let progressive = jpeg(128, 64, |compressor| compressor.set_progressive(true).unwrap());
    assert_eq!(with_photo(progressive).refused(), DecodeError::Photo);
    let grey = |compressor: &mut turbojpeg::Compressor| {
        compressor.set_subsamp(turbojpeg::Subsamp::Gray).unwrap();
    };
    assert_eq!(with_photo(jpeg(128, 64, grey)).refused(), DecodeError::Photo);
    let arithmetic = jpeg(128, 64, |compressor| compressor.set_arithmetic(true).unwrap());
    assert_eq!(with_photo(arithmetic).refused(), DecodeError::Photo);
}

#[test]
fn a_photo_that_is_cut_or_padded_is_refused() {
    let whole = jpeg(128, 64, |_| {});
    for length in [0, 1, 2, 20, 200, whole.len() / 2, whole.len() - 1] {
        assert_eq!(with_photo(whole[..length].to_vec()).refused(), DecodeError::Photo);
        let ended = [&whole[..length], &[0xff, 0xd9]].concat();
        // The decoder may find something in it, but no other picture.
        let mut decoder = Decoder::new();
        if decoder.decode(&with_photo(ended).bytes()).is_ok() {
            assert_eq!(decoder.picture().unwrap().pixels().len(), 128 * 64 * 4);
        }
    }
    let padded = [&whole[..], &[0]].concat();
    assert_eq!(with_photo(padded).refused(), DecodeError::Photo);
    let longer = Crafted { jpegs: [&whole[..], &[0]].concat(), ..with_photo(whole) };
    assert_eq!(longer.refused(), DecodeError::Trailing);
}

#[test]
fn an_update_without_anything_is_refused() {
    let (mut decoder, ..) = pair();
    let empty = [&[2, 0, 0, 0, 0, 2, 0, 0, 0, 0][..], &[0; 12]].concat();
    assert_eq!(decoder.decode(&empty), Err(DecodeError::Malformed));
}

#[test]
fn no_byte_of_an_update_can_be_anything_that_panics() {
    let (mut decoder, first, second) = pair();
    let size = decoder.picture().unwrap().size();
    for at in 0..second.len() {
        for flip in [1, 0x80, 0xff] {
            let mut hostile = second.clone();
            hostile[at] ^= flip;
            if decoder.decode(&hostile).is_ok() {
                assert_eq!(decoder.picture().unwrap().size(), size);
            }
            decoder.decode(&first).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

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
}

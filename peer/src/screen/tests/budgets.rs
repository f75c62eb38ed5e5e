use super::*;

#[test]
fn a_budget_is_kept_and_what_is_left_follows() {
    let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
    let text: Vec<(u32, u32, u8)> = (0..9_000_u32)
        .map(|i| (i * 7_919 % 1_280, i * 104_729 % 1_024, u8::try_from(i % 200).unwrap()))
        .collect();
    let picture = painted(blank(1_280, 1_024), &text);
    look(&mut encoder, &picture);
    let limits = Limits { bytes: 8_192, ..ALL };
    let mut updates = 0;
    while let Some(update) = encoder.next_update(&limits).unwrap() {
        assert!(update.len() < 8_192 + 4_096, "{} bytes", update.len());
        assert_eq!(decoder.decode(&update).unwrap().behind, encoder.is_behind());
        updates += 1;
    }
    assert!(updates > 3, "{updates}");
    assert_eq!(decoder.picture(), Some(&picture));
}

#[test]
fn the_newest_text_comes_first_and_photos_last() {
    let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
    let before = blank(640, 640);
    step(&mut encoder, &mut decoder, &before);
    let below = Rect { x: 0, y: 320, width: 640, height: 320 };
    let text: Vec<(u32, u32, u8)> = (0..3_000_u32)
        .map(|i| (i * 7_919 % 640, i * 104_729 % 300, u8::try_from(i % 200).unwrap()))
        .collect();
    let full = photo(painted(before, &text), below, 1);
    look(&mut encoder, &full);
    let typed = painted(full, &[(5, 260, 250)]);
    look(&mut encoder, &typed);
    let limits = Limits { bytes: 2_000, ..ALL };
    let update = encoder.next_update(&limits).unwrap().unwrap();
    decoder.decode(&update).unwrap();
    let of = |picture: &Picture, rect| picture.rgba(rect);
    let key = Rect { x: 0, y: 256, width: 64, height: 64 };
    let shown = decoder.picture().unwrap();
    assert_eq!(of(shown, key), of(&typed, key), "the tile that changed last is there");
    let upper = Rect { x: 0, y: 0, width: 640, height: 320 };
    while encoder.is_behind() && of(decoder.picture().unwrap(), upper) != of(&typed, upper) {
        assert!(!encoder.is_rough(), "a photo came before text");
        let update = encoder.next_update(&limits).unwrap().unwrap();
        decoder.decode(&update).unwrap();
    }
    drain(&mut encoder, &mut decoder, &limits);
    assert!(encoder.is_rough() && !encoder.is_behind());
}

#[test]
fn what_changes_all_the_time_keeps_neither_other_text_nor_photos_waiting() {
    let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
    let mut picture = blank(640, 640);
    step(&mut encoder, &mut decoder, &picture);
    // A question and a photo, shown once, above a list that changes at each look.
    let picture_of = Rect { x: 256, y: 0, width: 64, height: 64 };
    for (bytes, rounds, colour) in [(1_500, 200, 200), (1, 2_000, 90)] {
        let limits = Limits { bytes, ..ALL };
        picture = photo(painted(picture, &[(70, 10, colour)]), picture_of, u64::from(colour));
        look(&mut encoder, &picture);
        for round in 0..rounds {
            let line = |at: u32| {
                (at * 13 % 640, 64 + at * 7 % 576, u8::try_from((round + at) % 251).unwrap())
            };
            picture = painted(picture, &(0..500).map(line).collect::<Vec<_>>());
            look(&mut encoder, &picture);
            let update = encoder.next_update(&limits).unwrap().unwrap();
            decoder.decode(&update).unwrap();
        }
        let shown = decoder.picture().unwrap();
        let asked = Rect { x: 70, y: 10, width: 9, height: 5 };
        assert_eq!(shown.rgba(asked), picture.rgba(asked), "{bytes}");
        assert_ne!(shown.rgba(picture_of), blank(64, 64).rgba(blank(64, 64).bounds()), "{bytes}");
    }
}

#[test]
fn what_changes_all_the_time_does_not_keep_other_photos_waiting() {
    let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
    let mut picture = blank(640, 640);
    picture = photo(picture.clone(), picture.bounds(), 1);
    look(&mut encoder, &picture);
    let video = Rect { x: 0, y: 0, width: 640, height: 256 };
    let still = Rect { x: 0, y: 576, width: 64, height: 64 };
    let limits = Limits { bytes: 4_000, ..ALL };
    for seed in 1..100 {
        let update = encoder.next_update(&limits).unwrap().unwrap();
        decoder.decode(&update).unwrap();
        picture = photo(picture, video, 2 * seed);
        look(&mut encoder, &picture);
    }
    assert_ne!(decoder.picture().unwrap().rgba(still), blank(64, 64).rgba(blank(64, 64).bounds()));
}

#[test]
fn a_picture_too_large_for_one_update_comes_in_several() {
    let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
    let size = (6_400, 3_200);
    // Equal neighbours, so that it is no photo.
    let mut picture = blank(size.0, size.1);
    let mut noise = bytes(3);
    for row in picture.part_mut(Rect { x: 0, y: 0, width: size.0, height: size.1 }) {
        for pixels in row.as_chunks_mut::<8>().0 {
            let [r, g, b] = std::array::from_fn(|_| noise.next().unwrap());
            *pixels = [r, g, b, 0, r, g, b, 0];
        }
    }
    step(&mut encoder, &mut decoder, &picture);
    assert!(encoder.is_behind());
    assert_ne!(decoder.picture(), Some(&picture));
    assert!(drain(&mut encoder, &mut decoder, &ALL) >= 1);
    assert_eq!(decoder.picture(), Some(&picture));
}

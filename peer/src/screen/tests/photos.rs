use super::*;

/// The peak signal-to-noise ratio of two pictures, in decibels.
fn psnr(one: &Picture, other: &Picture) -> f64 {
    let (one, other) = (one.rgba(one.bounds()), other.rgba(other.bounds()));
    let squares = one.iter().zip(&other).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2));
    let mean = squares.sum::<f64>() / one.len() as f64;
    10.0 * (255.0 * 255.0 / mean.max(1e-9)).log10()
}

#[test]
fn a_photo_is_sent_with_loss_and_becomes_exact_at_rest() {
    let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
    let before = blank(800, 600);
    step(&mut encoder, &mut decoder, &before);
    let rect = Rect { x: 30, y: 40, width: 700, height: 500 };
    let picture = photo(before, rect, 3);
    let update = encode(&mut encoder, &picture).unwrap();
    assert!(update.len() < 800 * 600 / 2, "{} bytes", update.len());
    let update = decoder.decode(&update).unwrap();
    assert!(update.rough && !update.behind && encoder.is_rough());
    assert_ne!(decoder.picture(), Some(&picture));
    let quality = psnr(decoder.picture().unwrap(), &picture);
    assert!(quality > 35.0, "{quality} dB");
    assert_eq!(encoder.next_update(&ALL), Ok(None), "it does not rest yet");
    let few = Limits { bytes: 30_000, ..AT_REST };
    assert!(drain(&mut encoder, &mut decoder, &few) > 1, "a few tiles at a time");
    assert!(!encoder.is_rough());
    assert_eq!(decoder.picture(), Some(&picture));
}

#[test]
fn the_quality_is_what_was_asked_for() {
    let picture = photo(blank(512, 512), Rect { x: 0, y: 0, width: 512, height: 512 }, 3);
    let shown = |quality| {
        let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
        look(&mut encoder, &picture);
        let update = encoder.next_update(&Limits { quality, ..ALL }).unwrap().unwrap();
        decoder.decode(&update).unwrap();
        (update.len(), psnr(decoder.picture().unwrap(), &picture))
    };
    let ((small, rough), (large, fine)) = (shown(35), shown(95));
    assert!(small < large && rough < fine, "{small} {rough} {large} {fine}");
}

#[test]
fn photos_of_every_size_come_out_right() {
    // One tile, from the narrowest that is a photo to a whole one.
    for (width, height) in (16..=64).zip((16..=64).rev()) {
        let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
        let picture = blank(width, height);
        let picture = photo(picture.clone(), picture.bounds(), 11);
        let update = step(&mut encoder, &mut decoder, &picture);
        assert!(update.rough, "{width} × {height}");
        let quality = psnr(decoder.picture().unwrap(), &picture);
        assert!(quality > 30.0, "{width} × {height}: {quality} dB");
    }
}

#[test]
fn what_was_moved_from_a_photo_becomes_exact_too() {
    let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
    let rect = Rect { x: 100, y: 300, width: 300, height: 200 };
    let mut picture = photo(blank(640, 640), rect, 3);
    step(&mut encoder, &mut decoder, &picture);
    let from = Rect { x: 0, y: 100, width: 640, height: 540 };
    for _ in 0..3 {
        picture.shift(Move { from, x: 0, y: 67 });
        step(&mut encoder, &mut decoder, &picture);
    }
    drain(&mut encoder, &mut decoder, &AT_REST);
    assert_eq!(decoder.picture(), Some(&picture));
}

#[test]
fn text_over_a_photo_is_exact_at_once_where_it_is_mostly_text() {
    let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
    let whole = Rect { x: 0, y: 0, width: 256, height: 256 };
    let picture = photo(blank(256, 256), whole, 3);
    step(&mut encoder, &mut decoder, &picture);
    let mut next = picture;
    let window = Rect { x: 64, y: 64, width: 128, height: 128 };
    next.part_mut(window).for_each(|row| row.fill(240));
    let update = step(&mut encoder, &mut decoder, &next);
    assert_eq!(update.dirty, [window]);
    let shown = decoder.picture().unwrap();
    assert!(
        shown.part(window).eq(std::iter::repeat_n(&[240_u8, 240, 240, 255].repeat(128)[..], 128))
    );
}

#[test]
fn what_zstd_found_costly_is_a_photo_the_next_time() {
    let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
    // Half of the pixels are equal to their neighbour, the others are noise.
    let dotted = |seed| {
        let mut picture = blank(64, 64);
        let mut noise = bytes(seed);
        for row in picture.part_mut(Rect { x: 0, y: 0, width: 64, height: 64 }) {
            for pixels in row.as_chunks_mut::<8>().0 {
                let [r, g, b] = std::array::from_fn(|_| noise.next().unwrap());
                *pixels = [r, g, b, 0, r, g, b, 0];
            }
        }
        picture
    };
    assert!(!step(&mut encoder, &mut decoder, &dotted(1)).rough);
    assert!(step(&mut encoder, &mut decoder, &dotted(2)).rough, "it cost too much");
    let flat = painted(blank(64, 64), &[(3, 3, 1)]);
    assert!(!step(&mut encoder, &mut decoder, &flat).rough, "it is another thing now");
    assert_eq!(decoder.picture(), Some(&flat));
}

/// Coarse pictures of a film: every second pixel is that of its left neighbour.
fn frame_of_film(seed: u64) -> Picture {
    let mut picture = blank(512, 512);
    let mut values = bytes(2 * seed + 1);
    for row in picture.part_mut(Rect { x: 0, y: 0, width: 512, height: 512 }) {
        for pair in row.as_chunks_mut::<8>().0 {
            let value = 100 + values.next().unwrap() % 64;
            *pair = [value, value, value, 0, value, value, value, 0];
        }
    }
    picture
}

#[test]
fn what_changes_again_and_again_and_costs_much_is_a_film() {
    let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
    let roughness: Vec<bool> =
        (1..=12).map(|seed| step(&mut encoder, &mut decoder, &frame_of_film(seed)).rough).collect();
    assert!(!roughness[1], "it might have been text: {roughness:?}");
    assert!(roughness[11], "photos are quicker and smaller: {roughness:?}");
    drain(&mut encoder, &mut decoder, &AT_REST);
    assert_eq!(decoder.picture(), Some(&frame_of_film(12)));
}

#[test]
fn what_scrolls_is_no_film_however_often_its_edge_changes() {
    let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
    let page: Vec<Picture> = (1..=4).map(frame_of_film).collect();
    let row = |y: u32| page[usize::try_from(y / 512).unwrap()].row(y % 512).unwrap();
    for top in (0..20).map(|step| step * 16) {
        let mut shown = blank(512, 512);
        let whole = shown.bounds();
        for (y, to) in (top..).zip(shown.part_mut(whole)) {
            to.copy_from_slice(row(y));
        }
        let update = step(&mut encoder, &mut decoder, &shown);
        assert!(!update.rough, "from row {top} on");
        assert_eq!(decoder.picture(), Some(&shown), "from row {top} on");
    }
}

#[test]
fn a_film_is_sent_in_a_lower_quality_than_a_photo() {
    let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
    let whole = Rect { x: 0, y: 0, width: 512, height: 512 };
    let frame = |seed: u64| photo(blank(512, 512), whole, 2 * seed + 1);
    let quality: Vec<f64> = (1..=8)
        .map(|seed| {
            step(&mut encoder, &mut decoder, &frame(seed));
            psnr(decoder.picture().unwrap(), &frame(seed))
        })
        .collect();
    assert!(quality[0] > quality[7] + 0.5 && quality[7] > 32.0, "{quality:?}");
}

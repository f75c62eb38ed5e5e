use super::*;

const WINDOW: Rect = Rect { x: 37, y: 21, width: 550, height: 437 };

/// A page of marks, with a photo in it, of which the rows from `top` on are shown in a window.
fn page(top: u32, with_photo: bool) -> Picture {
    let marks: Vec<(u32, u32, u8)> = (0..6_000_u32)
        .map(|i| (i * 7_919 % 550, i * 104_729 % 1_000, u8::try_from(i % 200).unwrap()))
        .collect();
    let mut page = painted(blank(550, 1_000), &marks);
    if with_photo {
        page = photo(page, Rect { x: 100, y: 300, width: 300, height: 200 }, 9);
    }
    let mut shown = painted(blank(640, 480), &[(5, 5, 9), (600, 400, 8), (620, 470, 7)]);
    let from = page.part(Rect { x: 0, y: top, ..WINDOW });
    shown.part_mut(WINDOW).zip(from).for_each(|(to, from)| to.copy_from_slice(from));
    // It stays where it is while the page moves below it.
    painted(shown, &[(300, 200, 99), (301, 204, 98)])
}

#[test]
fn each_picture_of_what_scrolls_is_exact_and_only_what_is_new_is_sent() {
    let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
    let first = encode(&mut encoder, &page(200, false)).unwrap();
    decoder.decode(&first).unwrap();
    let mut top = 200_u32;
    for (rect, by) in [(WINDOW, 11), (WINDOW, -17), (blank(640, 480).bounds(), 29), (WINDOW, 64)] {
        top = top.strict_add_signed(by);
        let picture = page(top, false);
        assert_eq!(look_at(&mut encoder, &picture, &[rect]), Seen::Changed);
        let update = encoder.next_update(&ALL).unwrap().unwrap();
        assert!(update.len() * 2 < first.len(), "{by}: {} of {}", update.len(), first.len());
        decoder.decode(&update).unwrap();
        assert_eq!(decoder.picture(), Some(&picture), "{by}");
        assert_eq!(look_at(&mut encoder, &picture, &[rect]), Seen::Nothing, "{by}");
        assert!(!encoder.is_behind());
    }
}

#[test]
fn what_moves_roughly_or_before_it_was_sent_becomes_exact_too() {
    for bytes in [0, 3_000, usize::MAX] {
        let (mut encoder, mut decoder) = (Encoder::new(0), Decoder::new());
        let mut picture = page(200, true);
        step(&mut encoder, &mut decoder, &picture);
        assert!(encoder.is_rough());
        for top in [213, 230, 221, 263, 300, 290, 335] {
            picture = page(top, true);
            look_at(&mut encoder, &picture, &[WINDOW]);
            let update = encoder.next_update(&Limits { bytes, ..ALL }).unwrap().unwrap();
            decoder.decode(&update).unwrap();
        }
        assert!(encoder.is_behind() || encoder.is_rough());
        drain(&mut encoder, &mut decoder, &AT_REST);
        assert!(!encoder.is_behind() && !encoder.is_rough());
        assert_eq!(decoder.picture(), Some(&picture), "{bytes}");
    }
}

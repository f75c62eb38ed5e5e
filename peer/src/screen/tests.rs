mod budgets;
mod frozen;
mod hostile;
mod moved;
mod photos;
mod round_trips;

use super::*;
use crate::Stream;

/// As much as there is, as photos of a good quality.
const ALL: Limits = Limits { bytes: usize::MAX, quality: 85, at_rest: false, captured_ms: 77 };
const AT_REST: Limits = Limits { at_rest: true, ..ALL };

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

fn bytes(seed: u64) -> impl Iterator<Item = u8> {
    let mut state = seed | 1;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()[0]
    })
}

/// Fills a part with what does not compress.
fn noise(mut picture: Picture, rect: Rect, seed: u64) -> Picture {
    let mut bytes = bytes(seed);
    let rows = picture.part_mut(rect);
    rows.for_each(|row| row.iter_mut().for_each(|byte| *byte = bytes.next().unwrap()));
    picture
}

/// Fills a part with what photos consist of: soft transitions and a little noise.
fn photo(mut picture: Picture, rect: Rect, seed: u64) -> Picture {
    let mut noise = bytes(seed);
    for (y, row) in (0_u32..).zip(picture.part_mut(rect)) {
        for (x, pixel) in (0_u32..).zip(row.as_chunks_mut::<4>().0) {
            let soft = |value: u32| u8::try_from(40 + value % 160).unwrap();
            let grain = noise.next().unwrap() % 5;
            *pixel = [soft(x / 2), soft((x + y) / 3), soft(y / 2), 9].map(|value| value + grain);
        }
    }
    picture
}

/// Looks at the whole picture.
fn look(encoder: &mut Encoder, picture: &Picture) -> Seen {
    look_at(encoder, picture, &[picture.bounds()])
}

/// Looks at parts of it.
fn look_at(encoder: &mut Encoder, picture: &Picture, rects: &[Rect]) -> Seen {
    let whole = Part { rect: picture.bounds(), stride: picture.stride(), pixels: picture.pixels() };
    let parts: Vec<Part<'_>> = rects.iter().map(|rect| whole.within(*rect)).collect();
    let (size, order) = (picture.size(), picture.order());
    encoder.look(&Captured { size, order, parts: &parts, shifts: &[] }).unwrap()
}

/// Looks, and gives the next update.
fn encode(encoder: &mut Encoder, picture: &Picture) -> Option<Vec<u8>> {
    look(encoder, picture);
    encoder.next_update(&ALL).unwrap()
}

fn step(encoder: &mut Encoder, decoder: &mut Decoder, picture: &Picture) -> Update {
    let update = encode(encoder, picture).unwrap();
    assert!(update.len() <= Stream::Screen.longest());
    decoder.decode(&update).unwrap()
}

/// Sends until nothing waits any more, and says how many updates that took.
fn drain(encoder: &mut Encoder, decoder: &mut Decoder, limits: &Limits) -> usize {
    for sent in 0..10_000 {
        let Some(update) = encoder.next_update(limits).unwrap() else { return sent };
        let update = decoder.decode(&update).unwrap();
        assert_eq!((update.behind, update.rough), (encoder.is_behind(), encoder.is_rough()));
    }
    panic!("it never ends");
}

/// An update that a decoder has taken, its successor, and the decoder.
fn pair() -> (Decoder, Vec<u8>, Vec<u8>) {
    let mut encoder = Encoder::new(0);
    let before = painted(blank(200, 150), &[(0, 0, 1), (90, 90, 2)]);
    let first = encode(&mut encoder, &before).unwrap();
    let rect = Rect { x: 64, y: 0, width: 64, height: 64 };
    let after = photo(painted(before, &[(150, 20, 3), (20, 140, 4)]), rect, 5);
    let second = encode(&mut encoder, &after).unwrap();
    let mut decoder = Decoder::new();
    decoder.decode(&first).unwrap();
    (decoder, first, second)
}

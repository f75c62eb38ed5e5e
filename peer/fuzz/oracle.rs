//! What holds for every byte that an agent may send. Shared by the fuzz targets and by the test
//! that replays the corpus.

use beckon_peer::screen::Decoder;

/// `bytes` as updates one after the other, each after its length (u16).
pub fn update_header(bytes: &[u8]) {
    let mut decoders = [Decoder::new(), Decoder::new()];
    let mut rest = bytes;
    while let Some((length, after)) = rest.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes(*length)).min(after.len());
        let (update, next) = after.split_at(length);
        decode(&mut decoders, update);
        rest = next;
    }
}

/// The first bytes say how the header looks, the rest is what follows after it: a picture of at
/// most 256 × 256 pixels, all of its tiles as text, smooth or one photo, and then the same again
/// as a change of that picture.
pub fn tile_decoder(bytes: &[u8]) {
    let Some(([width, height, kind, high, low], body)) = bytes.split_first_chunk() else { return };
    let cut = usize::from(u16::from_be_bytes([*high, *low]));
    let (width, height) = (u16::from(*width) + 1, u16::from(*height) + 1);
    let (first, second) = body.split_at(cut.min(body.len()));
    let mut decoders = [Decoder::new(), Decoder::new()];
    decode(&mut decoders, &update(1, Some((width, height)), *kind % 3, (width, height), first));
    decode(&mut decoders, &update(2, None, *kind / 3 % 3, (width, height), second));
}

/// Both decoders, from the same bytes, come to the same, and what they say of it is right.
fn decode(decoders: &mut [Decoder; 2], update: &[u8]) {
    let [one, other] = decoders.each_mut().map(|decoder| decoder.decode(update));
    assert_eq!(one, other);
    let [one_picture, other_picture] = decoders.each_ref().map(Decoder::picture);
    assert_eq!(one_picture, other_picture);
    match (one, one_picture) {
        (Ok(update), Some(picture)) => {
            assert!(update.dirty.len() <= 8);
            let bounds = picture.bounds();
            assert!(update.dirty.iter().all(|rect| rect.within(bounds) == *rect));
        }
        (Ok(_), None) => panic!("it was decoded, and there is no picture"),
        // Only a RESET brings it back.
        (Err(_), picture) => assert_eq!(picture, None),
    }
}

/// An update of version 2 with a header that fits.
fn update(
    number: u32,
    reset: Option<(u16, u16)>,
    kind: u8,
    (width, height): (u16, u16),
    body: &[u8],
) -> Vec<u8> {
    let (columns, rows) = (width.div_ceil(64), height.div_ceil(64));
    let mut out = vec![2, u8::from(reset.is_some())];
    out.extend(number.to_be_bytes());
    out.extend([0; 4]);
    if let Some((width, height)) = reset {
        out.extend([0; 4]);
        out.extend(width.to_be_bytes());
        out.extend(height.to_be_bytes());
        out.push(0);
    }
    // No moves.
    out.extend([0; 2]);
    let all = [0_u16.to_be_bytes(), (columns * rows - 1).to_be_bytes()].concat();
    for of in [0, 1] {
        let runs = u16::from(kind == of);
        out.extend(runs.to_be_bytes());
        out.extend_from_slice(if kind == of { &all } else { &[] });
    }
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let (photos, zstd) = if kind == 2 { (1_u16, 0) } else { (0, length) };
    out.extend(photos.to_be_bytes());
    if kind == 2 {
        out.extend(0_u16.to_be_bytes());
        out.extend([columns, rows].map(|side| u8::try_from(side).unwrap_or(u8::MAX)));
        out.extend(length.to_be_bytes());
    }
    out.extend(zstd.to_be_bytes());
    out.extend_from_slice(body);
    out
}

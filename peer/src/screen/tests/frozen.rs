use super::*;

/// The pictures of the updates in vectors/update.txt: text, then a photo, then that photo exact.
fn pictures() -> [Picture; 2] {
    let text = painted(blank(100, 80), &[(0, 0, 1), (70, 70, 200)]);
    let rect = Rect { x: 0, y: 0, width: 64, height: 64 };
    [text.clone(), photo(text, rect, 1)]
}

#[test]
fn updates_are_frozen() {
    let [text, photo] = pictures();
    let known = include_str!("../../../vectors/update.txt").lines();
    let known: Vec<Vec<u8>> =
        known.map(|line| data_encoding::HEXLOWER.decode(line.as_bytes()).unwrap()).collect();
    let mut decoder = Decoder::new();
    let update = decoder.decode(&known[0]).unwrap();
    assert_eq!((update.number, update.monitor, update.captured_ms), (1, 5, 77));
    assert_eq!(decoder.picture(), Some(&text));
    assert!(decoder.decode(&known[1]).unwrap().rough);
    assert!(!decoder.decode(&known[2]).unwrap().rough);
    assert_eq!(decoder.picture(), Some(&photo));

    // What another version of zstd or of the JPEG encoder packs differently counts not.
    let mut encoder = Encoder::new(5);
    let made = [
        encode(&mut encoder, &text).unwrap(),
        encode(&mut encoder, &photo).unwrap(),
        encoder.next_update(&AT_REST).unwrap().unwrap(),
    ];
    for ((made, known), header) in made.iter().zip(&known).zip([31, 22, 22]) {
        assert_eq!(made[..header], known[..header]);
    }
}

//! QR codes.

use std::fmt::Write as _;

use data_encoding::BASE64;
use qrcodegen::{QrCode, QrCodeEcc};

/// Empty modules around the code, as the standard asks.
const QUIET: i32 = 4;

/// `text` as the address of an SVG picture, black on white in every theme; none where it is too
/// long.
pub fn picture(text: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let size = code.size() + 2 * QUIET;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            // Writing to a string does not fail.
            let _ = write!(path, "M{},{}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" \
         shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0,0h{size}v{size}h-{size}z\"/>\
         <path d=\"{path}\"/></svg>"
    );
    Some(format!("data:image/svg+xml;base64,{}", BASE64.encode(svg.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_becomes_a_picture_and_a_book_does_not() {
        let picture = picture("https://help.example.org/j#_____________________w.0123456789");
        let picture = picture.unwrap();
        let encoded = picture.strip_prefix("data:image/svg+xml;base64,").unwrap();
        let svg = String::from_utf8(BASE64.decode(encoded.as_bytes()).unwrap()).unwrap();
        // The finder pattern's upper left corner.
        assert!(svg.contains("d=\"M4,4h1v1h-1zM5,4h1v1h-1z"), "{svg}");
        assert_eq!(super::picture(&"x".repeat(5_000)), None);
    }
}

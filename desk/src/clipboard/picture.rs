//! Pictures: from PNG to pixels and back. The bytes may come from anybody.

use std::io::Cursor;

use beckon_peer::{Clip, ClipError};
use png::{BitDepth, ColorType, Compression, Decoder, Encoder, Limits, Transformations};

/// What a decoder may allocate besides the pixels it gives.
const DECODER: usize = 16 * 1024 * 1024;

/// A picture in red, green, blue and opacity, 8 bits each, by rows.
#[derive(Clone, PartialEq, Eq)]
pub struct Pixels {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// 4 bytes for each pixel.
    pub rgba: Vec<u8>,
}

/// Decodes a PNG whose header is within the bounds of [`Clip::png`]; all but its first picture
/// is left out.
pub fn decode(png: Vec<u8>) -> Result<Pixels, ClipError> {
    // Checks sides and pixels before anything is allocated by them.
    let Clip::Png(png) = Clip::png(png)? else { return Err(ClipError::Malformed) };
    let mut decoder = Decoder::new_with_limits(Cursor::new(png), Limits { bytes: DECODER });
    decoder.set_transformations(Transformations::normalize_to_color8() | Transformations::ALPHA);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let mut reader = decoder.read_info().map_err(|_| ClipError::Malformed)?;
    let (width, height) = reader.info().size();
    let length = reader.output_buffer_size().ok_or(ClipError::TooLarge)?;
    let mut bytes = vec![0; length];
    let shape = reader.next_frame(&mut bytes).map_err(|_| ClipError::Malformed)?;
    bytes.truncate(shape.buffer_size());
    let rgba = match shape.color_type {
        ColorType::Rgba => bytes,
        ColorType::GrayscaleAlpha => grey(&bytes),
        ColorType::Grayscale | ColorType::Rgb | ColorType::Indexed => {
            return Err(ClipError::Malformed);
        }
    };
    let whole = u64::from(width) * u64::from(height) * 4;
    if u64::try_from(rgba.len()) != Ok(whole) {
        return Err(ClipError::Malformed);
    }
    Ok(Pixels { width, height, rgba })
}

/// Encodes a picture, quickly, or small where it would be too long otherwise. Nothing but its
/// pixels is in it.
pub fn encode(pixels: &Pixels) -> Result<Clip, ClipError> {
    match encode_with(pixels, Compression::Fast) {
        Err(ClipError::TooLong) => encode_with(pixels, Compression::Balanced),
        other => other,
    }
}

fn encode_with(pixels: &Pixels, compression: Compression) -> Result<Clip, ClipError> {
    if pixels.width.max(pixels.height) > Clip::LONGEST_SIDE {
        return Err(ClipError::TooLarge);
    }
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, pixels.width, pixels.height);
    encoder.set_color(ColorType::Rgba);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(compression);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(&pixels.rgba)?;
        writer.finish()
    });
    written.map_err(|_| ClipError::Malformed)?;
    Clip::png(out)
}

fn grey(bytes: &[u8]) -> Vec<u8> {
    let mut rgba = Vec::with_capacity(bytes.len() * 2);
    for pixel in bytes.chunks_exact(2) {
        if let [grey, opacity] = *pixel {
            rgba.extend([grey, grey, grey, opacity]);
        }
    }
    rgba
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pixels(width: u32, height: u32) -> Pixels {
        let count = usize::try_from(width * height * 4).unwrap();
        let rgba = (0..count).map(|n| u8::try_from(n * 7 % 251).unwrap()).collect();
        Pixels { width, height, rgba }
    }

    fn written(color: ColorType, depth: BitDepth, data: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = Encoder::new(&mut out, 2, 1);
        encoder.set_color(color);
        encoder.set_depth(depth);
        encoder.set_palette(vec![1, 2, 3, 4, 5, 6]);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(data).unwrap();
        writer.finish().unwrap();
        out
    }

    #[test]
    fn a_picture_comes_back_to_the_pixel() {
        for (width, height) in [(1, 1), (3, 2), (300, 200)] {
            let original = pixels(width, height);
            let Clip::Png(png) = encode(&original).unwrap() else { panic!("no picture") };
            assert!(decode(png).unwrap() == original);
        }
    }

    #[test]
    fn every_kind_of_png_becomes_red_green_blue_and_opacity() {
        use BitDepth::{Eight, One, Sixteen};
        for (color, depth, data, expected) in [
            (ColorType::Grayscale, Eight, &[9, 8][..], [9, 9, 9, 255, 8, 8, 8, 255]),
            (ColorType::GrayscaleAlpha, Eight, &[9, 1, 8, 2], [9, 9, 9, 1, 8, 8, 8, 2]),
            (ColorType::Rgb, Eight, &[1, 2, 3, 4, 5, 6], [1, 2, 3, 255, 4, 5, 6, 255]),
            (ColorType::Indexed, One, &[0b0100_0000], [1, 2, 3, 255, 4, 5, 6, 255]),
            (ColorType::Grayscale, Sixteen, &[9, 0, 8, 0], [9, 9, 9, 255, 8, 8, 8, 255]),
        ] {
            let read = decode(written(color, depth, data)).unwrap();
            assert_eq!(read.rgba, expected, "{color:?} {depth:?}");
        }
    }

    #[test]
    fn what_is_broken_or_too_large_is_refused() {
        let whole = written(ColorType::Rgb, BitDepth::Eight, &[1, 2, 3, 4, 5, 6]);
        for cut in 0..whole.len() - 12 {
            assert!(decode(whole[..cut].to_vec()).is_err(), "cut at {cut}");
        }
        let mut wide = whole.clone();
        wide[16..20].copy_from_slice(&8_193_u32.to_be_bytes());
        assert!(matches!(decode(wide), Err(ClipError::TooLarge)));
        // It says that it is large and has next to nothing in it.
        let mut empty = whole;
        empty[16..24].copy_from_slice(&[0, 0, 32, 0, 0, 0, 16, 0]);
        assert!(matches!(decode(empty.clone()), Err(ClipError::Malformed)));
        empty[22] = 32;
        assert!(matches!(decode(empty), Err(ClipError::TooLarge)), "64 megapixels");
        let large = Pixels { width: 8_193, height: 1, rgba: vec![0; 8_193 * 4] };
        assert!(matches!(encode(&large), Err(ClipError::TooLarge)));
    }
}

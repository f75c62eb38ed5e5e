//! Colours, four channels at a time.

#![expect(
    clippy::inline_always,
    reason = "the programs are built for size, and these few are called for each pixel"
)]

/// Alpha, red, green and blue, a byte each; the three are multiplied by alpha.
pub(super) type Color = u32;

pub(super) const WHITE: Color = Color::MAX;

pub(super) fn packed([red, green, blue, alpha]: [u8; 4]) -> Color {
    Color::from_be_bytes([alpha, red, green, blue])
}

/// Four channels with room above each.
#[inline(always)]
fn spread(color: Color) -> u64 {
    let color = u64::from(color);
    (color & 0x00ff_00ff) | ((color & 0xff00_ff00) << 24)
}

#[inline(always)]
fn gathered(channels: u64) -> Color {
    ((channels & 0x00ff_00ff) | ((channels >> 24) & 0xff00_ff00)) as Color
}

/// `part` of 256 of the second colour, and the rest of the first.
#[inline(always)]
pub(super) fn mixed(first: Color, second: Color, part: u64) -> Color {
    const HALF: u64 = 0x0080_0080_0080_0080;
    let sum = spread(first) * (256 - part) + spread(second) * part + HALF;
    gathered((sum >> 8) & 0x00ff_00ff_00ff_00ff)
}

pub(super) fn product(tint: Color, texel: Color) -> Color {
    if texel == WHITE || tint == 0 {
        return tint;
    }
    if tint == WHITE || texel == 0 {
        return texel;
    }
    scaled(tint, |shift| (texel >> shift) & 0xff)
}

/// Each channel times what `by` says of 255.
fn scaled(color: Color, by: impl Fn(u32) -> u32) -> Color {
    [24, 16, 8, 0]
        .map(|shift| ((((color >> shift) & 0xff) * by(shift) + 127) / 255) << shift)
        .into_iter()
        .fold(0, |whole, channel| whole | channel)
}

pub(super) fn fill(pixels: &mut [u32], color: Color) {
    if color >> 24 == 255 {
        pixels.fill(over(color, 0));
    } else if color != 0 {
        for pixel in pixels {
            *pixel = over(color, *pixel);
        }
    }
}

/// `color` over what is there.
#[inline(always)]
pub(super) fn over(color: Color, below: u32) -> u32 {
    match color >> 24 {
        255 => color & 0x00ff_ffff,
        _ if color == 0 => below,
        alpha => {
            let rest = scaled(below, |_| 255 - alpha);
            // Light that is added has no alpha: it may be more than there is room for.
            let channel = |shift: u32| {
                let sum = ((color >> shift) & 0xff) + ((rest >> shift) & 0xff);
                sum.min(255) << shift
            };
            channel(16) | channel(8) | channel(0)
        }
    }
}

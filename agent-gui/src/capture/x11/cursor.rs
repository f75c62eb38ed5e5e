//! What the pointer looks like.

use beckon_peer::PointerShape;
use x11rb::protocol::xfixes::GetCursorImageAndNameReply;

/// The shape in a reply, made smaller where it is too large to be told; `None` where it is
/// empty.
pub fn shape(reply: &GetCursorImageAndNameReply) -> Option<PointerShape> {
    let longest = PointerShape::LONGEST_SIDE;
    // Every so many pixels are taken.
    let step = reply.width.max(reply.height).div_ceil(longest).max(1);
    let size = (reply.width / step, reply.height / step);
    let steps = usize::from(step);
    let row = usize::from(reply.width).max(1);
    let rows = reply.cursor_image.chunks_exact(row).step_by(steps).take(usize::from(size.1));
    let pixels = rows.flat_map(|row| row.iter().step_by(steps).take(usize::from(size.0)));
    let rgba: Vec<u8> = pixels.flat_map(|pixel| straight(*pixel)).collect();
    let whole = rgba.len() == usize::from(size.0) * usize::from(size.1) * 4;
    let hot = (within(reply.xhot / step, size.0), within(reply.yhot / step, size.1));
    let name = String::from_utf8_lossy(&reply.name).chars().take(64).collect();
    (whole && !rgba.is_empty()).then_some(PointerShape { name, hot, size, rgba })
}

fn within(at: u16, side: u16) -> u16 {
    at.min(side.saturating_sub(1))
}

/// Red, green, blue and opacity of a pixel whose colours were multiplied by its opacity.
fn straight(pixel: u32) -> [u8; 4] {
    let [alpha, colors @ ..] = pixel.to_be_bytes();
    let divided = |color: u8| match alpha {
        0 => 0,
        alpha => {
            let whole = (u16::from(color) * 255 + u16::from(alpha) / 2) / u16::from(alpha);
            u8::try_from(whole).unwrap_or(u8::MAX)
        }
    };
    let [red, green, blue] = colors.map(divided);
    [red, green, blue, alpha]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(width: u16, height: u16, image: Vec<u32>) -> GetCursorImageAndNameReply {
        GetCursorImageAndNameReply {
            sequence: 0,
            length: 0,
            x: 0,
            y: 0,
            width,
            height,
            xhot: width,
            yhot: 1,
            cursor_serial: 1,
            cursor_atom: 0,
            cursor_image: image,
            name: b"hand".to_vec(),
        }
    }

    #[test]
    fn colours_are_told_as_if_there_were_no_opacity() {
        let told = shape(&reply(2, 1, vec![0x8040_0080, 0])).unwrap();
        assert_eq!(told.rgba, [128, 0, 255, 128, 0, 0, 0, 0]);
        assert_eq!((told.size, told.hot, &*told.name), ((2, 1), (1, 0), "hand"));
    }

    #[test]
    fn a_large_pointer_is_made_small_and_an_empty_one_is_none() {
        let told = shape(&reply(200, 130, vec![0xFF00_00FF; 200 * 130])).unwrap();
        assert_eq!((told.size, told.hot), ((66, 43), (65, 0)));
        assert_eq!(told.rgba.len(), 66 * 43 * 4);
        assert_eq!(shape(&reply(0, 0, Vec::new())), None);
        assert_eq!(shape(&reply(2, 2, vec![1])), None, "pixels are missing");
    }
}

//! What the pointer looks like.

use beckon_peer::PointerShape;
use x11rb::protocol::xfixes::GetCursorImageAndNameReply;

use crate::capture::pointer_image::PointerImage;

/// The shape in a reply; `None` where it is empty.
pub fn shape(reply: &GetCursorImageAndNameReply) -> Option<PointerShape> {
    let name = String::from_utf8_lossy(&reply.name).chars().take(64).collect();
    let image = PointerImage {
        size: (reply.width.into(), reply.height.into()),
        hot: (reply.xhot.into(), reply.yhot.into()),
        rgba: reply.cursor_image.iter().flat_map(|pixel| straight(*pixel)).collect(),
    };
    image.shape(name)
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

    #[test]
    fn colours_are_told_as_if_there_were_no_opacity() {
        let reply = GetCursorImageAndNameReply {
            sequence: 0,
            length: 0,
            x: 0,
            y: 0,
            width: 2,
            height: 1,
            xhot: 2,
            yhot: 1,
            cursor_serial: 1,
            cursor_atom: 0,
            cursor_image: vec![0x8040_0080, 0],
            name: b"hand".to_vec(),
        };
        let told = shape(&reply).unwrap();
        assert_eq!(told.rgba, [128, 0, 255, 128, 0, 0, 0, 0]);
        assert_eq!((told.size, told.hot, &*told.name), ((2, 1), (1, 0), "hand"));
    }
}

//! How the X server's pixels are laid out.

use beckon_peer::screen::{PixelOrder, Rect};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ConnectionExt as _, ImageOrder, Screen, VisualClass};
use x11rb::rust_connection::RustConnection;

use crate::capture::CaptureError;

/// The layout of the root window's pixels. What is not four bytes with eight bits a colour is
/// converted to BGRX.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    bits: usize,
    /// Rows begin at multiples of so many bits.
    pad: usize,
    most_significant_first: bool,
    colors: Colors,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Colors {
    /// Taken as they are.
    Direct(PixelOrder),
    /// Red, green and blue are at these bits.
    Masks([u32; 3]),
    /// Blue, green, red of each pixel value.
    Palette(Vec<[u8; 3]>),
}

impl Format {
    /// The layout of the root window of `screen`.
    pub fn of(connection: &RustConnection, screen: &Screen) -> Result<Self, CaptureError> {
        let setup = connection.setup();
        let unknown = || CaptureError::System("its pixels are of an unknown kind".to_owned());
        let layout = setup.pixmap_formats.iter().find(|one| one.depth == screen.root_depth);
        let layout = layout.ok_or_else(unknown)?;
        let mut visuals = screen.allowed_depths.iter().flat_map(|depth| &depth.visuals);
        let visual = visuals.find(|one| one.visual_id == screen.root_visual).ok_or_else(unknown)?;
        let masks = [visual.red_mask, visual.green_mask, visual.blue_mask];
        let most_significant_first = setup.image_byte_order == ImageOrder::MSB_FIRST;
        let bits = usize::from(layout.bits_per_pixel);
        let colors = match visual.class {
            VisualClass::TRUE_COLOR | VisualClass::DIRECT_COLOR => match masks {
                [0x00FF_0000, 0xFF00, 0xFF] if bits == 32 && !most_significant_first => {
                    Colors::Direct(PixelOrder::Bgrx)
                }
                [0xFF, 0xFF00, 0x00FF_0000] if bits == 32 && !most_significant_first => {
                    Colors::Direct(PixelOrder::Rgbx)
                }
                masks => Colors::Masks(masks),
            },
            _ => Colors::Palette(Vec::new()),
        };
        if !matches!(bits, 8 | 16 | 24 | 32) {
            return Err(unknown());
        }
        let mut format =
            Self { bits, pad: usize::from(layout.scanline_pad), most_significant_first, colors };
        format.refresh(connection, screen)?;
        Ok(format)
    }

    /// Looks up the colours of a palette again: programs change them.
    pub fn refresh(
        &mut self,
        connection: &RustConnection,
        screen: &Screen,
    ) -> Result<(), CaptureError> {
        let Colors::Palette(palette) = &mut self.colors else { return Ok(()) };
        let all: Vec<u32> = (0..1 << self.bits.min(8)).collect();
        let colors = connection.query_colors(screen.default_colormap, &all)?.reply()?.colors;
        let byte = |value: u16| value.to_be_bytes()[0];
        *palette =
            colors.iter().map(|one| [byte(one.blue), byte(one.green), byte(one.red)]).collect();
        Ok(())
    }

    /// Whether pixels are sent as they come.
    pub fn is_direct(&self) -> bool {
        matches!(self.colors, Colors::Direct(_))
    }

    /// The order of the bytes after a conversion, where one is needed.
    pub fn order(&self) -> PixelOrder {
        match self.colors {
            Colors::Direct(order) => order,
            Colors::Masks(_) | Colors::Palette(_) => PixelOrder::Bgrx,
        }
    }

    /// Bytes of an image of this area as the server sends it.
    pub fn bytes(&self, area: Rect) -> usize {
        self.row(area) * side(area.height)
    }

    /// Appends the BGRX pixels of an area that came as `raw`.
    pub fn convert(&self, area: Rect, raw: &[u8], out: &mut Vec<u8>) {
        let (row, pixel) = (self.row(area).max(1), self.bits / 8);
        for row in raw.chunks_exact(row) {
            for bytes in row.chunks_exact(pixel).take(side(area.width)) {
                let add = |value: u32, byte: &u8| value << 8 | u32::from(*byte);
                let value = if self.most_significant_first {
                    bytes.iter().fold(0, add)
                } else {
                    bytes.iter().rev().fold(0, add)
                };
                let [blue, green, red] = self.color(value);
                out.extend([blue, green, red, 0]);
            }
        }
    }

    fn color(&self, value: u32) -> [u8; 3] {
        match &self.colors {
            Colors::Direct(_) => [0; 3],
            Colors::Masks([red, green, blue]) => {
                [*blue, *green, *red].map(|mask| widened(value & mask, mask))
            }
            Colors::Palette(palette) => {
                let at = usize::try_from(value).unwrap_or(usize::MAX);
                palette.get(at).copied().unwrap_or_default()
            }
        }
    }

    fn row(&self, area: Rect) -> usize {
        let pad = self.pad.max(8);
        (side(area.width) * self.bits).div_ceil(pad) * pad / 8
    }
}

/// A colour of some bits as one of eight.
fn widened(value: u32, mask: u32) -> u8 {
    let (value, most) =
        (value >> mask.trailing_zeros().min(31), mask >> mask.trailing_zeros().min(31));
    let scaled = (u64::from(value) * 255 + u64::from(most) / 2) / u64::from(most.max(1));
    u8::try_from(scaled).unwrap_or(u8::MAX)
}

fn side(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Rect = Rect { x: 0, y: 0, width: 3, height: 2 };

    #[test]
    fn pixels_of_five_and_six_bits_become_eight_and_padding_goes() {
        let colors = Colors::Masks([0xF800, 0x07E0, 0x001F]);
        let format = Format { bits: 16, pad: 32, most_significant_first: false, colors };
        assert_eq!(format.bytes(AREA), 16);
        let row = [0x00, 0xF8, 0xE0, 0x07, 0x1F, 0x00, 9, 9];
        let mut out = Vec::new();
        format.convert(AREA, &[row, row].concat(), &mut out);
        let converted = [[0, 0, 255, 0], [0, 255, 0, 0], [255, 0, 0, 0]].concat();
        assert_eq!(out, [converted.clone(), converted].concat());
        assert_eq!(widened(0x0010, 0x001F), 132, "the middle stays the middle");
    }

    #[test]
    fn a_palette_is_looked_up() {
        let colors = Colors::Palette(vec![[0; 3], [1, 2, 3]]);
        let format = Format { bits: 8, pad: 32, most_significant_first: false, colors };
        let mut out = Vec::new();
        let area = Rect { width: 3, height: 1, ..AREA };
        format.convert(area, &[1, 0, 200, 0], &mut out);
        assert_eq!(out, [1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
}

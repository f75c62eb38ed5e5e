//! The picture of a pointer.

use beckon_peer::PointerShape;

/// A pointer as the window system draws it, of any size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointerImage {
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// The pixel that points, from the upper left corner.
    pub hot: (u32, u32),
    /// Red, green, blue and opacity a pixel, not premultiplied, row by row.
    pub rgba: Vec<u8>,
}

impl PointerImage {
    /// The shape that is told, made smaller where it is too large; `None` where it is empty.
    pub fn shape(&self, name: String) -> Option<PointerShape> {
        let longest = u32::from(PointerShape::LONGEST_SIDE);
        // Every so many pixels are taken.
        let step = self.size.0.max(self.size.1).div_ceil(longest).max(1);
        let small = |length: u32| u16::try_from(length / step).ok();
        let size = (small(self.size.0)?, small(self.size.1)?);
        let steps = usize::try_from(step).ok()?;
        let row = usize::try_from(self.size.0).ok()?.max(1) * 4;
        let rows = self.rgba.chunks_exact(row).step_by(steps).take(usize::from(size.1));
        let pixel = |row: &[u8]| -> Vec<u8> {
            let pixels = row.chunks_exact(4).step_by(steps).take(usize::from(size.0));
            pixels.flatten().copied().collect()
        };
        let rgba: Vec<u8> = rows.flat_map(pixel).collect();
        let whole = rgba.len() == usize::from(size.0) * usize::from(size.1) * 4;
        let within = |at: u32, side: u16| {
            u16::try_from(at / step).unwrap_or(u16::MAX).min(side.saturating_sub(1))
        };
        let hot = (within(self.hot.0, size.0), within(self.hot.1, size.1));
        (whole && !rgba.is_empty()).then_some(PointerShape { name, hot, size, rgba })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_pointer_is_made_small_and_an_empty_one_is_none() {
        let image = |size: (u32, u32), rgba| PointerImage { size, hot: (size.0, 1), rgba };
        let told = image((200, 130), vec![255; 200 * 130 * 4]).shape("hand".into()).unwrap();
        assert_eq!((told.size, told.hot, &*told.name), ((66, 43), (65, 0), "hand"));
        assert_eq!(told.rgba.len(), 66 * 43 * 4);
        assert_eq!(image((0, 0), Vec::new()).shape(String::new()), None);
        assert_eq!(image((2, 2), vec![1; 4]).shape(String::new()), None, "pixels are missing");
    }

    #[test]
    fn a_small_one_is_told_as_it_is() {
        let image = PointerImage { size: (2, 1), hot: (1, 0), rgba: (0..8).collect() };
        let told = image.shape(String::new()).unwrap();
        assert_eq!((told.size, told.hot, told.rgba), ((2, 1), (1, 0), (0..8).collect()));
    }
}

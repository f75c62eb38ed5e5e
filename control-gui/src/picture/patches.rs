//! What the window has not drawn yet.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use beckon_peer::screen::{Picture, Rect, Update};
use egui::ColorImage;

use super::TILE;

/// So many rectangles at most wait for the window; above, one around all of them does.
const RECTS: usize = 8;

/// Parts of the newest picture that the window has not drawn yet. The decoder puts them in, the
/// window takes them out; what is not taken never grows beyond one picture.
#[derive(Clone, Debug, Default)]
pub struct Patches {
    waiting: Arc<Mutex<Waiting>>,
}

/// A part of the picture that lies within one tile of [`TILE`] pixels a side.
#[derive(Clone, Debug, PartialEq)]
pub struct Patch {
    /// Where it belongs, in the picture.
    pub rect: Rect,
    /// Its pixels.
    pub image: ColorImage,
}

/// What the window takes out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Taken {
    /// Grows when the size changes: then everything before it is out of date.
    pub generation: u64,
    /// The size of the picture in pixels; zero before the first.
    pub size: [u32; 2],
    /// What changed.
    pub patches: Vec<Patch>,
}

#[derive(Debug, Default)]
struct Waiting {
    generation: u64,
    size: [u32; 2],
    /// INVARIANT: at most [`RECTS`], of this generation, and the patches are exactly their pixels.
    rects: Vec<Rect>,
    patches: Vec<Patch>,
}

impl Patches {
    /// Puts in what `update` changed in `picture`.
    pub fn put(&self, picture: &Picture, update: &Update) {
        // What was not drawn yet is taken back and made anew, so that it shows the newest pixels.
        let undrawn = self.lock().rects.clone();
        let rects = undrawn.into_iter().filter(|_| !update.resized).chain(update.dirty.clone());
        let rects = few(rects.collect(), picture.bounds());
        let patches = rects.iter().flat_map(|rect| within_tiles(*rect));
        let patches = patches.map(|rect| cut(picture, rect)).collect();
        let mut waiting = self.lock();
        if update.resized {
            waiting.generation += 1;
            waiting.size = [picture.size().width(), picture.size().height()];
        }
        waiting.rects = rects;
        waiting.patches = patches;
    }

    /// Takes out what waits.
    pub fn take(&self) -> Taken {
        let mut waiting = self.lock();
        waiting.rects.clear();
        Taken {
            generation: waiting.generation,
            size: waiting.size,
            patches: std::mem::take(&mut waiting.patches),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// At most [`RECTS`] rectangles that cover the same.
fn few(rects: Vec<Rect>, bounds: Rect) -> Vec<Rect> {
    let area: u64 = rects.iter().map(|rect| rect.area()).sum();
    if rects.len() <= RECTS && area * 10 <= bounds.area() * 6 {
        return rects;
    }
    rects.into_iter().reduce(Rect::around).into_iter().collect()
}

/// The parts of `rect` that lie within one tile each.
fn within_tiles(rect: Rect) -> impl Iterator<Item = Rect> {
    let tiles = |from: u32, length: u32| from / TILE..(from + length).div_ceil(TILE);
    tiles(rect.y, rect.height).flat_map(move |row| {
        tiles(rect.x, rect.width).map(move |column| {
            rect.within(Rect { x: column * TILE, y: row * TILE, width: TILE, height: TILE })
        })
    })
}

fn cut(picture: &Picture, rect: Rect) -> Patch {
    let index = |length: u32| usize::try_from(length).unwrap_or_default();
    let size = [index(rect.width), index(rect.height)];
    Patch { rect, image: ColorImage::from_rgba_premultiplied(size, &picture.rgba(rect)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use beckon_peer::screen::{PixelOrder, Size};
    use egui::Color32;

    fn picture(width: u32, height: u32, value: u8) -> Picture {
        let size = Size::new(width, height).unwrap();
        let bytes = size.pixels() * 4;
        let stride = usize::try_from(width).unwrap() * 4;
        Picture::new(size, stride, PixelOrder::Bgrx, vec![value; bytes]).unwrap()
    }

    fn update(resized: bool, dirty: Vec<Rect>) -> Update {
        Update { number: 1, monitor: 0, resized, dirty }
    }

    #[test]
    fn what_is_not_drawn_is_replaced_by_the_newest_pixels_and_never_grows() {
        let patches = Patches::default();
        let first = picture(100, 50, 1);
        patches.put(&first, &update(true, vec![first.bounds()]));
        assert_eq!(patches.take().patches.len(), 1);
        let newer = picture(100, 50, 2);
        for x in 0..40 {
            patches.put(&newer, &update(false, vec![Rect { x, y: 0, width: 1, height: 1 }]));
            assert!(patches.lock().patches.len() <= RECTS);
        }
        let last = picture(100, 50, 3);
        patches.put(&last, &update(false, vec![Rect { x: 99, y: 49, width: 1, height: 1 }]));
        let taken = patches.take();
        assert_eq!((taken.generation, taken.size), (1, [100, 50]));
        let expected = Color32::from_rgb(3, 3, 3);
        assert!(
            taken.patches.iter().all(|patch| patch.image.pixels.iter().all(|p| *p == expected))
        );
        let covered = |x, y| {
            taken
                .patches
                .iter()
                .any(|patch| patch.rect.within(Rect { x, y, width: 1, height: 1 }).area() == 1)
        };
        assert!(covered(0, 0) && covered(39, 0) && covered(99, 49));
        assert_eq!(patches.take().patches, vec![], "taken once");
    }

    #[test]
    fn a_patch_lies_within_one_tile_and_another_size_is_another_generation() {
        let patches = Patches::default();
        let wide = picture(2_500, 10, 1);
        patches.put(&wide, &update(true, vec![wide.bounds()]));
        let taken = patches.take();
        let widths: Vec<_> = taken.patches.iter().map(|p| (p.rect.x, p.rect.width)).collect();
        assert_eq!(widths, [(0, 2_048), (2_048, 452)]);
        let other = picture(10, 10, 1);
        patches.put(&other, &update(true, vec![other.bounds()]));
        assert_eq!(patches.take().generation, 2);
    }
}

//! What the window has not drawn yet.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use beckon_peer::screen::{Anew, Picture, PixelOrder, Rect, Update};
use egui::{Color32, ColorImage};

use super::TILE;

/// So many rectangles at most wait for the window; above, one around all of them does.
const RECTS: usize = 8;

/// The newest picture, and which parts of it the window has not drawn yet. The decoder puts them
/// in, the window takes them out; each pixel is copied once by either, however many updates come
/// between two drawings.
#[derive(Clone, Debug, Default)]
pub struct Patches {
    waiting: Arc<Mutex<Waiting>>,
    /// Whose updates these are: the tunnel's, counted.
    tunnel: u64,
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

#[derive(Default)]
struct Waiting {
    generation: u64,
    /// The newest tunnel.
    tunnel: u64,
    size: [u32; 2],
    /// INVARIANT: the pixels of `size`, row by row, the newest of each.
    pixels: Vec<Color32>,
    /// INVARIANT: at most [`RECTS`], within `size`.
    rects: Vec<Rect>,
}

impl Patches {
    /// For a new tunnel: what the ones before it still decode is not put in any more.
    pub fn renewed(&self) -> Self {
        let mut waiting = self.lock();
        waiting.tunnel += 1;
        Self { waiting: Arc::clone(&self.waiting), tunnel: waiting.tunnel }
    }

    /// Puts in what `update` changed in `picture`.
    pub fn put(&self, picture: &Picture, update: &Update) {
        let size = [picture.size().width(), picture.size().height()];
        let mut waiting = self.lock();
        if self.tunnel < waiting.tunnel {
            return;
        }
        if update.anew == Anew::OtherSize || waiting.size != size {
            waiting.generation += 1;
            waiting.size = size;
            waiting.pixels = vec![Color32::BLACK; picture.size().pixels()];
            waiting.rects.clear();
        }
        for rect in &update.dirty {
            copy(picture, rect.within(picture.bounds()), &mut waiting.pixels);
        }
        let rects = waiting.rects.drain(..).chain(update.dirty.iter().copied()).collect();
        waiting.rects = few(rects, picture.bounds());
    }

    /// Takes out what waits.
    pub fn take(&self) -> Taken {
        let mut waiting = self.lock();
        let rects = std::mem::take(&mut waiting.rects);
        let patches = rects.into_iter().flat_map(within_tiles);
        Taken {
            generation: waiting.generation,
            size: waiting.size,
            patches: patches.map(|rect| waiting.cut(rect)).collect(),
        }
    }

    /// Forgets the picture: nothing of it stays in memory.
    pub fn forget(&self) {
        let mut waiting = self.lock();
        let (generation, tunnel) = (waiting.generation, waiting.tunnel);
        *waiting = Waiting { generation, tunnel, ..Waiting::default() };
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn cut(&self, rect: Rect) -> Patch {
        let size = [index(rect.width), index(rect.height)];
        let mut pixels = Vec::with_capacity(size[0] * size[1]);
        let (from, to) = (index(rect.x), index(rect.x) + size[0]);
        let rows = self.pixels.chunks_exact(index(self.size[0]).max(1));
        for row in rows.skip(index(rect.y)).take(size[1]) {
            pixels.extend_from_slice(row.get(from..to).unwrap_or_default());
        }
        Patch { rect, image: ColorImage::new(size, pixels) }
    }
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").field("size", &self.size).finish_non_exhaustive()
    }
}

/// Copies `rect` of `picture` to the same place in `to`.
fn copy(picture: &Picture, rect: Rect, to: &mut [Color32]) {
    let (from, until) = (index(rect.x), index(rect.x) + index(rect.width));
    let width = index(picture.size().width()).max(1);
    let rows = picture.pixels().chunks_exact(picture.stride()).zip(to.chunks_exact_mut(width));
    for (source, row) in rows.skip(index(rect.y)).take(index(rect.height)) {
        let (quads, _) = source.as_chunks::<4>();
        let quads = quads.get(from..until).unwrap_or_default();
        let row = row.get_mut(from..until).unwrap_or_default();
        match picture.order() {
            PixelOrder::Bgrx => {
                for (pixel, [b, g, r, _]) in row.iter_mut().zip(quads) {
                    *pixel = Color32::from_rgb(*r, *g, *b);
                }
            }
            PixelOrder::Rgbx => {
                for (pixel, [r, g, b, _]) in row.iter_mut().zip(quads) {
                    *pixel = Color32::from_rgb(*r, *g, *b);
                }
            }
        }
    }
}

fn index(length: u32) -> usize {
    usize::try_from(length).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;
    use beckon_peer::screen::Size;

    fn picture(width: u32, height: u32, value: u8) -> Picture {
        let size = Size::new(width, height).unwrap();
        let bytes = size.pixels() * 4;
        let stride = usize::try_from(width).unwrap() * 4;
        Picture::new(size, stride, PixelOrder::Bgrx, vec![value; bytes]).unwrap()
    }

    fn update(resized: bool, dirty: Vec<Rect>) -> Update {
        let (captured_ms, behind, rough) = (0, false, false);
        let anew = if resized { Anew::OtherSize } else { Anew::No };
        Update { number: 1, monitor: 0, anew, dirty, captured_ms, behind, rough }
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
            assert!(patches.lock().rects.len() <= RECTS);
        }
        let last = picture(100, 50, 3);
        patches.put(&last, &update(false, vec![Rect { x: 99, y: 49, width: 1, height: 1 }]));
        let taken = patches.take();
        assert_eq!((taken.generation, taken.size), (1, [100, 50]));
        let shown = |x, y| {
            let at = Rect { x, y, width: 1, height: 1 };
            let patch = taken.patches.iter().rev().find(|patch| patch.rect.within(at) == at);
            let Patch { rect, image } = patch.unwrap();
            image.pixels[index((y - rect.y) * rect.width + x - rect.x)].r()
        };
        assert_eq!((shown(0, 0), shown(39, 0), shown(99, 49)), (2, 2, 3));
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

    #[test]
    fn what_an_old_tunnel_still_decodes_does_not_come_into_the_new_picture() {
        let patches = Patches::default();
        let (old, new) = (patches.renewed(), patches.renewed());
        let picture = picture(30, 20, 1);
        let update = update(true, vec![picture.bounds()]);
        new.put(&picture, &update);
        assert_eq!(patches.take().patches.len(), 1);
        old.put(&picture, &update);
        assert_eq!(patches.take().patches, vec![]);
        patches.forget();
        old.put(&picture, &update);
        assert_eq!(patches.take().patches, vec![]);
    }

    #[test]
    fn a_window_that_does_not_draw_lets_nothing_grow() {
        let patches = Patches::default();
        let picture = picture(300, 200, 1);
        patches.put(&picture, &update(true, vec![picture.bounds()]));
        let held = patches.lock().pixels.capacity();
        for n in 0..10_000 {
            let rect = Rect { x: n % 290, y: n % 190, width: 10, height: 10 };
            patches.put(&picture, &update(false, vec![rect]));
            let waiting = patches.lock();
            assert_eq!(waiting.pixels.capacity(), held);
            assert!(waiting.rects.len() <= RECTS && waiting.rects.capacity() <= 4 * RECTS);
        }
        patches.forget();
        assert_eq!(patches.lock().pixels.capacity(), 0);
        assert_eq!(patches.take().patches, vec![]);
    }

    #[test]
    fn colours_are_right_in_both_orders_and_rows_may_be_padded() {
        for (order, expected) in [
            (PixelOrder::Bgrx, Color32::from_rgb(3, 2, 1)),
            (PixelOrder::Rgbx, Color32::from_rgb(1, 2, 3)),
        ] {
            let bytes = [[1, 2, 3, 99, 1, 2, 3, 99, 7]; 2].concat();
            let picture = Picture::new(Size::new(2, 2).unwrap(), 9, order, bytes).unwrap();
            let patches = Patches::default();
            patches.put(&picture, &update(true, vec![picture.bounds()]));
            assert_eq!(patches.take().patches[0].image.pixels, [expected; 4]);
        }
    }
}

//! The picture as textures.

use beckon_peer::screen::Rect;
use egui::{
    Color32, ColorImage, Context, Painter, Pos2, TextureHandle, TextureOptions, pos2, vec2,
};

use super::patches::Taken;
use super::{Patch, TILE};

/// Exact at 1:1 and above, smooth where it is made smaller.
const OPTIONS: TextureOptions = TextureOptions {
    magnification: egui::TextureFilter::Nearest,
    minification: egui::TextureFilter::Linear,
    wrap_mode: egui::TextureWrapMode::ClampToEdge,
    mipmap_mode: None,
};

/// Textures of at most [`TILE`] pixels a side that show the newest picture.
#[derive(Default)]
pub struct Canvas {
    generation: u64,
    size: [u32; 2],
    tiles: Vec<Tile>,
}

struct Tile {
    rect: Rect,
    /// `None` before anything of it came.
    texture: Option<TextureHandle>,
}

impl Canvas {
    /// The size of the picture in pixels; `None` before the first.
    pub fn size(&self) -> Option<[u32; 2]> {
        (!self.tiles.is_empty()).then_some(self.size)
    }

    /// Forgets the picture.
    pub fn clear(&mut self) {
        self.tiles.clear();
    }

    /// Uploads what changed; within `ui` only.
    pub fn draw_in(&mut self, ctx: &Context, taken: Taken) {
        if taken.patches.is_empty() {
            return;
        }
        if taken.generation != self.generation || self.tiles.is_empty() {
            self.generation = taken.generation;
            self.size = taken.size;
            self.tiles = tiles(taken.size);
        }
        for patch in taken.patches {
            self.upload(ctx, patch);
        }
    }

    /// Paints the picture with its upper left corner at `origin`, `scale` points a pixel.
    pub fn paint(&self, painter: &Painter, origin: Pos2, scale: f32) {
        for Tile { rect, texture } in &self.tiles {
            let Some(texture) = texture else { continue };
            let min = origin + vec2(rect.x as f32, rect.y as f32) * scale;
            let size = vec2(rect.width as f32, rect.height as f32) * scale;
            let whole = egui::Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            let place = egui::Rect::from_min_size(min, size);
            painter.image(texture.id(), place, whole, Color32::WHITE);
        }
    }

    fn upload(&mut self, ctx: &Context, Patch { rect, image }: Patch) {
        let tile = self.tiles.iter_mut().find(|tile| tile.rect.within(rect) == rect);
        let Some(Tile { rect: place, texture }) = tile else { return };
        let name = || format!("screen {} {}", place.x, place.y);
        if *place == rect {
            match texture {
                Some(texture) => texture.set(image, OPTIONS),
                none => *none = Some(ctx.load_texture(name(), image, OPTIONS)),
            }
            return;
        }
        let black = || {
            let size = [place.width, place.height].map(index);
            ctx.load_texture(name(), ColorImage::filled(size, Color32::BLACK), OPTIONS)
        };
        let at = [rect.x - place.x, rect.y - place.y].map(index);
        texture.get_or_insert_with(black).set_partial(at, image, OPTIONS);
    }
}

fn tiles([width, height]: [u32; 2]) -> Vec<Tile> {
    let whole = Rect { x: 0, y: 0, width, height };
    let mut tiles = Vec::new();
    for y in (0..height).step_by(TILE as usize) {
        for x in (0..width).step_by(TILE as usize) {
            let rect = Rect { x, y, width: TILE, height: TILE }.within(whole);
            tiles.push(Tile { rect, texture: None });
        }
    }
    tiles
}

fn index(side: u32) -> usize {
    usize::try_from(side).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(rect: Rect) -> Patch {
        let size = [rect.width, rect.height].map(|side| usize::try_from(side).unwrap());
        Patch { rect, image: ColorImage::filled(size, Color32::RED) }
    }

    #[test]
    fn a_large_picture_is_several_textures_and_another_size_makes_them_anew() {
        let ctx = Context::default();
        let mut canvas = Canvas::default();
        assert_eq!(canvas.size(), None);
        let part = Rect { x: 2_048, y: 0, width: 10, height: 10 };
        canvas.draw_in(
            &ctx,
            Taken { generation: 1, size: [3_000, 2_100], patches: vec![patch(part)] },
        );
        assert_eq!(canvas.size(), Some([3_000, 2_100]));
        let sizes = |canvas: &Canvas| -> Vec<_> {
            let textures = canvas.tiles.iter().map(|tile| tile.texture.as_ref());
            textures.map(|texture| texture.map(TextureHandle::size)).collect()
        };
        assert_eq!(sizes(&canvas), [None, Some([952, 2_048]), None, None]);
        let rest = Rect { x: 0, y: 2_048, width: 2_048, height: 52 };
        let (size, patches) = ([3_000, 2_100], vec![patch(rest)]);
        canvas.draw_in(&ctx, Taken { generation: 1, size, patches });
        assert_eq!(sizes(&canvas), [None, Some([952, 2_048]), Some([2_048, 52]), None]);
        let whole = Rect { x: 0, y: 0, width: 8, height: 8 };
        canvas.draw_in(&ctx, Taken { generation: 2, size: [8, 8], patches: vec![patch(whole)] });
        assert_eq!((canvas.size(), canvas.tiles.len()), (Some([8, 8]), 1));
    }
}

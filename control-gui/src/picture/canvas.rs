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
    texture: TextureHandle,
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
            self.tiles = tiles(ctx, taken.size);
        }
        for patch in taken.patches {
            self.upload(patch);
        }
    }

    /// Paints the picture with its upper left corner at `origin`, `scale` points a pixel.
    pub fn paint(&self, painter: &Painter, origin: Pos2, scale: f32) {
        for Tile { rect, texture } in &self.tiles {
            let min = origin + vec2(rect.x as f32, rect.y as f32) * scale;
            let size = vec2(rect.width as f32, rect.height as f32) * scale;
            let whole = egui::Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            let place = egui::Rect::from_min_size(min, size);
            painter.image(texture.id(), place, whole, Color32::WHITE);
        }
    }

    fn upload(&mut self, Patch { rect, image }: Patch) {
        let tile = self.tiles.iter_mut().find(|tile| tile.rect.within(rect) == rect);
        let Some(tile) = tile else { return };
        if tile.rect == rect {
            tile.texture.set(image, OPTIONS);
        } else {
            let at = [rect.x - tile.rect.x, rect.y - tile.rect.y];
            let at = at.map(|offset| usize::try_from(offset).unwrap_or_default());
            tile.texture.set_partial(at, image, OPTIONS);
        }
    }
}

fn tiles(ctx: &Context, [width, height]: [u32; 2]) -> Vec<Tile> {
    let whole = Rect { x: 0, y: 0, width, height };
    let mut tiles = Vec::new();
    for y in (0..height).step_by(TILE as usize) {
        for x in (0..width).step_by(TILE as usize) {
            let rect = Rect { x, y, width: TILE, height: TILE }.within(whole);
            let size = [rect.width, rect.height];
            let size = size.map(|side| usize::try_from(side).unwrap_or_default());
            let black = ColorImage::filled(size, Color32::BLACK);
            let texture = ctx.load_texture(format!("screen {x} {y}"), black, OPTIONS);
            tiles.push(Tile { rect, texture });
        }
    }
    tiles
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
        let sizes: Vec<_> = canvas.tiles.iter().map(|tile| tile.texture.size()).collect();
        assert_eq!(sizes, [[2_048, 2_048], [952, 2_048], [2_048, 52], [952, 52]]);
        let whole = Rect { x: 0, y: 0, width: 8, height: 8 };
        canvas.draw_in(&ctx, Taken { generation: 2, size: [8, 8], patches: vec![patch(whole)] });
        assert_eq!((canvas.size(), canvas.tiles.len()), (Some([8, 8]), 1));
    }
}

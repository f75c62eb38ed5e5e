//! What egui draws, painted by the processor: triangles with colours and textures.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "places on a screen and channels of a colour, clamped to what there is"
)]

mod color;
mod texture;

use std::collections::HashMap;

use color::{WHITE, fill, over, packed, product};
use egui::epaint::{ClippedPrimitive, ImageData, ImageDelta, Mesh, Primitive, Vertex};
use egui::{TextureFilter, TextureId, TexturesDelta};
use texture::{STEPS, Texture};

/// The textures, and how they are painted.
#[derive(Default)]
pub(super) struct Raster {
    textures: HashMap<TextureId, Texture>,
}

/// Where it is painted: rows of 0x00RRGGBB.
pub(super) struct Canvas<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) pixels: &'a mut [u32],
}

/// Left, top, right and bottom in pixels, the last two not included.
#[derive(Clone, Copy)]
struct Area {
    left: i64,
    top: i64,
    right: i64,
    bottom: i64,
}

/// A value that changes evenly over a triangle.
#[derive(Clone, Copy)]
struct Slope {
    at_origin: f64,
    per_x: f64,
    per_y: f64,
}

/// One edge: not negative at the side of the triangle.
#[derive(Clone, Copy)]
struct Edge {
    at_origin: i64,
    per_x: i64,
    per_y: i64,
}

impl Raster {
    /// Takes in new textures and changes of those that there are.
    pub(super) fn take_in(&mut self, changes: &TexturesDelta) {
        for (id, changes) in &changes.set {
            for change in changes {
                self.change(*id, change);
            }
        }
    }

    /// Forgets textures that are no longer used.
    pub(super) fn forget(&mut self, changes: &TexturesDelta) {
        for id in &changes.free {
            self.textures.remove(id);
        }
    }

    /// Paints `shapes`, whose points are `scale` pixels each, over what is there.
    pub(super) fn paint(&self, shapes: &[ClippedPrimitive], scale: f32, to: &mut Canvas<'_>) {
        for shape in shapes {
            let Primitive::Mesh(mesh) = &shape.primitive else { continue };
            let Some(texture) = self.textures.get(&mesh.texture_id) else { continue };
            let clip = shape.clip_rect * scale;
            let within = |edge: f32, size: usize| (edge.round() as i64).clamp(0, size as i64);
            let clip = Area {
                left: within(clip.left(), to.width),
                top: within(clip.top(), to.height),
                right: within(clip.right(), to.width),
                bottom: within(clip.bottom(), to.height),
            };
            paint_mesh(mesh, texture, clip, scale, to);
        }
    }

    fn change(&mut self, id: TextureId, change: &ImageDelta) {
        let ImageData::Color(image) = &change.image;
        let [width, height] = image.size;
        let Some([left, top]) = change.pos else {
            let is_smooth = change.options.magnification == TextureFilter::Linear;
            let texels = image.pixels.iter().map(|color| packed(color.to_array())).collect();
            self.textures.insert(id, Texture { width, height, texels, is_smooth });
            return;
        };
        let Some(texture) = self.textures.get_mut(&id) else { return };
        for (row, from) in image.pixels.chunks_exact(width.max(1)).enumerate() {
            let at = (top + row) * texture.width + left;
            let to = texture.texels.get_mut(at..at + width).unwrap_or_default();
            for (to, from) in to.iter_mut().zip(from) {
                *to = packed(from.to_array());
            }
        }
    }
}

fn paint_mesh(mesh: &Mesh, texture: &Texture, clip: Area, scale: f32, to: &mut Canvas<'_>) {
    for corners in mesh.indices.chunks_exact(3) {
        let corner = |i: usize| corners.get(i).and_then(|at| mesh.vertices.get(*at as usize));
        if let (Some(one), Some(two), Some(three)) = (corner(0), corner(1), corner(2)) {
            paint_triangle([one, two, three], texture, clip, scale, to);
        }
    }
}

fn paint_triangle(
    corners: [&Vertex; 3],
    texture: &Texture,
    clip: Area,
    scale: f32,
    to: &mut Canvas<'_>,
) {
    // Far outside nothing is to be seen, and nothing is to overflow.
    let step = |points: f32| (points * scale * STEPS as f32).clamp(-1e8, 1e8).round() as i64;
    let mut corners = corners.map(|corner| (corner, [step(corner.pos.x), step(corner.pos.y)]));
    let [from, next, last] = corners.map(|(_, place)| place);
    let area =
        (next[0] - from[0]) * (last[1] - from[1]) - (next[1] - from[1]) * (last[0] - from[0]);
    if area == 0 {
        return;
    }
    if area < 0 {
        corners.swap(1, 2);
    }
    let places = corners.map(|(_, place)| place);
    let corners = corners.map(|(corner, _)| corner);
    // Each edge lies opposite of its corner.
    let edges = [1, 2, 0].map(|i| Edge::new(places[i], places[(i + 1) % 3]));
    let slope =
        |of: &dyn Fn(&Vertex) -> f64| Slope::new(corners.map(of), &edges, area.unsigned_abs());
    let first = corners[0];
    let is_plain = corners.iter().all(|corner| corner.uv == first.uv);
    let is_even = corners.iter().all(|corner| corner.color == first.color);
    let channels: [Slope; 4] =
        std::array::from_fn(|i| slope(&|corner| corner.color.to_array()[i].into()));
    let texels = [slope(&|corner| corner.uv.x.into()), slope(&|corner| corner.uv.y.into())];
    let color = packed(first.color.to_array());
    let uv = [first.uv.x.into(), first.uv.y.into()];
    let texel = texture.sample(texture.way(uv, uv).after(0));
    // The rows whose middle is in it.
    let row = |edge: i64| (edge + STEPS / 2 - 1).div_euclid(STEPS);
    let heights = places.map(|place| place[1]);
    let top = heights.iter().min().map_or(clip.bottom, |top| row(*top)).max(clip.top);
    let bottom = heights.iter().max().map_or(clip.top, |low| row(*low + 1)).min(clip.bottom);
    for y in top..bottom {
        let (mut left, mut right) = (clip.left, clip.right);
        for edge in &edges {
            (left, right) = edge.limit(y, left, right);
        }
        if left >= right {
            continue;
        }
        let row = y as usize * to.width;
        let within = row + left as usize..row + right as usize;
        let Some(pixels) = to.pixels.get_mut(within) else { continue };
        if is_plain && is_even {
            fill(pixels, product(color, texel));
            continue;
        }
        let place = |x: i64| texels.map(|texels| texels.at(x, y));
        let way = texture.way(place(left), place(left + 1));
        if is_even && color == WHITE {
            texture.copy(way, pixels);
            continue;
        }
        for (x, pixel) in (left..).zip(pixels) {
            let color = if is_even {
                color
            } else {
                packed(channels.map(|channel| channel.at(x, y).round().clamp(0.0, 255.0) as u8))
            };
            let texel = if is_plain { texel } else { texture.sample(way.after(x - left)) };
            *pixel = over(product(color, texel), *pixel);
        }
    }
}

impl Edge {
    /// From one corner to the next, clockwise. A pixel on an edge belongs to one triangle of the
    /// two: to the one below it, or right of it.
    fn new(from: [i64; 2], to: [i64; 2]) -> Self {
        let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
        let is_inside = dy < 0 || (dy == 0 && dx > 0);
        let middle = STEPS / 2;
        let at_origin = dx * (middle - from[1]) - dy * (middle - from[0]);
        let at_origin = at_origin - i64::from(!is_inside);
        Self { at_origin, per_x: -dy * STEPS, per_y: dx * STEPS }
    }

    /// The part from `left` to `right` of row `y` where it is not negative.
    fn limit(&self, y: i64, left: i64, right: i64) -> (i64, i64) {
        let at_zero = self.at_origin + self.per_y * y;
        match self.per_x {
            0 if at_zero < 0 => (left, left),
            0 => (left, right),
            up if up > 0 => (left.max(-at_zero.div_euclid(up)), right),
            down => (left, right.min(at_zero.div_euclid(-down) + 1)),
        }
    }
}

impl Slope {
    /// With these values in the three corners.
    fn new(corners: [f64; 3], edges: &[Edge; 3], area: u64) -> Self {
        let area = area as f64;
        let sum = |of: fn(&Edge) -> i64| {
            edges.iter().zip(corners).map(|(edge, value)| of(edge) as f64 * value / area).sum()
        };
        Self {
            at_origin: sum(|edge| edge.at_origin),
            per_x: sum(|edge| edge.per_x),
            per_y: sum(|edge| edge.per_y),
        }
    }

    fn at(&self, x: i64, y: i64) -> f64 {
        self.at_origin + self.per_x * x as f64 + self.per_y * y as f64
    }
}

#[cfg(test)]
mod tests;

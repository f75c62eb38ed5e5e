//! Textures, and what they look like at a place.

#![expect(
    clippy::inline_always,
    reason = "the programs are built for size, and these few are called for each pixel"
)]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "places within a texture, clamped to what there is"
)]

use super::color::{Color, mixed, over};

/// The steps of a pixel, as a power of 2. (Shifts, because where a program is built for its size a
/// division remains one.)
const STEP_BITS: u32 = 8;
/// A pixel has so many steps in each direction.
pub(super) const STEPS: i64 = 1 << STEP_BITS;
/// A step within a texture has so many parts, as a power of 2.
const FINE_BITS: u32 = 24;
const FINE: i64 = 1 << FINE_BITS;

/// A picture that triangles are painted with.
pub(super) struct Texture {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) texels: Vec<Color>,
    /// Whether colours are mixed between two texels.
    pub(super) is_smooth: bool,
}

/// A row of pixels within a texture, in parts of a step.
pub(super) struct Way {
    at: [i64; 2],
    each: [i64; 2],
}

impl Texture {
    #[inline(always)]
    fn texel(&self, x: i64, y: i64) -> Color {
        let x = x.min(self.width as i64 - 1).max(0) as usize;
        let y = y.min(self.height as i64 - 1).max(0) as usize;
        match self.texels.get(y * self.width + x) {
            Some(texel) => *texel,
            None => 0,
        }
    }

    /// Where a row of pixels begins in the texture, and how far it goes with each pixel.
    pub(super) fn way(&self, from: [f64; 2], to: [f64; 2]) -> Way {
        let fine = |part: f64, size: usize| (part * size as f64 * (STEPS * FINE) as f64) as i64;
        let middle = if self.is_smooth { STEPS * FINE / 2 } else { 0 };
        // Rounded to the nearest step.
        let at = [fine(from[0], self.width), fine(from[1], self.height)];
        let at = at.map(|at| at - middle + FINE / 2);
        let each = [fine(to[0] - from[0], self.width), fine(to[1] - from[1], self.height)];
        Way { at, each }
    }

    /// The colour at a place, in steps.
    #[inline(always)]
    pub(super) fn sample(&self, [across, down]: [i64; 2]) -> Color {
        let (x, y) = (across >> STEP_BITS, down >> STEP_BITS);
        let (right, below) = ((across & (STEPS - 1)) as u64, (down & (STEPS - 1)) as u64);
        if !self.is_smooth || (right == 0 && below == 0) {
            return self.texel(x, y);
        }
        let row = |y: i64| mixed(self.texel(x, y), self.texel(x + 1, y), right);
        if below == 0 { row(y) } else { mixed(row(y), row(y + 1), below) }
    }

    /// Paints a row of pixels with the texels of a way.
    pub(super) fn copy(&self, way: Way, pixels: &mut [u32]) {
        if let Some(run) = self.run(&way, pixels.len()) {
            for (pixel, texel) in pixels.iter_mut().zip(run) {
                *pixel = over(*texel, *pixel);
            }
            return;
        }
        let [mut across, mut down] = way.at;
        for pixel in pixels {
            let texel = self.sample([across >> FINE_BITS, down >> FINE_BITS]);
            *pixel = over(texel, *pixel);
            across += way.each[0];
            down += way.each[1];
        }
    }

    /// The texels of a way, where there is exactly one for each of `count` pixels.
    fn run(&self, way: &Way, count: usize) -> Option<&[Color]> {
        let ([left, top], [right, bottom]) = (way.after(0), way.after(count as i64 - 1));
        let is_exact = left % STEPS == 0 && top % STEPS == 0 && top == bottom;
        if !is_exact || right - left != (count as i64 - 1) * STEPS || left < 0 || top < 0 {
            return None;
        }
        let (left, top) = ((left / STEPS) as usize, (top / STEPS) as usize);
        if left + count > self.width {
            return None;
        }
        self.texels.get(top * self.width + left..)?.get(..count)
    }
}

impl Way {
    /// The place after so many pixels, in steps.
    pub(super) fn after(&self, pixels: i64) -> [i64; 2] {
        let after = |i: usize| (self.at[i] + self.each[i] * pixels) >> FINE_BITS;
        [after(0), after(1)]
    }
}

//! Words and numbers that are always the same.

/// Numbers that look random; the same seed gives the same ones.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// With a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number below `limit`.
    pub fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        u32::try_from((self.0 >> 33) % u64::from(limit.max(1))).unwrap_or(0)
    }

    /// A small letter.
    pub fn letter(&mut self) -> char {
        char::from(b'a' + u8::try_from(self.below(26)).unwrap_or(0))
    }

    /// A line of words, about `length` characters long.
    pub fn line(&mut self, length: usize) -> String {
        let mut line = String::new();
        while line.len() < length {
            for _ in 0..2 + self.below(8) {
                line.push(self.letter());
            }
            line.push(' ');
        }
        line
    }
}

//! What both sides have, so that nothing goes around in a circle.

use beckon_peer::Clip;
use ring::digest::{Context, SHA256};

use super::picture::Pixels;

/// The hash of what is in a clipboard: text by its characters, a picture by its pixels, since
/// every program writes its PNG in its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark([u8; 32]);

/// Knows what went over last, in either direction: it is at the other side already.
#[derive(Debug, Default)]
pub struct Guard {
    /// INVARIANT: `Some` exactly when both clipboards held this at the same moment, or will once
    /// what is on its way has arrived.
    both: Option<Mark>,
}

impl Mark {
    /// Of a text.
    pub fn of_text(text: &str) -> Self {
        Self::of(&[b"text", text.as_bytes()])
    }

    /// Of a picture.
    pub fn of_pixels(pixels: &Pixels) -> Self {
        let (width, height) = (pixels.width.to_be_bytes(), pixels.height.to_be_bytes());
        Self::of(&[b"picture", &width, &height, &pixels.rgba])
    }

    fn of(parts: &[&[u8]]) -> Self {
        let mut context = Context::new(&SHA256);
        for part in parts {
            context.update(part);
        }
        let mut mark = [0; 32];
        for (to, from) in mark.iter_mut().zip(context.finish().as_ref()) {
            *to = *from;
        }
        Self(mark)
    }
}

impl Guard {
    /// Whether this, which is in the clipboard here, is news for the other side; then it goes
    /// there, and both have it.
    pub fn is_news(&mut self, mark: Mark) -> bool {
        self.both.replace(mark) != Some(mark)
    }

    /// Whether this, which came, is news here; then it is put into the clipboard, and both have
    /// it.
    pub fn came(&mut self, mark: Mark) -> bool {
        self.is_news(mark)
    }

    /// What came is not in the clipboard after all, or the directions have changed: nobody knows
    /// what the other side has.
    pub fn forget(&mut self) {
        self.both = None;
    }
}

/// Whether `clip` is longer than what can be shared, with what there is to say.
pub fn bounded(clip: Result<Clip, beckon_peer::ClipError>) -> Result<Option<Clip>, super::Kept> {
    use beckon_peer::ClipError;
    match clip {
        Ok(clip) => Ok(Some(clip)),
        Err(ClipError::TooLong | ClipError::TooLarge) => Err(super::Kept::TooLarge),
        Err(ClipError::Empty | ClipError::Malformed | ClipError::Unknown) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two computers: whatever gets into a clipboard is noticed there, also by its own program.
    #[derive(Default)]
    struct Two {
        guards: [Guard; 2],
        clipboards: [String; 2],
        sent: usize,
    }

    impl Two {
        fn copied(&mut self, mut side: usize, text: &str) {
            self.clipboards[side] = text.to_owned();
            for _ in 0..10 {
                let mark = Mark::of_text(&self.clipboards[side]);
                if !self.guards[side].is_news(mark) {
                    return;
                }
                self.sent += 1;
                let other = 1 - side;
                if !self.guards[other].came(mark) {
                    return;
                }
                self.clipboards[other] = self.clipboards[side].clone();
                side = other;
            }
            panic!("an echo storm");
        }
    }

    #[test]
    fn a_hundred_copies_are_a_hundred_transfers() {
        let mut two = Two::default();
        for n in 0..100 {
            two.copied(n % 2, &format!("copy {n}"));
            assert_eq!(two.clipboards[0], two.clipboards[1]);
        }
        assert_eq!(two.sent, 100);
        two.copied(0, "copy 99");
        assert_eq!(two.sent, 100, "the other side has it");
        two.copied(1, "copy 98");
        assert_eq!(two.sent, 101, "what was sent before the last is news again");
    }

    #[test]
    fn a_program_that_changes_what_comes_is_heard_once() {
        let mut two = Two::default();
        two.copied(0, "text ");
        two.copied(1, "text");
        two.copied(0, "text");
        assert_eq!((two.sent, two.clipboards[0].as_str()), (2, "text"));
    }

    #[test]
    fn after_a_change_of_the_directions_nothing_is_known() {
        let mut guard = Guard::default();
        assert!(guard.is_news(Mark::of_text("a")));
        assert!(!guard.is_news(Mark::of_text("a")));
        guard.forget();
        assert!(guard.is_news(Mark::of_text("a")));
    }

    #[test]
    fn a_text_is_no_picture_and_a_picture_has_a_shape() {
        let picture = |width, height| Pixels { width, height, rgba: vec![7; 8] };
        let wide = Mark::of_pixels(&picture(2, 1));
        assert_ne!(wide, Mark::of_pixels(&picture(1, 2)));
        assert_eq!(wide, Mark::of_pixels(&picture(2, 1)));
    }
}

//! Keys that go down and up while all of them are sent.

use std::collections::BTreeSet;

use beckon_peer::Press;

/// A key of the keyboard that went down or up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stroke {
    /// Its place (evdev).
    pub(super) code: u16,
    /// Which way.
    pub(super) press: Press,
}

/// The keys that are down.
#[derive(Debug, Default)]
pub(super) struct Held(BTreeSet<u16>);

impl Held {
    /// Takes in a stroke. Whether it is news: a key that is held repeats at the other computer by
    /// itself, and one that was down before is none of its business.
    pub(super) fn is_news(&mut self, stroke: Stroke) -> bool {
        match stroke.press {
            Press::Down => self.0.insert(stroke.code),
            Press::Up => self.0.remove(&stroke.code),
        }
    }

    /// Whether the keys that end it are down: Ctrl+Alt+Home, with either Ctrl, either Alt and
    /// either Home.
    pub(super) fn ends(&self) -> bool {
        [[29, 97], [56, 100], [102, 71]]
            .iter()
            .all(|keys| keys.iter().any(|key| self.0.contains(key)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(codes: &[u16]) -> Held {
        let mut held = Held::default();
        for code in codes {
            assert!(held.is_news(Stroke { code: *code, press: Press::Down }));
        }
        held
    }

    #[test]
    fn ctrl_alt_home_gives_the_keyboard_back() {
        assert!(held(&[97, 56, 102]).ends());
        assert!(held(&[29, 100, 71, 42]).ends());
        assert!(!held(&[29, 97, 102]).ends());
        assert!(!held(&[29, 56]).ends());
    }

    #[test]
    fn a_key_that_is_held_is_pressed_once_and_one_from_before_is_not_released() {
        let mut held = held(&[30]);
        assert!(!held.is_news(Stroke { code: 30, press: Press::Down }));
        assert!(!held.is_news(Stroke { code: 31, press: Press::Up }));
        assert!(held.is_news(Stroke { code: 30, press: Press::Up }));
    }
}

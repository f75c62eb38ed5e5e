//! Strokes that were heard beside the window, until they are asked for.

use std::collections::{BTreeSet, VecDeque};

use beckon_peer::Press;

use super::held::Stroke;

/// Enter, and that of the number pad.
pub(super) const ENTERS: [u16; 2] = [28, 96];

/// The strokes that egui does not tell, or not by their place.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Keys that were down before: neither they nor their Up are of interest.
    before: BTreeSet<u16>,
    /// INVARIANT: keys whose Down was taken in and whose Up was not.
    down: BTreeSet<u16>,
    enters: VecDeque<Stroke>,
    silent: Vec<Stroke>,
}

impl Heard {
    /// While these keys are down.
    pub(super) fn with_down(before: impl Iterator<Item = u16>) -> Self {
        Self { before: before.collect(), ..Self::default() }
    }

    /// Takes in a stroke; repetitions of a key that is held are none.
    pub(super) fn hear(&mut self, stroke: Stroke) {
        /// So many Enters are remembered at most.
        const MOST: usize = 64;
        let Stroke { code, press } = stroke;
        let news = match press {
            Press::Down => !self.before.contains(&code) && self.down.insert(code),
            Press::Up => !self.before.remove(&code) && self.down.remove(&code),
        };
        if news && ENTERS.contains(&code) {
            self.enters.push_back(stroke);
            let more = self.enters.len().saturating_sub(MOST);
            self.enters.drain(..more);
        } else if news && is_silent(code) {
            self.silent.push(stroke);
        }
    }

    /// Which Enter went which way. Those before it never reached the window: they are forgotten.
    pub(super) fn enter(&mut self, press: Press) -> Option<u16> {
        let at = self.enters.iter().position(|stroke| stroke.press == press)?;
        self.enters.drain(..=at).next_back().map(|stroke| stroke.code)
    }

    /// The keys that egui does not know.
    pub(super) fn silent(&mut self) -> Vec<Stroke> {
        std::mem::take(&mut self.silent)
    }
}

/// Media keys and the like: neither text nor known to egui. What switches this computer off stays
/// here.
fn is_silent(code: u16) -> bool {
    const KNOWN: [u16; 21] = [
        117, 119, 121, 122, 123, 124, 125, 126, 127, 183, 184, 185, 186, 187, 188, 189, 190, 191,
        192, 193, 194,
    ];
    const SWITCHES: [u16; 4] = [116, 142, 143, 205];
    code > 111 && !KNOWN.contains(&code) && !SWITCHES.contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hear(heard: &mut Heard, strokes: &[(u16, Press)]) {
        for (code, press) in strokes {
            heard.hear(Stroke { code: *code, press: *press });
        }
    }

    #[test]
    fn media_keys_are_silent_and_keys_that_type_or_switch_off_are_not() {
        for code in [113, 114, 115, 163, 164, 165, 172] {
            assert!(is_silent(code), "{code}");
        }
        for code in [1, 28, 30, 57, 96, 99, 111, 116, 119, 125, 127, 142, 183, 194] {
            assert!(!is_silent(code), "{code}");
        }
    }

    #[test]
    fn an_enter_of_which_the_window_does_not_ask_is_taken_for_no_later_one() {
        let mut heard = Heard::default();
        hear(&mut heard, &[(28, Press::Down), (28, Press::Up), (96, Press::Down)]);
        assert_eq!(heard.enter(Press::Down), Some(28));
        // The window was not told that it came up.
        hear(&mut heard, &[(96, Press::Up), (28, Press::Down)]);
        assert_eq!(heard.enter(Press::Down), Some(96));
        assert_eq!(heard.enter(Press::Up), Some(96), "and not the 28 from before");
        assert_eq!(heard.enter(Press::Down), Some(28));
        assert_eq!(heard.enter(Press::Up), None);
    }

    #[test]
    fn a_key_that_was_down_before_is_of_no_interest_until_it_was_up() {
        let mut heard = Heard::with_down([28, 172].into_iter());
        let again = [Press::Down, Press::Down, Press::Up];
        hear(&mut heard, &again.map(|press| (28, press)));
        hear(&mut heard, &again.map(|press| (172, press)));
        assert_eq!((heard.enter(Press::Down), heard.enter(Press::Up)), (None, None));
        assert_eq!(heard.silent(), vec![]);
        hear(&mut heard, &again.map(|press| (172, press)));
        let once = [Press::Down, Press::Up].map(|press| Stroke { code: 172, press });
        assert_eq!(heard.silent(), once, "held is one press");
    }
}

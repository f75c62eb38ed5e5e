//! Symbols that the user's layout does not have, on keys that it does not use.

use std::time::Duration;

/// A symbol stays on its key at least for so long after it was typed last: a program that is slow
/// may only now ask what the key carries.
pub const STAYS: Duration = Duration::from_millis(400);

/// Which symbol is on which spare key. INVARIANT: no symbol is on two keys.
#[derive(Clone, Debug, Default)]
pub struct Pins(Vec<Pin>);

#[derive(Clone, Copy, Debug, PartialEq)]
struct Pin {
    code: u8,
    symbol: Option<char>,
    used: Duration,
}

/// What it takes to type a symbol over a spare key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is on this key.
    Pinned(u8),
    /// Put it on this key first.
    Pin(u8),
    /// Every key is in use; try again then.
    Wait(Duration),
    /// There is no spare key.
    None,
}

impl Pins {
    /// Where `symbol` is typed at `now` (since the computer was started).
    pub fn place(&mut self, symbol: char, now: Duration) -> Place {
        if let Some(pin) = self.0.iter_mut().find(|pin| pin.symbol == Some(symbol)) {
            pin.used = now;
            return Place::Pinned(pin.code);
        }
        let oldest = self.0.iter_mut().min_by_key(|pin| (pin.symbol.is_some(), pin.used));
        let Some(pin) = oldest else { return Place::None };
        let free_at = pin.used + STAYS;
        let wait = free_at.saturating_sub(now);
        if pin.symbol.is_some() && !wait.is_zero() {
            return Place::Wait(wait);
        }
        (pin.symbol, pin.used) = (Some(symbol), now);
        Place::Pin(pin.code)
    }

    /// The keys that carry a symbol.
    pub fn codes(&self) -> impl Iterator<Item = u8> {
        self.0.iter().filter(|pin| pin.symbol.is_some()).map(|pin| pin.code)
    }

    /// Keeps what is still as it was put, after the layout has changed: `carries` says what a key
    /// carries now, `spare` which carry nothing.
    pub fn keep(&mut self, carries: impl Fn(u8) -> Option<char>, spare: &[u8]) {
        self.0.retain(|pin| pin.symbol.is_some() && pin.symbol == carries(pin.code));
        for code in spare {
            if self.0.iter().all(|pin| pin.code != *code) {
                self.0.push(Pin { code: *code, symbol: None, used: Duration::ZERO });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(100);

    fn spare(codes: &[u8]) -> Pins {
        let mut pins = Pins::default();
        pins.keep(|_| None, codes);
        pins
    }

    #[test]
    fn a_symbol_stays_where_it_is() {
        let mut pins = spare(&[9, 8]);
        assert_eq!(pins.place('é', NOW), Place::Pin(9));
        assert_eq!(pins.place('漢', NOW), Place::Pin(8));
        assert_eq!(pins.place('é', NOW), Place::Pinned(9));
    }

    #[test]
    fn a_key_is_not_given_to_another_symbol_while_a_slow_program_may_ask_for_it() {
        let mut pins = spare(&[9, 8]);
        pins.place('a', NOW);
        pins.place('b', NOW + Duration::from_millis(1));
        pins.place('a', NOW + Duration::from_millis(2));
        // B was typed a millisecond later than A, and A again after it.
        let early = NOW + STAYS;
        let free = early + Duration::from_millis(1);
        assert_eq!(pins.place('c', early), Place::Wait(Duration::from_millis(1)));
        assert_eq!(pins.place('c', free), Place::Pin(8), "the one that was used longest ago");
        assert_eq!(Pins::default().place('c', NOW), Place::None);
    }

    #[test]
    fn after_a_change_of_layout_only_what_is_still_there_counts() {
        let mut pins = spare(&[9, 8, 7]);
        pins.place('a', NOW);
        pins.place('b', NOW);
        pins.keep(|code| (code == 9).then_some('a'), &[6]);
        assert_eq!(pins.codes().collect::<Vec<_>>(), [9]);
        assert_eq!(pins.place('a', NOW), Place::Pinned(9));
        assert_eq!(pins.place('b', NOW), Place::Pin(6));
    }
}

//! The user's keyboard layout, as a table from symbols to keys.

use std::collections::HashMap;

use x11rb::protocol::xkb::KeyType;
use x11rb::protocol::xproto::ModMask;
use xkeysym::Keysym;

/// Shift, as a bit of the state.
pub const SHIFT: u8 = 1;
/// Caps lock, as a bit of the state.
pub const LOCK: u8 = 2;

const SHIFT_KEY: u32 = 0xFFE1;
const THIRD_LEVEL_KEY: u32 = 0xFE03;

/// The key that carries a symbol, and what is held with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// The key.
    pub code: u8,
    /// Whether Shift is held.
    pub shift: bool,
    /// Whether the key for the third level (Alt Gr) is held.
    pub third: bool,
}

/// What the keys carry.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// The keys with their groups, each with its type and symbols.
    pub keys: Vec<LayoutKey>,
    /// The types by their numbers.
    pub types: Vec<KeyType>,
    /// Which modifiers a key stands for.
    pub modifiers: HashMap<u8, u8>,
}

/// One key.
#[derive(Clone, Debug)]
pub struct LayoutKey {
    /// Its code.
    pub code: u8,
    /// How many groups it has; what counts where another is active.
    pub groups: u8,
    /// What happens where a group is active that it does not have: 0 wraps, 1 clamps, 2 goes to a
    /// fixed one.
    pub beyond: (u8, u8),
    /// How many symbols a group has.
    pub width: usize,
    /// The number of the type of each group.
    pub types: [u8; 4],
    /// The symbols, group by group.
    pub symbols: Vec<u32>,
}

impl Layout {
    /// The ways to every symbol of `group` while `held` modifiers are down or locked; the one with
    /// the fewest keys.
    pub fn ways(&self, group: u8, held: u8) -> HashMap<char, Way> {
        let third_mask = self.third().map_or(0, |(_, mask)| mask);
        let mut ways = HashMap::new();
        for (shift, third) in [(false, false), (true, false), (false, true), (true, true)] {
            if third && third_mask == 0 {
                continue;
            }
            let state = held | if shift { SHIFT } else { 0 } | if third { third_mask } else { 0 };
            for key in &self.keys {
                let symbol = self.symbol(key, group, state).and_then(character);
                if let Some(symbol) = symbol {
                    ways.entry(symbol).or_insert(Way { code: key.code, shift, third });
                }
            }
        }
        ways
    }

    /// The key that carries `symbol` by itself in any other group: for shortcuts, which programs
    /// also find there.
    pub fn elsewhere(&self, symbol: char) -> Option<u8> {
        (0..4).find_map(|group| {
            let carries = |key: &&LayoutKey| {
                group < key.groups && self.symbol(key, group, 0).and_then(character) == Some(symbol)
            };
            self.keys.iter().find(carries).map(|key| key.code)
        })
    }

    /// The key with this X name (keysym) on its first level.
    pub fn named(&self, name: u32) -> Option<u8> {
        let first = |key: &&LayoutKey| key.symbols.first() == Some(&name);
        self.keys.iter().find(first).map(|key| key.code)
    }

    /// The Shift key.
    pub fn shift(&self) -> Option<u8> {
        self.named(SHIFT_KEY)
    }

    /// The key for the third level, and its modifier.
    pub fn third(&self) -> Option<(u8, u8)> {
        let with_mask = |key: &LayoutKey| {
            let mask = self.modifiers.get(&key.code).copied().unwrap_or(0);
            (key.symbols.contains(&THIRD_LEVEL_KEY) && mask != 0).then_some((key.code, mask))
        };
        self.keys.iter().find_map(with_mask)
    }

    /// The keys that carry nothing, the rarest ones first.
    pub fn spare(&self) -> Vec<u8> {
        let empty = |key: &&LayoutKey| key.symbols.iter().all(|symbol| *symbol == 0);
        self.keys.iter().rev().filter(empty).map(|key| key.code).collect()
    }

    fn symbol(&self, key: &LayoutKey, group: u8, state: u8) -> Option<u32> {
        let group = key.effective(group)?;
        let of = self.types.get(usize::from(*key.types.get(usize::from(group))?))?;
        let held = state & bits(of.mods_mask);
        let entry = of.map.iter().find(|entry| entry.active && bits(entry.mods_mask) == held);
        let level = entry.map_or(0, |entry| usize::from(entry.level));
        if level >= key.width {
            return None;
        }
        key.symbols.get(usize::from(group) * key.width + level).copied()
    }
}

impl LayoutKey {
    /// Which of its groups counts where `group` is active.
    fn effective(&self, group: u8) -> Option<u8> {
        let (how, redirected) = self.beyond;
        match self.groups {
            0 => None,
            groups if group < groups => Some(group),
            groups => Some(match how {
                1 => groups - 1,
                2 => redirected.min(groups - 1),
                _ => group % groups,
            }),
        }
    }
}

/// The character that a key symbol writes; none for dead keys and the number pad, whose symbols
/// depend on Num lock.
pub fn character(symbol: u32) -> Option<char> {
    let symbol = Keysym::new(symbol);
    if symbol.is_keypad_key() {
        return None;
    }
    symbol.key_char().filter(|character| !character.is_control())
}

/// The eight real modifiers of a mask.
pub fn bits(mask: ModMask) -> u8 {
    u8::try_from(u16::from(mask) & 0xFF).unwrap_or(0)
}

/// The key symbol of a character.
pub fn symbol_of(character: char) -> u32 {
    match u32::from(character) {
        code @ (0x20..=0x7E | 0xA0..=0xFF) => code,
        code => 0x0100_0000 | code,
    }
}

#[cfg(test)]
mod tests {
    use x11rb::protocol::xkb::KTMapEntry;

    use super::*;

    const THIRD: u8 = 128;

    fn key_type(levels: &[(u8, u8)]) -> KeyType {
        let mask = levels.iter().fold(0, |all, (mask, _)| all | mask);
        let entry = |(mask, level): &(u8, u8)| KTMapEntry {
            active: true,
            mods_mask: ModMask::from(u16::from(*mask)),
            level: *level,
            ..KTMapEntry::default()
        };
        KeyType {
            mods_mask: ModMask::from(u16::from(mask)),
            num_levels: 4,
            map: levels.iter().map(entry).collect(),
            ..KeyType::default()
        }
    }

    fn key(code: u8, groups: u8, width: usize, kind: u8, symbols: &[u32]) -> LayoutKey {
        let symbols = symbols.to_vec();
        LayoutKey { code, groups, beyond: (0, 0), width, types: [kind; 4], symbols }
    }

    /// A piece of the German layout with a Russian second group.
    fn layout() -> Layout {
        let one = key_type(&[]);
        let alphabetic = key_type(&[(SHIFT, 1), (LOCK, 1)]);
        let four = key_type(&[(SHIFT, 1), (THIRD, 2), (SHIFT | THIRD, 3)]);
        Layout {
            types: vec![one, alphabetic, four],
            keys: vec![
                key(16, 1, 4, 2, &[0x37, 0x2F, 0x7B, 0]),
                key(24, 2, 4, 2, &[0x71, 0x51, 0x40, 0, 0x6CA, 0x6EA, 0, 0]),
                key(38, 1, 2, 1, &[0x61, 0x41]),
                key(49, 1, 2, 1, &[0xFE52, 0xB0]),
                key(50, 1, 1, 0, &[SHIFT_KEY]),
                key(79, 1, 1, 0, &[0xFFB7]),
                key(92, 1, 1, 0, &[THIRD_LEVEL_KEY]),
                key(93, 0, 0, 0, &[]),
                key(97, 1, 1, 0, &[0]),
            ],
            modifiers: HashMap::from([(50, SHIFT), (92, THIRD)]),
        }
    }

    fn way(code: u8, shift: bool, third: bool) -> Way {
        Way { code, shift, third }
    }

    #[test]
    fn a_symbol_is_found_with_the_keys_of_its_level() {
        let ways = layout().ways(0, 0);
        for (symbol, expected) in [
            ('7', way(16, false, false)),
            ('/', way(16, true, false)),
            ('{', way(16, false, true)),
            ('@', way(24, false, true)),
            ('A', way(38, true, false)),
            ('°', way(49, true, false)),
        ] {
            assert_eq!(ways.get(&symbol), Some(&expected), "{symbol}");
        }
        assert_eq!(ways.get(&'^'), None, "a dead key writes nothing by itself");
        assert!(ways.values().all(|way| way.code != 79), "the number pad depends on Num lock");
    }

    #[test]
    fn what_is_held_already_counts() {
        let ways = layout().ways(0, LOCK);
        assert_eq!(ways.get(&'A'), Some(&way(38, false, false)));
        assert_eq!(ways.get(&'a'), Some(&way(38, true, false)), "Shift undoes Caps lock");
        assert_eq!(layout().ways(0, THIRD).get(&'@'), Some(&way(24, false, false)));
    }

    #[test]
    fn each_group_has_its_own_symbols_and_shortcuts_find_those_of_another() {
        let ways = layout().ways(1, 0);
        assert_eq!(ways.get(&'й'), Some(&way(24, false, false)));
        assert_eq!(ways.get(&'q'), None);
        assert_eq!(ways.get(&'a'), Some(&way(38, false, false)), "a key of one group wraps");
        assert_eq!(layout().elsewhere('q'), Some(24));
        assert_eq!(layout().elsewhere('ω'), None);
    }

    #[test]
    fn keys_without_symbols_are_spare() {
        assert_eq!(layout().spare(), [97, 93]);
        assert_eq!(layout().shift(), Some(50));
        assert_eq!(layout().third(), Some((92, THIRD)));
    }

    #[test]
    fn a_character_has_a_symbol_and_is_read_from_it() {
        for letter in ['a', '~', 'é', 'ß', '€', 'ř', '漢', '🙂'] {
            assert_eq!(character(symbol_of(letter)), Some(letter));
        }
        assert_eq!(character(0x20AC), Some('€'), "also by its older name");
        assert_eq!(character(0xFF0D), None, "Enter is a key");
    }
}

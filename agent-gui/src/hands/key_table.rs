//! Keys by name, by place and by symbol.

use beckon_peer::{Key, KeyCode};

/// Each key with its place on the keyboard (evdev) and its name in X11 (keysym).
const KEYS: [(Key, u16, u32); 50] = [
    (Key::Enter, 28, 0xFF0D),
    (Key::Escape, 1, 0xFF1B),
    (Key::Tab, 15, 0xFF09),
    (Key::Backspace, 14, 0xFF08),
    (Key::Delete, 111, 0xFFFF),
    (Key::Insert, 110, 0xFF63),
    (Key::Home, 102, 0xFF50),
    (Key::End, 107, 0xFF57),
    (Key::PageUp, 104, 0xFF55),
    (Key::PageDown, 109, 0xFF56),
    (Key::Left, 105, 0xFF51),
    (Key::Right, 106, 0xFF53),
    (Key::Up, 103, 0xFF52),
    (Key::Down, 108, 0xFF54),
    (Key::Space, 57, 0x0020),
    (Key::Shift, 42, 0xFFE1),
    (Key::Control, 29, 0xFFE3),
    (Key::Alt, 56, 0xFFE9),
    (Key::AltGr, 100, 0xFE03),
    (Key::Super, 125, 0xFFEB),
    (Key::CapsLock, 58, 0xFFE5),
    (Key::NumLock, 69, 0xFF7F),
    (Key::ScrollLock, 70, 0xFF14),
    (Key::PrintScreen, 99, 0xFF61),
    (Key::Pause, 119, 0xFF13),
    (Key::Menu, 127, 0xFF67),
    (Key::F1, 59, 0xFFBE),
    (Key::F2, 60, 0xFFBF),
    (Key::F3, 61, 0xFFC0),
    (Key::F4, 62, 0xFFC1),
    (Key::F5, 63, 0xFFC2),
    (Key::F6, 64, 0xFFC3),
    (Key::F7, 65, 0xFFC4),
    (Key::F8, 66, 0xFFC5),
    (Key::F9, 67, 0xFFC6),
    (Key::F10, 68, 0xFFC7),
    (Key::F11, 87, 0xFFC8),
    (Key::F12, 88, 0xFFC9),
    (Key::F13, 183, 0xFFCA),
    (Key::F14, 184, 0xFFCB),
    (Key::F15, 185, 0xFFCC),
    (Key::F16, 186, 0xFFCD),
    (Key::F17, 187, 0xFFCE),
    (Key::F18, 188, 0xFFCF),
    (Key::F19, 189, 0xFFD0),
    (Key::F20, 190, 0xFFD1),
    (Key::F21, 191, 0xFFD2),
    (Key::F22, 192, 0xFFD3),
    (Key::F23, 193, 0xFFD4),
    (Key::F24, 194, 0xFFD5),
];

/// The second key of the same name: the right one of two, that of the number pad.
const TWINS: [(u16, Key); 5] =
    [(96, Key::Enter), (54, Key::Shift), (97, Key::Control), (126, Key::Super), (139, Key::Menu)];

/// The rows of an American keyboard: the place of the first key, the symbols.
const ROWS: [(u16, &str); 5] = [
    (2, "1234567890-="),
    (16, "qwertyuiop[]"),
    (30, "asdfghjkl;'`"),
    (43, "\\zxcvbnm,./"),
    (57, " "),
];

/// What X11 calls the key.
#[cfg(any(target_os = "linux", test))]
pub fn x11_name(key: Key) -> u32 {
    KEYS.iter().find(|(one, ..)| *one == key).map_or(0, |(.., name)| *name)
}

/// Where the key is.
pub fn place(key: Key) -> Option<KeyCode> {
    KEYS.iter().find(|(one, ..)| *one == key).and_then(|(_, place, _)| KeyCode::new(*place))
}

/// The key at a place, where it has a name.
pub fn named(code: KeyCode) -> Option<Key> {
    let twin = TWINS.iter().find(|(place, _)| *place == code.number()).map(|(_, key)| *key);
    let own = KEYS.iter().find(|(_, place, _)| *place == code.number()).map(|(key, ..)| *key);
    own.or(twin)
}

/// The symbol of the key at a place on an American keyboard.
pub fn american_symbol(code: KeyCode) -> Option<char> {
    ROWS.iter()
        .find_map(|(first, row)| row.chars().nth(usize::from(code.number().checked_sub(*first)?)))
}

/// Where a symbol is on an American keyboard without Shift.
#[cfg(any(target_os = "linux", test))]
pub fn american(symbol: char) -> Option<u16> {
    ROWS.iter().find_map(|(first, row)| {
        let along = row.chars().position(|one| one == symbol)?;
        Some(first + u16::try_from(along).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_place_and_a_name_of_its_own() {
        let mut places: Vec<_> = Key::ALL.iter().map(|key| place(*key).unwrap()).collect();
        let mut names: Vec<_> = Key::ALL.iter().map(|key| x11_name(*key)).collect();
        assert!(Key::ALL.iter().all(|key| named(place(*key).unwrap()) == Some(*key)));
        places.sort_unstable();
        places.dedup();
        names.sort_unstable();
        names.dedup();
        assert_eq!((places.len(), names.len()), (Key::ALL.len(), Key::ALL.len()));
        assert!(!names.contains(&0));
    }

    #[test]
    fn a_place_is_that_of_the_american_keyboard() {
        for (symbol, code) in
            [('1', 2), ('=', 13), ('q', 16), (']', 27), ('a', 30), ('`', 41), ('\\', 43), ('/', 53)]
        {
            assert_eq!(american(symbol), Some(code), "{symbol}");
            assert_eq!(american_symbol(KeyCode::new(code).unwrap()), Some(symbol));
        }
        assert_eq!(american('é'), None);
        assert_eq!(named(KeyCode::new(96).unwrap()), Some(Key::Enter));
        assert_eq!(named(KeyCode::new(30).unwrap()), None);
    }
}

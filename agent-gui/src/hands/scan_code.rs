//! What a keyboard sends to Windows.

use beckon_peer::KeyCode;

/// A key as the hardware names it: a make code of set 1, with the prefix 0xE0 or without.
///
/// Source: "USB HID to PS/2 Scan Code Translation Table" (Microsoft), and Linux' `atkbd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanCode {
    /// The code without its prefix.
    pub code: u16,
    /// Whether the prefix comes first.
    pub extended: bool,
}

/// From here to the last of the row, places and codes are the same number.
const SAME: [std::ops::RangeInclusive<u16>; 2] = [1..=68, 70..=83];

/// Place (evdev), code, prefix: all others.
const OTHERS: [(u16, u16, bool); 46] = [
    (86, 0x56, false),
    (87, 0x57, false),
    (88, 0x58, false),
    (89, 0x73, false),
    (92, 0x79, false),
    (93, 0x70, false),
    (94, 0x7B, false),
    (96, 0x1C, true),
    (97, 0x1D, true),
    (98, 0x35, true),
    (100, 0x38, true),
    (102, 0x47, true),
    (103, 0x48, true),
    (104, 0x49, true),
    (105, 0x4B, true),
    (106, 0x4D, true),
    (107, 0x4F, true),
    (108, 0x50, true),
    (109, 0x51, true),
    (110, 0x52, true),
    (111, 0x53, true),
    (113, 0x20, true),
    (114, 0x2E, true),
    (115, 0x30, true),
    (117, 0x59, false),
    (121, 0x7E, false),
    (122, 0x72, false),
    (123, 0x71, false),
    (124, 0x7D, false),
    (125, 0x5B, true),
    (126, 0x5C, true),
    (127, 0x5D, true),
    (139, 0x5D, true),
    (163, 0x19, true),
    (164, 0x22, true),
    (165, 0x10, true),
    (183, 0x64, false),
    (184, 0x65, false),
    (185, 0x66, false),
    (186, 0x67, false),
    (187, 0x68, false),
    (188, 0x69, false),
    (189, 0x6A, false),
    (190, 0x6B, false),
    (191, 0x6C, false),
    (192, 0x6D, false),
];

impl ScanCode {
    /// The key at a place. Num Lock, Print Screen and Pause send sequences of their own and are
    /// pressed by name; keys that Windows does not know have none.
    pub fn at(place: KeyCode) -> Option<Self> {
        let place = place.number();
        if SAME.iter().any(|row| row.contains(&place)) {
            return Some(Self { code: place, extended: false });
        }
        let other = OTHERS.iter().find(|(known, ..)| *known == place);
        other.map(|(_, code, extended)| Self { code: *code, extended: *extended })
    }

    /// From Windows' own spelling, in which the prefix is the upper byte.
    #[cfg(target_os = "windows")]
    pub fn spelled(code: u32) -> Option<Self> {
        let low = u16::try_from(code & 0xFF).ok().filter(|low| *low != 0)?;
        Some(Self { code: low, extended: code >> 8 == 0xE0 })
    }
}

/// Where an absolute movement of the mouse has to go, of 65,536, so that the pointer comes to a
/// stand on `at`, counted from the edge of a desktop of `length` pixels: Windows rounds down
/// when it translates back.
#[expect(clippy::cast_possible_truncation, reason = "at most 65,536 by the line before")]
pub fn along(at: i32, length: i32) -> i32 {
    let length = i64::from(length.max(1));
    let at = i64::from(at).clamp(0, length - 1);
    ((at * 65_536 + length - 1) / length) as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hands::key_table;
    use beckon_peer::Key;

    fn at(place: u16) -> Option<ScanCode> {
        ScanCode::at(KeyCode::new(place)?)
    }

    #[test]
    fn the_right_hand_keys_have_a_prefix_and_the_left_ones_have_none() {
        let plain = |code| Some(ScanCode { code, extended: false });
        let prefixed = |code| Some(ScanCode { code, extended: true });
        assert_eq!((at(29), at(97)), (plain(0x1D), prefixed(0x1D)), "Control");
        assert_eq!((at(56), at(100)), (plain(0x38), prefixed(0x38)), "Alt and AltGr");
        assert_eq!((at(28), at(96)), (plain(0x1C), prefixed(0x1C)), "both Enter");
        assert_eq!((at(71), at(102)), (plain(0x47), prefixed(0x47)), "7 and Home");
        assert_eq!((at(53), at(98)), (plain(0x35), prefixed(0x35)), "both slashes");
        assert_eq!(at(125), prefixed(0x5B), "the Windows key");
    }

    #[test]
    fn no_two_places_of_a_keyboard_send_the_same() {
        // 127 and 139 are both called Menu.
        let places = (1..=KeyCode::GREATEST).filter(|place| *place != 139);
        let mut all: Vec<_> = places.filter_map(at).map(|key| (key.code, key.extended)).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!((all.len(), count), (count, 68 + 14 + 45));
    }

    #[test]
    fn every_key_with_a_name_is_pressed_by_its_place_or_by_its_name() {
        let by_name = [Key::NumLock, Key::PrintScreen, Key::Pause, Key::F23, Key::F24];
        for key in Key::ALL {
            let place = key_table::place(*key).unwrap();
            assert_eq!(ScanCode::at(place).is_none(), by_name.contains(key), "{key:?}");
        }
    }

    #[test]
    fn the_pointer_stands_on_the_very_pixel() {
        for length in [1, 2, 3, 640, 1366, 1920, 3000, 5760, 16_384] {
            for at in (0..length).step_by(7).chain([length - 1]) {
                let back = i64::from(along(at, length)) * i64::from(length) / 65_536;
                assert_eq!(back, i64::from(at), "{at} of {length}");
            }
        }
        assert_eq!(along(-5, 100), 0);
        assert_eq!(along(500, 100), along(99, 100));
    }
}

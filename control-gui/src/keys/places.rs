//! The places of keys, as Windows tells them.

/// The keys that later keyboards have: scan code and place.
const EXTENDED: [(u16, u16); 35] = [
    (0x10, 165),
    (0x19, 163),
    (0x1c, 96),
    (0x1d, 97),
    (0x20, 113),
    (0x21, 140),
    (0x22, 164),
    (0x24, 166),
    (0x2e, 114),
    (0x30, 115),
    (0x32, 172),
    (0x35, 98),
    (0x37, 99),
    (0x38, 100),
    (0x45, 69),
    (0x46, 119),
    (0x47, 102),
    (0x48, 103),
    (0x49, 104),
    (0x4b, 105),
    (0x4d, 106),
    (0x4f, 107),
    (0x50, 108),
    (0x51, 109),
    (0x52, 110),
    (0x53, 111),
    (0x5b, 125),
    (0x5c, 126),
    (0x5d, 127),
    (0x65, 217),
    (0x66, 156),
    (0x67, 173),
    (0x68, 128),
    (0x69, 159),
    (0x6a, 158),
];

/// The place (evdev) of the key with this scan code; `None` for one that has none, or that
/// switches this computer off.
pub(super) fn place(scan: u32, is_extended: bool) -> Option<u16> {
    let scan = u16::try_from(scan).ok()?;
    if !is_extended {
        return match scan {
            // The numbers of the first keyboards are those of evdev.
            1..=68 | 70..=83 | 86..=88 => Some(scan),
            // Pause; number lock is the one that is extended.
            69 => Some(119),
            // Enter of Japanese keyboards and the like.
            0x70 => Some(93),
            0x73 => Some(89),
            0x79 => Some(92),
            0x7b => Some(94),
            0x7d => Some(124),
            0x7e => Some(121),
            _ => None,
        };
    }
    EXTENDED.into_iter().find(|(here, _)| *here == scan).map(|(_, there)| there)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn keys_keep_their_places() {
        for (scan, extended, code) in [
            (0x01, false, 1),
            (0x1c, false, 28),
            (0x1c, true, 96),
            (0x1d, false, 29),
            (0x38, true, 100),
            (0x45, false, 119),
            (0x45, true, 69),
            (0x47, false, 71),
            (0x47, true, 102),
            (0x56, false, 86),
            (0x5b, true, 125),
        ] {
            assert_eq!(place(scan, extended), Some(code), "{scan:#x} {extended}");
        }
    }

    #[test]
    fn what_switches_off_and_the_half_of_alt_gr_have_none() {
        for (scan, extended) in
            [(0x5e, true), (0x5f, true), (0x63, true), (0x21d, false), (0, false)]
        {
            assert_eq!(place(scan, extended), None, "{scan:#x}");
        }
    }

    #[test]
    fn no_two_keys_have_one_place_but_pause() {
        let all = (0..0x100).flat_map(|scan| [(scan, false), (scan, true)]);
        let mut places = BTreeSet::new();
        let twice: Vec<_> = all
            .filter_map(|(scan, extended)| place(scan, extended))
            .filter(|code| !places.insert(*code))
            .collect();
        assert_eq!(twice, [119]);
        assert!(places.len() > 110);
    }
}

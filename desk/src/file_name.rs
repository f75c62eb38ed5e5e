//! File names that every system takes for what they are.

/// The longest name, in UTF-16 units and in bytes, whichever is reached first.
const LONGEST: usize = 200;

/// Names that are devices on Windows, whatever their ending.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];
const NUMBERED: [&str; 2] = ["COM", "LPT"];

/// `name` as a name for a new file or folder: no path, no stream (`:`), no device (`aux.txt`), no
/// sign that some system refuses, none that shows another name than it is (bidirectional
/// controls), no dot or space at either end, not empty and not too long; the ending stays.
///
/// Source: "Naming Files, Paths, and Namespaces" (Microsoft).
pub fn safe(name: &str) -> String {
    let replaced: String =
        name.chars().map(|sign| if is_plain(sign) { sign } else { '_' }).collect();
    let trimmed = replaced.trim_matches(['.', ' ']);
    let cut = shortened(trimmed);
    let named = cut.trim_matches(['.', ' ']);
    if named.is_empty() || is_device(named) { format!("_{named}") } else { named.to_owned() }
}

fn is_plain(sign: char) -> bool {
    const REFUSED: [char; 9] = ['<', '>', ':', '"', '/', '\\', '|', '?', '*'];
    // Marks, embeddings, overrides and isolates of the direction, and what has no width.
    let is_hidden = matches!(
        sign,
        '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
    );
    !sign.is_control() && !is_hidden && !REFUSED.contains(&sign)
}

/// Everything before the first dot counts, without spaces at its end.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    let number = NUMBERED.iter().find_map(|device| stem.strip_prefix(device));
    let mut number = number.unwrap_or_default().chars();
    let is_numbered = matches!(
        (number.next(), number.next()),
        (Some('0'..='9' | '\u{B9}' | '\u{B2}' | '\u{B3}'), None)
    );
    DEVICES.contains(&stem.as_str()) || is_numbered
}

/// Takes away from before the ending.
fn shortened(name: &str) -> String {
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let ending = name.rfind('.').and_then(|dot| name.get(dot..)).filter(|e| e.len() <= 20);
    let ending = ending.unwrap_or_default();
    let mut room = LONGEST - ending.len();
    while !name.is_char_boundary(room) {
        room -= 1;
    }
    format!("{}{ending}", name.get(..room).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_name_stays_as_it_is() {
        for name in
            ["beckon-receipt-2026-11-23.txt", "Grüße 漢.pdf", "a.b.c", "console.txt", "com10"]
        {
            assert_eq!(safe(name), name);
        }
    }

    #[test]
    fn devices_streams_paths_and_disguises_are_made_harmless() {
        for (name, safe_name) in [
            ("AUX.example.org-2026", "_AUX.example.org-2026"),
            ("con", "_con"),
            ("nul .txt", "_nul .txt"),
            ("lpt1.tar.gz", "_lpt1.tar.gz"),
            ("COM\u{B2}", "_COM\u{B2}"),
            ("conin$", "_conin$"),
            ("report.txt:hidden", "report.txt_hidden"),
            ("..\\..\\evil.exe", "_.._evil.exe"),
            ("/etc/passwd", "_etc_passwd"),
            ("invoice\u{202E}fdp.exe", "invoice_fdp.exe"),
            ("trailing. . ", "trailing"),
            ("", "_"),
            ("...", "_"),
            ("a\0b\nc", "a_b_c"),
        ] {
            assert_eq!(safe(name), safe_name, "{name:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending_and_whole_characters() {
        for letter in ["x", "ß", "漢", "🦀"] {
            let name = safe(&format!("{}.docx", letter.repeat(400)));
            assert_eq!(name.rsplit_once('.').unwrap().1, "docx");
            assert!(name.len() <= LONGEST, "{name}");
            assert!(name.starts_with(letter));
        }
        assert!(safe(&format!("x.{}", "y".repeat(400))).len() <= LONGEST);
    }

    #[test]
    fn what_is_safe_stays_the_same() {
        let signs = ['.', ' ', 'a', ':', '\u{202E}', 'N', 'U', 'L', '1', 'ß', '\u{7F}'];
        let mut turn = 7_usize;
        for _ in 0..20_000 {
            let name: String = (0..6)
                .map(|_| {
                    turn = turn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
                    signs[(turn >> 33) % signs.len()]
                })
                .collect();
            let once = safe(&name);
            assert_eq!(safe(&once), once, "{name:?}");
            assert!(once.chars().all(is_plain) && !is_device(&once), "{name:?} {once:?}");
        }
    }
}

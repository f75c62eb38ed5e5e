//! Which characters the built-in fonts can draw.

use egui::epaint::text::{FontDefinitions, Fonts, TextOptions};
use egui::{FontFamily, FontId};

/// The characters of `text` that the built-in fonts lack, each once; line breaks count as known.
/// The system's fonts fill in for names and chat, never for the programs' own words.
pub fn missing(text: &str) -> Vec<char> {
    let mut fonts = Fonts::new(TextOptions::default(), FontDefinitions::default());
    let body = FontId::new(crate::theme::BODY, FontFamily::Proportional);
    let mut missing: Vec<char> = text
        .chars()
        .filter(|letter| !letter.is_control() && !fonts.has_glyph(&body, *letter))
        .collect();
    missing.sort_unstable();
    missing.dedup();
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_drawn_and_chinese_is_not() {
        assert_eq!(missing("Grüße, „Beckon“ – 3 s ago…\n"), Vec::<char>::new());
        assert_eq!(missing("a漢a漢"), vec!['漢']);
    }
}

//! Text as Windows writes it.

/// The text up to the first zero.
pub fn text(wide: &[u16]) -> String {
    let end = wide.iter().position(|unit| *unit == 0).unwrap_or(wide.len());
    String::from_utf16_lossy(wide.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_ends_with_the_first_zero() {
        let wide: Vec<u16> = r"\\.\DISPLAY1".encode_utf16().chain([0, 0, 65]).collect();
        assert_eq!(text(&wide), r"\\.\DISPLAY1");
        assert_eq!(text(&wide[..3]), r"\\.");
        assert_eq!(text(&[]), "");
    }
}

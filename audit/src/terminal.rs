//! The terminal of the auditor. What an export holds must not drive it: everything that is printed
//! passes here.

use std::fmt::Write as _;
use std::io::{self, ErrorKind, Write};

use beckon_projections::text::is_invisible;

/// Several lines, safe to show: only their line feeds stay, everything else that would act on the
/// terminal or be invisible reads as `\u{1b}`.
pub fn lines(text: &str) -> String {
    escaped(text, &|symbol| symbol != '\n' && acts(symbol))
}

/// One line, safe to show: like [`lines`], and a line feed reads as `\u{a}`, so that no value can
/// pretend to be a line of its own.
pub fn line(text: &str) -> String {
    escaped(text, &acts)
}

/// Written JSON with every such symbol as `\u001b`, which reads as the same value.
pub fn json(written: &str) -> String {
    let mut safe = String::with_capacity(written.len());
    for symbol in written.chars() {
        // A line feed in written JSON stands between values; those within were escaped already.
        if symbol == '\n' || !acts(symbol) {
            safe.push(symbol);
            continue;
        }
        for unit in symbol.encode_utf16(&mut [0; 2]) {
            // Writing to a string cannot fail.
            let _ = write!(safe, "\\u{unit:04x}");
        }
    }
    safe
}

/// Prints lines. That nobody reads on, as `head` does, is no error.
pub fn print(to: &mut dyn Write, text: &str) -> io::Result<()> {
    let printed = writeln!(to, "{}", lines(text.trim_end())).and_then(|()| to.flush());
    match printed {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        printed => printed,
    }
}

fn acts(symbol: char) -> bool {
    symbol.is_control() || is_invisible(symbol)
}

fn escaped(text: &str, acts: &dyn Fn(char) -> bool) -> String {
    let mut safe = String::with_capacity(text.len());
    for symbol in text.chars() {
        if acts(symbol) { safe.extend(symbol.escape_unicode()) } else { safe.push(symbol) }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "a\u{1b}[2Jb\u{9b}c\u{7f}d\u{202e}e\u{200b}f\r";

    struct Closed(ErrorKind);

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }

    #[test]
    fn nothing_that_acts_on_a_terminal_is_printed_and_nothing_is_cut() {
        let long = format!("{HOSTILE}\nVERIFIED{}", "x".repeat(100));
        let mut printed = Vec::new();
        print(&mut printed, &long).unwrap();
        let printed = String::from_utf8(printed).unwrap();
        assert!(printed.starts_with(r"a\u{1b}[2Jb\u{9b}c\u{7f}d\u{202e}e\u{200b}f\u{d}"));
        assert!(printed.ends_with(&format!("\nVERIFIED{}\n", "x".repeat(100))), "{printed}");
        assert_eq!(line("a\nVERIFIED"), r"a\u{a}VERIFIED");
    }

    #[test]
    fn json_stays_the_same_value() {
        let written = serde_json::to_string_pretty(&[HOSTILE, "Añ😀"]).unwrap();
        let safe = json(&written);
        assert!(!safe.chars().any(|symbol| symbol != '\n' && acts(symbol)), "{safe}");
        assert!(safe.contains(r"d\u202ee\u200bf"), "{safe}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&safe).unwrap(), [HOSTILE, "Añ😀"]);
        assert_eq!(lines(&safe), safe);
    }

    #[test]
    fn a_reader_that_goes_away_is_no_error_and_a_full_disk_is_one() {
        assert!(print(&mut Closed(ErrorKind::BrokenPipe), "x").is_ok());
        assert!(print(&mut Closed(ErrorKind::StorageFull), "x").is_err());
    }
}

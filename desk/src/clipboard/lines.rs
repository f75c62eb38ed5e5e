//! The ends of lines: `\n` between the two computers, `\r\n` in a clipboard of Windows.

/// As it goes over.
pub fn of_beckon(text: String) -> String {
    if cfg!(windows) { plain(text) } else { text }
}

/// As it is put into the clipboard here.
pub fn of_this_system(text: String) -> String {
    if cfg!(windows) { windows(text) } else { text }
}

/// How what came is read back here, so that it is known again.
pub fn read_back(text: &str) -> String {
    of_beckon(of_this_system(text.to_owned()))
}

fn plain(text: String) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n") } else { text }
}

/// A text of Windows ends with the first zero.
fn windows(mut text: String) -> String {
    text.truncate(text.find('\0').unwrap_or(text.len()));
    if text.contains('\n') { plain(text).replace('\n', "\r\n") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_to_windows_and_back_is_the_same() {
        for (text, there) in [
            ("one", "one"),
            ("one\ntwo\n", "one\r\ntwo\r\n"),
            ("one\r\ntwo\n", "one\r\ntwo\r\n"),
            ("\r", "\r"),
            ("one\rtwo", "one\rtwo"),
        ] {
            assert_eq!(windows(text.to_owned()), there, "{text:?}");
            assert_eq!(plain(there.to_owned()), text.replace("\r\n", "\n"), "{text:?}");
            let again = plain(windows(there.to_owned()));
            assert_eq!(again, plain(there.to_owned()), "what is read back is known again");
        }
        assert_eq!(windows("one\0two\n".to_owned()), "one");
    }
}

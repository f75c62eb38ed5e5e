//! The ends of lines: `\n` between the two computers, `\r\n` in a clipboard of Windows.

/// As it goes over.
pub fn of_beckon(text: String) -> String {
    if cfg!(windows) { plain(text) } else { text }
}

/// As it is put into the clipboard here.
pub fn of_this_system(text: String) -> String {
    if cfg!(windows) { windows(text) } else { text }
}

fn plain(text: String) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n") } else { text }
}

fn windows(text: String) -> String {
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
        ] {
            assert_eq!(windows(text.to_owned()), there, "{text:?}");
            assert_eq!(plain(there.to_owned()), text.replace("\r\n", "\n"), "{text:?}");
        }
    }
}

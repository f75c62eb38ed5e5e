//! The terminal that a program was started from, and what is said where there is none.

#[cfg(target_os = "windows")]
mod win32;

/// On Windows a program with windows is not connected with the terminal that it was started from:
/// connects it, so that what it writes can be read there. What was redirected stays redirected.
/// To be called before anything is written.
pub fn attach() {
    #[cfg(target_os = "windows")]
    win32::attach();
}

/// Shows `error` to the person in front of this computer, in a box called `title`, where nobody
/// would read what is written to stderr; returns once it was read.
pub fn alert(title: &str, error: &str) {
    #[cfg(target_os = "windows")]
    if !win32::has_stderr() {
        win32::show_box(title, &sentence(error));
    }
    #[cfg(not(target_os = "windows"))]
    let _ = (title, error);
}

/// With a capital at the beginning and a full stop.
#[cfg(any(target_os = "windows", test))]
fn sentence(error: &str) -> String {
    let mut letters = error.trim().trim_end_matches('.').chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).chain(['.']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_shown_as_a_sentence() {
        assert_eq!(sentence("the keys are damaged\n"), "The keys are damaged.");
        assert_eq!(sentence("C:\\x: no."), "C:\\x: no.");
    }
}

//! What Windows shows its user alone.

use crate::capture::CaptureError;

/// The desktop of screen savers. (That of the lock screen, of Ctrl+Alt+Del and of questions for
/// an administrator is `Winlogon`.)
const SCREEN_SAVER: &str = "Screen-saver";

/// Which desktop gets the user's input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputDesktop {
    /// One that this program may not open.
    Denied,
    /// The one of this name.
    Named(String),
    /// It could not be asked for.
    Unknown,
}

/// Why nothing can be seen of what the user has before them; `None` where that is nothing else
/// than the desktop `own` that this program sees, or where nobody knows.
pub fn hidden(input: &InputDesktop, own: &str, is_locked: Option<bool>) -> Option<CaptureError> {
    let is_saved = match input {
        InputDesktop::Unknown => return None,
        InputDesktop::Named(name) if name.eq_ignore_ascii_case(own) => return None,
        InputDesktop::Named(name) => name.eq_ignore_ascii_case(SCREEN_SAVER),
        InputDesktop::Denied => false,
    };
    let is_locked = is_saved || is_locked.unwrap_or(false);
    Some(if is_locked { CaptureError::Locked } else { CaptureError::SecurityPrompt })
}

/// Whether the `SessionFlags` of `WTSINFOEX_LEVEL1` say that the session is locked.
pub fn is_locked(flags: i32) -> Option<bool> {
    match flags {
        0 => Some(true),
        1 => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_desktop_is_a_lock_screen_or_a_question_of_the_system() {
        let named = |name: &str| InputDesktop::Named(name.to_owned());
        let (locked, asked) = (Some(CaptureError::Locked), Some(CaptureError::SecurityPrompt));
        let cases = [
            (named("Default"), Some(false), None),
            (named("default"), Some(true), None),
            (InputDesktop::Unknown, Some(true), None),
            (InputDesktop::Denied, Some(false), asked.clone()),
            (InputDesktop::Denied, None, asked.clone()),
            (InputDesktop::Denied, Some(true), locked.clone()),
            (named("Winlogon"), Some(false), asked.clone()),
            (named("Winlogon"), Some(true), locked.clone()),
            (named("Screen-saver"), Some(false), locked),
            (named("Passwords"), Some(false), asked),
        ];
        for (input, is_locked, expected) in cases {
            assert_eq!(hidden(&input, "Default", is_locked), expected, "{input:?} {is_locked:?}");
        }
    }

    #[test]
    fn flags_of_a_session_are_locked_unlocked_or_unknown() {
        assert_eq!([0, 1, -1].map(is_locked), [Some(true), Some(false), None]);
    }
}

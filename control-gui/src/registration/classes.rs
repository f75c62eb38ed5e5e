//! What the registry of Windows says about a scheme, as values and texts.

use std::path::{Path, PathBuf};

/// Where the scheme is, within the part of the registry that belongs to the user.
pub(super) const KEY: &str = r"Software\Classes\beckon";
/// Where its command is.
pub(super) const COMMAND: &str = r"Software\Classes\beckon\shell\open\command";

/// The values for `program`: key, name (empty for the default one), text. `None` for a path that
/// would be read in another way than it is written.
pub(super) fn values(program: &str) -> Option<[(String, &'static str, String); 4]> {
    if program.is_empty()
        || program.contains(|letter: char| letter.is_control() || ['"', '%'].contains(&letter))
    {
        return None;
    }
    Some([
        (KEY.to_owned(), "", "URL:Beckon".to_owned()),
        (KEY.to_owned(), "URL Protocol", String::new()),
        (format!(r"{KEY}\DefaultIcon"), "", format!("\"{program}\",0")),
        (COMMAND.to_owned(), "", format!("\"{program}\" \"%1\"")),
    ])
}

/// The program of a command as [`values`] writes it.
pub(super) fn program_of(command: &str) -> Option<PathBuf> {
    let program = command.strip_prefix('"')?.strip_suffix("\" \"%1\"")?;
    (!program.is_empty()).then(|| PathBuf::from(program))
}

/// Whether both are the same program: Windows does not tell capitals from small letters.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    let folded = |path: &Path| path.to_string_lossy().to_lowercase();
    folded(one) == folded(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_and_the_link_are_quoted() {
        let program = r"C:\Program Files\half off & more\beckon-control.exe";
        let values = values(program).unwrap();
        let [name, protocol, icon, command] = &values;
        assert_eq!((name.0.as_str(), name.1, name.2.as_str()), (KEY, "", "URL:Beckon"));
        assert_eq!((protocol.1, protocol.2.as_str()), ("URL Protocol", ""));
        assert_eq!(icon.2, format!("\"{program}\",0"));
        assert_eq!(command.0, COMMAND);
        assert_eq!(command.2, format!("\"{program}\" \"%1\""));
        assert_eq!(program_of(&command.2), Some(PathBuf::from(program)));
    }

    #[test]
    fn a_path_that_would_be_read_in_another_way_is_refused() {
        for program in
            ["", "C:\\100%done\\b.exe", "C:\\a\" \"b.exe", "C:\\a\nb.exe", "C:\\a\0b.exe"]
        {
            assert!(values(program).is_none(), "{program:?}");
        }
    }

    #[test]
    fn a_command_of_another_form_is_not_ours() {
        for command in ["", "\"\" \"%1\"", "C:\\x.exe %1", "\"C:\\x.exe\" \"%1\" --more"] {
            assert_eq!(program_of(command), None, "{command:?}");
        }
    }

    #[test]
    fn a_program_is_itself_in_capitals_too() {
        let [one, other] = [r"C:\Users\Ana\x.exe", r"c:\users\ANA\X.EXE"].map(Path::new);
        assert!(is_same(one, other));
        assert!(!is_same(one, Path::new(r"C:\Users\Ana\y.exe")));
    }
}

//! What the command line asks for.

use beckon_protocol::{LaunchError, LaunchLink};

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The window, and a session where there is a link. A link that is none is said in the window:
    /// whoever clicked it sees no terminal.
    Window(Option<Result<LaunchLink, LaunchError>>),
    /// Make links open this program.
    Register,
    /// Undo that.
    Unregister,
    /// Say which version this is.
    Version,
    /// Say how it is used.
    Help,
}

/// Why the arguments make no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentError {
    /// Not one that there is.
    #[error("{0:?} is not understood, see beckon-control --help")]
    Unknown(String),
    /// More than one.
    #[error("one argument at most, see beckon-control --help")]
    TooMany,
}

/// Reads the arguments after the program's name.
pub fn read(arguments: &[String]) -> Result<Wanted, ArgumentError> {
    match arguments {
        [] => Ok(Wanted::Window(None)),
        [one] => match one.as_str() {
            "register" => Ok(Wanted::Register),
            "unregister" => Ok(Wanted::Unregister),
            "--version" | "-V" => Ok(Wanted::Version),
            "--help" | "-h" | "help" => Ok(Wanted::Help),
            link if link.starts_with("beckon:") => Ok(Wanted::Window(Some(link.parse()))),
            other => Err(ArgumentError::Unknown(other.to_owned())),
        },
        _ => Err(ArgumentError::TooMany),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_a_session_and_a_forged_one_is_refused() {
        let link = LaunchLink::new("help.example.org".parse().unwrap(), [1; 32]);
        let read = |arguments: &[&str]| {
            super::read(&arguments.iter().map(|a| (*a).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(read(&[]), Ok(Wanted::Window(None)));
        assert_eq!(read(&[&link.to_string()]), Ok(Wanted::Window(Some(Ok(link)))));
        assert_eq!(read(&["register"]), Ok(Wanted::Register));
        let forged = read(&["beckon://launch/help.example.org?t=short"]);
        assert_eq!(forged, Ok(Wanted::Window(Some(Err(LaunchError::Malformed)))));
        assert_eq!(read(&["--fast"]), Err(ArgumentError::Unknown("--fast".to_owned())));
        assert_eq!(read(&["register", "now"]), Err(ArgumentError::TooMany));
    }
}

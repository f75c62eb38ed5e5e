//! The entry in the registry, for this user only.

use std::path::{Path, PathBuf};

use windows::Win32::Foundation::ERROR_FILE_NOT_FOUND;
use windows::core::Error;
use windows_registry::CURRENT_USER;

use super::RegistrationError;
use super::classes::{COMMAND, KEY, is_same, program_of, values};

/// Makes links open `program`, and says by which key.
pub(super) fn register(program: &Path) -> Result<String, RegistrationError> {
    let program = program.to_str().ok_or(RegistrationError::Path)?;
    for (key, name, text) in values(program).ok_or(RegistrationError::Path)? {
        let written = CURRENT_USER.create(&key).and_then(|open| open.set_string(name, &text));
        written.map_err(|error| refused(&key, &error))?;
    }
    Ok(format!(r"HKEY_CURRENT_USER\{KEY}"))
}

/// Whether links open `program`.
pub(super) fn is_registered(program: &Path) -> Result<bool, RegistrationError> {
    Ok(registered()?.is_some_and(|registered| is_same(&registered, program)))
}

/// Undoes [`register`], unless links open another program that exists.
pub(super) fn unregister(program: &Path) -> Result<(), RegistrationError> {
    let Some(registered) = registered()? else { return Ok(()) };
    if is_same(&registered, program) || !registered.exists() {
        CURRENT_USER.remove_tree(KEY).map_err(|error| refused(KEY, &error))?;
    }
    Ok(())
}

/// The program that links open, as far as a Control has registered it.
fn registered() -> Result<Option<PathBuf>, RegistrationError> {
    let command = CURRENT_USER.open(COMMAND).and_then(|open| open.get_string(""));
    match command {
        Ok(command) => Ok(program_of(&command)),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(refused(COMMAND, &error)),
    }
}

fn is_missing(error: &Error) -> bool {
    error.code() == ERROR_FILE_NOT_FOUND.to_hresult()
}

fn refused(key: &str, error: &Error) -> RegistrationError {
    RegistrationError::Registry(format!(r"HKEY_CURRENT_USER\{key}"), error.message())
}

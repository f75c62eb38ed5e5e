//! How `beckon://` links find this program.

#[cfg(any(target_os = "windows", test))]
mod classes;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(any(target_os = "linux", target_os = "windows")))]
mod nowhere;
#[cfg(target_os = "windows")]
mod win32;

use std::path::Path;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(not(any(target_os = "linux", target_os = "windows")))]
use nowhere as system;
#[cfg(target_os = "windows")]
use win32 as system;

/// Why links do not open this program.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// The path of this program cannot be written into an entry.
    #[error("the path of this program cannot be registered, move it to another folder")]
    Path,
    /// No folder for the entry.
    #[cfg(target_os = "linux")]
    #[error("there is no home folder, set HOME or XDG_DATA_HOME")]
    NoHome,
    /// A file cannot be read or written.
    #[cfg(target_os = "linux")]
    #[error("{0} cannot be used: {1}")]
    File(std::path::PathBuf, std::io::Error),
    /// `xdg-mime` is missing or failed.
    #[cfg(target_os = "linux")]
    #[error("xdg-mime did not accept the entry, install xdg-utils and try again: {0}")]
    XdgMime(String),
    /// The registry cannot be read or written.
    #[cfg(target_os = "windows")]
    #[error("{0} in the registry cannot be used: {1}")]
    Registry(String, String),
    /// This system is neither Linux nor Windows.
    #[cfg(not(any(target_os = "linux", target_os = "windows")))]
    #[error("on this system beckon:// links cannot be registered yet")]
    OtherSystem,
}

/// Makes links open `program`, and says by which entry.
pub fn register(program: &Path) -> Result<String, RegistrationError> {
    system::register(program)
}

/// Registers at the first start: where there is no entry, or its program is gone. On Windows also
/// where it is another one: who has got a new version starts it once.
pub fn register_at_first_start(program: &Path) -> Result<(), RegistrationError> {
    if !system::is_registered(program)? {
        system::register(program)?;
    }
    Ok(())
}

/// Undoes [`register`]; what opens another program that exists stays.
pub fn unregister(program: &Path) -> Result<(), RegistrationError> {
    system::unregister(program)
}

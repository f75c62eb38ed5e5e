//! Systems where links cannot be registered.

use std::path::Path;

use super::RegistrationError;

pub(super) fn register(_: &Path) -> Result<String, RegistrationError> {
    Err(RegistrationError::OtherSystem)
}

/// Nothing is tried at the start.
pub(super) fn is_registered(_: &Path) -> Result<bool, RegistrationError> {
    Ok(true)
}

pub(super) fn unregister(_: &Path) -> Result<(), RegistrationError> {
    Err(RegistrationError::OtherSystem)
}

//! The ways between the audit pages.

use beckon_projections::Right;

use super::person::Person;

/// The tabs above an audit page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditNav {
    /// Which page this is: `log`, `as-of` or `proof`.
    pub here: &'static str,
    /// Whether the reader may read the log.
    pub can_read: bool,
}

impl AuditNav {
    /// The tabs for `person` on the page `here`.
    pub fn of(person: &Person, here: &'static str) -> Self {
        Self { here, can_read: person.may(Right::ReadLog) }
    }
}

//! What a role lets somebody do.

use beckon_events::operator::Role;

/// One thing that a role may allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Create sessions, connect to one's own and end them.
    HoldSessions,
    /// See the sessions of everybody.
    SeeEverySession,
    /// Read the log.
    ReadLog,
    /// Take a copy of the log, or of one session, away.
    ExportLog,
    /// Invite, disable and re-enable people, and change their roles.
    ManageUsers,
    /// Change what holds for the whole account.
    ChangeSettings,
}

impl Right {
    /// Every right.
    pub const ALL: [Self; 6] = [
        Self::HoldSessions,
        Self::SeeEverySession,
        Self::ReadLog,
        Self::ExportLog,
        Self::ManageUsers,
        Self::ChangeSettings,
    ];

    /// The table of permissions.
    pub fn of(role: Role) -> &'static [Self] {
        match role {
            Role::Admin => &[
                Self::HoldSessions,
                Self::SeeEverySession,
                Self::ExportLog,
                Self::ManageUsers,
                Self::ChangeSettings,
            ],
            Role::Operator => &[Self::HoldSessions],
            Role::Auditor => &[Self::SeeEverySession, Self::ReadLog, Self::ExportLog],
        }
    }
}

//! One person with a sign-in.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::session::ControlKeys;
use crate::{
    AccountId, Decider, DomainEvent, OperatorId, Personal, PublicKey, Recorded, RecordedEvent,
    SessionId,
};

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Users, settings, and all that an operator may do.
    Admin,
    /// Their own sessions.
    Operator,
    /// Reads the log; cannot join or change.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Admin, Self::Operator, Self::Auditor];

    /// The name used in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Operator => "operator",
            Self::Auditor => "auditor",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = &'static str;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|r| r.name() == s).ok_or("choose admin, operator or auditor")
    }
}

/// The events of the stream `operator-<uuid>`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "the fields are described in docs/events.md, which a test keeps complete"
)]
pub enum Event {
    /// Somebody may register with a setup link.
    Invited { operator: OperatorId, account: AccountId, name: Personal<String>, role: Role },
    /// They chose their name and password.
    Registered { name: Personal<String>, email: Personal<String> },
    /// They may do something else now.
    RoleChanged { role: Role },
    /// They have another password.
    PasswordChanged {},
    /// They signed in.
    SignedIn { address: Personal<String> },
    /// Somebody tried, with a wrong password.
    SignInRefused { address: Personal<String> },
    /// They signed out.
    SignedOut {},
    /// A Control of theirs made itself known.
    ControlEnrolled { control: ControlKeys, device: Personal<String> },
    /// A Control of theirs no longer counts.
    ControlRevoked { control: PublicKey },
    /// They may not sign in any more.
    Disabled {},
    /// They may sign in again.
    Enabled {},
    /// They looked at a session that is not theirs, or at the audit log.
    AuditViewed { session: Option<SessionId> },
    /// They took a list away.
    ListExported { list: List, rows: u64 },
}

/// A list that can be taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum List {
    /// What was recorded, one row an event.
    AuditLog,
    /// Sessions, one row each.
    SessionHistory,
    /// How long who helped whom.
    WorkReport,
}

impl DomainEvent for Event {
    const CATEGORY: &'static str = "operator";
    const NAMES: &'static [&'static str] = &[
        "Invited",
        "Registered",
        "RoleChanged",
        "PasswordChanged",
        "SignedIn",
        "SignInRefused",
        "SignedOut",
        "ControlEnrolled",
        "ControlRevoked",
        "Disabled",
        "Enabled",
        "AuditViewed",
        "ListExported",
    ];

    fn recorded(recorded: Recorded<Self>) -> RecordedEvent {
        RecordedEvent::Operator(recorded)
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Invited { .. } => "Invited",
            Self::Registered { .. } => "Registered",
            Self::RoleChanged { .. } => "RoleChanged",
            Self::PasswordChanged {} => "PasswordChanged",
            Self::SignedIn { .. } => "SignedIn",
            Self::SignInRefused { .. } => "SignInRefused",
            Self::SignedOut {} => "SignedOut",
            Self::ControlEnrolled { .. } => "ControlEnrolled",
            Self::ControlRevoked { .. } => "ControlRevoked",
            Self::Disabled {} => "Disabled",
            Self::Enabled {} => "Enabled",
            Self::AuditViewed { .. } => "AuditViewed",
            Self::ListExported { .. } => "ListExported",
        }
    }
}

/// A request to an operator's stream.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each field becomes the field of the same name in the event")]
pub enum Command {
    /// Let somebody register.
    Invite { operator: OperatorId, account: AccountId, name: Personal<String>, role: Role },
    /// They register; the password is in the vault.
    Register { name: Personal<String>, email: Personal<String> },
    /// Give them another role.
    ChangeRole { role: Role },
    /// Record another password.
    ChangePassword,
    /// Record a sign-in.
    SignIn { address: Personal<String> },
    /// Record a wrong password.
    RefuseSignIn { address: Personal<String> },
    /// Record a sign-out.
    SignOut,
    /// Let a Control act for them.
    EnrolControl { control: ControlKeys, device: Personal<String> },
    /// Let it act no longer.
    RevokeControl { control: PublicKey },
    /// Shut them out.
    Disable,
    /// Let them in again.
    Enable,
    /// Record that they look at a session, or at the audit log.
    ViewAudit { session: Option<SessionId> },
    /// Record that they take a list away.
    ExportList { list: List, rows: u64 },
}

/// The rule that forbids a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is such an operator already.
    #[error("this user exists already")]
    Exists,
    /// There is no such operator.
    #[error("there is no such user")]
    Missing,
    /// They have not chosen a password yet.
    #[error("this user has not opened the setup link yet")]
    NotRegistered,
    /// They are disabled.
    #[error("this user is disabled")]
    Disabled,
    /// Their role does not let them.
    #[error("an auditor cannot join sessions")]
    Role,
}

/// The folded state of an operator.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Operator {
    id: Option<OperatorId>,
    role: Option<Role>,
    registered: bool,
    disabled: bool,
    controls: Vec<ControlKeys>,
}

impl Operator {
    /// What they may do; `None` where there is no such operator or they are disabled.
    pub fn role(&self) -> Option<Role> {
        if self.disabled { None } else { self.role }
    }

    /// Whether they have chosen a password.
    pub fn is_registered(&self) -> bool {
        self.registered
    }

    /// Whether this Control may act for them.
    pub fn has_control(&self, control: &ControlKeys) -> bool {
        !self.disabled && self.controls.contains(control)
    }

    fn require(&self) -> Result<(), Rejection> {
        self.id.map(drop).ok_or(Rejection::Missing)
    }

    fn require_enabled(&self) -> Result<(), Rejection> {
        self.require()?;
        match (self.registered, self.disabled) {
            (_, true) => Err(Rejection::Disabled),
            (false, false) => Err(Rejection::NotRegistered),
            (true, false) => Ok(()),
        }
    }
}

impl Decider for Operator {
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        Ok(vec![match command {
            Command::Invite { operator, account, name, role } => {
                if self.id.is_some() {
                    return Err(Rejection::Exists);
                }
                Event::Invited { operator, account, name, role }
            }
            Command::Register { name, email } => {
                self.require()?;
                if self.registered {
                    return Err(Rejection::Exists);
                }
                Event::Registered { name, email }
            }
            Command::ChangeRole { role } => {
                self.require()?;
                if self.role == Some(role) {
                    return Ok(Vec::new());
                }
                Event::RoleChanged { role }
            }
            Command::ChangePassword => {
                self.require_enabled()?;
                Event::PasswordChanged {}
            }
            Command::SignIn { address } => {
                self.require_enabled()?;
                Event::SignedIn { address }
            }
            Command::RefuseSignIn { address } => {
                self.require()?;
                Event::SignInRefused { address }
            }
            Command::SignOut => {
                self.require()?;
                Event::SignedOut {}
            }
            Command::EnrolControl { control, device } => {
                self.require_enabled()?;
                if self.role == Some(Role::Auditor) {
                    return Err(Rejection::Role);
                }
                if self.controls.contains(&control) {
                    return Ok(Vec::new());
                }
                Event::ControlEnrolled { control, device }
            }
            Command::RevokeControl { control } => {
                self.require()?;
                if !self.controls.iter().any(|known| known.ed25519 == control) {
                    return Ok(Vec::new());
                }
                Event::ControlRevoked { control }
            }
            Command::Disable => {
                self.require()?;
                if self.disabled {
                    return Ok(Vec::new());
                }
                Event::Disabled {}
            }
            Command::Enable => {
                self.require()?;
                if !self.disabled {
                    return Ok(Vec::new());
                }
                Event::Enabled {}
            }
            Command::ViewAudit { session } => {
                self.require_enabled()?;
                Event::AuditViewed { session }
            }
            Command::ExportList { list, rows } => {
                self.require_enabled()?;
                Event::ListExported { list, rows }
            }
        }])
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Invited { operator, role, .. } => {
                self.id = Some(*operator);
                self.role = Some(*role);
            }
            Event::Registered { .. } => self.registered = true,
            Event::RoleChanged { role } => self.role = Some(*role),
            Event::ControlEnrolled { control, .. } => self.controls.push(*control),
            Event::ControlRevoked { control } => {
                self.controls.retain(|known| known.ed25519 != *control);
            }
            Event::Disabled {} => self.disabled = true,
            Event::Enabled {} => self.disabled = false,
            Event::PasswordChanged {}
            | Event::SignedIn { .. }
            | Event::SignInRefused { .. }
            | Event::SignedOut {}
            | Event::AuditViewed { .. }
            | Event::ListExported { .. } => {}
        }
        self
    }
}

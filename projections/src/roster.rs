//! Who has a sign-in.

use beckon_events::operator::{Event, Role};
use beckon_events::session::ControlKeys;
use beckon_events::{OperatorId, Personal, PublicKey, Recorded, RecordedEvent, Timestamp};
use serde::{Deserialize, Serialize};

use crate::projection::{Reached, stream_id};
use crate::{Projection, Right, kept};

/// A Control that may act for an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolledControl {
    /// Its keys.
    pub keys: ControlKeys,
    /// The device it runs on, as it says itself.
    #[serde(with = "kept::personal")]
    pub device: Personal<String>,
    /// Since when.
    pub enrolled: Timestamp,
}

/// One person with a sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorRow {
    /// The operator.
    pub id: OperatorId,
    /// As invited, then as they wrote it themselves.
    #[serde(with = "kept::personal")]
    pub name: Personal<String>,
    /// What they sign in with, once registered.
    #[serde(with = "kept::optional")]
    pub email: Option<Personal<String>>,
    /// What they may do.
    pub role: Role,
    /// Whether they have opened their setup link.
    pub registered: bool,
    /// Whether they are shut out.
    pub disabled: bool,
    /// When they were invited.
    pub invited: Timestamp,
    /// Their Controls, in the order of enrolment.
    pub controls: Vec<EnrolledControl>,
    /// When they last signed in.
    pub last_sign_in: Option<Timestamp>,
}

/// Everybody with a sign-in, in the order of their invitation.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Roster {
    reached: Reached,
    rows: Vec<OperatorRow>,
}

impl OperatorRow {
    /// Whether they can act at all: registered and not disabled.
    pub fn is_active(&self) -> bool {
        self.registered && !self.disabled
    }

    /// Whether they may do it now.
    pub fn may(&self, right: Right) -> bool {
        self.rights().contains(&right)
    }

    /// What they may do now: nothing before they have registered and while they are disabled.
    pub fn rights(&self) -> &'static [Right] {
        if self.is_active() { Right::of(self.role) } else { &[] }
    }

    /// Whether this Control may act for them now.
    pub fn has_control(&self, control: &ControlKeys) -> bool {
        self.is_active() && self.controls.iter().any(|known| known.keys == *control)
    }
}

impl Roster {
    /// Everybody, disabled ones included.
    pub fn all(&self) -> &[OperatorRow] {
        &self.rows
    }

    /// This operator.
    pub fn get(&self, id: OperatorId) -> Option<&OperatorRow> {
        self.rows.iter().find(|row| row.id == id)
    }

    /// Who signs in with this address, upper and lower case being the same.
    pub fn by_email(&self, email: &str) -> Option<&OperatorRow> {
        let wanted = email.to_lowercase();
        self.rows.iter().find(|row| {
            let known = row.email.as_ref().and_then(Personal::known);
            known.is_some_and(|known| known.to_lowercase() == wanted)
        })
    }

    /// Whose Control has this Ed25519 key.
    pub fn by_control(&self, ed25519: &PublicKey) -> Option<(&OperatorRow, &EnrolledControl)> {
        self.rows.iter().find_map(|row| {
            let control = row.controls.iter().find(|known| known.keys.ed25519 == *ed25519)?;
            Some((row, control))
        })
    }

    /// What they may do; `None` for a stranger and for somebody disabled.
    pub fn role_of(&self, id: OperatorId) -> Option<Role> {
        self.get(id).filter(|row| !row.disabled).map(|row| row.role)
    }

    /// Whether they may do it now.
    pub fn may(&self, id: OperatorId, right: Right) -> bool {
        self.get(id).is_some_and(|row| row.may(right))
    }

    /// Whether somebody can manage users: the server is set up.
    pub fn has_admin(&self) -> bool {
        self.rows.iter().any(|row| row.may(Right::ManageUsers))
    }

    fn fold(&mut self, recorded: &Recorded<Event>) {
        let at = recorded.metadata.at;
        let Some(id) = stream_id(&recorded.metadata) else { return };
        if let Event::Invited { name, role, .. } = &recorded.event {
            self.rows.push(OperatorRow {
                id,
                name: name.clone(),
                email: None,
                role: *role,
                registered: false,
                disabled: false,
                invited: at,
                controls: Vec::new(),
                last_sign_in: None,
            });
        }
        let Some(row) = self.rows.iter_mut().find(|row| row.id == id) else { return };
        match &recorded.event {
            Event::Registered { name, email } => {
                row.name = name.clone();
                row.email = Some(email.clone());
                row.registered = true;
            }
            Event::RoleChanged { role } => row.role = *role,
            Event::SignedIn { .. } => row.last_sign_in = Some(at),
            Event::ControlEnrolled { control, device } => row.controls.push(EnrolledControl {
                keys: *control,
                device: device.clone(),
                enrolled: at,
            }),
            Event::ControlRevoked { control } => {
                row.controls.retain(|known| known.keys.ed25519 != *control);
            }
            Event::Disabled {} => row.disabled = true,
            Event::Enabled {} => row.disabled = false,
            Event::Invited { .. }
            | Event::PasswordChanged {}
            | Event::SignInRefused { .. }
            | Event::SignedOut {}
            | Event::AuditViewed { .. }
            | Event::ListExported { .. } => {}
        }
    }
}

impl Projection for Roster {
    const NAME: &'static str = "roster";
    const VERSION: u32 = 1;

    fn apply(&mut self, event: &RecordedEvent) {
        if !self.reached.advance(event) {
            return;
        }
        match event {
            RecordedEvent::Operator(recorded) => self.fold(recorded),
            RecordedEvent::Session(_) | RecordedEvent::Account(_) | RecordedEvent::Node(_) => {}
        }
    }

    fn position(&self) -> Option<u64> {
        self.reached.position()
    }
}

#[cfg(test)]
mod tests {
    use beckon_events::envelope::Actor;

    use super::*;
    use crate::history::{ACCOUNT, ANA, BEN, History, at, created, keys};

    fn operator(history: &mut History, id: OperatorId, second: u64, event: Event) {
        history.add(id.0, second, Actor::SYSTEM, event);
    }

    fn invited(operator: OperatorId, role: Role) -> Event {
        Event::Invited { operator, account: ACCOUNT, name: "A. Silva".into(), role }
    }

    fn registered(email: &str) -> Event {
        Event::Registered { name: "Ana Silva".into(), email: email.into() }
    }

    fn enrolled(n: u8) -> Event {
        Event::ControlEnrolled { control: keys(n), device: "desk".into() }
    }

    /// Ana is an admin with two Controls of which one was revoked; Ben never registered.
    fn history() -> History {
        let mut history = History::default();
        let all = [
            (ANA, invited(ANA, Role::Operator)),
            (ANA, registered("Ana@Example.org")),
            (BEN, invited(BEN, Role::Auditor)),
            (ANA, enrolled(1)),
            (ANA, enrolled(2)),
            (ANA, Event::ControlRevoked { control: keys(1).ed25519 }),
            (ANA, Event::RoleChanged { role: Role::Admin }),
            (ANA, Event::SignInRefused { address: "::1".into() }),
            (ANA, Event::SignedIn { address: "::1".into() }),
            (ANA, Event::PasswordChanged {}),
            (ANA, Event::SignedOut {}),
        ];
        for (second, (id, event)) in (0..).zip(all) {
            operator(&mut history, id, second, event);
        }
        history.session(1, 90, created(1, ANA, None));
        history
    }

    #[test]
    fn a_roster_holds_everybody_as_they_are_now() {
        let controls =
            vec![EnrolledControl { keys: keys(2), device: "desk".into(), enrolled: at(4) }];
        let ana = OperatorRow {
            id: ANA,
            name: "Ana Silva".into(),
            email: Some("Ana@Example.org".into()),
            role: Role::Admin,
            registered: true,
            disabled: false,
            invited: at(0),
            controls,
            last_sign_in: Some(at(8)),
        };
        let ben = OperatorRow {
            id: BEN,
            name: "A. Silva".into(),
            email: None,
            role: Role::Auditor,
            registered: false,
            disabled: false,
            invited: at(2),
            controls: Vec::new(),
            last_sign_in: None,
        };
        assert_eq!(history().fold::<Roster>().all(), [ana, ben]);
    }

    #[test]
    fn an_address_is_found_in_upper_and_lower_case() {
        let roster: Roster = history().fold();
        assert_eq!(roster.by_email("aNA@example.ORG").map(|row| row.id), Some(ANA));
        assert_eq!(roster.by_email("ben@example.org"), None);
    }

    #[test]
    fn a_control_is_found_until_it_is_revoked() {
        let roster: Roster = history().fold();
        let found = roster.by_control(&keys(2).ed25519);
        assert_eq!(found.map(|(row, control)| (row.id, control.keys)), Some((ANA, keys(2))));
        assert_eq!(roster.by_control(&keys(1).ed25519), None);
        assert!(roster.get(ANA).unwrap().has_control(&keys(2)));
    }

    #[test]
    fn rights_follow_from_role_and_registration_and_end_when_disabled() {
        let mut history = history();
        let roster: Roster = history.fold();
        assert!(roster.may(ANA, Right::ManageUsers) && roster.may(ANA, Right::HoldSessions));
        assert!(!roster.may(ANA, Right::ReadLog));
        assert!(!roster.may(BEN, Right::ReadLog), "not registered yet");
        assert_eq!((roster.role_of(ANA), roster.has_admin()), (Some(Role::Admin), true));
        operator(&mut history, ANA, 100, Event::Disabled {});
        let roster: Roster = history.fold();
        assert!(Right::ALL.into_iter().all(|right| !roster.may(ANA, right)));
        assert_eq!(roster.get(ANA).unwrap().rights(), []);
        assert!(!roster.get(ANA).unwrap().has_control(&keys(2)));
        assert_eq!((roster.role_of(ANA), roster.has_admin()), (None, false));
        operator(&mut history, ANA, 101, Event::Enabled {});
        let roster: Roster = history.fold();
        assert!(roster.may(ANA, Right::ManageUsers));
        assert_eq!(roster.get(ANA).unwrap().rights(), Right::of(Role::Admin));
        let before = Roster::as_of_time(history.log(), at(5));
        assert_eq!(before.get(ANA).unwrap().rights(), Right::of(Role::Operator));
    }

    #[test]
    fn an_auditor_reads_and_changes_nothing() {
        let rights = [Right::SeeEverySession, Right::ReadLog, Right::ExportLog];
        assert_eq!(Right::of(Role::Auditor), rights);
        assert_eq!(Right::of(Role::Operator), [Right::HoldSessions]);
    }

    #[test]
    fn an_erased_address_signs_nobody_in() {
        let mut history = History::default();
        operator(&mut history, ANA, 0, invited(ANA, Role::Admin));
        let erased = Event::Registered { name: Personal::Erased, email: Personal::Erased };
        operator(&mut history, ANA, 1, erased);
        assert_eq!(history.fold::<Roster>().by_email(""), None);
    }
}

//! The agent's check of everything that Control asks for.

use beckon_events::{Action, Grant, Timestamp};

use crate::{ControlMessage, InputEvent};

/// The grant in force, if there is one: what it does not allow does not happen.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    grant: Option<Grant>,
    /// INVARIANT: no grant with this number or a lower one can be opened any more.
    highest: u32,
}

/// The grant is not newer than the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("grant {n} is not newer than grant {highest}; sign one with a higher number")]
pub struct Stale {
    /// Its number.
    pub n: u32,
    /// The highest number so far.
    pub highest: u32,
}

impl Gate {
    /// Nothing is allowed.
    pub fn closed() -> Self {
        Self::default()
    }

    /// Puts `grant` in force, instead of the one before. Its number must be higher than all
    /// before it, and at least 1.
    pub fn open(&mut self, grant: Grant) -> Result<(), Stale> {
        if grant.n <= self.highest {
            return Err(Stale { n: grant.n, highest: self.highest });
        }
        self.highest = grant.n;
        self.grant = Some(grant);
        Ok(())
    }

    /// From now on nothing is allowed.
    pub fn close(&mut self) {
        self.grant = None;
    }

    /// The grant in force, whether or not its time is over.
    pub fn grant(&self) -> Option<&Grant> {
        self.grant.as_ref()
    }

    /// Whether `action` is allowed at `now`.
    pub fn allows(&self, action: Action, now: Timestamp) -> bool {
        self.grant.as_ref().is_some_and(|grant| grant.allows(action, now))
    }

    /// Whether what `message` asks for is allowed at `now`. What only ends something, and what
    /// concerns the connection alone, always is.
    pub fn permits(&self, message: &ControlMessage, now: Timestamp) -> bool {
        match message {
            ControlMessage::Input(InputEvent::ReleaseAll)
            | ControlMessage::StopAction(_)
            | ControlMessage::Ack { .. }
            | ControlMessage::Ping { .. }
            | ControlMessage::ShareClipboard { out: false, back: false } => true,
            ControlMessage::Input(_) => self.allows(Action::Control, now),
            ControlMessage::StartAction(action) => self.allows(*action, now),
            ControlMessage::RequestFullPicture | ControlMessage::SelectMonitor(_) => {
                self.allows(Action::View, now)
            }
            ControlMessage::ShareClipboard { .. } => self.allows(Action::Clipboard, now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mandate::tests::{at, grant};
    use crate::{Key, Press, Text};

    fn key() -> ControlMessage {
        ControlMessage::Input(InputEvent::Key { key: Key::Enter, press: Press::Down })
    }

    #[test]
    fn nothing_is_permitted_without_a_grant_but_what_ends_something() {
        let gate = Gate::closed();
        let text = ControlMessage::Input(InputEvent::Text(Text::new("x").unwrap()));
        for asked in [
            key(),
            text,
            ControlMessage::StartAction(Action::View),
            ControlMessage::RequestFullPicture,
            ControlMessage::SelectMonitor(0),
            ControlMessage::ShareClipboard { out: true, back: false },
            ControlMessage::ShareClipboard { out: false, back: true },
        ] {
            assert!(!gate.permits(&asked, at()), "{asked:?}");
        }
        for ending in [
            ControlMessage::Input(InputEvent::ReleaseAll),
            ControlMessage::StopAction(Action::View),
            ControlMessage::Ack { update: 1 },
            ControlMessage::Ping { nonce: 1 },
            ControlMessage::ShareClipboard { out: false, back: false },
        ] {
            assert!(gate.permits(&ending, at()), "{ending:?}");
        }
    }

    #[test]
    fn view_alone_does_not_permit_input_and_control_permits_both() {
        let mut gate = Gate::closed();
        gate.open(grant(1, &[Action::View])).unwrap();
        assert!(gate.permits(&ControlMessage::RequestFullPicture, at()));
        assert!(!gate.permits(&key(), at()));
        gate.open(grant(2, &[Action::Control])).unwrap();
        assert!(gate.permits(&key(), at()));
        assert!(gate.permits(&ControlMessage::StartAction(Action::View), at()));
        assert!(!gate.permits(&ControlMessage::StartAction(Action::Files), at()));
    }

    #[test]
    fn a_grant_ends_with_its_time_and_at_once_when_it_is_closed() {
        let mut gate = Gate::closed();
        gate.open(grant(1, &[Action::Control])).unwrap();
        let until = gate.grant().unwrap().until;
        assert!(!gate.permits(&key(), until));
        assert!(gate.permits(&key(), at()));
        gate.close();
        assert!(!gate.permits(&key(), at()));
    }

    #[test]
    fn an_older_grant_never_comes_back() {
        let mut gate = Gate::closed();
        gate.open(grant(2, &[Action::View])).unwrap();
        gate.close();
        let stale = gate.open(grant(2, &[Action::Control]));
        assert_eq!(stale, Err(Stale { n: 2, highest: 2 }));
        assert!(gate.open(grant(1, &[Action::Control])).is_err());
        assert!(!gate.allows(Action::View, at()));
        assert!(Gate::closed().open(grant(0, &[])).is_err(), "numbers begin at 1");
    }
}

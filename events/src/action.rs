//! What can be allowed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One thing that the end user can allow the operator to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// See the screen.
    View,
    /// Use mouse and keyboard; implies [`Action::View`].
    Control,
    /// Write messages to each other.
    Chat,
    /// Send and receive files.
    Files,
    /// Share the clipboard.
    Clipboard,
    /// Use the camera.
    Camera,
    /// Read system information.
    SystemInfo,
}

impl Action {
    /// Every action, in the order in which it is shown.
    pub const ALL: [Self; 7] = [
        Self::View,
        Self::Control,
        Self::Chat,
        Self::Files,
        Self::Clipboard,
        Self::Camera,
        Self::SystemInfo,
    ];

    /// The name used in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Control => "control",
            Self::Chat => "chat",
            Self::Files => "files",
            Self::Clipboard => "clipboard",
            Self::Camera => "camera",
            Self::SystemInfo => "system_info",
        }
    }

    fn bit(self) -> u8 {
        match self {
            Self::View => 1,
            Self::Control => 2,
            Self::Chat => 4,
            Self::Files => 8,
            Self::Clipboard => 16,
            Self::Camera => 32,
            Self::SystemInfo => 64,
        }
    }
}

/// A set of actions, in JSON an array of names in the order of [`Action::ALL`].
///
/// What is left of a set may hold control without view: "control was withdrawn". What can be
/// asked for and granted is [`ActionSet::complete`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ActionSet(u8);

impl ActionSet {
    /// No action at all.
    pub const EMPTY: Self = Self(0);

    /// Whether no action is in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether `action` is in it.
    pub fn contains(self, action: Action) -> bool {
        self.0 & action.bit() != 0
    }

    /// Whether every action of `other` is in it.
    pub fn contains_all(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// With `action` added; control brings view along.
    #[must_use]
    pub fn with(self, action: Action) -> Self {
        let implied = if action == Action::Control { Action::View.bit() } else { 0 };
        Self(self.0 | action.bit() | implied)
    }

    /// With `action` taken out; without view there is no control.
    #[must_use]
    pub fn without(self, action: Action) -> Self {
        let implied = if action == Action::View { Action::Control.bit() } else { 0 };
        Self(self.0 & !(action.bit() | implied))
    }

    /// What is in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in this one and not in `other`.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// With everything that its actions imply.
    #[must_use]
    pub fn complete(self) -> Self {
        self.iter().collect()
    }

    /// The actions, in the order of [`Action::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Action> {
        Action::ALL.into_iter().filter(move |a| self.contains(*a))
    }
}

impl FromIterator<Action> for ActionSet {
    fn from_iter<I: IntoIterator<Item = Action>>(actions: I) -> Self {
        actions.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl fmt::Debug for ActionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Serialize for ActionSet {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for ActionSet {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let named = <Vec<Action>>::deserialize(d)?;
        let set = Self(named.iter().fold(0, |bits, a| bits | a.bit()));
        if named.len() != set.iter().count() {
            return Err(serde::de::Error::custom("an action stands twice"));
        }
        Ok(set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(actions: &[Action]) -> ActionSet {
        actions.iter().copied().collect()
    }

    #[test]
    fn control_brings_view_along_and_goes_with_it() {
        let control = set(&[Action::Control]);
        assert!(control.contains(Action::View));
        assert_eq!(control.without(Action::View), ActionSet::EMPTY);
        assert_eq!(control.without(Action::Control), set(&[Action::View]));
    }

    #[test]
    fn every_set_reads_back_as_it_was_written_also_what_is_left_of_one() {
        for bits in 0..128 {
            let json = serde_json::to_string(&ActionSet(bits)).unwrap();
            assert_eq!(
                serde_json::from_str::<ActionSet>(&json).unwrap(),
                ActionSet(bits),
                "{json}"
            );
        }
        let left = set(&[Action::Control]).minus(set(&[Action::View]));
        assert_eq!(serde_json::to_string(&left).unwrap(), r#"["control"]"#);
        assert_eq!(left.complete(), set(&[Action::View, Action::Control]));
    }

    #[test]
    fn an_action_that_stands_twice_or_is_unknown_is_refused() {
        for json in [r#"["view","view"]"#, r#"["fly"]"#, r#""view""#] {
            assert!(serde_json::from_str::<ActionSet>(json).is_err(), "{json}");
        }
    }
}

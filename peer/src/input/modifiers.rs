//! Keys that are held while another is pressed.

use std::fmt;

use crate::MessageError;
use crate::reader::Reader;

/// A set of modifier keys.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Modifiers(u8);

impl Modifiers {
    /// None is held.
    pub const EMPTY: Self = Self(0);
    /// Shift.
    pub const SHIFT: Self = Self(1);
    /// Ctrl.
    pub const CONTROL: Self = Self(2);
    /// Alt.
    pub const ALT: Self = Self(4);
    /// The Windows or command key.
    pub const SUPER: Self = Self(8);

    const NAMED: [(&'static str, Self); 4] = [
        ("shift", Self::SHIFT),
        ("control", Self::CONTROL),
        ("alt", Self::ALT),
        ("super", Self::SUPER),
    ];

    /// With those of `other` held too.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every one of `other` is held.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether none is held.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn bits(self) -> u8 {
        self.0
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, MessageError> {
        match reader.u8()? {
            bits @ 0..=15 => Ok(Self(bits)),
            bits => Err(MessageError::unknown("set of modifiers", bits)),
        }
    }
}

impl fmt::Debug for Modifiers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = Self::NAMED.iter().filter(|(_, modifier)| self.contains(*modifier));
        f.debug_set().entries(held.map(|(name, _)| name)).finish()
    }
}

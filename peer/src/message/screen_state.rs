//! Whether the screen can be shown.

use super::MessageError;
use crate::reader::Reader;

/// Whether the end user's screen can be shown now, while it is allowed to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScreenState {
    /// It is shown.
    Shown,
    /// The system gives no picture; the agent goes on trying.
    Lost(LostWhy),
}

/// Why the system gives no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LostWhy {
    /// The computer is locked.
    Locked,
    /// The system asks its user something that no other program may see.
    SecurityPrompt,
    /// There is no monitor.
    NoMonitor,
    /// The window system does not answer.
    NotAnswering,
    /// It fails for another reason.
    Failed,
}

impl LostWhy {
    /// Every reason.
    pub const ALL: [Self; 5] =
        [Self::Locked, Self::SecurityPrompt, Self::NoMonitor, Self::NotAnswering, Self::Failed];
}

impl ScreenState {
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Shown => 0,
            Self::Lost(LostWhy::Locked) => 1,
            Self::Lost(LostWhy::SecurityPrompt) => 2,
            Self::Lost(LostWhy::NoMonitor) => 3,
            Self::Lost(LostWhy::NotAnswering) => 4,
            Self::Lost(LostWhy::Failed) => 5,
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, MessageError> {
        let code = reader.u8()?;
        let lost = LostWhy::ALL.into_iter().map(Self::Lost);
        let known = std::iter::once(Self::Shown).chain(lost).find(|state| state.code() == code);
        known.ok_or(MessageError::unknown("state of the screen", code))
    }
}

//! What is said on the control stream: `kind u8 | fields`, big-endian, nothing left over.

mod agent;
mod control;
mod monitor;
mod pointer_shape;
mod screen_state;
#[cfg(test)]
mod tests;

use beckon_events::Action;

use crate::reader::{Reader, Truncated};

pub use agent::{AgentMessage, Why};
pub use control::ControlMessage;
pub use monitor::Monitor;
pub use pointer_shape::PointerShape;
pub use screen_state::{LostWhy, ScreenState};

/// Why a message is not understood. Its sender is not to be trusted any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// It is longer than 64 KiB.
    #[error("the message is too long")]
    TooLong,
    /// It ends too early.
    #[error("the message ends too early")]
    Truncated,
    /// Something follows after its end.
    #[error("something follows after the end of the message")]
    Trailing,
    /// A code that this version does not know.
    #[error("{code} is not a {what} that this version knows; update both programs")]
    Unknown {
        /// What it should be.
        what: &'static str,
        /// What stands there.
        code: u32,
    },
    /// A value out of its bounds.
    #[error("the {what} is out of bounds")]
    OutOfBounds {
        /// What it is.
        what: &'static str,
    },
}

impl From<Truncated> for MessageError {
    fn from(Truncated: Truncated) -> Self {
        Self::Truncated
    }
}

impl MessageError {
    pub(crate) fn unknown(what: &'static str, code: u8) -> Self {
        Self::Unknown { what, code: u32::from(code) }
    }
}

/// Reads a whole message with `read`, which must leave nothing over.
fn whole<T>(
    message: &[u8],
    read: impl FnOnce(&mut Reader<'_>) -> Result<T, MessageError>,
) -> Result<T, MessageError> {
    if message.len() > crate::Stream::Control.longest() {
        return Err(MessageError::TooLong);
    }
    let mut reader = Reader::new(message);
    let value = read(&mut reader)?;
    if reader.is_empty() { Ok(value) } else { Err(MessageError::Trailing) }
}

/// Reads a short text that the other side claims, after its length.
fn claimed(
    reader: &mut Reader<'_>,
    longest: usize,
    what: &'static str,
) -> Result<String, MessageError> {
    let length = usize::from(reader.u16()?);
    std::str::from_utf8(reader.bytes(length)?)
        .ok()
        .filter(|text| text.chars().count() <= longest)
        .map(str::to_owned)
        .ok_or(MessageError::OutOfBounds { what })
}

/// Writes at most `longest` characters of a short text, after their length.
fn claim(text: &str, longest: usize, out: &mut Vec<u8>) {
    let text: String = text.chars().take(longest).collect();
    out.extend(u16::try_from(text.len()).unwrap_or_default().to_be_bytes());
    out.extend(text.bytes());
}

fn flag(reader: &mut Reader<'_>, what: &'static str) -> Result<bool, MessageError> {
    match reader.u8()? {
        0 => Ok(false),
        1 => Ok(true),
        code => Err(MessageError::unknown(what, code)),
    }
}

fn action_code(action: Action) -> u8 {
    match action {
        Action::View => 1,
        Action::Control => 2,
        Action::Chat => 3,
        Action::Files => 4,
        Action::Clipboard => 5,
        Action::Camera => 6,
        Action::SystemInfo => 7,
    }
}

fn read_action(reader: &mut Reader<'_>) -> Result<Action, MessageError> {
    let code = reader.u8()?;
    let named = Action::ALL.into_iter().find(|action| action_code(*action) == code);
    named.ok_or(MessageError::unknown("action", code))
}

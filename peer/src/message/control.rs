//! What Control says to the agent.

use beckon_events::Action;

use super::{MessageError, action_code, flag, read_action, whole};
use crate::InputEvent;

/// A message from Control to the agent. The agent does nothing of it that
/// [`Gate::permits`](crate::Gate::permits) does not permit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ControlMessage {
    /// Something the operator did with mouse or keyboard.
    Input(InputEvent),
    /// Begin an action that the grant names.
    StartAction(Action),
    /// Stop an action.
    StopAction(Action),
    /// The update with this number has been decoded, and all before it.
    Ack {
        /// The number in the update.
        update: u32,
    },
    /// Begin anew with a full picture.
    RequestFullPicture,
    /// Show the monitor with this id.
    SelectMonitor(u32),
    /// Asks for a Pong with the same nonce.
    Ping {
        /// Any number.
        nonce: u64,
    },
    /// In which directions the operator wants the clipboard to be shared.
    ShareClipboard {
        /// What is copied at the operator's goes to the end user's machine.
        out: bool,
        /// What is copied there comes to the operator.
        back: bool,
    },
}

impl ControlMessage {
    /// The bytes of a message on the control stream.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::Input(event) => {
                out.push(1);
                event.write(&mut out);
            }
            Self::StartAction(action) => out.extend([2, action_code(*action)]),
            Self::StopAction(action) => out.extend([3, action_code(*action)]),
            Self::Ack { update } => {
                out.push(4);
                out.extend(update.to_be_bytes());
            }
            Self::RequestFullPicture => out.push(5),
            Self::SelectMonitor(id) => {
                out.push(6);
                out.extend(id.to_be_bytes());
            }
            Self::Ping { nonce } => {
                out.push(7);
                out.extend(nonce.to_be_bytes());
            }
            Self::ShareClipboard { out: to_user, back } => {
                out.extend([8, u8::from(*to_user), u8::from(*back)]);
            }
        }
        out
    }

    /// Reads a whole message of the control stream.
    pub fn from_bytes(message: &[u8]) -> Result<Self, MessageError> {
        whole(message, |reader| {
            Ok(match reader.u8()? {
                1 => Self::Input(InputEvent::read(reader)?),
                2 => Self::StartAction(read_action(reader)?),
                3 => Self::StopAction(read_action(reader)?),
                4 => Self::Ack { update: reader.u32()? },
                5 => Self::RequestFullPicture,
                6 => Self::SelectMonitor(reader.u32()?),
                7 => Self::Ping { nonce: reader.u64()? },
                8 => Self::ShareClipboard {
                    out: flag(reader, "direction")?,
                    back: flag(reader, "direction")?,
                },
                kind => return Err(MessageError::unknown("message of Control", kind)),
            })
        })
    }
}

//! What the agent says to Control.

use beckon_events::{Action, Statement};

use super::{
    MessageError, Monitor, PointerShape, ScreenState, action_code, flag, read_action, whole,
};
use crate::Point;
use crate::reader::Reader;

/// A message from the agent to Control, hostile until it is understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgentMessage {
    /// The grant in force, in the agent's hand, for [`Mandate::accept`](crate::Mandate::accept).
    Granted(Statement),
    /// The monitors that can be shown.
    Monitors(Vec<Monitor>),
    /// An action came to an end, or never began.
    Stopped {
        /// The action.
        action: Action,
        /// Why.
        why: Why,
    },
    /// The end user paused everything.
    Paused,
    /// The end user let it go on.
    Continued,
    /// Where the pointer of the end user's machine is; nowhere while it is hidden.
    Cursor(Option<Point>),
    /// The answer to a Ping.
    Pong {
        /// The number in the Ping.
        nonce: u64,
        /// The agent's clock, in milliseconds since any moment, wrapping: the one by which
        /// updates say when they were captured.
        clock_ms: u32,
        /// The number of the last update that was sent; 0 where there is none.
        newest: u32,
        /// Whether something has changed on the screen that no update shows yet.
        behind: bool,
    },
    /// What the pointer of the end user's machine looks like.
    Pointer(PointerShape),
    /// Whether the screen can be shown.
    Screen(ScreenState),
}

/// Why an action is not running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The grant does not name it.
    NotGranted,
    /// The end user took it back.
    Withdrawn,
    /// The machine cannot do it.
    Unavailable,
    /// Control asked for it.
    Finished,
}

impl AgentMessage {
    /// Monitors that are told at most; further ones are left out.
    pub const MOST_MONITORS: usize = 16;

    /// The bytes of a message on the control stream.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::Granted(statement) => {
                out.push(1);
                out.extend(serde_json::to_vec(statement).unwrap_or_default());
            }
            Self::Monitors(monitors) => {
                let told = monitors.get(..Self::MOST_MONITORS).unwrap_or(monitors);
                out.extend([2, u8::try_from(told.len()).unwrap_or_default()]);
                for monitor in told {
                    monitor.write(&mut out);
                }
            }
            Self::Stopped { action, why } => out.extend([3, action_code(*action), why.code()]),
            Self::Paused => out.push(4),
            Self::Continued => out.push(5),
            Self::Cursor(None) => out.extend([6, 0]),
            Self::Cursor(Some(at)) => {
                out.extend([6, 1]);
                at.write(&mut out);
            }
            Self::Pong { nonce, clock_ms, newest, behind } => {
                out.push(7);
                out.extend(nonce.to_be_bytes());
                out.extend(clock_ms.to_be_bytes());
                out.extend(newest.to_be_bytes());
                out.push(u8::from(*behind));
            }
            Self::Pointer(shape) => {
                out.push(8);
                shape.write(&mut out);
            }
            Self::Screen(state) => out.extend([9, state.code()]),
        }
        out
    }

    /// Reads a whole message of the control stream.
    pub fn from_bytes(message: &[u8]) -> Result<Self, MessageError> {
        whole(message, |reader| {
            Ok(match reader.u8()? {
                1 => Self::Granted(statement(reader)?),
                2 => Self::Monitors(monitors(reader)?),
                3 => Self::Stopped { action: read_action(reader)?, why: Why::read(reader)? },
                4 => Self::Paused,
                5 => Self::Continued,
                6 => Self::Cursor(match reader.u8()? {
                    0 => None,
                    1 => Some(Point::read(reader)?),
                    code => return Err(MessageError::unknown("cursor", code)),
                }),
                7 => Self::Pong {
                    nonce: reader.u64()?,
                    clock_ms: reader.u32()?,
                    newest: reader.u32()?,
                    behind: flag(reader, "answer")?,
                },
                8 => Self::Pointer(PointerShape::read(reader)?),
                9 => Self::Screen(ScreenState::read(reader)?),
                kind => return Err(MessageError::unknown("message of the agent", kind)),
            })
        })
    }
}

impl Why {
    const ALL: [Self; 4] = [Self::NotGranted, Self::Withdrawn, Self::Unavailable, Self::Finished];

    fn code(self) -> u8 {
        match self {
            Self::NotGranted => 1,
            Self::Withdrawn => 2,
            Self::Unavailable => 3,
            Self::Finished => 4,
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, MessageError> {
        let code = reader.u8()?;
        let known = Self::ALL.into_iter().find(|why| why.code() == code);
        known.ok_or(MessageError::unknown("reason", code))
    }
}

fn statement(reader: &mut Reader<'_>) -> Result<Statement, MessageError> {
    let all = std::mem::replace(reader, Reader::new(&[])).rest();
    serde_json::from_slice(all).map_err(|_| MessageError::OutOfBounds { what: "statement" })
}

fn monitors(reader: &mut Reader<'_>) -> Result<Vec<Monitor>, MessageError> {
    let count = usize::from(reader.u8()?);
    if count > AgentMessage::MOST_MONITORS {
        return Err(MessageError::OutOfBounds { what: "number of monitors" });
    }
    (0..count).map(|_| Monitor::read(reader)).collect()
}

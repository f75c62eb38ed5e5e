//! What the agent says to Control.

use beckon_events::{Action, Statement};

use super::{MessageError, action_code, read_action, whole};
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
    },
}

/// One monitor of the end user's machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Monitor {
    /// What the agent calls it.
    pub id: u32,
    /// A label, claimed by the agent: at most 64 characters.
    pub name: String,
    /// Its left edge on the desktop, in physical pixels, within ±1,048,576.
    pub x: i32,
    /// Its top edge on the desktop, in physical pixels, within ±1,048,576.
    pub y: i32,
    /// Its width in physical pixels, 1 to 65,535.
    pub width: u32,
    /// Its height in physical pixels, 1 to 65,535.
    pub height: u32,
    /// Its scale factor in per cent, 25 to 1,000.
    pub scale_percent: u16,
    /// Whether it is the main one; possibly none says so.
    pub primary: bool,
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
            Self::Pong { nonce } => {
                out.push(7);
                out.extend(nonce.to_be_bytes());
            }
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
                7 => Self::Pong { nonce: reader.u64()? },
                kind => return Err(MessageError::unknown("message of the agent", kind)),
            })
        })
    }
}

impl Monitor {
    const LONGEST_NAME: usize = 64;
    const FARTHEST: i32 = 1 << 20;
    const LARGEST: u32 = 65_535;

    fn write(&self, out: &mut Vec<u8>) {
        let name: String = self.name.chars().take(Self::LONGEST_NAME).collect();
        out.extend(self.id.to_be_bytes());
        out.extend(self.x.to_be_bytes());
        out.extend(self.y.to_be_bytes());
        out.extend(self.width.to_be_bytes());
        out.extend(self.height.to_be_bytes());
        out.extend(self.scale_percent.to_be_bytes());
        out.push(u8::from(self.primary));
        out.extend(u16::try_from(name.len()).unwrap_or_default().to_be_bytes());
        out.extend(name.bytes());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, MessageError> {
        let out_of_bounds = |what| MessageError::OutOfBounds { what };
        let id = reader.u32()?;
        let (x, y) = (reader.i32()?, reader.i32()?);
        let (width, height) = (reader.u32()?, reader.u32()?);
        let scale_percent = reader.u16()?;
        let primary = match reader.u8()? {
            0 => false,
            1 => true,
            code => return Err(MessageError::unknown("monitor", code)),
        };
        let length = usize::from(reader.u16()?);
        let name = std::str::from_utf8(reader.bytes(length)?)
            .ok()
            .filter(|name| name.chars().count() <= Self::LONGEST_NAME)
            .ok_or(out_of_bounds("name of a monitor"))?;
        let near = -Self::FARTHEST..=Self::FARTHEST;
        let side = 1..=Self::LARGEST;
        if !near.contains(&x) || !near.contains(&y) {
            return Err(out_of_bounds("place of a monitor"));
        }
        if !side.contains(&width) || !side.contains(&height) {
            return Err(out_of_bounds("size of a monitor"));
        }
        if !(25..=1_000).contains(&scale_percent) {
            return Err(out_of_bounds("scale of a monitor"));
        }
        let name = name.to_owned();
        Ok(Self { id, name, x, y, width, height, scale_percent, primary })
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

//! What the operator does with mouse and keyboard.

mod key;
mod key_code;
mod modifiers;
mod text;

use crate::MessageError;
use crate::reader::{Reader, Truncated};

pub use key::Key;
pub use key_code::KeyCode;
pub use modifiers::Modifiers;
pub use text::{Text, TextError};

/// One thing done with mouse or keyboard.
///
/// Text is sent while no Ctrl, Alt or Super is down; with them, a shortcut: modifiers and the
/// symbol that was meant; what has no symbol goes as a key. A key can also be sent as it stands on
/// the keyboard, whatever it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputEvent {
    /// The pointer is here now.
    PointerMove(Point),
    /// A mouse button went down or up.
    Button {
        /// Which one.
        button: Button,
        /// Down or up.
        press: Press,
    },
    /// The wheel was turned, in 1/120 of a notch; right and down are positive. Each within
    /// ±12,000.
    Wheel {
        /// To the right.
        dx: i32,
        /// Down.
        dy: i32,
    },
    /// Text was typed.
    Text(Text),
    /// A shortcut was pressed and released.
    Shortcut {
        /// What was held.
        modifiers: Modifiers,
        /// What was pressed with it.
        key: LogicalKey,
    },
    /// A key without a symbol went down or up.
    Key {
        /// Which one.
        key: Key,
        /// Down or up.
        press: Press,
    },
    /// Everything that is down is to be released.
    ReleaseAll,
    /// The key at this place of the keyboard went down or up, whatever its symbol is.
    Physical {
        /// Which one.
        code: KeyCode,
        /// Down or up.
        press: Press,
    },
}

/// A place on a monitor, in physical pixels from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The id of the monitor.
    pub monitor: u32,
    /// Pixels from the left.
    pub x: u32,
    /// Pixels from the top.
    pub y: u32,
}

/// A mouse button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Button {
    /// The main one.
    Left,
    /// The wheel.
    Middle,
    /// The one for context menus.
    Right,
    /// Back.
    Back,
    /// Forward.
    Forward,
}

/// Which way a button or key went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// It was pressed.
    Down,
    /// It was released.
    Up,
}

/// A key by what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogicalKey {
    /// The key that carries this symbol.
    Symbol(char),
    /// A key without a symbol.
    Named(Key),
}

/// The farthest turn of the wheel in one event, in 1/120 of a notch.
const FARTHEST_TURN: i32 = 12_000;

impl InputEvent {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::PointerMove(to) => {
                out.push(1);
                to.write(out);
            }
            Self::Button { button, press } => out.extend([2, button.code(), press.code()]),
            Self::Wheel { dx, dy } => {
                out.push(3);
                out.extend(dx.clamp(&-FARTHEST_TURN, &FARTHEST_TURN).to_be_bytes());
                out.extend(dy.clamp(&-FARTHEST_TURN, &FARTHEST_TURN).to_be_bytes());
            }
            Self::Text(text) => {
                out.push(4);
                text.write(out);
            }
            Self::Shortcut { modifiers, key } => {
                out.extend([5, modifiers.bits()]);
                key.write(out);
            }
            Self::Key { key, press } => out.extend([6, key.code(), press.code()]),
            Self::ReleaseAll => out.push(7),
            Self::Physical { code, press } => {
                out.push(8);
                code.write(out);
                out.push(press.code());
            }
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, MessageError> {
        Ok(match reader.u8()? {
            1 => Self::PointerMove(Point::read(reader)?),
            2 => Self::Button { button: Button::read(reader)?, press: Press::read(reader)? },
            3 => Self::Wheel { dx: turn(reader)?, dy: turn(reader)? },
            4 => Self::Text(Text::read(reader)?),
            5 => {
                let modifiers = Modifiers::read(reader)?;
                Self::Shortcut { modifiers, key: LogicalKey::read(reader)? }
            }
            6 => Self::Key { key: Key::read(reader)?, press: Press::read(reader)? },
            7 => Self::ReleaseAll,
            8 => Self::Physical { code: KeyCode::read(reader)?, press: Press::read(reader)? },
            kind => return Err(MessageError::unknown("input", kind)),
        })
    }
}

impl Point {
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        out.extend(self.monitor.to_be_bytes());
        out.extend(self.x.to_be_bytes());
        out.extend(self.y.to_be_bytes());
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Truncated> {
        Ok(Self { monitor: reader.u32()?, x: reader.u32()?, y: reader.u32()? })
    }
}

impl Button {
    const ALL: [Self; 5] = [Self::Left, Self::Middle, Self::Right, Self::Back, Self::Forward];

    fn code(self) -> u8 {
        match self {
            Self::Left => 1,
            Self::Middle => 2,
            Self::Right => 3,
            Self::Back => 4,
            Self::Forward => 5,
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, MessageError> {
        let code = reader.u8()?;
        let known = Self::ALL.into_iter().find(|button| button.code() == code);
        known.ok_or(MessageError::unknown("button", code))
    }
}

impl Press {
    fn code(self) -> u8 {
        match self {
            Self::Down => 1,
            Self::Up => 2,
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, MessageError> {
        match reader.u8()? {
            1 => Ok(Self::Down),
            2 => Ok(Self::Up),
            code => Err(MessageError::unknown("press", code)),
        }
    }
}

impl LogicalKey {
    fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::Symbol(symbol) => {
                out.push(1);
                out.extend(u32::from(symbol).to_be_bytes());
            }
            Self::Named(key) => out.extend([2, key.code()]),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, MessageError> {
        match reader.u8()? {
            1 => char::from_u32(reader.u32()?)
                .filter(|symbol| !symbol.is_control())
                .map(Self::Symbol)
                .ok_or(MessageError::OutOfBounds { what: "symbol" }),
            2 => Key::read(reader).map(Self::Named),
            code => Err(MessageError::unknown("key", code)),
        }
    }
}

fn turn(reader: &mut Reader<'_>) -> Result<i32, MessageError> {
    let turn = reader.i32()?;
    if (-FARTHEST_TURN..=FARTHEST_TURN).contains(&turn) {
        return Ok(turn);
    }
    Err(MessageError::OutOfBounds { what: "turn of the wheel" })
}

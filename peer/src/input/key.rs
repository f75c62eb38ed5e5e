//! Keys without a symbol.

use crate::MessageError;
use crate::reader::Reader;

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// A key that has no symbol of its own, by its name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Key {
            $($(#[$doc])* $name,)*
        }

        impl Key {
            /// Every key, in the order of their codes.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            pub(super) fn code(self) -> u8 {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, MessageError> {
                match reader.u8()? {
                    $($code => Ok(Self::$name),)*
                    code => Err(MessageError::unknown("key", code)),
                }
            }
        }
    };
}

keys! {
    /// Enter, also that of the number pad.
    Enter = 1,
    /// Escape.
    Escape = 2,
    /// Tab.
    Tab = 3,
    /// Backspace.
    Backspace = 4,
    /// Delete.
    Delete = 5,
    /// Insert.
    Insert = 6,
    /// Home.
    Home = 7,
    /// End.
    End = 8,
    /// Page up.
    PageUp = 9,
    /// Page down.
    PageDown = 10,
    /// Arrow left.
    Left = 11,
    /// Arrow right.
    Right = 12,
    /// Arrow up.
    Up = 13,
    /// Arrow down.
    Down = 14,
    /// The space bar, where no text is meant.
    Space = 15,
    /// Shift.
    Shift = 16,
    /// Ctrl.
    Control = 17,
    /// Alt.
    Alt = 18,
    /// Alt Gr, the third level.
    AltGr = 19,
    /// The Windows or command key.
    Super = 20,
    /// Caps lock.
    CapsLock = 21,
    /// Num lock.
    NumLock = 22,
    /// Scroll lock.
    ScrollLock = 23,
    /// Print screen.
    PrintScreen = 24,
    /// Pause.
    Pause = 25,
    /// The key for context menus.
    Menu = 26,
    /// F1.
    F1 = 27,
    /// F2.
    F2 = 28,
    /// F3.
    F3 = 29,
    /// F4.
    F4 = 30,
    /// F5.
    F5 = 31,
    /// F6.
    F6 = 32,
    /// F7.
    F7 = 33,
    /// F8.
    F8 = 34,
    /// F9.
    F9 = 35,
    /// F10.
    F10 = 36,
    /// F11.
    F11 = 37,
    /// F12.
    F12 = 38,
    /// F13.
    F13 = 39,
    /// F14.
    F14 = 40,
    /// F15.
    F15 = 41,
    /// F16.
    F16 = 42,
    /// F17.
    F17 = 43,
    /// F18.
    F18 = 44,
    /// F19.
    F19 = 45,
    /// F20.
    F20 = 46,
    /// F21.
    F21 = 47,
    /// F22.
    F22 = 48,
    /// F23.
    F23 = 49,
    /// F24.
    F24 = 50,
}

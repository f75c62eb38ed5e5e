//! A system whose windows cannot be asked about.

use super::Focus;

/// There is none.
pub enum Desktop {}

impl Desktop {
    /// Never connects.
    pub fn connect() -> Option<Self> {
        None
    }

    /// The outermost window that would get a click at a place.
    pub fn window_at(&self, _: (i32, i32)) -> Option<u32> {
        match *self {}
    }

    /// The outermost window around a window.
    pub fn frame_of(&self, _: u32) -> Option<u32> {
        match *self {}
    }

    /// Who has the keyboard.
    pub fn focus(&self) -> Option<Focus> {
        match *self {}
    }

    /// Where the pointer is.
    pub fn pointer(&self) -> Option<(i32, i32)> {
        match *self {}
    }
}

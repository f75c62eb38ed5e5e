//! The few things that are asked of an X server directly.

use x11rb::connection::Connection;
use x11rb::errors::ReplyError;
use x11rb::protocol::xproto::{ConnectionExt as _, InputFocus, Window};
use x11rb::rust_connection::RustConnection;

/// A connection to the X server of `$DISPLAY`.
pub struct X11 {
    connection: RustConnection,
    root: Window,
}

impl X11 {
    /// Connects; `None` where there is no X server.
    pub fn connect() -> Option<Self> {
        Self::connect_to(None)
    }

    /// Connects to that display, or to `$DISPLAY`.
    pub fn connect_to(display: Option<&str>) -> Option<Self> {
        let (connection, screen) = x11rb::connect(display).ok()?;
        let root = connection.setup().roots.get(screen)?.root;
        Some(Self { connection, root })
    }

    /// The outermost window that would get a click at a place; 0 where that is the desktop.
    /// A window manager's frame counts as the window.
    pub fn window_at(&self, (x, y): (i32, i32)) -> Result<Window, ReplyError> {
        let (x, y) = (clamped(x), clamped(y));
        let cookie = self.connection.translate_coordinates(self.root, self.root, x, y)?;
        Ok(cookie.reply()?.child)
    }

    /// The outermost window around `window`.
    pub fn frame_of(&self, window: Window) -> Result<Window, ReplyError> {
        let mut window = window;
        loop {
            let parent = self.connection.query_tree(window)?.reply()?.parent;
            if parent == self.root || parent == x11rb::NONE {
                return Ok(window);
            }
            window = parent;
        }
    }

    /// The window with the keyboard focus; `None` where it is the one under the pointer.
    pub fn focus(&self) -> Result<Option<Window>, ReplyError> {
        let focus = self.connection.get_input_focus()?.reply()?.focus;
        Ok((focus != u32::from(InputFocus::POINTER_ROOT)).then_some(focus))
    }

    /// Where the pointer is.
    pub fn pointer(&self) -> Result<(i32, i32), ReplyError> {
        let pointer = self.connection.query_pointer(self.root)?.reply()?;
        Ok((i32::from(pointer.root_x), i32::from(pointer.root_y)))
    }
}

fn clamped(value: i32) -> i16 {
    i16::try_from(value).unwrap_or(if value < 0 { i16::MIN } else { i16::MAX })
}

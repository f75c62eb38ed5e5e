//! A connection to an X server.

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{ConnectionExt as _, InputFocus, Window};
use x11rb::rust_connection::RustConnection;

use super::Focus;

/// The X server of `$DISPLAY`.
pub struct Desktop {
    connection: RustConnection,
    root: Window,
}

impl Desktop {
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
    pub fn window_at(&self, (x, y): (i32, i32)) -> Option<Window> {
        let (x, y) = (clamped(x), clamped(y));
        let cookie = self.connection.translate_coordinates(self.root, self.root, x, y).ok()?;
        Some(cookie.reply().ok()?.child)
    }

    /// The outermost window around `window`.
    pub fn frame_of(&self, window: Window) -> Option<Window> {
        let mut window = window;
        loop {
            let parent = self.connection.query_tree(window).ok()?.reply().ok()?.parent;
            if parent == self.root || parent == x11rb::NONE {
                return Some(window);
            }
            window = parent;
        }
    }

    /// Who has the keyboard.
    pub fn focus(&self) -> Option<Focus> {
        let focus = self.connection.get_input_focus().ok()?.reply().ok()?.focus;
        let follows = focus == u32::from(InputFocus::POINTER_ROOT);
        Some(if follows { Focus::UnderPointer } else { Focus::Window(focus) })
    }

    /// Where the pointer is.
    pub fn pointer(&self) -> Option<(i32, i32)> {
        let pointer = self.connection.query_pointer(self.root).ok()?.reply().ok()?;
        Some((i32::from(pointer.root_x), i32::from(pointer.root_y)))
    }
}

fn clamped(value: i32) -> i16 {
    i16::try_from(value).unwrap_or(if value < 0 { i16::MIN } else { i16::MAX })
}

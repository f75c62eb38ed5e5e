//! The few things that are asked of an X server directly.

use x11rb::connection::Connection;
use x11rb::errors::ReplyError;
use x11rb::protocol::randr::ConnectionExt as _;
use x11rb::protocol::xproto::{ConnectionExt as _, Window};
use x11rb::rust_connection::RustConnection;

/// A connection to the X server of `$DISPLAY`.
pub struct X11 {
    connection: RustConnection,
    root: Window,
}

/// Where a monitor is on the desktop, in physical pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The output that shows it.
    pub output: u32,
    /// The left edge.
    pub x: i32,
    /// The top edge.
    pub y: i32,
    /// The width.
    pub width: u32,
    /// The height.
    pub height: u32,
}

impl X11 {
    /// Connects; `None` where there is no X server.
    pub fn connect() -> Option<Self> {
        let (connection, screen) = x11rb::connect(None).ok()?;
        let root = connection.setup().roots.get(screen)?.root;
        Some(Self { connection, root })
    }

    /// The monitors.
    pub fn places(&self) -> Result<Vec<Place>, ReplyError> {
        let reply = self.connection.randr_get_monitors(self.root, true)?.reply()?;
        let place = |monitor: &x11rb::protocol::randr::MonitorInfo| {
            let (x, y) = (i32::from(monitor.x), i32::from(monitor.y));
            let (width, height) = (u32::from(monitor.width), u32::from(monitor.height));
            let outputs = monitor.outputs.clone();
            outputs.into_iter().map(move |output| Place { output, x, y, width, height })
        };
        Ok(reply.monitors.iter().flat_map(place).collect())
    }

    /// Where the pointer is.
    pub fn pointer(&self) -> Result<(i32, i32), ReplyError> {
        let reply = self.connection.query_pointer(self.root)?.reply()?;
        Ok((i32::from(reply.root_x), i32::from(reply.root_y)))
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

    /// The window with the keyboard focus.
    pub fn focus(&self) -> Result<Window, ReplyError> {
        Ok(self.connection.get_input_focus()?.reply()?.focus)
    }
}

fn clamped(value: i32) -> i16 {
    i16::try_from(value).unwrap_or(if value < 0 { i16::MIN } else { i16::MAX })
}

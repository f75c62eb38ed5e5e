//! The border on X11.

use beckon_peer::Monitor;
use x11rb::COPY_DEPTH_FROM_PARENT;
use x11rb::connection::Connection;
use x11rb::errors::ReplyOrIdError;
use x11rb::protocol::shape::{ConnectionExt as _, SK, SO};
use x11rb::protocol::xproto::{
    ChangeWindowAttributesAux, ClipOrdering, ConfigureWindowAux, ConnectionExt as _,
    CreateWindowAux, StackMode, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;

use super::{Border, Edge, color, edges};
use crate::outward::Tone;

/// Four windows that nobody manages and every click passes through. They go with the connection.
pub struct X11Border {
    connection: RustConnection,
    root: Window,
    edges: Vec<Window>,
    shown: Option<(Monitor, Tone)>,
}

impl X11Border {
    /// Connects to the X server of `$DISPLAY`.
    pub fn connect() -> Result<Self, Box<dyn std::error::Error>> {
        let (connection, screen) = x11rb::connect(None)?;
        connection.shape_query_version()?.reply()?;
        let root = connection.setup().roots.get(screen).ok_or("no screen")?.root;
        Ok(Self { connection, root, edges: Vec::new(), shown: None })
    }

    fn draw(&mut self, monitor: &Monitor, tone: Tone) -> Result<(), ReplyOrIdError> {
        let same = self.shown.as_ref().map(|(shown, _)| shown) == Some(monitor);
        if !same {
            self.take_away()?;
            for edge in edges(monitor) {
                self.edges.push(self.open(edge, tone)?);
            }
        }
        let color = ChangeWindowAttributesAux::new().background_pixel(pixel(tone));
        let above = ConfigureWindowAux::new().stack_mode(StackMode::ABOVE);
        let recolored = same && self.shown.as_ref().map(|(_, tone)| *tone) != Some(tone);
        for window in &self.edges {
            if recolored {
                self.connection.change_window_attributes(*window, &color)?;
                self.connection.clear_area(false, *window, 0, 0, 0, 0)?;
            }
            self.connection.configure_window(*window, &above)?;
        }
        self.connection.flush()?;
        self.shown = Some((monitor.clone(), tone));
        Ok(())
    }

    fn open(&self, edge: Edge, tone: Tone) -> Result<Window, ReplyOrIdError> {
        let window = self.connection.generate_id()?;
        let look = CreateWindowAux::new().override_redirect(1).background_pixel(pixel(tone));
        self.connection.create_window(
            COPY_DEPTH_FROM_PARENT,
            window,
            self.root,
            short(edge.x),
            short(edge.y),
            length(edge.width),
            length(edge.height),
            0,
            WindowClass::INPUT_OUTPUT,
            0,
            &look,
        )?;
        // An empty input region: clicks go to what is below.
        let (whole, none) = (ClipOrdering::UNSORTED, []);
        self.connection.shape_rectangles(SO::SET, SK::INPUT, whole, window, 0, 0, &none)?;
        self.connection.map_window(window)?;
        Ok(window)
    }

    fn take_away(&mut self) -> Result<(), ReplyOrIdError> {
        self.shown = None;
        for window in self.edges.drain(..) {
            self.connection.destroy_window(window)?;
        }
        self.connection.flush()?;
        Ok(())
    }
}

impl Border for X11Border {
    fn show(&mut self, monitor: &Monitor, tone: Tone) {
        if let Err(error) = self.draw(monitor, tone) {
            tracing::warn!(%error, "the border cannot be drawn");
        }
    }

    fn hide(&mut self) {
        if let Err(error) = self.take_away() {
            tracing::warn!(%error, "the border cannot be taken away");
        }
    }
}

fn pixel(tone: Tone) -> u32 {
    let [red, green, blue] = color(tone);
    u32::from_be_bytes([0, red, green, blue])
}

fn short(at: i32) -> i16 {
    i16::try_from(at).unwrap_or(i16::MAX)
}

fn length(length: u32) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_is_red_and_viewing_is_not() {
        assert_eq!(pixel(Tone::Used), 0x00B3_261E);
        assert_ne!(pixel(Tone::Seen), pixel(Tone::Used));
    }
}

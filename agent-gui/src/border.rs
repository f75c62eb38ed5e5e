//! The border around the monitor that is shown.

use beckon_desk::theme::Palette;
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

use crate::outward::Tone;

/// How wide it is, in physical pixels.
const WIDTH: u32 = 4;

/// Something that can frame a monitor.
pub trait Border {
    /// Frames `monitor`, or changes the colour; called again and again it stays on top.
    fn show(&mut self, monitor: &Monitor, tone: Tone);
    /// Takes the frame away.
    fn hide(&mut self);
}

/// The border of this system: on X11 four windows, elsewhere none yet.
pub fn of_this_system() -> Box<dyn Border> {
    match X11Border::connect() {
        Ok(border) => Box::new(border),
        Err(error) => {
            tracing::warn!(%error, "there is no border on this system");
            Box::new(NoBorder)
        }
    }
}

/// Where there is no X server, what is shared is said in the window alone.
struct NoBorder;

impl Border for NoBorder {
    fn show(&mut self, _: &Monitor, _: Tone) {}
    fn hide(&mut self) {}
}

/// Four windows that nobody manages and every click passes through. They go with the connection.
struct X11Border {
    connection: RustConnection,
    root: Window,
    edges: Vec<Window>,
    shown: Option<(Monitor, Tone)>,
}

impl X11Border {
    fn connect() -> Result<Self, Box<dyn std::error::Error>> {
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
            edge.x,
            edge.y,
            edge.width,
            edge.height,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Edge {
    x: i16,
    y: i16,
    width: u16,
    height: u16,
}

/// Top, bottom, left, right, all inside of the monitor.
fn edges(monitor: &Monitor) -> [Edge; 4] {
    let Monitor { x, y, width, height, .. } = *monitor;
    let far =
        |from: i32, size: u32| from.saturating_add_unsigned(size).saturating_sub_unsigned(WIDTH);
    let edge = |x: i32, y: i32, width: u32, height: u32| Edge {
        x: i16::try_from(x).unwrap_or(i16::MAX),
        y: i16::try_from(y).unwrap_or(i16::MAX),
        width: u16::try_from(width).unwrap_or(u16::MAX).max(1),
        height: u16::try_from(height).unwrap_or(u16::MAX).max(1),
    };
    [
        edge(x, y, width, WIDTH),
        edge(x, far(y, height), width, WIDTH),
        edge(x, y, WIDTH, height),
        edge(far(x, width), y, WIDTH, height),
    ]
}

fn pixel(tone: Tone) -> u32 {
    let color = match tone {
        Tone::Seen => Palette::LIGHT.accent,
        Tone::Used => Palette::LIGHT.danger,
    };
    u32::from_be_bytes([0, color.r(), color.g(), color.b()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_edges_lie_inside_of_the_monitor() {
        let name = String::new();
        let (x, y, width, height) = (100, -50, 640, 480);
        let monitor =
            Monitor { id: 1, name, x, y, width, height, scale_percent: 100, primary: true };
        let edge = |x, y, width, height| Edge { x, y, width, height };
        assert_eq!(
            edges(&monitor),
            [
                edge(100, -50, 640, 4),
                edge(100, 426, 640, 4),
                edge(100, -50, 4, 480),
                edge(736, -50, 4, 480),
            ]
        );
    }

    #[test]
    fn control_is_red_and_viewing_is_not() {
        assert_eq!(pixel(Tone::Used), 0x00B3_261E);
        assert_ne!(pixel(Tone::Seen), pixel(Tone::Used));
    }
}

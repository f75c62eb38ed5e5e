//! The border around the monitor that is shown.

#[cfg(target_os = "windows")]
mod win32;
#[cfg(target_os = "linux")]
mod x11;

use beckon_desk::theme::Palette;
use beckon_peer::Monitor;

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

/// The border of this system: four windows on X11 and on Windows, elsewhere none yet.
pub fn of_this_system() -> Box<dyn Border> {
    #[cfg(target_os = "linux")]
    let border = x11::X11Border::connect();
    #[cfg(target_os = "windows")]
    let border = win32::Win32Border::start();
    #[cfg(not(any(target_os = "linux", target_os = "windows")))]
    let border = Result::<NoBorder, _>::Err("not known here");
    match border {
        Ok(border) => Box::new(border),
        Err(error) => {
            tracing::warn!(%error, "there is no border on this system");
            Box::new(NoBorder)
        }
    }
}

/// Where there is none, what is shared is said in the window alone.
struct NoBorder;

impl Border for NoBorder {
    fn show(&mut self, _: &Monitor, _: Tone) {}
    fn hide(&mut self) {}
}

/// One of the four windows, in physical pixels of the desktop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Edge {
    x: i32,
    y: i32,
    width: u32,
    height: u32,
}

/// Top, bottom, left, right, all inside of the monitor.
fn edges(monitor: &Monitor) -> [Edge; 4] {
    let Monitor { x, y, width, height, .. } = *monitor;
    let far =
        |from: i32, size: u32| from.saturating_add_unsigned(size).saturating_sub_unsigned(WIDTH);
    let edge = |x: i32, y: i32, width: u32, height: u32| Edge { x, y, width, height };
    [
        edge(x, y, width, WIDTH),
        edge(x, far(y, height), width, WIDTH),
        edge(x, y, WIDTH, height),
        edge(far(x, width), y, WIDTH, height),
    ]
}

/// Red, green, blue.
fn color(tone: Tone) -> [u8; 3] {
    let color = match tone {
        Tone::Seen => Palette::LIGHT.accent,
        Tone::Used => Palette::LIGHT.danger,
    };
    [color.r(), color.g(), color.b()]
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
}

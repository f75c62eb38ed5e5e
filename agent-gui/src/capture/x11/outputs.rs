//! The monitors, as the X server knows them.

use beckon_peer::Monitor;
use beckon_peer::screen::Rect;
use x11rb::connection::RequestConnection as _;
use x11rb::protocol::randr::{self, ConnectionExt as _};
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _, Window};
use x11rb::rust_connection::RustConnection;

use crate::capture::CaptureError;

/// The most of the resources that is read, in units of four bytes.
const RESOURCES: u32 = 16 * 1024;

/// The active monitors, cut to the root window. Rotation is in their sizes already.
pub fn list(connection: &RustConnection, root: Window) -> Result<Vec<Monitor>, CaptureError> {
    let size = connection.get_geometry(root)?;
    let string = AtomEnum::STRING;
    let from = AtomEnum::RESOURCE_MANAGER;
    let resources = connection.get_property(false, root, from, string, 0, RESOURCES)?;
    let has_monitors = connection.extension_information(randr::X11_EXTENSION_NAME)?.is_some();
    let active = if has_monitors { Some(connection.randr_get_monitors(root, true)?) } else { None };
    let size = size.reply()?;
    let scale_percent = scale(&String::from_utf8_lossy(&resources.reply()?.value));
    let (width, height) = (u32::from(size.width), u32::from(size.height));
    let desktop = Rect { x: 0, y: 0, width, height };
    let Some(active) = active else {
        let (name, id) = ("screen".to_owned(), 1);
        let whole = Monitor { id, name, x: 0, y: 0, width, height, scale_percent, primary: true };
        return Ok(vec![whole]);
    };
    let mut named = Vec::new();
    for one in active.reply()?.monitors {
        named.push((connection.get_atom_name(one.name)?, one));
    }
    let mut monitors = Vec::new();
    for (name, one) in named {
        let name = String::from_utf8_lossy(&name.reply()?.name).into_owned();
        let corner = |at: i16| u32::try_from(at).unwrap_or_default();
        let (width, height) = (u32::from(one.width), u32::from(one.height));
        let seen = Rect { x: corner(one.x), y: corner(one.y), width, height }.within(desktop);
        if seen.area() == 0 {
            continue;
        }
        let (x, y) = (seen.x.cast_signed(), seen.y.cast_signed());
        let (width, height, primary) = (seen.width, seen.height, one.primary);
        // The name's number is the monitor's for as long as the server runs.
        let id = one.name;
        monitors.push(Monitor { id, name, x, y, width, height, scale_percent, primary });
    }
    if monitors.is_empty() { Err(CaptureError::NoMonitor) } else { Ok(monitors) }
}

/// The scale that desktops set for all monitors, in per cent.
fn scale(resources: &str) -> u16 {
    let dpi = resources
        .lines()
        .find_map(|line| line.strip_prefix("Xft.dpi:")?.trim().parse::<u32>().ok())
        .unwrap_or(96);
    u16::try_from(dpi.clamp(24, 960) * 100 / 96).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_the_resolution_of_fonts_in_bounds() {
        let cases = [
            ("", 100),
            ("Xft.dpi:\t144\n", 150),
            ("*a: 1\nXft.dpi: 192", 200),
            ("Xft.dpi: 1", 25),
            ("Xft.dpi: 9999", 1_000),
        ];
        for (resources, percent) in cases {
            assert_eq!(scale(resources), percent, "{resources:?}");
        }
    }
}

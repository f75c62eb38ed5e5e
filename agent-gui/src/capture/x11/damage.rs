//! What has changed on the root window, as the X server tells.

use beckon_peer::screen::Rect;
use x11rb::connection::{Connection as _, RequestConnection as _};
use x11rb::cookie::Cookie;
use x11rb::protocol::damage::{self, ConnectionExt as _, ReportLevel};
use x11rb::protocol::xfixes::{ConnectionExt as _, FetchRegionReply, Region};
use x11rb::protocol::xproto::{Rectangle, Window};
use x11rb::rust_connection::RustConnection;

use crate::capture::CaptureError;
use crate::capture::region::joined;

/// Collects damage of the root window and everything in it.
///
/// The server tells once that there is some (`NON_EMPTY`) and not again before it was taken. So
/// whoever takes it forgets what was told *before* taking it: a word that arrives while the
/// answer is on its way is about the next damage, and forgetting it would be the end of all.
#[derive(Debug)]
pub struct Damage {
    damage: damage::Damage,
    taken: Region,
}

impl Damage {
    /// Begins to collect; `None` where the server cannot.
    pub fn watch(connection: &RustConnection, root: Window) -> Result<Option<Self>, CaptureError> {
        if connection.extension_information(damage::X11_EXTENSION_NAME)?.is_none() {
            return Ok(None);
        }
        connection.damage_query_version(1, 1)?.reply()?;
        let (damage, taken) = (connection.generate_id()?, connection.generate_id()?);
        connection.xfixes_create_region(taken, &[])?;
        connection.damage_create(damage, root, ReportLevel::NON_EMPTY)?.check()?;
        Ok(Some(Self { damage, taken }))
    }

    /// Takes all damage so far; the answer is where it is.
    pub fn take<'c>(
        &self,
        connection: &'c RustConnection,
    ) -> Result<Cookie<'c, RustConnection, FetchRegionReply>, CaptureError> {
        connection.damage_subtract(self.damage, x11rb::NONE, self.taken)?;
        Ok(connection.xfixes_fetch_region(self.taken)?)
    }
}

/// The damaged rectangles within `bounds`, on the root window.
pub fn within(bounds: Rect, damaged: &[Rectangle]) -> Vec<Rect> {
    let mut found = Vec::new();
    for one in damaged {
        let cut = |start: i16, length: u16| {
            let end = i32::from(start) + i32::from(length);
            let start = i32::from(start).max(0);
            (start.unsigned_abs(), end.saturating_sub(start).max(0).unsigned_abs())
        };
        let ((x, width), (y, height)) = (cut(one.x, one.width), cut(one.y, one.height));
        let rect = Rect { x, y, width, height }.within(bounds);
        if rect.area() > 0 {
            found.push(rect);
        }
    }
    joined(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Rect = Rect { x: 100, y: 0, width: 800, height: 600 };

    #[test]
    fn damage_is_cut_to_the_monitor() {
        let rectangle = |x, y, width, height| Rectangle { x, y, width, height };
        let damaged =
            [rectangle(-5, -5, 10, 10), rectangle(90, -5, 20, 10), rectangle(890, 590, 900, 900)];
        let expected = [
            Rect { x: 100, y: 0, width: 10, height: 5 },
            Rect { x: 890, y: 590, width: 10, height: 10 },
        ];
        assert_eq!(within(BOUNDS, &damaged), expected);
    }
}

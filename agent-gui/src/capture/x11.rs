//! Pictures from an X server: what it says has changed, through shared memory.

mod cursor;
mod damage;
mod format;
mod outputs;
mod pixels;
#[cfg(test)]
pub mod server;
mod shared_memory;
#[cfg(test)]
mod tests;
mod top_windows;

use std::os::fd::AsFd as _;
use std::time::Duration;

use beckon_desk::clock;
use beckon_peer::screen::{Part, Rect, Shift, Size};
use beckon_peer::{Monitor, PointerShape};
use x11rb::connection::{Connection as _, RequestConnection as _};
use x11rb::errors::{ConnectError, ConnectionError, ReplyError, ReplyOrIdError};
use x11rb::protocol::randr::{ConnectionExt as _, NotifyMask};
use x11rb::protocol::xfixes::{ConnectionExt as _, CursorNotifyMask};
use x11rb::protocol::xinput::{self, ConnectionExt as _, XIEventMask};
use x11rb::protocol::xproto::{
    ChangeWindowAttributesAux, ConnectionExt as _, EventMask, KeyButMask, Screen,
};
use x11rb::protocol::{ErrorKind, Event, randr};
use x11rb::rust_connection::RustConnection;

use super::drag::Drag;
use super::{Capture, CaptureError, Extent, News, Shot};
use crate::bell::Bell;
use damage::Damage;
use format::Format;
use pixels::Pixels;
use top_windows::TopWindows;

/// Where the server does not tell what changes, the whole picture is compared so often.
const BLIND_EVERY: Duration = Duration::from_millis(66);
const MASTERS: u16 = 1;

/// A connection of its own to an X server.
pub struct X11Capture {
    connection: RustConnection,
    screen: Screen,
    format: Format,
    pixels: Pixels,
    damage: Option<Damage>,
    windows: TopWindows,
    news: News,
    /// Where the pointer was when that was last asked for.
    place: (i32, i32),
    drag: Drag,
    /// When everything was last called damaged, where the server does not tell.
    blind: Duration,
}

impl X11Capture {
    /// Connects to that display, or to `$DISPLAY`.
    pub fn connect(display: Option<&str>) -> Result<Self, CaptureError> {
        let (connection, number) = x11rb::connect(display)?;
        let screen = connection.setup().roots.get(number).cloned();
        let screen = screen.ok_or(CaptureError::NoMonitor)?;
        let root = screen.root;
        connection.xfixes_query_version(5, 0)?.reply()?;
        // The root window's own events tell of monitors that were made by hand.
        let events = EventMask::SUBSTRUCTURE_NOTIFY | EventMask::STRUCTURE_NOTIFY;
        let attributes = ChangeWindowAttributesAux::new().event_mask(events);
        connection.change_window_attributes(root, &attributes)?.check()?;
        connection.xfixes_select_cursor_input(root, CursorNotifyMask::DISPLAY_CURSOR)?;
        if connection.extension_information(randr::X11_EXTENSION_NAME)?.is_some() {
            connection.randr_query_version(1, 5)?.reply()?;
            let changes =
                NotifyMask::SCREEN_CHANGE | NotifyMask::CRTC_CHANGE | NotifyMask::OUTPUT_CHANGE;
            connection.randr_select_input(root, changes)?;
        }
        if connection.extension_information(xinput::X11_EXTENSION_NAME)?.is_some() {
            connection.xinput_xi_query_version(2, 2)?.reply()?;
            let mask = vec![XIEventMask::RAW_MOTION];
            let motion = xinput::EventMask { deviceid: MASTERS, mask };
            connection.xinput_xi_select_events(root, &[motion])?;
        }
        let windows = TopWindows::list(&connection, root)?;
        Ok(Self {
            format: Format::of(&connection, &screen)?,
            pixels: Pixels::new(&connection)?,
            damage: Damage::watch(&connection, root)?,
            connection,
            screen,
            windows,
            news: News { damage: true, monitors: true, place: true, shape: true },
            place: (-1, -1),
            drag: Drag::default(),
            blind: Duration::ZERO,
        })
    }

    /// Takes in what the server has told; says whether there was anything.
    fn hear(&mut self) -> Result<bool, CaptureError> {
        let root = self.screen.root;
        let mut heard = false;
        while let Some(event) = self.connection.poll_for_event()? {
            heard = true;
            match &event {
                Event::DamageNotify(_) => self.news.damage = true,
                Event::XfixesCursorNotify(_) => self.news.shape = true,
                Event::XinputRawMotion(_) => self.news.place = true,
                Event::RandrScreenChangeNotify(_) | Event::RandrNotify(_) => {
                    self.news.monitors = true;
                }
                Event::ConfigureNotify(event) if event.window == root => {
                    self.news.monitors = true;
                }
                Event::Error(error) => tracing::debug!(?error, "a request to the X server failed"),
                event => self.windows.hear(root, event),
            }
        }
        if self.damage.is_none() {
            let now = clock::uptime();
            if now.saturating_sub(self.blind) >= BLIND_EVERY {
                self.blind = now;
                self.news.damage = true;
            }
        }
        Ok(heard)
    }

    fn pointer(&self) -> Result<(i32, i32), CaptureError> {
        let reply = self.connection.query_pointer(self.screen.root)?.reply()?;
        Ok((i32::from(reply.root_x), i32::from(reply.root_y)))
    }

    fn shifts(&mut self, at: (i32, i32), is_held: bool) -> Vec<Shift> {
        let mut shifts = self.windows.shifts();
        if let Some(shift) = self.drag.shift(at, is_held)
            && !shifts.contains(&shift)
        {
            shifts.push(shift);
        }
        shifts
    }
}

impl Capture for X11Capture {
    fn monitors(&mut self) -> Result<Vec<Monitor>, CaptureError> {
        self.hear()?;
        self.news.monitors = false;
        outputs::list(&self.connection, self.screen.root)
    }

    fn wait(&mut self, bell: &Bell, longest: Duration) -> Result<(), CaptureError> {
        self.connection.flush()?;
        // Answers bring events along, which then wait in memory while the socket is quiet.
        if self.hear()? {
            return Ok(());
        }
        let blind = self.damage.is_none() && !self.news.damage;
        let longest = if blind { longest.min(BLIND_EVERY) } else { longest };
        if !longest.is_zero() {
            bell.wait_also(self.connection.stream().as_fd(), longest);
            self.hear()?;
        }
        Ok(())
    }

    fn news(&self) -> News {
        self.news
    }

    fn next(&mut self, monitor: &Monitor, extent: Extent) -> Result<Shot<'_>, CaptureError> {
        let root = self.screen.root;
        let bounds = bounds(monitor)?;
        let size = Size::new(bounds.width, bounds.height).map_err(|_| CaptureError::TooLarge)?;
        if extent == Extent::Whole {
            self.pixels.reset(&self.connection);
        }
        self.hear()?;
        // Before the damage is taken: see `Damage`.
        self.news.damage = false;
        let taken = match &self.damage {
            Some(damage) => Some(damage.take(&self.connection)?),
            None => None,
        };
        let pointer = self.connection.query_pointer(root)?;
        let damaged = match (taken, extent) {
            (Some(taken), Extent::Changed) => damage::within(bounds, &taken.reply()?.rectangles),
            (Some(taken), Extent::Whole) => {
                taken.reply()?;
                vec![bounds]
            }
            (None, _) => vec![bounds],
        };
        let pointer = pointer.reply()?;
        let buttons = KeyButMask::BUTTON1 | KeyButMask::BUTTON2 | KeyButMask::BUTTON3;
        let is_held = u16::from(pointer.mask) & u16::from(buttons) != 0;
        let at = (i32::from(pointer.root_x), i32::from(pointer.root_y));
        self.news.place |= at != self.place;
        self.format.refresh(&self.connection, &self.screen)?;
        let ranges = self.pixels.fetch(&self.connection, root, &damaged, &self.format)?;
        // Only now: what has moved until here may be in the pixels.
        self.hear()?;
        let shifts = self.shifts(at, is_held);
        let bytes = self.pixels.bytes(&self.format);
        let mut parts = Vec::new();
        for (area, range) in damaged.iter().zip(ranges) {
            let pixels = bytes.get(range).ok_or(CaptureError::Changed)?;
            let rect = Rect { x: area.x - bounds.x, y: area.y - bounds.y, ..*area };
            let stride = usize::try_from(area.width).map_err(|_| CaptureError::TooLarge)? * 4;
            parts.push(Part { rect, stride, pixels });
        }
        Ok(Shot { size, order: self.format.order(), parts, shifts })
    }

    fn place(&mut self) -> Result<Option<(i32, i32)>, CaptureError> {
        self.news.place = false;
        self.place = self.pointer()?;
        Ok(Some(self.place))
    }

    fn shape(&mut self) -> Result<Option<PointerShape>, CaptureError> {
        self.news.shape = false;
        let reply = self.connection.xfixes_get_cursor_image_and_name()?.reply()?;
        Ok(cursor::shape(&reply))
    }

    fn ping(&mut self) -> Result<(), CaptureError> {
        // A program that puts the pointer elsewhere makes no event of it.
        self.news.place |= self.pointer()? != self.place;
        Ok(())
    }
}

/// Where a monitor is on the root window.
fn bounds(monitor: &Monitor) -> Result<Rect, CaptureError> {
    let corner = |at: i32| u32::try_from(at).map_err(|_| CaptureError::Changed);
    let (width, height) = (monitor.width, monitor.height);
    Ok(Rect { x: corner(monitor.x)?, y: corner(monitor.y)?, width, height })
}

impl From<ConnectError> for CaptureError {
    fn from(error: ConnectError) -> Self {
        Self::System(error.to_string())
    }
}

impl From<ConnectionError> for CaptureError {
    fn from(error: ConnectionError) -> Self {
        Self::System(error.to_string())
    }
}

impl From<ReplyError> for CaptureError {
    fn from(error: ReplyError) -> Self {
        match error {
            // What was asked for lies outside of the screen of now.
            ReplyError::X11Error(error)
                if matches!(error.error_kind, ErrorKind::Match | ErrorKind::Value) =>
            {
                Self::Changed
            }
            error => Self::System(error.to_string()),
        }
    }
}

impl From<ReplyOrIdError> for CaptureError {
    fn from(error: ReplyOrIdError) -> Self {
        match error {
            ReplyOrIdError::X11Error(error) => ReplyError::X11Error(error).into(),
            error => Self::System(error.to_string()),
        }
    }
}

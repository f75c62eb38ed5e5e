//! Where the top-level windows are: how they move is how their pixels move.

use std::collections::HashMap;

use beckon_peer::screen::Shift;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{ConnectionExt as _, Window};
use x11rb::rust_connection::RustConnection;

use crate::capture::CaptureError;

/// At most so many shifts are told at once.
const MOST: usize = 8;

/// The windows directly on the root window.
#[derive(Debug, Default)]
pub struct TopWindows {
    places: HashMap<Window, Place>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    now: (i16, i16),
    /// Where it was when it was last looked at.
    before: (i16, i16),
}

impl TopWindows {
    /// The windows of now. Events have to be on their way already.
    pub fn list(connection: &RustConnection, root: Window) -> Result<Self, CaptureError> {
        let children = connection.query_tree(root)?.reply()?.children;
        let mut asked = Vec::new();
        for window in children {
            asked.push((window, connection.get_geometry(window)?));
        }
        let mut windows = Self::default();
        for (window, cookie) in asked {
            // One that is gone by now does not matter.
            if let Ok(at) = cookie.reply() {
                windows.appear(window, (at.x, at.y));
            }
        }
        Ok(windows)
    }

    /// Takes in what happened to a window on `root`.
    pub fn hear(&mut self, root: Window, event: &Event) {
        match event {
            Event::CreateNotify(event) if event.parent == root => {
                self.appear(event.window, (event.x, event.y));
            }
            Event::ReparentNotify(event) if event.parent == root => {
                self.appear(event.window, (event.x, event.y));
            }
            Event::ReparentNotify(event) => drop(self.places.remove(&event.window)),
            Event::DestroyNotify(event) => drop(self.places.remove(&event.window)),
            Event::ConfigureNotify(event) => {
                if let Some(place) = self.places.get_mut(&event.window) {
                    place.now = (event.x, event.y);
                }
            }
            _ => {}
        }
    }

    /// How windows have moved since this was last asked.
    pub fn shifts(&mut self) -> Vec<Shift> {
        let mut shifts = Vec::new();
        for place in self.places.values_mut() {
            let between = |now: i16, before: i16| i32::from(now) - i32::from(before);
            let shift = Shift {
                dx: between(place.now.0, place.before.0),
                dy: between(place.now.1, place.before.1),
            };
            place.before = place.now;
            if (shift.dx, shift.dy) != (0, 0) && shifts.len() < MOST && !shifts.contains(&shift) {
                shifts.push(shift);
            }
        }
        shifts
    }

    fn appear(&mut self, window: Window, at: (i16, i16)) {
        self.places.insert(window, Place { now: at, before: at });
    }
}

//! The monitors, as the picture thread last saw them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use beckon_peer::{Monitor, Point};

/// The list, shared between what shows the screen, what moves the pointer and the border.
#[derive(Clone, Debug, Default)]
pub struct Monitors(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    all: Vec<Monitor>,
    shown: Option<u32>,
}

impl Monitors {
    /// Takes over what was seen; says whether it is something new.
    pub fn replace(&self, all: Vec<Monitor>) -> bool {
        let mut seen = self.lock();
        let is_new = seen.all != all;
        seen.all = all;
        is_new
    }

    /// The picture is that of monitor `id`.
    pub fn show(&self, id: u32) {
        self.lock().shown = Some(id);
    }

    /// The monitor whose picture is shown.
    pub fn shown(&self) -> Option<Monitor> {
        let seen = self.lock();
        seen.all.iter().find(|monitor| Some(monitor.id) == seen.shown).cloned()
    }

    /// Where `point` is on the whole desktop; `None` where it is not on the monitor that is shown:
    /// the border is around that one only.
    pub fn place(&self, point: Point) -> Option<(i32, i32)> {
        let seen = self.lock();
        let shown = seen.all.iter().find(|monitor| Some(monitor.id) == seen.shown);
        let monitor = shown.filter(|monitor| monitor.id == point.monitor)?;
        if point.x >= monitor.width || point.y >= monitor.height {
            return None;
        }
        let x = monitor.x.checked_add_unsigned(point.x)?;
        Some((x, monitor.y.checked_add_unsigned(point.y)?))
    }

    /// The monitor that holds a place on the desktop, and where on it that is.
    pub fn find(&self, (x, y): (i32, i32)) -> Option<Point> {
        let seen = self.lock();
        seen.all.iter().find_map(|monitor| {
            let x = u32::try_from(x.checked_sub(monitor.x)?).ok()?;
            let y = u32::try_from(y.checked_sub(monitor.y)?).ok()?;
            let on = x < monitor.width && y < monitor.height;
            on.then_some(Point { monitor: monitor.id, x, y })
        })
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn monitor(id: u32, x: i32, y: i32) -> Monitor {
        let (width, height) = (100, 50);
        let name = format!("M{id}");
        Monitor { id, name, x, y, width, height, scale_percent: 100, primary: false }
    }

    #[test]
    fn a_place_is_the_monitor_s_corner_plus_pixels_and_back() {
        let monitors = Monitors::default();
        monitors.replace(vec![monitor(1, 0, 0), monitor(2, -100, 10)]);
        monitors.show(2);
        let point = Point { monitor: 2, x: 99, y: 49 };
        assert_eq!(monitors.place(point), Some((-1, 59)));
        assert_eq!(monitors.find((-1, 59)), Some(point));
    }

    #[test]
    fn what_is_not_on_the_shown_monitor_is_nowhere() {
        let monitors = Monitors::default();
        monitors.replace(vec![monitor(1, 0, 0), monitor(2, -100, 0)]);
        let first = Point { monitor: 1, x: 0, y: 0 };
        assert_eq!(monitors.place(first), None, "nothing is shown");
        monitors.show(1);
        assert_eq!(monitors.place(first), Some((0, 0)));
        for point in [
            Point { monitor: 1, x: 100, y: 0 },
            Point { monitor: 1, x: 0, y: 50 },
            Point { monitor: 2, x: 0, y: 0 },
            Point { monitor: 9, x: 0, y: 0 },
        ] {
            assert_eq!(monitors.place(point), None, "{point:?}");
        }
        assert_eq!(monitors.find((100, 0)), None);
    }
}

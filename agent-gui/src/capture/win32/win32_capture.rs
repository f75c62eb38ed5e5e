//! Pictures on Windows.

use std::time::Duration;

use beckon_desk::clock;
use beckon_peer::screen::{Part, PixelOrder, Rect, Shift, Size};
use beckon_peer::{Monitor, PointerShape};

use super::course::{Course, Refusal, Way};
use super::desktop::{Extents, FineClock, shown_to_its_user_alone};
use super::duplication::Duplication;
use super::pointer::{Pointer, is_held};
use super::rotation::Rotation;
use crate::bell::Bell;
use crate::capture::drag::Drag;
use crate::capture::portable::Portable;
use crate::capture::region::joined;
use crate::capture::{Capture, CaptureError, Extent, News, Shot};

/// Nothing wakes who waits for the graphics card: so often it is heard whether the bell rings.
const SLICE: Duration = Duration::from_millis(8);
/// Where nothing says that the pointer has moved, it is looked at so often.
const POINTER_EVERY: Duration = Duration::from_millis(16);
/// A pointer that never stays as it is, as a ring that turns, is told so often.
const SHAPE_EVERY: Duration = Duration::from_millis(100);

/// The monitor of which pictures are wanted, by the duplication of the graphics card or as stills.
pub struct Win32Capture {
    course: Course,
    /// INVARIANT: there is one exactly while the course says so; it is of monitor `shown`.
    duplication: Option<Duplication>,
    shown: u32,
    stills: Portable,
    news: News,
    shifts: Vec<Shift>,
    /// Pixels of an output that is turned, as they are seen.
    turned: Vec<u8>,
    drag: Drag,
    /// The pointer when its place was last asked for, and when its looks were.
    placed: Option<Pointer>,
    looked: Option<Pointer>,
    /// What the graphics card says that it looks like, and whether that was not told yet.
    shape: Option<PointerShape>,
    is_shape_new: bool,
    shape_told: Duration,
    extents: Extents,
    _clock: Option<FineClock>,
}

impl Win32Capture {
    /// Ready to capture; nothing is captured yet.
    pub fn new() -> Self {
        Self {
            course: Course::new(),
            duplication: None,
            shown: 0,
            stills: Portable::new(),
            news: News { damage: true, monitors: false, place: true, shape: true },
            shifts: Vec::new(),
            turned: Vec::new(),
            drag: Drag::default(),
            placed: None,
            looked: None,
            shape: None,
            is_shape_new: false,
            shape_told: Duration::ZERO,
            extents: Extents::now(),
            _clock: FineClock::begin(),
        }
    }

    /// With a duplication of that monitor.
    #[cfg(test)]
    pub fn with(duplication: Duplication, shown: u32) -> Self {
        let mut capture = Self { duplication: Some(duplication), shown, ..Self::new() };
        capture.course.opened();
        capture
    }

    /// The way in which pictures are got now.
    #[cfg(test)]
    pub fn way(&self) -> Way {
        self.course.way(clock::uptime())
    }

    /// Waits for the graphics card; says whether there was anything.
    fn hear(&mut self, longest: Duration) -> Result<bool, CaptureError> {
        let Some(duplication) = &mut self.duplication else { return Ok(false) };
        let frame = match duplication.next(longest) {
            Ok(Some(frame)) => frame,
            Ok(None) => return Ok(false),
            Err(refusal) => return Err(self.end(refusal)),
        };
        for shift in frame.shifts(duplication.rotation()) {
            if !self.shifts.contains(&shift) {
                self.shifts.push(shift);
            }
        }
        self.news.damage |= !duplication.changed.is_empty();
        self.hear_shape();
        Ok(frame.has_picture() || frame.pointer != 0)
    }

    fn hear_shape(&mut self) {
        if let Some(shape) = self.duplication.as_mut().and_then(|one| one.pointer.take()) {
            (self.shape, self.is_shape_new) = (Some(shape), true);
        }
    }

    /// The duplication is over.
    fn end(&mut self, refusal: Refusal) -> CaptureError {
        tracing::debug!(?refusal, "the duplication of the screen has ended");
        (self.duplication, self.shape) = (None, None);
        self.news.damage = true;
        self.course.ended(shown_to_its_user_alone(), clock::uptime())
    }

    fn look_at_pointer(&mut self) {
        let Some(now) = Pointer::now() else { return };
        self.news.place |= self
            .placed
            .is_none_or(|placed| placed.at != now.at || placed.is_shown() != now.is_shown());
        self.news.shape |= self.looked.is_none_or(|looked| looked.differs(now));
    }

    /// Opens a new duplication; without one it is stills from now on.
    fn open(&mut self, monitor: &Monitor) -> Result<(), CaptureError> {
        self.duplication = None;
        match Duplication::open(&monitor.name) {
            Ok(duplication) => {
                self.duplication = Some(duplication);
                self.course.opened();
                self.hear_shape();
                Ok(())
            }
            Err(refusal) => {
                tracing::info!(?refusal, "the screen is not duplicated");
                let hidden = shown_to_its_user_alone();
                self.course.refused(refusal, hidden, clock::uptime())
            }
        }
    }

    fn still(&mut self, monitor: &Monitor) -> Result<Shot<'_>, CaptureError> {
        // A still of what is before the user would be black, or that of before.
        if let Some(hidden) = shown_to_its_user_alone() {
            return Err(hidden);
        }
        let drag = self.drag();
        match self.stills.next(monitor, Extent::Whole) {
            Ok(mut shot) => {
                shot.shifts.extend(drag);
                Ok(shot)
            }
            // It may have come up just now.
            Err(error) => Err(shown_to_its_user_alone().unwrap_or(error)),
        }
    }

    fn duplicated(&mut self, extent: Extent) -> Result<Shot<'_>, CaptureError> {
        // What came since the last frame was heard.
        self.hear(Duration::ZERO)?;
        self.news.damage = false;
        let drag = self.drag();
        let mut shifts = std::mem::take(&mut self.shifts);
        shifts.extend(drag.filter(|shift| !shifts.contains(shift)));
        let duplication = self.duplication.as_mut().ok_or(CaptureError::Changed)?;
        let changed = joined(std::mem::take(&mut duplication.changed));
        let rotation = duplication.rotation();
        if let Err(refusal) = duplication.map() {
            return Err(self.end(refusal));
        }
        let surface = self.duplication.as_ref().and_then(Duplication::surface);
        let surface = surface.ok_or(CaptureError::Changed)?;
        let (width, height) = rotation.size(surface.size);
        let size = Size::new(width, height).map_err(|_| CaptureError::TooLarge)?;
        let whole = Rect { x: 0, y: 0, width: surface.size.0, height: surface.size.1 };
        let rects = if extent == Extent::Whole { vec![whole] } else { changed };
        let mut parts = Vec::new();
        self.turned.clear();
        let mut begins = Vec::new();
        for rect in rects {
            let (x, y) = (usize::try_from(rect.x), usize::try_from(rect.y));
            let (Ok(x), Ok(y)) = (x, y) else { return Err(CaptureError::TooLarge) };
            let pixels = surface.pixels.get(y * surface.stride + x * 4..).unwrap_or_default();
            if rotation == Rotation::None {
                parts.push(Part { rect, stride: surface.stride, pixels });
            } else {
                begins.push((rotation.rect(rect, surface.size), self.turned.len()));
                let sides = (rect.width, rect.height);
                rotation.turn(pixels, surface.stride, sides, &mut self.turned);
            }
        }
        for (rect, begin) in begins {
            let stride = usize::try_from(rect.width).map_err(|_| CaptureError::TooLarge)? * 4;
            let pixels = self.turned.get(begin..).unwrap_or_default();
            parts.push(Part { rect, stride, pixels });
        }
        Ok(Shot { size, order: PixelOrder::Bgrx, parts, shifts })
    }

    fn drag(&mut self) -> Option<Shift> {
        let at = Pointer::now()?.at;
        self.drag.shift(at, is_held())
    }
}

impl Capture for Win32Capture {
    fn monitors(&mut self) -> Result<Vec<Monitor>, CaptureError> {
        self.news.monitors = false;
        let now = Extents::now();
        if std::mem::replace(&mut self.extents, now) != now {
            self.course.begin_again();
        }
        self.stills.monitors()
    }

    fn wait(&mut self, bell: &Bell, longest: Duration) -> Result<(), CaptureError> {
        if self.duplication.is_some() && !self.news.damage {
            let until = clock::uptime() + longest;
            loop {
                let left = until.saturating_sub(clock::uptime());
                if self.hear(left.min(SLICE))? || left.is_zero() || bell.is_rung() {
                    break;
                }
            }
            bell.wait(Some(Duration::ZERO));
        } else {
            // What else the graphics card has to say is heard with the next picture.
            bell.wait(Some(longest.min(POINTER_EVERY)));
        }
        self.look_at_pointer();
        Ok(())
    }

    fn news(&self) -> News {
        let is_still = self.duplication.is_none();
        let is_shape_due = clock::uptime().saturating_sub(self.shape_told) >= SHAPE_EVERY;
        News {
            damage: self.news.damage || (is_still && self.stills.news().damage),
            shape: self.news.shape || (self.is_shape_new && is_shape_due),
            ..self.news
        }
    }

    fn next(&mut self, monitor: &Monitor, extent: Extent) -> Result<Shot<'_>, CaptureError> {
        if self.shown != monitor.id {
            (self.course, self.duplication, self.shape) = (Course::new(), None, None);
            self.shifts.clear();
            self.shown = monitor.id;
        }
        let is_new = self.course.way(clock::uptime()) == Way::Anew;
        if is_new {
            self.open(monitor)?;
        }
        if self.duplication.is_some() {
            // All of it is new to whoever had another picture.
            return self.duplicated(if is_new { Extent::Whole } else { extent });
        }
        self.news.damage = false;
        self.still(monitor)
    }

    fn place(&mut self) -> Result<Option<(i32, i32)>, CaptureError> {
        self.news.place = false;
        self.placed = Pointer::now().or(self.placed);
        Ok(self.placed.filter(|placed| placed.is_shown()).map(|placed| placed.at))
    }

    fn shape(&mut self) -> Result<Option<PointerShape>, CaptureError> {
        (self.news.shape, self.is_shape_new) = (false, false);
        self.shape_told = clock::uptime();
        self.looked = Pointer::now().or(self.looked);
        if self.shape.is_some() {
            return Ok(self.shape.clone());
        }
        let image = self.looked.and_then(Pointer::image);
        Ok(image.and_then(|image| image.shape(String::new())))
    }

    fn ping(&mut self) -> Result<(), CaptureError> {
        self.look_at_pointer();
        let is_other = Extents::now() != self.extents;
        let is_current = self.duplication.as_mut().is_none_or(Duplication::is_current);
        self.news.monitors |= is_other || !is_current;
        match shown_to_its_user_alone() {
            Some(hidden) if self.duplication.is_none() => Err(hidden),
            _ => Ok(()),
        }
    }
}

//! Pictures through `xcap`, for every system that has no back-end of its own: whole ones.

use std::time::Duration;

use beckon_desk::clock;
use beckon_peer::screen::{Part, PixelOrder, Rect, Size};
use beckon_peer::{Monitor, PointerShape};

use super::{Capture, CaptureError, Extent, News, Shot};
use crate::bell::Bell;

/// Nothing says when something changed: the whole picture is compared so often, at most.
const EVERY: Duration = Duration::from_millis(66);
/// At least.
const RARELY: Duration = Duration::from_millis(250);
/// Where a picture takes long, one part in so many of the time is spent on taking them.
const ONE_IN: u32 = 4;

/// Whole pictures, as RGBX.
pub struct Portable {
    known: Vec<(u32, xcap::Monitor)>,
    pixels: Vec<u8>,
    /// When the last picture was taken.
    looked: Duration,
    /// When the next one may be, counted from it.
    pause: Duration,
}

impl Portable {
    /// Ready to capture; nothing is captured yet.
    pub fn new() -> Self {
        Self { known: Vec::new(), pixels: Vec::new(), looked: Duration::ZERO, pause: EVERY }
    }
}

impl Capture for Portable {
    fn monitors(&mut self) -> Result<Vec<Monitor>, CaptureError> {
        self.known.clear();
        let mut described = Vec::new();
        for monitor in xcap::Monitor::all().map_err(system)? {
            let one = describe(&monitor)?;
            self.known.push((one.id, monitor));
            described.push(one);
        }
        if described.is_empty() { Err(CaptureError::NoMonitor) } else { Ok(described) }
    }

    fn wait(&mut self, bell: &Bell, longest: Duration) -> Result<(), CaptureError> {
        // Never at once: who waits may know that there is something new.
        bell.wait(Some(longest.min(self.pause)));
        Ok(())
    }

    fn news(&self) -> News {
        let damage = clock::uptime().saturating_sub(self.looked) >= self.pause;
        News { damage, ..News::default() }
    }

    fn next(&mut self, monitor: &Monitor, _: Extent) -> Result<Shot<'_>, CaptureError> {
        let known = self.known.iter().find(|(id, _)| *id == monitor.id);
        let (_, monitor) = known.ok_or(CaptureError::Changed)?;
        let began = clock::uptime();
        let image = monitor.capture_image().map_err(system)?;
        self.looked = clock::uptime();
        self.pause = pause(self.looked.saturating_sub(began));
        let (width, height) = (image.width(), image.height());
        let size = Size::new(width, height).map_err(|_| CaptureError::TooLarge)?;
        let stride = usize::try_from(width).map_err(|_| CaptureError::TooLarge)? * 4;
        self.pixels = image.into_raw();
        let rect = Rect { x: 0, y: 0, width, height };
        let parts = vec![Part { rect, stride, pixels: &self.pixels }];
        Ok(Shot { size, order: PixelOrder::Rgbx, parts, shifts: Vec::new() })
    }

    fn place(&mut self) -> Result<Option<(i32, i32)>, CaptureError> {
        Ok(None)
    }

    fn shape(&mut self) -> Result<Option<PointerShape>, CaptureError> {
        Ok(None)
    }

    fn ping(&mut self) -> Result<(), CaptureError> {
        Ok(())
    }
}

fn describe(monitor: &xcap::Monitor) -> Result<Monitor, CaptureError> {
    Ok(Monitor {
        id: monitor.id().map_err(system)?,
        name: monitor.name().unwrap_or_default(),
        x: monitor.x().map_err(system)?,
        y: monitor.y().map_err(system)?,
        width: monitor.width().map_err(system)?,
        height: monitor.height().map_err(system)?,
        scale_percent: per_cent(monitor.scale_factor().unwrap_or(1.0)),
        primary: monitor.is_primary().unwrap_or_default(),
    })
}

fn system(error: xcap::XCapError) -> CaptureError {
    CaptureError::System(error.to_string())
}

/// After a picture that took so long.
fn pause(took: Duration) -> Duration {
    (took * (ONE_IN - 1)).clamp(EVERY, RARELY)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to what fits just before"
)]
fn per_cent(scale: f32) -> u16 {
    (scale * 100.0).round().clamp(25.0, 1_000.0) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_take_a_quarter_of_the_time_at_most_where_they_take_long() {
        let ms = Duration::from_millis;
        for (took, paused) in [(0, 66), (22, 66), (50, 150), (500, 250)] {
            assert_eq!(pause(ms(took)), ms(paused), "{took}");
        }
    }

    #[test]
    fn scales_are_told_in_bounds() {
        assert_eq!(per_cent(1.25), 125);
        assert_eq!(per_cent(0.0), 25);
        assert_eq!(per_cent(f32::INFINITY), 1_000);
    }
}

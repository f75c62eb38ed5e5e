//! Pictures of the screen.

use beckon_peer::Monitor;
use beckon_peer::screen::{Picture, PixelOrder, Size};

use crate::x11::X11;

/// Where pictures come from.
pub trait Capture {
    /// The monitors there are now.
    fn monitors(&mut self) -> Result<Vec<Monitor>, CaptureError>;
    /// What is on a monitor now.
    fn picture(&mut self, monitor: u32) -> Result<Picture, CaptureError>;
    /// Where the pointer is on the desktop, in physical pixels, where that is known.
    fn pointer(&mut self) -> Option<(i32, i32)>;
}

/// Why there is no picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaptureError {
    /// The system refuses or fails.
    #[error("the system gives no picture ({0})")]
    System(String),
    /// There is no such monitor, or none at all.
    #[error("no monitor was found")]
    NoMonitor,
    /// The picture is too large to be sent.
    #[error("the monitor is too large")]
    TooLarge,
}

/// Pictures through `xcap`: whole ones, as RGBX.
pub struct XcapCapture {
    x11: Option<X11>,
    known: Vec<(u32, xcap::Monitor)>,
}

impl XcapCapture {
    /// Ready to capture; nothing is captured yet.
    pub fn new() -> Self {
        Self { x11: X11::connect(), known: Vec::new() }
    }

    fn described(&self, monitor: &xcap::Monitor) -> Result<Monitor, CaptureError> {
        let id = monitor.id().map_err(system)?;
        let scale = monitor.scale_factor().unwrap_or(1.0);
        let places = self.x11.as_ref().and_then(|x11| x11.places().ok()).unwrap_or_default();
        let (x, y, width, height) = match places.iter().find(|place| place.output == id) {
            Some(place) => (place.x, place.y, place.width, place.height),
            // Elsewhere xcap counts in physical pixels itself.
            None => (
                monitor.x().map_err(system)?,
                monitor.y().map_err(system)?,
                monitor.width().map_err(system)?,
                monitor.height().map_err(system)?,
            ),
        };
        let name = monitor.name().unwrap_or_default();
        let primary = monitor.is_primary().unwrap_or_default();
        Ok(Monitor { id, name, x, y, width, height, scale_percent: per_cent(scale), primary })
    }
}

impl Capture for XcapCapture {
    fn monitors(&mut self) -> Result<Vec<Monitor>, CaptureError> {
        self.known.clear();
        let mut described = Vec::new();
        for monitor in xcap::Monitor::all().map_err(system)? {
            let one = self.described(&monitor)?;
            self.known.push((one.id, monitor));
            described.push(one);
        }
        if described.is_empty() { Err(CaptureError::NoMonitor) } else { Ok(described) }
    }

    fn picture(&mut self, monitor: u32) -> Result<Picture, CaptureError> {
        let known = self.known.iter().find(|(id, _)| *id == monitor);
        let (_, monitor) = known.ok_or(CaptureError::NoMonitor)?;
        let image = monitor.capture_image().map_err(system)?;
        let size = Size::new(image.width(), image.height()).map_err(|_| CaptureError::TooLarge)?;
        let stride = usize::try_from(image.width()).map_err(|_| CaptureError::TooLarge)? * 4;
        Picture::new(size, stride, PixelOrder::Rgbx, image.into_raw())
            .map_err(|error| CaptureError::System(error.to_string()))
    }

    fn pointer(&mut self) -> Option<(i32, i32)> {
        self.x11.as_ref()?.pointer().ok()
    }
}

fn system(error: xcap::XCapError) -> CaptureError {
    CaptureError::System(error.to_string())
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
pub mod synthetic {
    //! Scripted pictures, without a display.

    use super::*;
    use std::sync::{Arc, Mutex};

    /// A screen that shows one grey; tests change it from outside.
    #[derive(Clone)]
    pub struct Synthetic {
        pub grey: Arc<Mutex<u8>>,
        pub fails: Arc<Mutex<bool>>,
    }

    impl Synthetic {
        pub fn new() -> Self {
            Self { grey: Arc::new(Mutex::new(10)), fails: Arc::new(Mutex::new(false)) }
        }
    }

    impl Capture for Synthetic {
        fn monitors(&mut self) -> Result<Vec<Monitor>, CaptureError> {
            let one = |id, x, primary| Monitor {
                id,
                name: format!("M{id}"),
                x,
                y: 0,
                width: 8,
                height: 4,
                scale_percent: 100,
                primary,
            };
            Ok(vec![one(1, 0, false), one(2, 8, true)])
        }

        fn picture(&mut self, monitor: u32) -> Result<Picture, CaptureError> {
            if *self.fails.lock().unwrap() {
                return Err(CaptureError::NoMonitor);
            }
            let grey = self.grey.lock().unwrap().wrapping_add(u8::try_from(monitor).unwrap());
            let size = Size::new(8, 4).unwrap();
            Ok(Picture::new(size, 32, PixelOrder::Rgbx, vec![grey; 128]).unwrap())
        }

        fn pointer(&mut self) -> Option<(i32, i32)> {
            Some((3, 2))
        }
    }

    #[test]
    fn scales_are_told_in_bounds() {
        assert_eq!(per_cent(1.25), 125);
        assert_eq!(per_cent(0.0), 25);
        assert_eq!(per_cent(f32::INFINITY), 1_000);
    }
}

//! Scripted pictures, without a display.

use super::*;
use std::sync::{Arc, Mutex};

use beckon_peer::screen::Rect;

/// A screen that shows one grey; tests change it from outside.
#[derive(Clone, Default)]
pub struct Synthetic(Arc<Mutex<Script>>);

#[derive(Default)]
struct Script {
    grey: u8,
    fails: Option<CaptureError>,
    hangs: bool,
    /// Whether a monitor is never what it was said to be.
    changes: bool,
    version: u64,
    looks: u32,
    opened: u32,
    bell: Option<Bell>,
}

struct Connection {
    script: Synthetic,
    seen: u64,
    pixels: Vec<u8>,
}

const SIDES: (u32, u32) = (8, 4);

impl Synthetic {
    pub fn new() -> Self {
        let screen = Self::default();
        screen.show(10);
        screen
    }

    pub fn open(&self) -> Open {
        let script = self.clone();
        Box::new(move || {
            script.change(|script| script.opened += 1);
            Ok(Box::new(Connection { script: script.clone(), seen: 0, pixels: Vec::new() }))
        })
    }

    pub fn show(&self, grey: u8) {
        self.change(|script| script.grey = grey);
    }

    pub fn fail(&self, error: Option<CaptureError>) {
        self.change(|script| script.fails = error);
    }

    pub fn change_for_ever(&self, changes: bool) {
        self.change(|script| script.changes = changes);
    }

    pub fn hang(&self, hangs: bool) {
        self.change(|script| script.hangs = hangs);
    }

    pub fn looks(&self) -> u32 {
        self.0.lock().unwrap().looks
    }

    pub fn opened(&self) -> u32 {
        self.0.lock().unwrap().opened
    }

    fn change(&self, change: impl FnOnce(&mut Script)) {
        let mut script = self.0.lock().unwrap();
        change(&mut script);
        script.version += 1;
        if let Some(bell) = &script.bell {
            bell.ring();
        }
    }
}

impl Connection {
    fn answer(&self) -> Result<(), CaptureError> {
        while self.script.0.lock().unwrap().hangs {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.script.0.lock().unwrap().fails.clone().map_or(Ok(()), Err)
    }
}

impl Capture for Connection {
    fn monitors(&mut self) -> Result<Vec<Monitor>, CaptureError> {
        self.answer()?;
        let one = |id, x, primary| Monitor {
            id,
            name: format!("M{id}"),
            x,
            y: 0,
            width: SIDES.0,
            height: SIDES.1,
            scale_percent: 100,
            primary,
        };
        Ok(vec![one(1, 0, false), one(2, 8, true)])
    }

    fn wait(&mut self, bell: &Bell, longest: Duration) -> Result<(), CaptureError> {
        self.script.0.lock().unwrap().bell = Some(bell.clone());
        bell.wait(Some(longest));
        Ok(())
    }

    fn news(&self) -> News {
        let damage = self.script.0.lock().unwrap().version != self.seen;
        News { damage, shape: self.seen == 0, place: self.seen == 0, monitors: false }
    }

    fn next(&mut self, monitor: &Monitor, _: Extent) -> Result<Shot<'_>, CaptureError> {
        self.answer()?;
        let mut script = self.script.0.lock().unwrap();
        if script.changes {
            return Err(CaptureError::Changed);
        }
        script.looks += 1;
        self.seen = script.version;
        let grey = script.grey.wrapping_add(u8::try_from(monitor.id).unwrap());
        self.pixels = vec![grey; 128];
        let rect = Rect { x: 0, y: 0, width: SIDES.0, height: SIDES.1 };
        let parts = vec![Part { rect, stride: 32, pixels: &self.pixels }];
        let size = Size::new(SIDES.0, SIDES.1).unwrap();
        Ok(Shot { size, order: PixelOrder::Rgbx, parts, shifts: Vec::new() })
    }

    fn place(&mut self) -> Result<Option<(i32, i32)>, CaptureError> {
        self.answer()?;
        Ok(Some((3, 2)))
    }

    fn shape(&mut self) -> Result<Option<PointerShape>, CaptureError> {
        self.answer()?;
        let name = "arrow".to_owned();
        Ok(Some(PointerShape { name, hot: (0, 0), size: (1, 1), rgba: vec![255; 4] }))
    }

    fn ping(&mut self) -> Result<(), CaptureError> {
        self.answer()
    }
}

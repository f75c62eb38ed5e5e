//! A small patch that changes now and then on a still desk, as a clock does.

use std::time::Duration;

use beckon_peer::screen::Rect;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    ConnectionExt as _, CreateGCAux, CreateWindowAux, Gcontext, ImageFormat, Window, WindowClass,
};

use super::words::Dice;
use super::{Watch, Workload, paced};
use crate::bed::Bed;

const PLACE: Rect = Rect { x: 700, y: 400, width: 48, height: 32 };
const CELL: u32 = 8;
const EVERY: Duration = Duration::from_millis(450);

/// A window of its own, without a frame.
pub struct Patch<'b> {
    bed: &'b Bed,
    window: Window,
    context: Gcontext,
    dice: Dice,
}

impl<'b> Patch<'b> {
    /// Opens it.
    pub fn begin(bed: &'b Bed) -> Self {
        let x = bed.x();
        let (window, context) = (x.generate_id().expect("an id"), x.generate_id().expect("an id"));
        let shape = CreateWindowAux::new().override_redirect(1).background_pixel(0);
        let [left, top] = [PLACE.x, PLACE.y].map(|at| i16::try_from(at).expect("small"));
        let [wide, high] = [PLACE.width, PLACE.height].map(|at| u16::try_from(at).expect("small"));
        let class = WindowClass::INPUT_OUTPUT;
        x.create_window(0, window, bed.root(), left, top, wide, high, 0, class, 0, &shape)
            .expect("X is there");
        x.create_gc(context, window, &CreateGCAux::new()).expect("X is there");
        x.map_window(window).expect("X is there");
        bed.settle();
        Self { bed, window, context, dice: Dice::new(3) }
    }

    /// All cells anew, in one request.
    fn change(&mut self) {
        let cells: Vec<_> = (0..PLACE.width / CELL * (PLACE.height / CELL))
            .map(|_| self.dice.below(2) == 1)
            .collect();
        let mut pixels = Vec::new();
        for y in 0..PLACE.height {
            for x in 0..PLACE.width {
                let cell = (y / CELL * (PLACE.width / CELL) + x / CELL) as usize;
                pixels.extend(if cells[cell] { [255; 4] } else { [0; 4] });
            }
        }
        let [wide, high] = [PLACE.width, PLACE.height].map(|at| u16::try_from(at).expect("small"));
        let (format, window, context) = (ImageFormat::Z_PIXMAP, self.window, self.context);
        let x = self.bed.x();
        x.put_image(format, window, context, wide, high, 0, 0, 0, 24, &pixels).expect("X is there");
        x.flush().expect("X is there");
    }
}

impl Workload for Patch<'_> {
    fn watch(&self) -> Watch {
        Watch { rect: PLACE, cell: (CELL, CELL), tolerance: 60 }
    }

    fn work(&mut self, duration: Duration) {
        paced(duration, EVERY, |_| {
            // Not in step with whoever polls.
            std::thread::sleep(Duration::from_millis(self.dice.below(60).into()));
            self.change();
        });
    }
}

impl Drop for Patch<'_> {
    fn drop(&mut self) {
        // The desk may be gone before the window.
        let _ = self.bed.x().destroy_window(self.window);
        let _ = self.bed.x().flush();
    }
}

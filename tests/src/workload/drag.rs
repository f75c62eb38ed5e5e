//! Dragging a window of about 800 × 600, full of text, over a photo.

use std::time::Duration;

use beckon_peer::screen::Rect;

use super::words::Dice;
use super::{Watch, Workload, paced};
use crate::bed::Bed;
use crate::process::Process;

const EVERY: Duration = Duration::from_micros(16_667);
/// How far the window goes from its place, at most.
const REACH: f64 = 150.0;
/// Above the window: the title, by which it is held.
const TITLE: i32 = 10;

/// The window.
pub struct Drag<'b> {
    bed: &'b Bed,
    _terminal: Option<Process>,
    hold: (i32, i32),
    rect: Rect,
    step: u32,
}

impl<'b> Drag<'b> {
    /// Opens it.
    pub fn begin(bed: &'b Bed) -> Self {
        let mut dice = Dice::new(17);
        let text: String = (0..80).map(|_| dice.line(110) + "\n").collect();
        let file = bed.desk.scratch().folder("home").join("drag.txt");
        std::fs::write(&file, text).expect("a file");
        let show = format!("cat {}; exec sleep 100000", file.display());
        let font = ["-fa", "DejaVu Sans Mono", "-fs", "10", "-bg", "white", "-fg", "black"];
        // About 800 × 600: a terminal has whole letters only.
        let place = ["-geometry", "100x37+500+240"];
        let shell = ["-title", "dragged", "-e", "sh", "-c", &show];
        let arguments = [&font[..], &place[..], &shell[..]].concat();
        let mut terminal = None;
        let window = bed.desk.next_window(|| {
            terminal = Some(bed.desk.start("dragged", "xterm", &arguments));
        });
        std::thread::sleep(Duration::from_secs(1));
        let place = window.place();
        let middle = place.middle();
        let [x, y] = [middle.0, middle.1].map(|at| u32::try_from(at).expect("on the desk"));
        let rect = Rect { x: x - 120, y: y - 48, width: 240, height: 96 };
        let hold = (place.x + 300, place.y - TITLE);
        Self { bed, _terminal: terminal, hold, rect, step: 0 }
    }

    fn point(&self, dx: f64, dy: f64) {
        let at = |hold: i32, by: f64| {
            #[expect(clippy::cast_possible_truncation, reason = "at most the reach")]
            let by = by.round() as i32;
            i16::try_from(hold + by).expect("on the desk")
        };
        self.bed.point_at(at(self.hold.0, dx), at(self.hold.1, dy));
    }
}

impl Workload for Drag<'_> {
    fn watch(&self) -> Watch {
        Watch { rect: self.rect, cell: (8, 8), tolerance: 12 }
    }

    fn ready(&mut self) {
        self.step = 0;
        self.point(0.0, 0.0);
        std::thread::sleep(Duration::from_millis(100));
        self.bed.button(1, true);
        std::thread::sleep(Duration::from_millis(100));
    }

    fn work(&mut self, duration: Duration) {
        paced(duration, EVERY, |_| {
            let turn = f64::from(self.step) / 60.0;
            self.point(REACH * (turn * 2.1).sin(), REACH * (turn * 1.3).sin());
            self.step += 1;
        });
    }

    fn rest(&mut self) {
        self.point(0.0, 0.0);
        std::thread::sleep(Duration::from_millis(100));
        self.bed.button(1, false);
    }
}

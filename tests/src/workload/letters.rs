//! Letters at the end of a line: vim in a terminal, eight a second.

use std::time::Duration;

use beckon_peer::screen::Rect;

use super::words::Dice;
use super::{Watch, Workload, paced};
use crate::bed::Bed;
use crate::clock::eventually;
use crate::process::Process;
use crate::shot::Place;

const EVERY: Duration = Duration::from_millis(125);
const ESCAPE: u32 = 0xFF1B;
const LINES: usize = 60;
/// Cells are as wide as about one letter.
const CELL: (u32, u32) = (8, 9);
const WATCHED: (u32, u32) = (720, 18);

/// The editor, in a line of its own between others.
pub struct Letters<'b> {
    bed: &'b Bed,
    _editor: Option<Process>,
    place: Place,
    rect: Rect,
    dice: Dice,
}

impl<'b> Letters<'b> {
    /// Opens the editor, and finds the line where letters appear.
    pub fn begin(bed: &'b Bed) -> Self {
        let mut dice = Dice::new(11);
        let text: String = (0..LINES).map(|_| dice.line(90) + "\n").collect();
        let file = bed.desk.scratch().folder("home").join("letter.txt");
        std::fs::write(&file, text).expect("a file");
        let file = file.display().to_string();
        let still = "set noshowcmd noruler laststatus=0 noshowmode nohlsearch noswapfile";
        let font = ["-fa", "DejaVu Sans Mono", "-fs", "11", "-geometry", "130x48+120+60"];
        let vim = ["-title", "editor", "-e", "vim", "-u", "NONE", "-N", "-c", still];
        let place = ["+20", "-c", "normal O", "-c", "startinsert", &file];
        let arguments = [&font[..], &vim[..], &place[..]].concat();
        let mut editor = None;
        let window = bed.desk.next_window(|| {
            editor = Some(bed.desk.start("editor", "xterm", &arguments));
        });
        let place = window.place();
        bed.point_at(300, 1_000);
        std::thread::sleep(Duration::from_millis(1_500));
        let mut letters = Self { bed, _editor: editor, place, rect: all(place), dice };
        letters.find_line();
        letters
    }

    fn find_line(&mut self) {
        let before = self.bed.pixels(self.rect);
        for _ in 0..4 {
            self.bed.key(u32::from('w'));
        }
        let row = self.rect.width as usize * 4;
        let changed = eventually("letters in the editor", || {
            let after = self.bed.pixels(self.rect);
            let rows = before.chunks_exact(row).zip(after.chunks_exact(row));
            rows.enumerate().find(|(_, (old, new))| old != new).map(|(at, _)| at)
        });
        // What a letter without a stem changes begins below the top of the line.
        let top = self.rect.y + u32::try_from(changed).expect("a row") - 5;
        let x = u32::try_from(self.place.x).expect("on the desk") + 2;
        self.rect = Rect { x, y: top, width: WATCHED.0, height: WATCHED.1 };
    }
}

fn all(place: Place) -> Rect {
    let [x, y] = [place.x, place.y].map(|at| u32::try_from(at).expect("on the desk"));
    Rect { x, y, width: place.width, height: place.height }
}

impl Workload for Letters<'_> {
    fn watch(&self) -> Watch {
        Watch { rect: self.rect, cell: CELL, tolerance: 8 }
    }

    /// Empties the line, for the next letters to be there from its beginning.
    fn ready(&mut self) {
        self.bed.key(ESCAPE);
        std::thread::sleep(Duration::from_millis(150));
        for letter in "cc".chars() {
            self.bed.key(letter.into());
        }
        std::thread::sleep(Duration::from_millis(150));
    }

    fn work(&mut self, duration: Duration) {
        paced(duration, EVERY, |_| {
            std::thread::sleep(Duration::from_millis(self.dice.below(30).into()));
            self.bed.key(self.dice.letter().into());
        });
    }
}

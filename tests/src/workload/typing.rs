//! Typing into a text: eight letters a second within a paragraph in Chromium, each of which moves
//! the rest of its line.

use std::time::Duration;

use beckon_peer::screen::Rect;

use super::words::Dice;
use super::{Watch, Workload, browser, paced};
use crate::bed::Bed;
use crate::clock::eventually;
use crate::process::Process;

const EVERY: Duration = Duration::from_millis(125);
const ESCAPE: u32 = 0xFF1B;
const SPACE: u32 = 0x20;
/// A word has so many letters.
const WORD: u32 = 6;
/// Cells are as wide as about one letter, and three make a line.
const CELL: (u32, u32) = (8, 8);
const WATCHED: (u32, u32) = (640, 24);
/// Where the text is looked for.
const TEXT: Rect = Rect { x: 100, y: 100, width: 1_400, height: 880 };

/// The text, with a line in which letters appear.
pub struct Typing<'b> {
    bed: &'b Bed,
    _browser: Process,
    rect: Rect,
    dice: Dice,
    typed: u32,
}

impl<'b> Typing<'b> {
    /// Opens the browser, and finds the line where letters appear.
    pub fn begin(bed: &'b Bed) -> Self {
        let page = bed.desk.scratch().folder("home").join("letter.html");
        std::fs::write(&page, html()).expect("a file");
        let browser = browser::open(bed, &page, "A letter");
        bed.point_at(1_700, 1_000);
        std::thread::sleep(Duration::from_secs(3));
        let rect = Rect { width: WATCHED.0, height: WATCHED.1, ..TEXT };
        let mut typing = Self { bed, _browser: browser, rect, dice: Dice::new(11), typed: 0 };
        typing.find_line();
        typing
    }

    fn find_line(&mut self) {
        let before = self.bed.pixels(TEXT);
        for _ in 0..4 {
            self.bed.key(u32::from('w'));
        }
        let row = TEXT.width as usize * 4;
        let (x, y) = eventually("letters in the text", || {
            let after = self.bed.pixels(TEXT);
            let rows = before.chunks_exact(row).zip(after.chunks_exact(row));
            let changed: Vec<_> = rows
                .enumerate()
                .filter_map(|(y, (old, new))| {
                    let pixels = old.chunks_exact(4).zip(new.chunks_exact(4));
                    Some((pixels.enumerate().find(|(_, (old, new))| old != new)?.0, y))
                })
                .collect();
            // More than a few rows: letters, not a line beneath them.
            let x = changed.iter().take(20).map(|(x, _)| *x).min().filter(|_| changed.len() > 8)?;
            Some((x, changed.first()?.1))
        });
        let [x, y] = [x, y].map(|at| u32::try_from(at).expect("on the desk"));
        let top = (TEXT.y + y).saturating_sub(6);
        self.rect = Rect { x: TEXT.x + x, y: top, width: WATCHED.0, height: WATCHED.1 };
    }
}

impl Workload for Typing<'_> {
    fn watch(&self) -> Watch {
        Watch { rect: self.rect, cell: CELL, tolerance: 8 }
    }

    /// The text is as it was at first.
    fn ready(&mut self) {
        self.typed = 0;
        self.bed.key(ESCAPE);
        std::thread::sleep(Duration::from_millis(500));
    }

    fn work(&mut self, duration: Duration) {
        paced(duration, EVERY, |_| {
            std::thread::sleep(Duration::from_millis(self.dice.below(30).into()));
            self.typed += 1;
            let is_space = self.typed.is_multiple_of(WORD);
            self.bed.key(if is_space { SPACE } else { self.dice.letter().into() });
        });
    }
}

/// A text field with a long letter. Escape puts everything back; the caret does not blink, since
/// nobody would know its states from those of the text.
fn html() -> String {
    let mut dice = Dice::new(23);
    let paragraphs: Vec<String> = (0..7).map(|_| dice.line(700)).collect();
    format!(
        "<!doctype html><meta charset=utf-8><title>A letter</title>\
         <style>body{{margin:40px 60px}}textarea{{font:16px/24px 'DejaVu Sans';width:1200px;\
         height:840px;border:0;outline:0;resize:none;caret-color:transparent}}</style>\
         <textarea id=text spellcheck=false autofocus></textarea><script>\
         const text = document.getElementById('text'), all = {:?};\
         const again = () => {{ text.value = all; text.focus(); text.setSelectionRange(1425, 1425); }};\
         addEventListener('keydown', key => {{ if (key.key === 'Escape') again(); }});\
         again();</script>",
        paragraphs.join("\n\n")
    )
}

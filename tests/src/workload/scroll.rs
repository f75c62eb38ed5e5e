//! Scrolling through a long page with pictures, in Chromium.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use beckon_peer::screen::Rect;

use super::words::Dice;
use super::{Watch, Workload, browser, paced};
use crate::bed::Bed;
use crate::clock::eventually;
use crate::process::Process;

const EVERY: Duration = Duration::from_millis(90);
const DOWN: u8 = 5;
const UP: u8 = 4;
/// After so many notches the wheel turns the other way.
const TURN: u32 = 60;
const RECT: Rect = Rect { x: 420, y: 420, width: 320, height: 128 };

/// The browser, somewhere in the page.
pub struct Scroll<'b> {
    bed: &'b Bed,
    _browser: Process,
    notches: u32,
}

impl<'b> Scroll<'b> {
    /// Opens the browser with the page.
    pub fn begin(bed: &'b Bed) -> Self {
        let home = bed.desk.scratch().folder("home");
        let page = home.join("page.html");
        std::fs::write(&page, html(&home)).expect("a file");
        let browser = browser::open(bed, &page, "A long page");
        eventually("the page", || {
            let pixels = bed.pixels(RECT);
            let paper = pixels.as_chunks::<4>().0.iter().filter(|pixel| pixel[..3] == [255; 3]);
            // Letters on white: more paper than anything else, but not only paper.
            (RECT.width * RECT.height / 2..RECT.width * RECT.height)
                .contains(&u32::try_from(paper.count()).ok()?)
                .then_some(())
        });
        std::thread::sleep(Duration::from_secs(3));
        bed.point_at(900, 700);
        Self { bed, _browser: browser, notches: 0 }
    }
}

impl Workload for Scroll<'_> {
    fn watch(&self) -> Watch {
        Watch { rect: RECT, cell: (8, 8), tolerance: 12 }
    }

    fn ready(&mut self) {
        self.bed.point_at(900, 700);
    }

    fn work(&mut self, duration: Duration) {
        paced(duration, EVERY, |_| {
            let wheel = if (self.notches / TURN).is_multiple_of(2) { DOWN } else { UP };
            self.bed.button(wheel, true);
            self.bed.button(wheel, false);
            self.notches += 1;
        });
    }
}

/// Text of some hundred paragraphs, with a picture after every sixth.
fn html(folder: &Path) -> String {
    let mut dice = Dice::new(5);
    let mut page = "<!doctype html><meta charset=utf-8><title>A long page</title>\
        <style>body{font:16px/24px 'DejaVu Sans';margin:40px 120px;width:1100px}</style>"
        .to_owned();
    for number in 0..240 {
        let written = write!(page, "<p>{}</p>", dice.line(420));
        debug_assert!(written.is_ok());
        if number % 6 == 5 {
            let name = format!("picture-{}.png", number % 4);
            picture(&folder.join(&name), number);
            let written = write!(page, "<img src={name} width=560 height=300>");
            debug_assert!(written.is_ok());
        }
    }
    page
}

/// Soft shapes with grain.
fn picture(path: &Path, seed: u32) {
    let mut dice = Dice::new(seed.into());
    let mut pixels = Vec::new();
    for y in 0..300_u16 {
        for x in 0..560_u16 {
            let (x, y) = (f32::from(x), f32::from(y));
            let wave = 60.0 * (x / 40.0).sin() + 50.0 * (y / 31.0).cos();
            for base in [150.0, 120.0, 100.0] {
                let grain = f32::from(u8::try_from(dice.below(17)).unwrap_or(0));
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "clamped to a byte"
                )]
                pixels.push((base + wave + grain).clamp(0.0, 255.0) as u8);
            }
        }
    }
    image::save_buffer(path, &pixels, 560, 300, image::ColorType::Rgb8).expect("a picture");
}

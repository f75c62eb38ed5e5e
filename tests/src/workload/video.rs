//! A film on the whole desk, 30 pictures a second, each with its number in black and white.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use beckon_peer::screen::Rect;

use super::{Watch, Workload};
use crate::bed::Bed;
use crate::process::Process;
use crate::scratch::workspace;

/// Bits of the number of a picture.
pub const BITS: u32 = 10;
/// Pixels of a bit, each way.
const CELL: u32 = 32;
/// Where the first bit stands.
const CORNER: (u32, u32) = (448, 480);

/// The film, played again and again.
pub struct Video<'b> {
    bed: &'b Bed,
    film: PathBuf,
    player: Option<Process>,
}

impl<'b> Video<'b> {
    /// Makes the film, where it is not there from an earlier time.
    pub fn begin(bed: &'b Bed) -> Self {
        Self { bed, film: film(), player: None }
    }
}

impl Workload for Video<'_> {
    fn watch(&self) -> Watch {
        let rect = Rect { x: CORNER.0, y: CORNER.1, width: BITS * CELL, height: CELL };
        Watch { rect, cell: (CELL, CELL), tolerance: 90 }
    }

    fn ready(&mut self) {
        let film = self.film.display().to_string();
        // There is no graphics card: what imitates one, also only to put pictures up, takes most
        // of both processors.
        let software = ["SDL_RENDER_DRIVER=software", "SDL_FRAMEBUFFER_ACCELERATION=0"];
        let quiet = ["-hide_banner", "-loglevel", "error", "-nostats", "-an", "-fs"];
        let arguments =
            [&software[..], &["ffplay"], &quiet, &["-framedrop", "-loop", "0", &film]].concat();
        self.player = Some(self.bed.desk.start("player", "env", &arguments));
        self.bed.desk.window_titled("film");
        std::thread::sleep(Duration::from_millis(700));
    }

    fn work(&mut self, duration: Duration) {
        std::thread::sleep(duration);
    }

    fn rest(&mut self) {
        self.player = None;
    }

    fn still(&self) -> Option<Rect> {
        Some(Rect { x: CORNER.0, y: CORNER.1, width: 640, height: 256 })
    }
}

/// A zoom into a picture full of detail; rendered once.
fn film() -> PathBuf {
    let folder = workspace().join("target/bench");
    std::fs::create_dir_all(&folder).expect("a folder");
    let film = folder.join("film.avi");
    if film.exists() {
        return film;
    }
    let (x, y) = CORNER;
    let mut filters = vec!["scale=1920:1080".to_owned()];
    filters.push(format!("drawbox=x={x}:y={y}:w={}:h={CELL}:color=black:t=fill", BITS * CELL));
    for bit in 0..BITS {
        let left = x + bit * CELL;
        filters.push(format!(
            "drawbox=x={left}:y={y}:w={CELL}:h={CELL}:color=white:t=fill:enable='mod(floor(n/{})\\,2)'",
            1_u32 << bit
        ));
    }
    let unfinished = folder.join("unfinished.avi");
    let mut command = Command::new("ffmpeg");
    command.args(["-hide_banner", "-loglevel", "error", "-y", "-f", "lavfi", "-i"]);
    command.arg("mandelbrot=size=960x540:rate=30:end_scale=0.01:maxiter=500");
    command.args(["-vf", &filters.join(","), "-frames:v", "240", "-c:v", "mpeg4", "-q:v", "3"]);
    let done = command.args(["-bf", "0"]).arg(&unfinished).status();
    assert!(done.is_ok_and(|done| done.success()), "ffmpeg made no film; run scripts/setup");
    std::fs::rename(unfinished, &film).expect("one folder");
    film
}
